"""Decoded samples of any kind to mono float32: the plain mean of the channels.

The usual down-mix weighs channels for loudspeakers and so reaches four times full scale on eight of
them. A mean cannot clip, and is the same rule for every layout.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from earmark.types import Samples

Mix = Callable[[npt.NDArray[np.generic]], tuple[Samples, int]]
LOUDEST = 1e10  # float samples beyond it are damage: squares of a spectrum must fit float32
_FULL_SCALE = {1: 2.0**7, 2: 2.0**15, 4: 2.0**31, 8: 2.0**63}  # by bytes; one byte is unsigned


def mean(channels: npt.NDArray[np.generic]) -> tuple[Samples, int]:
    """Average channels, and count what was not a number: [channels, samples] -> [samples], n."""
    if channels.dtype.kind == "f":
        return _mean_of_floats(channels)
    total = _sum(channels)
    if channels.dtype.kind == "u":
        total -= 128 * len(channels)
    total *= np.float32(1 / (_FULL_SCALE[channels.dtype.itemsize] * len(channels)))
    return total, 0


def only(channel: int) -> Mix:
    """Make what takes one channel and leaves out the others; the last if there are too few."""
    return lambda channels: mean(channels[min(channel, len(channels) - 1)][np.newaxis])


def _mean_of_floats(channels: npt.NDArray[np.generic]) -> tuple[Samples, int]:
    with np.errstate(over="ignore", invalid="ignore"):
        wave = _sum(channels)
        wave *= np.float32(1 / len(channels))
        if np.abs(wave).max(initial=0) < LOUDEST:  # False for NaN too
            return wave, 0
        heard = np.abs(channels) < LOUDEST
    wave = _sum(np.where(heard, channels, 0))
    wave *= np.float32(1 / len(channels))
    return wave, int(heard.size - np.count_nonzero(heard))


def _sum(channels: npt.NDArray[np.generic]) -> Samples:
    total: Samples = channels[0].astype(np.float32)
    for channel in channels[1:]:
        np.add(total, channel, out=total, casting="unsafe")
    return total
