"""The part of a sound that becomes an event, so that its first and last moment are really heard.

A frame of 10 ms sounds when it is within 30 dB of the loudest tenth of a second; what is fainter at
an end would be lost under almost any background, and a moment that held it would be scored against
nothing. A pause of 1.5 s ends an event, so that pauses inside events are never taken for those
between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt

from earmark.types import Samples

FRAME = 0.01  # s, the grid of all times in a scene
SOUNDING_DB = 30.0
SHORTEST = 1.0  # s that an event lasts at least
INNER = 1.5  # s of silence that an event never holds
GAP = 0.25  # s between repeats of a short sound within one event

Levels = npt.NDArray[np.float64]  # [frames], mean square


@dataclass(frozen=True, slots=True)
class Cut:
    """A part of a sound, `[start, end)` in its own seconds, and how often an event sounds it."""

    start: float
    end: float
    repeats: int = 1

    @property
    def seconds(self) -> float:
        """How long the event lasts, gaps between repeats included."""
        return round(self.repeats * (self.end - self.start) + (self.repeats - 1) * GAP, 2)


def frame_levels(wave: Samples, rate: int) -> Levels:
    """Mean square of every 10 ms: [S] -> [frames]."""
    frames = ceil(round(len(wave) / rate / FRAME, 6))
    edges = np.round(np.arange(frames) * FRAME * rate).astype(int)
    sums = np.add.reduceat(np.square(wave, dtype=np.float64), edges)
    return np.asarray(sums / np.diff(edges, append=len(wave)), dtype=np.float64)


def trim(levels: Levels) -> tuple[int, int]:
    """First and last frame that sound, as a half-open range; (0, 0) for digital silence."""
    sounding = _sounding(levels)
    return (int(sounding[0]), int(sounding[-1]) + 1) if len(sounding) else (0, 0)


def cut(levels: Levels, longest: float) -> Cut | None:
    """Choose the part for an event of 1 s to `longest`, or none of digital silence.

    The run with the most energy; of a long one its loudest stretch; a short one sounds repeatedly.
    """
    first, end = _loudest_run(levels)
    if first == end:
        return None
    if (end - first) * FRAME > longest:
        first = _loudest(levels, (first, end), round(longest / FRAME))
        start, stop = trim(levels[first : first + round(longest / FRAME)])
        first, end = first + start, first + stop
    seconds = (end - first) * FRAME
    repeats = ceil(round((SHORTEST + GAP) / (seconds + GAP), 6))
    return Cut(round(first * FRAME, 2), round(end * FRAME, 2), repeats)


def _sounding(levels: Levels) -> npt.NDArray[np.intp]:
    """Frames that sound; a tenth of a second is what an ear adds up."""
    frames = round(0.1 / FRAME)
    loudest = np.convolve(np.append(levels, 0.0), np.full(frames, 1 / frames)).max()
    return np.flatnonzero(levels > loudest * 10 ** (-SOUNDING_DB / 10))


def _loudest_run(levels: Levels) -> tuple[int, int]:
    """Frames of the run between long pauses that has the most energy."""
    sounding = _sounding(levels)
    breaks = np.flatnonzero(np.diff(sounding) > round(INNER / FRAME)) + 1
    runs = [(int(run[0]), int(run[-1]) + 1) for run in np.split(sounding, breaks) if len(run)]
    return max(runs, key=lambda run: float(levels[slice(*run)].sum()), default=(0, 0))


def _loudest(levels: Levels, span: tuple[int, int], frames: int) -> int:
    """Where the stretch of so many frames with the most energy begins."""
    total = np.concatenate(([0.0], np.cumsum(levels[slice(*span)])))
    return span[0] + int(np.argmax(total[frames:] - total[:-frames]))
