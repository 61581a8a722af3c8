"""What bodies do without a voice: walking, clapping, beating hearts."""

from __future__ import annotations

import numpy as np

from earmark.synth.filters import room
from earmark.synth.kind import RATE, Kind
from earmark.synth.noise import flutter, shaped
from earmark.synth.places import with_air
from earmark.synth.timing import (
    add,
    at_times,
    beats,
    endless,
    envelope,
    pluck,
    repeat,
    samples,
    shower,
    swell,
)
from earmark.synth.tones import buzz
from earmark.types import Samples

# What a shoe strikes: the middle of its crunch in Hz, crumbs a second, and the share of the thud.
_GROUNDS = ((1200.0, 250.0, 0.8), (2000.0, 400.0, 0.5), (3000.0, 900.0, 0.3))


def footsteps(rng: np.random.Generator, n: int) -> Samples:
    """Walk on earth, stone or gravel: the sole rolls, and what lies under it crunches."""
    bright, crumbs, thud = _GROUNDS[int(rng.integers(len(_GROUNDS)))]
    every = rng.uniform(0.45, 0.62)
    grains = []
    for _ in range(16):
        m = samples(rng.uniform(0.004, 0.02))
        centre = bright * float(np.exp(rng.uniform(-0.9, 0.9)))
        curve = [(centre / 4, -10), (centre, 0), (centre * 3, -8), (16000, -24)]
        grains.append(shaped(rng, m, curve) * pluck(m, 0.001, m / RATE))

    def step() -> Samples:
        m = samples(rng.uniform(0.28, 0.38))
        roll = envelope(m, [(0, 0), (0.03, 1), (0.08, 0.5), (0.14, 0.8), (m / RATE, 0)])
        crunch = shower(rng, m, crumbs, 5, grains) * roll
        body = shaped(rng, m, [(40, -6), (100, 0), (250, -6), (800, -18), (3000, -40)])
        body *= envelope(m, [(0, 0), (0.015, 1), (0.1, 0), (m / RATE, 0)])
        return (crunch + body * np.float32(thud)) * np.float32(rng.uniform(0.5, 1))

    wave = room(rng, at_times(n, beats(rng, n, every, 0.06), step), rng.uniform(0.2, 0.5), 0.15)
    return with_air(rng, wave, rng.uniform(-34, -26))


def horse_trot(rng: np.random.Generator, n: int) -> Samples:
    """Walk or trot like a horse: four hooves on a road."""
    every, hoof = rng.uniform(0.42, 0.7), rng.uniform(450, 800)

    def clop() -> Samples:
        m = samples(0.12)
        pitch = hoof * rng.uniform(0.8, 1.25)
        curve = [
            (80, -8),
            (pitch * 0.6, -5),
            (pitch, 0),
            (pitch * 1.6, -5),
            (3000, -12),
            (9000, -24),
        ]
        hit = (
            shaped(rng, m, curve)
            * pluck(m, 0.004, rng.uniform(0.06, 0.12))
            * flutter(rng, m, 200, 4)
        )
        grit = shaped(rng, m, [(800, -10), (3000, 0), (9000, -6)]) * pluck(m, 0.02, 0.1)
        return (hit + grit * np.float32(0.08)) * np.float32(rng.uniform(0.4, 1))

    def stride() -> Samples:
        out = np.zeros(samples(every + 0.15), dtype=np.float32)
        for at in (0.0, 0.2, 0.5, 0.7):
            add(out, every * (at + rng.uniform(0, 0.04)), clop())
        return out[: samples(every)]

    wave = room(rng, repeat(rng, n, (0.0, 0.01), stride), 0.3, 0.08)
    return with_air(rng, wave, rng.uniform(-30, -24))


def applause(rng: np.random.Generator, n: int) -> Samples:
    """Let an audience clap."""
    hands = int(rng.integers(150, 400))
    claps = []
    for _ in range(24):
        m = samples(0.05)
        centre = rng.uniform(700, 1900)
        curve = [
            (150, -24),
            (centre * 0.5, -8),
            (centre, 0),
            (centre * 2, -9),
            (6000, -22),
            (16000, -44),
        ]
        claps.append(shaped(rng, m, curve) * pluck(m, 0.002, rng.uniform(0.02, 0.05)))
    wash = [(150, -15), (350, -6), (1000, 0), (2000, -2), (4000, -17), (8000, -27), (15000, -40)]

    def piece(m: int) -> Samples:
        wave = shower(rng, m, hands * 4.0, 5, claps)
        return room(rng, wave, 0.9, 0.5) + shaped(rng, m, wash) * np.float32(hands * 0.0025)

    return endless(rng, n, piece)


def heartbeat(rng: np.random.Generator, n: int) -> Samples:
    """Let a heart beat, lub-dub."""
    every, low = rng.uniform(0.65, 1.05), rng.uniform(38, 60)

    def thud(pitch: float, seconds: float) -> Samples:
        m = samples(seconds)
        fall = pitch * (1 + 0.4 * np.exp(-np.arange(m) / RATE * 30))
        return buzz(rng, fall, [1.0, 0.35, 0.1]) * swell(m, 1.5) * pluck(m, 0.01, seconds * 2)

    def beat() -> Samples:
        out = np.zeros(samples(0.6), dtype=np.float32)
        add(out, 0.0, thud(low, 0.16))
        add(out, 0.3 * min(every, 0.9) + 0.03, thud(low * 1.25, 0.12) * np.float32(0.7))
        return out

    wave = at_times(n, beats(rng, n, every, 0.03), beat)
    return wave + endless(
        rng, n, lambda m: shaped(rng, m, [(25, 0), (80, -6), (200, -24), (900, -60)])
    ) * np.float32(0.01)


KINDS: tuple[Kind, ...] = (
    Kind(
        name="footsteps",
        plain="footsteps",
        family="body",
        make=footsteps,
        seconds=(2.5, 7),
        phrases=(
            "a person walking",
            "someone walking in shoes",
            "footsteps falling one after another",
            "feet walking along",
        ),
        audioset=("Walk, footsteps",),
    ),
    Kind(
        name="horse_trot",
        plain="horse trotting",
        family="body",
        make=horse_trot,
        seconds=(2.5, 7),
        phrases=(
            "a horse trotting",
            "hooves clopping on a road",
            "a horse walking on cobblestones",
            "a horse clip-clopping along",
        ),
        audioset=("Clip-clop", "Horse"),
    ),
    Kind(
        name="applause",
        plain="applause",
        family="body",
        make=applause,
        phrases=(
            "an audience applauding",
            "people clapping their hands",
            "a crowd clapping",
            "listeners applauding after a concert",
        ),
        audioset=("Applause", "Clapping"),
    ),
    Kind(
        name="heartbeat",
        plain="heartbeat",
        family="body",
        make=heartbeat,
        phrases=(
            "a heart beating",
            "a beating heart",
            "a heart pounding",
            "a heartbeat throbbing",
        ),
        audioset=("Heart sounds, heartbeat",),
    ),
)
