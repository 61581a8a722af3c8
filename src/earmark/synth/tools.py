"""Tools of wood, stone and metal work."""

from __future__ import annotations

import numpy as np

from earmark.synth.kind import Kind
from earmark.synth.motors import bursts
from earmark.synth.noise import flutter, shaped, wander
from earmark.synth.places import indoors, with_air
from earmark.synth.timing import (
    at_times,
    beats,
    endless,
    fade,
    pluck,
    pulses,
    repeat,
    samples,
    swell,
)
from earmark.synth.tones import buzz, falling, ring, steady
from earmark.synth.voices import glide
from earmark.types import Samples


def drill(rng: np.random.Generator, n: int) -> Samples:
    """Drill into a wall with bursts of an electric drill."""
    motor, bite = rng.uniform(420, 750), rng.uniform(2000, 4500)
    curve = [(80, -14), (500, -10), (1500, -5), (bite, 0), (7000, -3), (11000, -10), (16000, -20)]

    def hole() -> Samples:
        m = samples(rng.uniform(1.2, 3.0))
        spin = [(0, 0.3), (0.1, 1), (0.4, rng.uniform(0.8, 1)), (0.9, 0.97), (1, 0.35)]
        pitch = glide(m, [(at, motor * share) for at, share in spin])
        pitch *= np.exp(0.012 * wander(rng, m, 5) + 0.012 * wander(rng, m, 60))
        whine = buzz(rng, pitch, [1, 0.4, 0.3, 0.15, 0.1]) + buzz(rng, pitch * 5.7, [0.5, 0.2])
        grind = shaped(rng, m, curve) * flutter(rng, m, 45, 2)
        return fade(whine * np.float32(0.3) + grind, 0.08, 0.15)

    return indoors(rng, repeat(rng, n, (0.2, 0.8), hole), 0.3)


def hammer(rng: np.random.Generator, n: int) -> Samples:
    """Hammer nails into wood."""
    every, steel = rng.uniform(0.45, 0.75), rng.uniform(2400, 3400)
    beam = rng.uniform(250, 500)

    def blow() -> Samples:
        m = samples(0.45)
        ringing = ring(
            m, [steel, steel * 1.006, steel * 2.1], [0.7, 0.6, 0.2], np.array([0.3, 0.2, 0.1])
        )
        wood = ring(m, [beam, beam * 1.9], [0.4, 0.15], np.array([0.2, 0.1]))
        bang = shaped(rng, m, [(100, -6), (500, 0), (2500, 0), (9000, -2), (15000, -8)])
        wave: Samples = ringing + wood + bang * pluck(m, 0.0005, 0.3) * np.float32(0.5)
        return wave * np.float32(rng.uniform(0.5, 1))

    def nail() -> Samples:
        m = samples(int(rng.integers(3, 9)) * every)
        return at_times(m + samples(0.4), beats(rng, m, every, 0.12), blow)

    return indoors(rng, repeat(rng, n, (0.4, 1.2), nail), 0.3)


def sawing(rng: np.random.Generator, n: int) -> Samples:
    """Saw wood by hand, push and pull."""
    every, wood = rng.uniform(0.3, 0.45), rng.uniform(700, 1500)

    def stroke(level: float) -> Samples:
        m = samples(every * rng.uniform(0.8, 1.0))
        share = swell(m, 0.8)
        teeth = buzz(rng, 60 + 240 * share, falling(80, 1)) * (1 + 0.5 * wander(rng, m, 80))
        rasp = shaped(rng, m, [(200, -18), (wood, -2), (wood * 2.5, 0), (7000, -5), (15000, -20)])
        rasp *= 1 + np.clip(teeth, -1, 2)
        return rasp * share * np.float32(level)

    def pair() -> Samples:
        return np.concatenate([stroke(1.0), stroke(rng.uniform(0.5, 0.8))])

    return indoors(rng, repeat(rng, n, (0.0, 0.05), pair), 0.3)


def jackhammer(rng: np.random.Generator, n: int) -> Samples:
    """Break up a road with a pneumatic hammer."""
    rate = rng.uniform(14, 26)
    curve = [
        (40, -6),
        (120, 0),
        (250, -1),
        (700, -4),
        (1500, -6),
        (4000, -10),
        (8000, -13),
        (12000, -24),
    ]
    blows = bursts(rng, 0.06, rng.uniform(600, 1500), curve)

    def piece(m: int) -> Samples:
        wave = pulses(rng, steady(m, rate) * np.exp(0.02 * wander(rng, m, 3)), 1.5, blows)
        hiss = shaped(rng, m, [(60, -4), (300, -4), (1500, -6), (6000, -9), (14000, -24)])
        return wave + hiss * np.float32(0.16)

    return endless(rng, n, piece)


def chainsaw(rng: np.random.Generator, n: int) -> Samples:
    """Rev a chainsaw up and let it fall back."""
    idle, top = rng.uniform(28, 45), rng.uniform(100, 150)
    curve = [(60, -8), (150, 0), (500, -2), (1000, -8), (2500, -12), (8000, -14), (16000, -24)]
    bangs = bursts(rng, 0.022, rng.uniform(220, 380), curve)
    pace = rng.uniform(0.2, 0.45)

    def piece(m: int) -> Samples:
        throttle: Samples = np.clip(0.6 + 1.1 * wander(rng, m, pace), 0, 1)
        pitch: Samples = idle * (top / idle) ** throttle * np.exp(0.02 * wander(rng, m, 25))
        motor = pulses(rng, pitch, 2, bangs)
        teeth = (
            shaped(rng, m, [(500, -16), (2500, 0), (7000, -1), (12000, -4), (16000, -14)])
            * np.float32(0.3)
            * throttle
        )
        wave: Samples = motor * (0.5 + 0.5 * throttle) + teeth * flutter(rng, m, 30, 2)
        return wave

    return with_air(rng, endless(rng, n, piece), -40)


KINDS = (
    Kind(
        name="drill",
        plain="drill",
        family="tools",
        make=drill,
        seconds=(2, 6),
        phrases=(
            "an electric drill running",
            "someone drilling into a wall",
            "a power drill whining",
            "a person drilling holes",
        ),
        audioset=("Drill", "Power tool"),
    ),
    Kind(
        name="hammer",
        plain="hammering",
        family="tools",
        make=hammer,
        seconds=(2, 6),
        phrases=(
            "someone hammering nails",
            "a hammer striking wood",
            "hammering on wood",
            "a carpenter hammering",
        ),
        audioset=("Hammer",),
    ),
    Kind(
        name="sawing",
        plain="hand saw",
        family="tools",
        make=sawing,
        seconds=(2, 6),
        phrases=(
            "someone sawing wood",
            "a hand saw cutting a plank",
            "sawing through wood",
            "a carpenter sawing",
        ),
        audioset=("Sawing",),
    ),
    Kind(
        name="jackhammer",
        plain="jackhammer",
        family="tools",
        make=jackhammer,
        phrases=(
            "a jackhammer pounding",
            "a jackhammer breaking concrete",
            "a road worker using a jackhammer",
            "a pneumatic drill hammering",
        ),
        audioset=("Jackhammer",),
    ),
    Kind(
        name="chainsaw",
        plain="chainsaw",
        family="tools",
        make=chainsaw,
        phrases=(
            "a chainsaw revving",
            "a chainsaw cutting wood",
            "someone sawing with a chainsaw",
            "a chainsaw buzzing",
        ),
        audioset=("Chainsaw",),
    ),
)
