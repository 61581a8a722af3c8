"""Figures of answers of which only some hits were judged: those that nobody judged are left out.

What is left is a *condensed list*: the judged hits of a query in the order of a system. It is
scored like any list (Sakai, Alternatives to Bpref, SIGIR 2007: what bpref wants, with the usual
metrics, and steadier). To take an unjudged hit for wrong would punish a system for what nobody has
listened to. Of what was judged right and a system does not give at all, the rank is behind all.

Queries are drawn for intervals, and two systems answer the same draws. Chance is the mean over all
orders of what was judged for each query.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from earmark.score.chance import Values
from earmark.score.compare import Difference, Interval
from earmark.score.draws import DRAWS, counts_of, middle, p_of
from earmark.score.metrics import metric
from earmark.score.ranking import Ranking

K = 10
NEVER = 1 << 40  # rank of what is not given


@dataclass(frozen=True, slots=True)
class Listed:
    """What one system gave for one query."""

    right: tuple[bool, ...]  # of the judged hits, best first
    wanted: int  # recordings that were judged right, given or not
    judged: int  # recordings that were judged

    def __post_init__(self) -> None:
        if not sum(self.right) <= self.wanted <= self.judged or not self.wanted:
            raise ValueError(
                f"{sum(self.right)} right hits of {self.wanted} right and {self.judged} judged"
            )

    @property
    def ranking(self) -> Ranking:
        """Where the right ones stand."""
        found = np.flatnonzero(self.right) + 1
        ranks = np.concatenate([found, np.full(self.wanted - len(found), NEVER)])
        return Ranking.of(ranks, np.array([self.wanted]), self.judged)


class Figure(NamedTuple):
    """What a query gets, and what it gets if the judged recordings stand in random order."""

    value: Callable[[Listed], float]
    chance: Callable[[Listed], float]


def values_of(lists: Sequence[Listed], name: str) -> Values:
    """Work a figure out for every query: -> [queries]."""
    return np.array([FIGURES[name].value(one) for one in lists])


def chance_of(lists: Sequence[Listed], name: str) -> float:
    """What random order would give, mean over queries."""
    return float(np.mean([FIGURES[name].chance(one) for one in lists]))


def interval(values: Values, name: str, *, draws: int = DRAWS, seed: int = 0) -> Interval:
    """Mean over queries, and between which means it would move with other queries."""
    return Interval(name, float(values.mean()), *middle(_means(values, draws, seed)))


def difference(
    new: Values, old: Values, name: str, *, draws: int = DRAWS, seed: int = 0
) -> Difference:
    """How much more one system gets than another of the same queries: new minus old."""
    apart = new - old
    drawn = _means(apart, draws, seed)
    return Difference(name, float(apart.mean()), *middle(drawn), p_of(drawn))


def _means(values: Values, draws: int, seed: int) -> Values:
    """Means of queries that are drawn again and again: [queries] -> [draws]."""
    if len(values) < 2:
        raise ValueError("a bootstrap draws queries, and here is only one")
    blocks = counts_of(len(values), draws, seed)
    return np.concatenate([counts @ values / len(values) for counts in blocks])


def _precision(one: Listed) -> float:
    return sum(one.right[:K]) / min(K, one.judged)


def _usual(name: str) -> Figure:
    known = metric(name)
    return Figure(lambda one: known.of(one.ranking), lambda one: known.at_chance(one.ranking))


FIGURES = {
    **{name: _usual(name) for name in (f"mAP@{K}", "R@1", f"R@{K}")},
    f"precision@{K}": Figure(_precision, lambda one: one.wanted / one.judged),
}
