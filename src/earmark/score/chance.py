"""What a figure comes to if the items stand in random order: exact expectations, nothing drawn.

N items in random order, R of them right, so that each rank is right with probability R / N. Sums
run over the ranks r = 1 .. K with K = min(k, N). All functions: `counts [queries]` of right answers
and the number of items -> `[queries]`, but for `median_rank`, which is one number.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from earmark.score.ranking import Whole

Values = npt.NDArray[np.float64]

_EQUAL = 1e-9  # probabilities that differ by less are one and the same, rounded


def hit(counts: Whole, items: int, k: int) -> Values:
    """At least one right answer among the first k: 1 - C(N - R, k) / C(N, k)."""
    kinds, place = np.unique(counts, return_inverse=True)
    return np.asarray(1 - _missed(kinds, items, min(k, items))[place, -1])


def recall(counts: Whole, items: int, k: int) -> Values:
    """Share of the right answers among the first k: K / N."""
    return np.full(len(counts), min(k, items) / items)


def average_precision(counts: Whole, items: int, k: int) -> Values:
    """AP@k: 1/N times the sum of (1 + (r - 1) (R - 1) / (N - 1)) / r.

    If rank r is right, each of the r - 1 ranks before it is so with (R - 1) / (N - 1).
    """
    depth = min(k, items)
    harmonic = (1 / np.arange(1, depth + 1)).sum()
    others = (counts - 1) / max(1, items - 1)
    return np.asarray((harmonic + others * (depth - harmonic)) / items)


def gain(counts: Whole, items: int, k: int) -> Values:
    """nDCG@k: R / N times the sum of 1 / log2(r + 1), over the same sum to min(K, R)."""
    reached = np.cumsum(1 / np.log2(np.arange(2, min(k, items) + 2)))
    return np.asarray(counts / items * reached[-1] / reached[np.minimum(counts, len(reached)) - 1])


def best_rank(counts: Whole, items: int) -> Values:
    """Rank of the best right answer: (N + 1) / (R + 1)."""
    return np.asarray((items + 1) / (counts + 1))


def median_rank(counts: Whole, items: int) -> float:
    """Middle of the ranks that the best right answers of these queries can have.

    It is the rank that one half of them reaches, and half-way to the next if it is just one half.
    """
    kinds, many = np.unique(counts, return_counts=True)
    reached = 1 - many @ _missed(kinds, items, items) / len(counts)  # [items]
    low = np.argmax(reached > 0.5 - _EQUAL)
    high = np.argmax(reached > 0.5 + _EQUAL)
    return float(low + high) / 2 + 1


def _missed(counts: Whole, items: int, k: int) -> Values:
    """Chance that all of the first r are wrong, for r = 1 .. k: -> [counts, k]."""
    before = np.arange(k)  # items that are gone when the next is drawn
    wrong = np.clip(items - counts[:, None] - before, 0, None)
    return np.asarray(np.cumprod(wrong / (items - before), axis=1))
