"""How loud a wave is from moment to moment, told as a stream.

A frame is 10 ms of the wave in whole samples, never more, counted from its first sample, so its
level never depends on the blocks in which the wave came.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from earmark.types import Samples

FRAME = 0.01  # seconds, at most
SILENT_DB = -120.0  # a frame that never peaks above this is digital silence, not a quiet sound

Levels = npt.NDArray[np.float32]  # [frames], decibels, never below SILENT_DB


@dataclass(frozen=True, slots=True)
class Loudness:
    """Level and silence of some frames."""

    level: Levels
    silent: npt.NDArray[np.bool_]  # [frames]


def frame_samples(rate: int) -> int:
    """Samples in a frame: rounded down, so that so many frames never last longer than they say."""
    return max(1, rate // 100)


def loudness(wave: Samples, rate: int) -> Loudness:
    """Level of every frame; a last, shorter one is measured over what there is: [S] -> [frames]."""
    meter = Meter(rate)
    body, rest = meter.push(wave), meter.finish()
    return Loudness(
        np.concatenate([body.level, rest.level]), np.concatenate([body.silent, rest.silent])
    )


class Meter:
    """Turns blocks of any size into frames."""

    def __init__(self, rate: int) -> None:
        self._size = frame_samples(rate)
        self._rest = np.zeros(0, np.float32)

    def push(self, block: Samples) -> Loudness:
        """Give the frames that are whole by now: [S] -> [frames]."""
        wave = np.concatenate([self._rest, block])
        whole = len(wave) - len(wave) % self._size
        self._rest = wave[whole:]
        return _measure(wave[:whole].reshape(-1, self._size))

    def finish(self) -> Loudness:
        """Give the last frame, which may be short: -> [0 or 1]."""
        rest, self._rest = self._rest, np.zeros(0, np.float32)
        return _measure(rest.reshape(-1, len(rest)) if len(rest) else rest.reshape(0, 1))


def _measure(frames: Samples) -> Loudness:
    power = np.square(frames).mean(axis=1)
    floor = np.float32(10 ** (SILENT_DB / 10))
    level = 10 * np.log10(np.maximum(power, floor))
    peak = np.maximum(frames.max(axis=1), -frames.min(axis=1))
    return Loudness(level.astype(np.float32), peak < 10 ** (SILENT_DB / 20))
