"""Where a sound is heard: indoors or outdoors, with echoes and the faint noise every place has."""

from __future__ import annotations

import numpy as np

from earmark.synth.filters import room, shape
from earmark.synth.noise import Curve, shaped
from earmark.synth.timing import endless
from earmark.types import Samples

_INSIDE = [(30, 4), (100, 0), (400, -12), (2000, -24), (10000, -40)]
_OUTSIDE = [(30, 6), (100, 0), (400, -10), (2000, -24), (10000, -46)]
_TRAFFIC = [(30, 0), (100, -3), (400, -14), (2000, -28), (9000, -45)]
_HORN = [(150, -18), (500, -3), (1200, 0), (3000, -4), (6000, -16), (14000, -40)]


def indoors(rng: np.random.Generator, wave: Samples, wet: float = 0.3) -> Samples:
    """Hear a sound in a room of a house: [n] -> [n]."""
    wave = room(rng, wave, rng.uniform(0.2, 0.6), wet * rng.uniform(0.7, 1.3))
    return with_air(rng, wave, rng.uniform(-50, -40), _INSIDE)


def outdoors(rng: np.random.Generator, wave: Samples, wet: float = 0.3) -> Samples:
    """Hear a sound in the open: [n] -> [n]."""
    wave = room(rng, wave, rng.uniform(0.7, 1.8), wet * rng.uniform(0.7, 1.3))
    return with_air(rng, wave, rng.uniform(-40, -30), _OUTSIDE)


def with_air(
    rng: np.random.Generator, wave: Samples, db: float, curve: Curve = _OUTSIDE
) -> Samples:
    """Add noise so many dB beside the peak: [n] -> [n]."""
    level = np.float32(10 ** (db / 20) * max(float(np.max(np.abs(wave))), 1e-6))
    return wave + endless(rng, len(wave), lambda m: shaped(rng, m, curve)) * level


def street(rng: np.random.Generator, wave: Samples) -> Samples:
    """Hear a horn or a siren between houses, with a little traffic: [n] -> [n]."""
    wave = room(rng, shape(wave, _HORN), rng.uniform(0.8, 1.8), rng.uniform(0.3, 0.6))
    loudness = float(np.sqrt(np.mean(np.square(wave))))
    traffic = endless(rng, len(wave), lambda m: shaped(rng, m, _TRAFFIC))
    return wave + traffic * np.float32(0.03 * loudness)
