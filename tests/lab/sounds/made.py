"""Spools of a few sounds made by code, at a low rate."""

import numpy as np

from earmark.lab.sounds.plan import MixPlan
from earmark.lab.sounds.spool import Take, spool

RATE = 8_000


def noise(seconds, seed, rate=RATE):
    """White noise, loud all the time: -> [samples]."""
    rng = np.random.default_rng(seed)
    return (0.2 * rng.standard_normal(round(seconds * rate))).clip(-1, 1).astype(np.float32)


def tone(hertz, seconds, rate=RATE):
    """A sine of half of full scale: -> [samples]."""
    time = np.arange(round(seconds * rate)) / rate
    return (0.5 * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def take(name, wave, **facts):
    """A take of a wave that is there."""
    return Take(name, lambda rate: wave, **facts)


def spool_of(folder, *waves, rate=RATE):
    """A spool of waves called 0, 1, 2 ..."""
    return spool([take(str(n), wave) for n, wave in enumerate(waves)], rate, folder)


def plan_of(*pieces, mixtures=1, **rest):
    """A plan of pieces `(mixture, first, length, at, speed, gain)` and nothing around them."""
    columns = np.array(pieces, dtype=np.float64).reshape(-1, 6).T
    ints = [column.astype(np.int64) for column in columns[:4]]
    floats = [column.astype(np.float32) for column in columns[4:]]
    plain = {
        "level": 20 * np.log10(np.maximum(floats[1], 1e-9)),
        "noise": np.zeros(mixtures, np.float32),
        "colour": np.zeros(mixtures, np.float32),
        "filters": np.zeros((mixtures, 8), np.float32),
        "room": np.zeros(mixtures, np.float32),
        "seed": 5,
        "sources": ((0,),) * mixtures,
    }
    return MixPlan(*ints, *floats, **(plain | rest))


def faded(wave, seconds=0.05, rate=RATE):
    """The same, without a click at either end: -> [samples]."""
    ramp = np.sin(np.linspace(0, np.pi / 2, round(seconds * rate))) ** 2
    out = wave.copy()
    out[: len(ramp)] *= ramp
    out[-len(ramp) :] *= ramp[::-1]
    return out
