"""The table of all kinds, and `make`, which draws one."""

from __future__ import annotations

from difflib import get_close_matches

import numpy as np
import soxr

from earmark.errors import UsageError
from earmark.synth import (
    aircraft,
    bells,
    blasts,
    body,
    breath,
    desk,
    doors,
    horns,
    house,
    machines,
    music,
    people,
    pets,
    phones,
    plain,
    sirens,
    tools,
    vehicles,
    water,
    weather,
    wildlife,
)
from earmark.synth.kind import RATE, Kind
from earmark.synth.timing import fade
from earmark.types import Samples

_FAMILIES = (
    aircraft.KINDS,
    bells.KINDS,
    blasts.KINDS,
    body.KINDS,
    breath.KINDS,
    desk.KINDS,
    doors.KINDS,
    horns.KINDS,
    house.KINDS,
    machines.KINDS,
    music.KINDS,
    people.KINDS,
    pets.KINDS,
    phones.KINDS,
    plain.KINDS,
    sirens.KINDS,
    tools.KINDS,
    vehicles.KINDS,
    water.KINDS,
    weather.KINDS,
    wildlife.KINDS,
)

KINDS: dict[str, Kind] = {kind.name: kind for family in _FAMILIES for kind in family}


def make(kind: str, seed: int, *, seconds: float | None = None, rate: int = RATE) -> Samples:
    """Draw a sound of a kind, its peak at 0.5 to 0.9, the same for the same seed: -> [samples]."""
    chosen = _find(kind)
    rng = np.random.default_rng(np.random.SeedSequence([seed, *chosen.name.encode()]))
    length = float(rng.uniform(*(chosen.seconds or (8.0, 12.0))))
    loudest = float(rng.uniform(0.5, 0.9))
    if seconds is not None:
        length = seconds
    if not (length * rate >= 1 and rate > 0):
        raise ValueError(f"{length} seconds at {rate} Hz hold no sample")
    wave = chosen.make(rng, max(round(length * RATE), 1)).astype(np.float32, copy=False)
    return _level(_at_rate(wave, rate, round(length * rate)), loudest, rate, chosen.texture)


def _find(name: str) -> Kind:
    if name in KINDS:
        return KINDS[name]
    close = get_close_matches(name.lower().replace(" ", "_"), KINDS, n=1)
    guess = f"did you mean {close[0]!r}? " if close else ""
    raise UsageError(
        f"there is no kind of sound called {name!r}",
        hint=f"{guess}the kinds are: {', '.join(sorted(KINDS))}",
    )


def _at_rate(wave: Samples, rate: int, length: int) -> Samples:
    """Resample, and give exactly so many samples: [n] -> [length]."""
    if rate == RATE:
        return wave
    wave = soxr.resample(wave, RATE, rate)
    return np.pad(wave, (0, max(0, length - len(wave))))[:length]


def _level(wave: Samples, loudest: float, rate: int, texture: bool) -> Samples:
    """Take off the mean, fade the ends (of a texture just enough), set the peak; in place."""
    wave -= wave.mean(dtype=np.float64)
    ends = (0.002, 0.002) if texture else (0.004, 0.03)
    fade(wave, *(at * rate / RATE for at in ends))
    wave *= np.float32(loudest / max(float(np.max(wave)), -float(np.min(wave)), 1e-9))
    return wave
