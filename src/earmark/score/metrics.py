"""Named metrics: what each query gets, how queries are put together, and the level of chance.

    R@k, hit@k        share of queries with a right answer among the first k
    recall@k          share of its right answers that a query finds among the first k
    mAP, mAP@k        AP@k = 1/R times the sum of (hits so far / r) over hits at ranks r <= k
    nDCG@k            sum of 1 / log2(r + 1) over hits at r <= k, over the most that it can be
    median rank       of the best right answer, as is the mean rank
    geometric mean    of R@1, R@5 and R@10

R is the number of right answers of a query, also where it is above k. A query with several right
answers (audio to text: all captions of a clip are right for it) counts once: R@k and ranks look at
the best of them, the others at all. Of a share more is better, of a rank less.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from earmark.errors import UsageError
from earmark.score import chance
from earmark.score.chance import Values
from earmark.score.ranking import Match, Ranking, Whole

NAMES = (
    "R@1",
    "R@5",
    "R@10",
    "R@50",
    "recall@10",
    "mAP",
    "mAP@10",
    "mAP@16",
    "nDCG@10",
    "hit@5",
    "median rank",
    "mean rank",
    "geometric mean",
)
_GEOMETRIC = (1, 5, 10)


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure: `values` of each query, and `pooled` over queries that count as often as said."""

    name: str
    values: Callable[[Ranking], Values]  # -> [queries], or [queries, parts]
    pooled: Callable[[Values, Values], Values]  # values, weights [n, queries] -> [n]
    chance: Callable[[Whole, int], float]  # right answers [queries], items -> the figure
    unit: Literal["share", "rank"] = "share"

    def of(self, ranking: Ranking) -> float:
        """Work the figure out, with every query counted once."""
        return float(self.pooled(self.values(ranking), np.ones((1, len(ranking.counts))))[0])

    def at_chance(self, ranking: Ranking) -> float:
        """Work out what the same questions give if the items stand in random order."""
        return self.chance(ranking.counts, ranking.items)


def metric(name: str) -> Metric:
    """Look a metric up by its name; those with an @ take any whole number behind it."""
    found = _AT.fullmatch(name)
    if found and found[1] in _CUT:
        values, expected = _CUT[found[1]]
        k = int(found[2])
        return Metric(name, partial(values, k=k), _mean, partial(_mean_of, partial(expected, k=k)))
    if name not in _WHOLE:
        raise UsageError(f"no metric is called {name!r}", hint=f"choose from: {', '.join(NAMES)}")
    return _WHOLE[name]


def _hit(ranking: Ranking, k: int) -> Values:
    return np.asarray(ranking.best <= k, dtype=float)


def _recall(ranking: Ranking, k: int) -> Values:
    return _share(ranking.ranks <= k, ranking)


def _average_precision(ranking: Ranking, k: float = np.inf) -> Values:
    return _share(ranking.places / ranking.ranks * (ranking.ranks <= k), ranking)


def _gain(ranking: Ranking, k: int) -> Values:
    # A system that is right throughout has each right answer at the rank that it has among them.
    most = _sums((ranking.places <= k) / np.log2(ranking.places + 1), ranking)
    gains = _sums((ranking.ranks <= k) / np.log2(ranking.ranks + 1), ranking)
    return np.asarray(gains / most)


def _best(ranking: Ranking) -> Values:
    return ranking.best.astype(float)


def _hits(ranking: Ranking) -> Values:
    return np.stack([_hit(ranking, k) for k in _GEOMETRIC], axis=1)


def _share(values: Values | Match, ranking: Ranking) -> Values:
    """Mean over the right answers of each query: [right answers] -> [queries]."""
    return np.asarray(_sums(values, ranking) / np.add.reduceat(ranking.times, ranking.starts))


def _sums(values: Values | Match, ranking: Ranking) -> Values:
    """Add up over the right answers of each query: [right answers] -> [queries]."""
    return np.add.reduceat(values * ranking.times.astype(float), ranking.starts)


def _mean(values: Values, weights: Values) -> Values:
    return np.asarray(weights @ values / weights.sum(axis=1))


def _geometric(values: Values, weights: Values) -> Values:
    means = weights @ values / weights.sum(axis=1, keepdims=True)
    return np.asarray(means.prod(axis=1) ** (1 / means.shape[1]))


def _median(values: Values, weights: Values) -> Values:
    """Median of a list in which each value stands as often as its whole weight says."""
    order = np.argsort(values)
    upto, total = np.cumsum(weights[:, order], axis=1), weights.sum(axis=1, keepdims=True)
    low = np.argmax(upto > (total - 1) // 2, axis=1)
    high = np.argmax(upto > total // 2, axis=1)
    return np.asarray((values[order][low] + values[order][high]) / 2)


def _mean_of(expected: Callable[[Whole, int], Values], counts: Whole, items: int) -> float:
    return float(expected(counts, items).mean())


def _whole_list(counts: Whole, items: int) -> Values:
    return chance.average_precision(counts, items, items)


def _geometric_chance(counts: Whole, items: int) -> float:
    """Not the expectation of a geometric mean, but the geometric mean of the expectations."""
    shares = [_mean_of(partial(chance.hit, k=k), counts, items) for k in _GEOMETRIC]
    return float(np.prod(shares) ** (1 / len(shares)))


_AT = re.compile(r"(\w+)@([1-9]\d{0,8})")
_CUT = {
    "R": (_hit, chance.hit),
    "hit": (_hit, chance.hit),
    "recall": (_recall, chance.recall),
    "mAP": (_average_precision, chance.average_precision),
    "nDCG": (_gain, chance.gain),
}
_WHOLE = {
    one.name: one
    for one in (
        Metric("mAP", _average_precision, _mean, partial(_mean_of, _whole_list)),
        Metric("median rank", _best, _median, chance.median_rank, "rank"),
        Metric("mean rank", _best, _mean, partial(_mean_of, chance.best_rank), "rank"),
        Metric("geometric mean", _hits, _geometric, _geometric_chance),
    )
}
