"""How many more queries would decide between two systems.

Over n queries the difference is d on average, and the queries differ by s among each other. The
interval of a mean is wide as s / sqrt(n), so it leaves zero on four tries out of five once

    n  =  (1.96 + 0.84)^2 (s / d)^2  +  1.96^2 / 2

which is the usual size of a paired test at 95 % with a power of 80 %; the last term stands for what
s itself is uncertain by (Guenther 1981). It holds if d is what it seems, and nobody knows that: as
long as d is less than half of its own error, s / sqrt(n), no number is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Literal

import numpy as np

from earmark.score.chance import Values
from earmark.score.compare import Difference

SURE = 1.959964  # standard deviations that an interval of 95 % reaches
POWER = 0.841621  # ... and that four tries out of five lie above
LEAST = 0.5  # of its own error that a difference must have to be more than nothing
FEWEST = 10  # queries that tell how much queries differ

Verdict = Literal["decided", "open", "untold"]


@dataclass(frozen=True, slots=True)
class Outlook:
    """Whether the queries so far decide, and if not, how many more would."""

    verdict: Verdict
    more: int | None  # queries; None: cannot be told


def outlook(apart: Values, found: Difference) -> Outlook:
    """Tell from differences of queries, [queries], and from what their mean is known to be."""
    if len(apart) >= FEWEST and (found.low > 0 or found.high < 0):
        return Outlook("decided", 0)
    needed = queries_needed(float(apart.mean()), float(apart.std(ddof=1)), len(apart))
    return Outlook("untold", None) if needed is None else Outlook("open", needed)


def queries_needed(mean: float, spread: float, queries: int) -> int | None:
    """How many more queries than there are; None where the difference is about nothing."""
    if queries < FEWEST or spread == 0 or abs(mean) < LEAST * spread / np.sqrt(queries):
        return None
    whole = (SURE + POWER) ** 2 * (spread / mean) ** 2 + SURE**2 / 2
    return max(1, ceil(whole) - queries)
