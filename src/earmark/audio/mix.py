"""Put one sound against another at an exact level.

A signal-to-noise ratio is only exact when it says over which part it was measured: here the sound
counts where it sounds (its active frames), and the noise counts everywhere. So a bark with a
second of silence around it is as loud against the rain as a bark without.
"""

from __future__ import annotations

from math import log10

import numpy as np
import numpy.typing as npt

from earmark.types import Samples

FRAME = 0.025  # seconds
ACTIVE_DB = 40.0  # a frame sounds when it is within so many decibels of the loudest


def power(wave: Samples) -> float:
    """Mean square, summed in double precision: [S] -> full scale is 1."""
    return float(np.mean(np.square(wave, dtype=np.float64))) if len(wave) else 0.0


def decibels(mean_square: float) -> float:
    """Level of a power; silence is minus infinity."""
    return 10 * log10(mean_square) if mean_square > 0 else -np.inf


def active(wave: Samples, rate: int) -> npt.NDArray[np.bool_]:
    """Where the wave sounds, by whole frames: [S] -> [S]."""
    size = max(1, round(FRAME * rate))
    padded = np.pad(wave, (0, -len(wave) % size)).reshape(-1, size)
    levels = np.square(padded, dtype=np.float64).mean(axis=1)
    sounds = levels > levels.max(initial=0) * 10 ** (-ACTIVE_DB / 10)
    return np.repeat(sounds, size)[: len(wave)]


def noise_gain(sound: Samples, noise: Samples, snr_db: float, *, rate: int) -> float:
    """Factor for `noise` that puts `sound`, where it sounds, `snr_db` above it."""
    loud, soft = power(sound[active(sound, rate)]), power(noise)
    if not loud or not soft:
        silent = "noise" if loud else "sound"
        raise ValueError(f"the {silent} is silent, so no ratio of {snr_db} dB can be set")
    return float(np.sqrt(loud / soft * 10 ** (-snr_db / 10)))


def mix(sound: Samples, noise: Samples, snr_db: float, *, rate: int) -> Samples:
    """Add `noise` to `sound` at an exact ratio; the sound keeps its level: [S], [S] -> [S]."""
    if len(sound) != len(noise):
        raise ValueError(f"the sound has {len(sound)} samples but the noise has {len(noise)}")
    gain = np.float32(noise_gain(sound, noise, snr_db, rate=rate))
    return sound + gain * noise
