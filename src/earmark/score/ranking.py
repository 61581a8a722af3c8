"""Where the right answers stand: `scores[query, item]` and `match[query, item]` to ranks.

Higher scores are better. Ties get the worst rank: of items with one score the wrong ones come
first, so a system that gives every item the same score finds nothing. A rank counts from 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.floating]  # [queries, items], higher is better
Match = npt.NDArray[np.bool_]  # [queries, items], True where the item is a right answer
Whole = npt.NDArray[np.int64]

_BLOCK = 1 << 24  # scores that are looked at together


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Ranks of all right answers, query after query."""

    ranks: Whole  # [right answers]
    places: Whole  # [right answers]: rank among the right answers of its query
    times: Whole  # [right answers]: how often it counts, see `redraw`
    counts: Whole  # [queries]: right answers of each, at least one
    items: int

    @classmethod
    def of(cls, ranks: Whole, counts: Whole, items: int) -> Ranking:
        """Let every right answer count once; ranks rise within a query."""
        first = np.repeat(np.cumsum(counts) - counts, counts)
        places = np.arange(1, len(ranks) + 1) - first
        return cls(ranks, places, np.ones_like(places), counts, items)

    @property
    def starts(self) -> Whole:
        """Where the ranks of each query begin: -> [queries]."""
        return np.cumsum(self.counts) - self.counts

    @property
    def best(self) -> Whole:
        """Rank of the best right answer: -> [queries]."""
        return np.minimum.reduceat(self.ranks, self.starts)


def rank(scores: Scores, match: Match) -> Ranking:
    """Rank the right answers of every query: [queries, items] twice -> ranks.

    The rank of the i-th right answer is i and all wrong items that score as high or higher.
    """
    _check(scores, match)
    queries, items = scores.shape
    step = max(1, _BLOCK // items)
    ranks = [
        _ranks(row, right)
        for first in range(0, queries, step)
        for row, right in zip(
            np.ascontiguousarray(scores[first : first + step]),  # columns of a transpose are far
            np.ascontiguousarray(match[first : first + step]),  # apart in memory
            strict=True,
        )
    ]
    return Ranking.of(np.concatenate(ranks), match.sum(axis=1), items)


def turned(scores: Scores, match: Match) -> tuple[Scores, Match]:
    """Let the items ask for the queries: [queries, items] twice -> [items, queries] twice.

    An item that is right for no query asks nothing, as it has no answer; it stays a wrong answer to
    all queries. (A query without an answer should not have been asked, so `rank` refuses it.)
    """
    asking = match.any(axis=0)
    if asking.all():
        return scores.T, match.T
    return scores.T[asking], match.T[asking]


def join(parts: Sequence[Ranking]) -> Ranking:
    """Put blocks of queries over the same items together, for matrices too big to hold."""
    sizes = {part.items for part in parts}
    if len(sizes) != 1:
        raise ValueError(f"blocks to join rank {sorted(sizes)} items, but it must be the same ones")
    return Ranking.of(
        np.concatenate([part.ranks for part in parts]),
        np.concatenate([part.counts for part in parts]),
        sizes.pop(),
    )


def _ranks(row: Scores, right: Match) -> Whole:
    found = np.sort(row[right])[::-1]
    wrong = np.sort(row[~right & (row >= found[-1])])  # those below all right answers do not count
    ahead = len(wrong) - np.searchsorted(wrong, found, side="left")
    return np.arange(1, len(found) + 1) + ahead


def _check(scores: Scores, match: Match) -> None:
    if scores.ndim != 2 or scores.shape != match.shape:
        raise ValueError(
            f"scores are {scores.shape} and match is {match.shape}, but both must be "
            "[queries, items]"
        )
    if match.dtype != np.bool_:
        raise ValueError(f"match must be true or false, not {match.dtype}")
    if not scores.size:
        raise ValueError(f"scores are {scores.shape}: there is nothing to rank")
    if np.isnan(scores.min()):  # a minimum is NaN where any is, and needs no second matrix
        query, item = np.argwhere(np.isnan(scores))[0]
        raise ValueError(f"the score of query {query} and item {item} is NaN, so it has no rank")
    lost = np.flatnonzero(~match.any(axis=1))
    if len(lost):
        raise ValueError(
            f"{len(lost)} of {len(match)} queries have no right answer, the first is {lost[0]}"
        )
