"""The waveform of a stretch, as the lowest and the highest sample of each step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from earmark.types import Samples


@dataclass(frozen=True, slots=True)
class Peaks:
    """Lowest and highest samples of equal steps."""

    start: float  # seconds
    step: float  # seconds
    low: Samples  # [steps]
    high: Samples  # [steps]

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain JSON values."""
        return {
            "start": round(self.start, 6),
            "step": round(self.step, 6),
            "low": [round(float(one), 4) for one in self.low],
            "high": [round(float(one), 4) for one in self.high],
        }


def peaks_of(  # noqa: PLR0913 - what is known of a stretch
    blocks: Iterable[Samples],
    rate: int,
    *,
    start: float,
    seconds: float,
    points: int,
    check: Callable[[], None],
) -> Peaks:
    """Tell them from mono blocks; `check` is called at each and may raise to end it.

    There are as many steps as samples at most. Where no sound came, both are 0.
    """
    total = max(1, round(seconds * rate))
    steps = min(points, total)
    low, high = np.zeros(steps, np.float32), np.zeros(steps, np.float32)
    seen, at = np.zeros(steps, np.bool_), 0
    for block in blocks:
        check()
        block = block[: total - at]
        if not len(block):
            break
        owner = (np.arange(at, at + len(block)) * steps) // total
        firsts = np.flatnonzero(np.diff(owner, prepend=owner[0] - 1))
        which = owner[firsts]
        lows, highs = np.minimum.reduceat(block, firsts), np.maximum.reduceat(block, firsts)
        low[which] = np.where(seen[which], np.minimum(low[which], lows), lows)
        high[which] = np.where(seen[which], np.maximum(high[which], highs), highs)
        seen[which] = True
        at += len(block)
    return Peaks(start, total / steps / rate, low, high)
