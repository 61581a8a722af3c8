"""Pitched sounds: sines, harmonic waves that follow a pitch, and bodies that ring when struck."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from earmark.synth.kind import RATE
from earmark.synth.noise import Floats
from earmark.types import Samples

_TABLE = 4096  # samples of one period


def cycles(hertz: Floats) -> Floats:
    """Count the periods so far of a pitch that moves: [n] -> [n]."""
    return np.cumsum(hertz, dtype=np.float64) / RATE


def sine(hertz: Floats) -> Samples:
    """Follow a pitch with a sine: [n] -> [n]."""
    turn = np.mod(cycles(hertz), 1).astype(np.float32)
    wave: Samples = np.sin(np.float32(2 * np.pi) * turn)
    return wave


def steady(n: int, hertz: float) -> Samples:
    """Hold a pitch: -> [n], for `sine` and `buzz`."""
    return np.full(n, hertz, dtype=np.float32)


def buzz(rng: np.random.Generator, hertz: Floats, levels: Sequence[float] | Floats) -> Samples:
    """Follow a pitch with harmonics of these levels, those above the band left out: [n] -> [n]."""
    most = int(0.48 * RATE / max(float(np.max(hertz)), 1.0))
    spectrum = np.zeros(_TABLE // 2 + 1, dtype=np.complex128)
    kept = np.asarray(levels)[: min(most, _TABLE // 2)]
    spectrum[1 : len(kept) + 1] = kept * np.exp(0.6j * rng.uniform(-np.pi, np.pi, len(kept)))
    table = np.fft.irfft(spectrum, _TABLE) * _TABLE / 2
    at = np.mod(cycles(hertz), 1) * _TABLE
    left = at.astype(np.int32)
    part = (at - left).astype(np.float32)
    period: Samples = np.append(table, table[:2]).astype(np.float32)
    return period[left] * (1 - part) + period[left + 1] * part


def falling(count: int, db_per_octave: float) -> Floats:
    """Levels of harmonics that fall with their number: -> [count]."""
    return np.arange(1, count + 1) ** (-db_per_octave / 6.02)


def ring(
    n: int, hertz: Sequence[float] | Floats, seconds: Sequence[float] | Floats, levels: Floats
) -> Samples:
    """Strike a body: sines that each fade by 60 dB in their seconds: [modes] three times -> [n]."""
    size = 1024
    out = np.zeros(-(-n // size) * size, dtype=np.float32)
    for pitch, decay, level in zip(hertz, seconds, levels, strict=True):
        if pitch < RATE * 0.48:
            step = 2j * np.pi * pitch / RATE - 6.9 / (decay * RATE)
            inner = np.exp(step * np.arange(size)).astype(np.complex64)
            outer = level * np.exp(step * size * np.arange(len(out) // size))
            out += np.multiply.outer(outer.astype(np.complex64), inner).imag.ravel()
    return out[:n]
