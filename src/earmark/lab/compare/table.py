"""Systems over their seeds: mean, deviation, and how much more than a baseline, paired.

A question's value is its mean over the seeds. Both systems answer the same questions, and the
recordings that these were written for are drawn again, as everywhere in `score/compare.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from earmark.lab.compare.outcome import MEDIAN, Numbers, Outcome
from earmark.score.compare import Difference
from earmark.score.draws import DRAWS, MIDDLE

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
    parts = [(weight, shares(some, spec, way, figure)) for weight, some in ((1, new), (-1, old))]
    return _told(figure, *added_up(parts))


def above(
    outcomes: Sequence[Outcome], spec: str, way: str, figure: str, level: float
) -> Difference:
    """How far a figure lies above a level, such as chance."""
    value, drawn = added_up([(1, shares(outcomes, spec, way, figure))])
    return _told(figure, value - level, drawn - level)


def _told(figure: str, value: float, drawn: Numbers) -> Difference:
    """Put an interval around a value, and how likely chance is."""
    low, high = np.quantile(drawn, [(1 - MIDDLE) / 2, (1 + MIDDLE) / 2])
    fewer = int(min(np.count_nonzero(drawn <= 0), np.count_nonzero(drawn >= 0)))
    p = min(1.0, 2 * (fewer + 1) / (len(drawn) + 1))
    return Difference(figure, value, float(low), float(high), p)


class Shares(NamedTuple):
    """What the questions of each recording add to a figure."""

    sums: Numbers  # [recordings]
    counts: Numbers  # [recordings] questions


def shares(outcomes: Sequence[Outcome], spec: str, way: str, figure: str) -> Shares:
    """Share a figure out among the recordings that its questions were written for."""
    if figure == MEDIAN:
        raise ValueError("a median is no mean over questions, so its difference is not drawn here")
    asked = [one.tests[spec].asked[way] for one in outcomes]
    rows = [one.values(figure) for one in asked]
    if len({len(row) for row in rows}) > 1:
        raise ValueError(f"the seeds were asked {sorted({len(row) for row in rows})} questions")
    owner = asked[0].owner.astype(np.int64)
    many = asked[0].recordings  # of which some may have no question, and then add nothing
    sums = np.bincount(owner, np.mean(rows, axis=0), minlength=many).astype(np.float64)
    return Shares(sums, np.bincount(owner, minlength=many).astype(np.float64))


def added_up(parts: Sequence[tuple[float, Shares]]) -> tuple[float, Numbers]:
    """Add up figures by weights, and again over draws of the same recordings: -> sum, [draws]."""
    count = {len(part.sums) for _, part in parts}
    if len(count) > 1:
        raise ValueError(f"what is compared was asked of {sorted(count)} recordings")
    (many,) = count
    rng, found = np.random.default_rng(0), list[Numbers]()
    for first in range(0, DRAWS, BLOCK):
        picks = rng.integers(many, size=(min(BLOCK, DRAWS - first), many))
        found.append(_weighed(parts, picks))
    return float(_weighed(parts, np.arange(many)[None])[0]), np.concatenate(found)


def _weighed(parts: Sequence[tuple[float, Shares]], picks: np.ndarray) -> Numbers:
    out: Numbers = np.sum(
        [
            weight * part.sums[picks].sum(axis=1) / np.maximum(1, part.counts[picks].sum(axis=1))
            for weight, part in parts
        ],
        axis=0,
    )
    return out
