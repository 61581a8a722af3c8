"""Noise of any colour, and slow random curves that move the other sounds.

A curve is a list of (Hz, dB) points, straight between them over the logarithm of frequency.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from earmark.synth.kind import RATE
from earmark.types import Samples

Curve = Sequence[tuple[float, float]]
Floats = npt.NDArray[np.floating]

_FLOOR = 20.0  # Hz; nothing is made below what can be heard


def gain(curve: Curve, hertz: Floats) -> Samples:
    """Read a curve as amplitudes, silent below 20 Hz: [bins] -> [bins]."""
    points = np.log([max(at, 1.0) for at, _ in curve])
    level = np.interp(np.log(np.maximum(hertz, 1.0)), points, [db for _, db in curve])
    return np.where(hertz < _FLOOR, 0, 10 ** (level / 20)).astype(np.float32)


def fast_length(samples: int) -> int:
    """Round up to a length with small factors, which an FFT likes."""
    step = 1 << max(0, samples.bit_length() - 4)
    return -(-samples // step) * step


def shaped(rng: np.random.Generator, n: int, curve: Curve) -> Samples:
    """Draw Gaussian noise with the spectrum of a curve, RMS 1: -> [n]."""
    size = max(fast_length(n), 16)
    amplitude = gain(curve, np.fft.rfftfreq(size, 1 / RATE))
    parts = rng.standard_normal((2, len(amplitude)), dtype=np.float32)
    spectrum = (parts[0] + 1j * parts[1]) * amplitude
    wave = np.fft.irfft(spectrum, size).astype(np.float32)
    power = 4 * float(np.sum(np.square(amplitude, dtype=np.float64))) / size**2
    return wave[:n] / np.float32(np.sqrt(max(power, 1e-30)))


def wander(rng: np.random.Generator, n: int, hertz: float) -> Samples:
    """Draw a smooth curve of mean 0, deviation 1, that turns `hertz` times a second: -> [n]."""
    knots = rng.standard_normal(int(n * hertz / RATE) + 4)
    at = np.arange(n, dtype=np.float32) * np.float32(hertz / RATE) + np.float32(rng.random())
    left = at.astype(np.int32)
    part = at - left
    part *= part * (3 - 2 * part)
    steps = np.diff(knots).astype(np.float32)
    return knots.astype(np.float32)[left] + steps[left] * part


def flutter(rng: np.random.Generator, n: int, hertz: float, db: float) -> Samples:
    """Draw a gain that wanders by `db` around 1: -> [n]."""
    level: Samples = np.exp(wander(rng, n, hertz) * np.float32(db * np.log(10) / 20))
    return level
