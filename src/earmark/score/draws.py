"""What is drawn again and again with replacement, and what is told of the draws.

An interval holds the middle 95 % of the draws. `p` is twice the share of draws in which a
difference is zero or on the other side (one draw added to both, so that it is never 0).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from earmark.score.chance import Values
from earmark.score.ranking import Whole

DRAWS = 2000
MIDDLE = 0.95

_BLOCK = 100  # draws that are worked out together
_DIGITS = 12  # beyond them two values that are equal may differ


def counts_of(items: int, draws: int, seed: int) -> Iterator[Whole]:
    """Tell how often each of so many items is drawn: -> blocks [draws, items]."""
    rng = np.random.default_rng(seed)
    for first in range(0, draws, _BLOCK):
        size = min(_BLOCK, draws - first)
        picks = rng.integers(items, size=(size, items))
        picks += items * np.arange(size)[:, None]  # each draw counts in a row of its own
        counts = np.bincount(picks.ravel(), minlength=size * items)
        yield counts.reshape(size, items)


def middle(drawn: Values) -> tuple[float, float]:
    """Between which values the middle of the draws lies."""
    low, high = np.quantile(drawn, [(1 - MIDDLE) / 2, (1 + MIDDLE) / 2])
    return float(low), float(high)


def p_of(drawn: Values) -> float:
    """How likely a difference is by chance alone."""
    rounded = drawn.round(_DIGITS)
    fewer = int(min(np.count_nonzero(rounded <= 0), np.count_nonzero(rounded >= 0)))
    return min(1.0, 2 * (fewer + 1) / (len(drawn) + 1))
