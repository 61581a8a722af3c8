"""How sure a figure is, and a difference between two systems: paired bootstrap by recording.

As many recordings as there are are drawn with replacement, again and again; captions and clips of
one recording are not independent, so they are drawn together. Both systems answer the same draws.
An interval holds the middle 95 % of the draws. `p` is twice the share of draws in which the
difference is zero or on the other side (one draw added to both, so that it is never 0).

Drawn queries keep the pool as it is; drawn items make a pool of their own (see `redraw`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from earmark.score.chance import Values
from earmark.score.draws import DRAWS, counts_of, middle, p_of
from earmark.score.metrics import Metric, metric
from earmark.score.ranking import Whole, rank
from earmark.score.redraw import Pool
from earmark.score.task import Asked

WorkOut = Callable[[Whole], Values]  # how often each is drawn -> [metrics, draws]


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure of one system, and between which values it would move with other recordings."""

    name: str
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """How much higher a figure of one system is than that of another, and whether by chance."""

    name: str
    value: float
    low: float
    high: float
    p: float


def intervals(
    asked: Asked, names: Sequence[str], *, draws: int = DRAWS, seed: int = 0
) -> tuple[Interval, ...]:
    """Work out the figures of one system with their intervals."""
    metrics = [metric(name) for name in names]
    values, drawn = _values(asked, metrics), _drawn(asked, metrics, draws, seed)
    return tuple(
        Interval(name, float(value), *middle(some))
        for name, value, some in zip(names, values, drawn, strict=True)
    )


def differences(
    new: Asked, old: Asked, names: Sequence[str], *, draws: int = DRAWS, seed: int = 0
) -> tuple[Difference, ...]:
    """Compare two systems that were asked the same: new minus old."""
    _refuse_other_questions(new, old)
    metrics = [metric(name) for name in names]
    values = _values(new, metrics) - _values(old, metrics)
    drawn = _drawn(new, metrics, draws, seed) - _drawn(old, metrics, draws, seed)
    return tuple(
        Difference(name, float(value), *middle(some), p_of(some))
        for name, value, some in zip(names, values, drawn, strict=True)
    )


def _values(asked: Asked, metrics: Sequence[Metric]) -> Values:
    """Work out the plain figures: -> [metrics]."""
    ranking = rank(asked.scores, asked.match)
    return np.array([one.of(ranking) for one in metrics])


def _drawn(asked: Asked, metrics: Sequence[Metric], draws: int, seed: int) -> Values:
    """Work out the figures of every draw, the same draws for every system: -> [metrics, draws]."""
    names, owner = np.unique(np.array(asked.recordings), return_inverse=True)
    if len(names) < 2:
        raise ValueError("a bootstrap draws recordings, and here is only one")
    work_out = (_by_query if asked.drawn == "queries" else _by_item)(asked, owner, metrics)
    blocks = [work_out(counts) for counts in counts_of(len(names), draws, seed)]
    return np.concatenate(blocks, axis=1)


def _by_query(asked: Asked, owner: Whole, metrics: Sequence[Metric]) -> WorkOut:
    ranking = rank(asked.scores, asked.match)
    values = [one.values(ranking) for one in metrics]

    def work_out(counts: Whole) -> Values:
        weights = counts[:, owner].astype(float)  # [draws, queries]
        return np.stack(
            [one.pooled(some, weights) for one, some in zip(metrics, values, strict=True)]
        )

    return work_out


def _by_item(asked: Asked, owner: Whole, metrics: Sequence[Metric]) -> WorkOut:
    pool = Pool.of(asked.scores, asked.match, owner)

    def work_out(counts: Whole) -> Values:
        ranking, draw = pool.redraw(counts)  # the queries of all draws in one
        weights = (draw == np.arange(len(counts))[:, None]).astype(float)
        return np.stack([one.pooled(one.values(ranking), weights) for one in metrics])

    return work_out


def _refuse_other_questions(new: Asked, old: Asked) -> None:
    same = (new.drawn, new.recordings) == (old.drawn, old.recordings)
    if not (same and np.array_equal(new.match, old.match)):
        raise ValueError("the two systems were not asked the same, so they cannot be paired")
