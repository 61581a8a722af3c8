"""Blows on something hard: a click, and the thump of wood."""

from __future__ import annotations

import numpy as np

from earmark.synth.noise import shaped
from earmark.synth.timing import (
    pluck,
    samples,
)
from earmark.synth.tones import ring
from earmark.types import Samples


def click(rng: np.random.Generator, hertz: float, seconds: float) -> Samples:
    """Make a small hard click with a body at some pitch: -> [seconds]."""
    n = samples(seconds)
    modes = hertz * np.exp(rng.uniform(-0.5, 1.2, 5))
    body = ring(n, modes, rng.uniform(0.2, 0.8, 5) * seconds, rng.uniform(0.2, 1, 5))
    tick = shaped(rng, n, [(hertz / 2, -10), (hertz * 2, 0), (16000, -6)]) * pluck(n, 0.0002, 0.006)
    return body * np.float32(0.3) + tick


def thump(rng: np.random.Generator, low: float, seconds: float) -> Samples:
    """Strike wood: a few low modes and a dull burst: -> [seconds]."""
    n = samples(seconds)
    modes = low * np.array([1, 1.6, 2.3, 3.4, 4.9, 6.8]) * rng.uniform(0.93, 1.07, 6)
    body = ring(
        n, modes, seconds * rng.uniform(0.3, 0.8, 6), np.array([1, 0.8, 0.6, 0.4, 0.25, 0.15])
    )
    burst = shaped(rng, n, [(60, -6), (300, 0), (1500, -8), (6000, -22)]) * pluck(n, 0.0005, 0.03)
    return body * np.float32(0.35) + burst
