"""Firings of motors and blows of hammers, to be set off by `timing.pulses`."""

from __future__ import annotations

import numpy as np

from earmark.synth.noise import Curve, shaped
from earmark.synth.timing import pluck, samples
from earmark.synth.tones import ring
from earmark.types import Samples

_HOW_MANY = 12  # enough that no rhythm of repeats is heard


def bursts(rng: np.random.Generator, seconds: float, pipe: float, curve: Curve) -> list[Samples]:
    """Make firings through a pipe of some pitch, alike but never the same: -> 12 of [seconds]."""
    n = samples(seconds)
    modes = pipe * np.array([1, 2.1, 3.3])
    resonance = ring(n, modes, seconds * np.array([1, 0.7, 0.5]), np.array([1, 0.5, 0.3]))
    fall = pluck(n, 0.0008, seconds)
    return [
        shaped(rng, n, curve) * fall * np.float32(0.7)
        + resonance * np.float32(rng.uniform(0.8, 1.2))
        for _ in range(_HOW_MANY)
    ]
