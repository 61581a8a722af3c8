"""Ranks in a pool of sounds whose recordings are drawn with replacement.

What is drawn twice stands there twice and counts twice. Only for a right answer itself its own
recording counts once: in the world that the draws stand for no sound has copies beside it, and
copies would lift it, since they are right as well. For a right answer of a recording that is drawn
w times,

    rank  = all drawn items at or above it  - (w - 1) times those of its own recording
    place = the right ones of them          - (w - 1) times the right ones of its own recording

A query of whose right answers none was drawn is left out of that draw.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from earmark.score.ranking import Match, Ranking, Scores, Whole, rank

Ones = npt.NDArray[np.float32]  # 0 or 1, for products that count; exact up to 16 million


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """What stands at or above every right answer; right answers go query after query."""

    above: Ones  # [right answers, items], itself included
    right: Ones  # the right ones of them
    own: Whole  # [right answers]: how many are of its own recording
    own_right: Whole
    sounds: Whole  # [right answers]: which item it is
    counts: Whole  # [queries]: right answers of each
    owner: Whole  # [items]: number of the recording

    @classmethod
    def of(cls, scores: Scores, match: Match, owner: Whole) -> Pool:
        """Compare every right answer with every item: [queries, items] twice -> pool."""
        counts = rank(scores, match).counts  # refuses what has no ranks
        each = [_above(*one) for one in zip(scores, match, strict=True)]
        above = np.concatenate([one for one, _ in each])
        sounds = np.concatenate([best_first for _, best_first in each])
        right = above & np.repeat(match, counts, axis=0)
        own = owner == owner[sounds][:, None]
        return cls(
            above=above.astype(np.float32),
            right=right.astype(np.float32),
            own=(above & own).sum(axis=1),
            own_right=(right & own).sum(axis=1),
            sounds=sounds,
            counts=counts,
            owner=owner,
        )

    def redraw(self, drawn: Whole) -> tuple[Ranking, Whole]:
        """Rank anew, given how often each recording is drawn: [draws, recordings] -> ranking.

        It holds the queries of the first draw, then of the second, and so on; beside it stands the
        number of the draw for each of them.
        """
        items = drawn[:, self.owner]
        times = items[:, self.sounds]  # [draws, right answers]
        weights = items.astype(np.float32)
        ranks = (weights @ self.above.T).astype(np.int64) - (times - 1) * self.own
        places = (weights @ self.right.T).astype(np.int64) - (times - 1) * self.own_right
        there = times > 0
        left = np.add.reduceat(there, np.cumsum(self.counts) - self.counts, axis=1, dtype=np.int64)
        if not left.any(axis=1).all():
            raise ValueError("a draw left no right answer: there are too few recordings to draw")
        ranking = Ranking(
            ranks[there], places[there], times[there], left[left > 0], len(self.owner)
        )
        return ranking, np.nonzero(left)[0]


def _above(row: Scores, right: Match) -> tuple[Match, Whole]:
    """Tell which items stand at or above each right answer, best first, and which that one is."""
    last_first = np.flatnonzero(right)[::-1]
    best_first = last_first[np.argsort(row[last_first], kind="stable")][::-1]
    above = row >= row[best_first][:, None]  # a wrong item comes first where scores are equal
    above[:, best_first] = np.tri(len(best_first), dtype=bool)
    return above, best_first
