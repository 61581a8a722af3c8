"""Whether stretches found in a long recording are the right ones, by the rules of QVHighlights.

The moment task of DCASE 2026 has these rules, in the scorer that Lighthouse publishes:

- Ten stretches of an answer count, those that stand first in it.
- R1@t: the first of them shares at least t, of all that either covers, with some right stretch.
- AP@t: they are taken by falling score, those of equal score as they stand. Each takes the right
  stretch that it shares most with and nobody took, if they share at least t; then it is a hit.
  Precision is interpolated: at every hit it is the best that is reached there or further down. AP
  is the sum of it over the hits, by the number of right stretches.
- mAP@t is the mean over captions, mAP the mean of it at t = 0.50, 0.55, ... 0.95.

One difference: an answer without any stretch counts as nothing found. That scorer stops at it for
R1, and leaves such captions out of the mean for AP.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from earmark.score.segments import share
from earmark.types import Moment

MOST = 10  # stretches of an answer that count
LEAST = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)  # to be shared

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch that was found, and how good it seems."""

    start: float  # seconds
    end: float
    score: float


def overlaps(answer: Sequence[Window], right: Sequence[Moment]) -> Floats:
    """What every two share, of all that either covers: -> [found, right]."""
    found = np.array([(one.start, one.end) for one in answer], np.float64).reshape(-1, 1, 2)
    true = np.array([(one.start, one.end) for one in right], np.float64).reshape(1, -1, 2)
    common = np.minimum(found[..., 1], true[..., 1]) - np.maximum(found[..., 0], true[..., 0])
    common = np.maximum(common, 0.0)
    both: Floats = found[..., 1] - found[..., 0] + true[..., 1] - true[..., 0] - common
    shared: Floats = common / both
    return shared


def first(answer: Sequence[Window], right: Sequence[Moment]) -> float:
    """What the first stretch of an answer shares with the right one that is nearest."""
    return float(overlaps(answer[:1], right).max(initial=0.0))


def precision(answer: Sequence[Window], right: Sequence[Moment], least: float) -> float:
    """Average precision of an answer, where so much has to be shared."""
    ordered = sorted(answer[:MOST], key=lambda one: -one.score)
    hits = _hits(overlaps(ordered, right), least)
    reached = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    best = np.maximum.accumulate(reached[::-1])[::-1]
    return float(best[hits].sum() / len(right))


def values(answer: Sequence[Window], right: Sequence[Moment]) -> dict[str, float]:
    """Every figure of one answer."""
    nearest = first(answer, right)
    at = {least: precision(answer, right, least) for least in LEAST}
    return {
        "R1@0.5": float(nearest >= 0.5),
        "R1@0.7": float(nearest >= 0.7),
        "mAP": sum(at.values()) / len(at),
        "mAP@0.5": at[0.5],
        "mAP@0.75": at[0.75],
    }


def figures(
    each: Sequence[dict[str, float]], recordings: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Means over captions, and between which means 95 of 100 draws of other recordings fall."""
    _, owner = np.unique(np.array(recordings), return_inverse=True)
    counts = np.bincount(owner).astype(np.float64)
    return {
        name: share(np.bincount(owner, [one[name] for one in each]).astype(np.float64), counts)
        for name in each[0]
    }


def _hits(shared: Floats, least: float) -> npt.NDArray[np.bool_]:
    """Which of the found take a right stretch, the first one first: [found, right] -> [found]."""
    free, hits = np.ones(shared.shape[1], bool), np.zeros(len(shared), bool)
    for place, row in enumerate(shared):
        fits = free & (row >= least)
        if fits.any():
            hits[place] = True
            # Where two share as much, the later one is taken, as that scorer does.
            free[len(row) - 1 - np.where(fits, row, -1.0)[::-1].argmax()] = False
    return hits
