"""Throats: a buzzing or hissing source, shaped by resonances that move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from earmark.synth.filters import peak, sculpt, track
from earmark.synth.noise import Floats, shaped, wander
from earmark.synth.tones import buzz, falling
from earmark.types import Samples


@dataclass(frozen=True, slots=True)
class Formant:
    """A resonance: where it moves, in (seconds, Hz), how wide it is in Hz, and how strong."""

    path: Sequence[tuple[float, float]]
    width: float
    level: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Throat:
    """How a source sounds before it is shaped."""

    breath: float = 0.05  # noise, as a share of the buzz
    tilt: float = 9.0  # dB an octave that the harmonics fall
    rough: float = 0.0  # how unsteady pitch and level are from one period to the next
    leak: float = 0.003  # what passes between the resonances


def sing(
    rng: np.random.Generator, pitch: Floats, formants: Sequence[Formant], throat: Throat
) -> Samples:
    """Follow a pitch with a voice, level all along: [n] -> [n]."""
    n = len(pitch)
    shake = wander(rng, n, 12) * (0.004 + 0.02 * throat.rough)
    shake += wander(rng, n, 70) * (0.05 * throat.rough)
    voiced = buzz(rng, pitch * np.exp(shake), falling(160, throat.tilt))
    voiced /= np.sqrt(np.mean(np.square(voiced)) + 1e-12)
    voiced *= np.exp(wander(rng, n, 60) * np.float32(0.8 * throat.rough))
    air = shaped(rng, n, [(100, -12), (1000, 0), (12000, -6)]) * np.float32(throat.breath)
    return speak(voiced + air, formants, throat.leak)


def speak(source: Samples, formants: Sequence[Formant], leak: float = 0.003) -> Samples:
    """Shape any source by resonances: [n] -> [n]."""

    def moving(times: Floats, hertz: Floats) -> Floats:
        total = np.full((len(times), len(hertz)), leak, dtype=np.float32)
        for formant in formants:
            centre = track(formant.path, times).astype(np.float32)
            total += np.float32(formant.level) * peak(hertz, centre, formant.width) ** 2
        return total

    return sculpt(source, moving)


def glide(n: int, points: Sequence[tuple[float, float]]) -> Samples:
    """Move a pitch along (share of the whole, Hz), easing into every point: -> [n]."""
    places, values = (np.array(column) for column in zip(*points, strict=True))
    at = np.interp(np.linspace(0, 1, n), places, np.arange(len(places)))
    left = np.minimum(at.astype(np.int32), len(places) - 2)
    part = at - left
    part *= part * (3 - 2 * part)
    return (values[left] + np.diff(values)[left] * part).astype(np.float32)


def still(hertz: float) -> list[tuple[float, float]]:
    """Hold a resonance where it is."""
    return [(0.0, hertz)]


def moved(seconds: float, *hertz: float) -> list[tuple[float, float]]:
    """Move a resonance evenly through these places in so many seconds."""
    return [(seconds * at / max(len(hertz) - 1, 1), place) for at, place in enumerate(hertz)]
