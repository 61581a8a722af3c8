"""Systems over their seeds: mean, deviation, and how much more than a baseline, paired.

A question's value is its mean over the seeds. Both systems answer the same questions, and the
recordings that these were written for are drawn again, as everywhere in `score/compare.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from earmark.lab.compare.outcome import MEDIAN, Numbers, Outcome
from earmark.score.compare import DRAWS, MIDDLE, Difference

BLOCK = 200  # draws that are worked out together


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of one system."""

    mean: float
    deviation: float | None  # over seeds; of one seed there is none
    seeds: int
    chance: float


def cell(outcomes: Sequence[Outcome], spec: str, way: str, figure: str) -> Cell:
    """Sum up a figure over the seeds of a system."""
    asked = [one.tests[spec].asked[way] for one in outcomes]
    values = [one.figure(figure) for one in asked]
    deviation = float(np.std(values, ddof=1)) if len(values) > 1 else None
    chance = asked[0].chance[figure]
    return Cell(float(np.mean(values)), deviation, len(values), chance)


def difference(
    new: Sequence[Outcome], old: Sequence[Outcome], spec: str, way: str, figure: str
) -> Difference:
    """How much more one system has than another, in a figure that is a mean over questions."""
    if figure == MEDIAN:
        raise ValueError("a median is no mean over questions, so its difference is not drawn here")
    gap = _values(new, spec, way, figure) - _values(old, spec, way, figure)
    owner = new[0].tests[spec].asked[way].owner
    drawn = _drawn(gap, owner.astype(np.int64))
    low, high = np.quantile(drawn, [(1 - MIDDLE) / 2, (1 + MIDDLE) / 2])
    fewer = int(min(np.count_nonzero(drawn <= 0), np.count_nonzero(drawn >= 0)))
    p = min(1.0, 2 * (fewer + 1) / (len(drawn) + 1))
    return Difference(figure, float(gap.mean()), float(low), float(high), p)


def _values(outcomes: Sequence[Outcome], spec: str, way: str, figure: str) -> Numbers:
    rows = [one.tests[spec].asked[way].values(figure) for one in outcomes]
    if len({len(row) for row in rows}) > 1:
        raise ValueError(f"the seeds were asked {sorted({len(row) for row in rows})} questions")
    mean: Numbers = np.mean(rows, axis=0)
    return mean


def _drawn(gap: Numbers, owner: np.ndarray) -> Numbers:
    """Means of draws of recordings: -> [draws]."""
    sums, counts = np.bincount(owner, gap), np.bincount(owner).astype(float)
    rng, found = np.random.default_rng(0), list[Numbers]()
    for first in range(0, DRAWS, BLOCK):
        picks = rng.integers(len(sums), size=(min(BLOCK, DRAWS - first), len(sums)))
        found.append(sums[picks].sum(axis=1) / counts[picks].sum(axis=1))
    return np.concatenate(found)
