"""Water, from a drip to the sea, and fire."""

from __future__ import annotations

import numpy as np

from earmark.synth.kind import RATE, Kind
from earmark.synth.noise import flutter, shaped
from earmark.synth.places import indoors, with_air
from earmark.synth.timing import add, at_times, beats, endless, pluck, samples, shower, swell
from earmark.synth.tones import sine
from earmark.synth.voices import glide
from earmark.types import Samples


def _bubble(rng: np.random.Generator, hertz: float, seconds: float) -> Samples:
    """Make a bubble, whose pitch rises as it nears the surface: -> [seconds]."""
    n = samples(seconds)
    rise = rng.uniform(1.05, 1.8)
    return sine(glide(n, [(0, hertz), (1, hertz * rise)])) * pluck(n, 0.001, seconds)


def waves(rng: np.random.Generator, n: int) -> Samples:
    """Let waves come in and run out on a beach."""
    every, deep = rng.uniform(5, 9), rng.uniform(0.5, 1.0)

    def piece(m: int) -> Samples:
        low = shaped(rng, m, [(30, -10), (100, -4), (300, 0), (800, -4), (2000, -14), (8000, -30)])
        high = shaped(
            rng, m, [(200, -24), (800, -6), (1600, 0), (4000, -6), (8000, -12), (16000, -24)]
        )
        rise = np.zeros(m, dtype=np.float32)
        foam = np.full(m, 0.12, dtype=np.float32)
        for at in beats(rng, m + samples(every), every, 0.2):
            k = samples(every * rng.uniform(0.8, 1.1))
            share = np.linspace(0, 1, k, dtype=np.float32)
            size = np.float32(rng.uniform(0.5, 1))
            add(rise, at - every, size * np.sin(np.pi * share) ** 2)
            add(
                foam,
                at - every + 0.25 * every,
                size * share**0.3 * np.exp(-5 * share) * (1 - share) * 4,
            )
        return low * (0.25 + rise) * np.float32(deep) + high * foam

    return endless(rng, n, piece)


def stream(rng: np.random.Generator, n: int) -> Samples:
    """Let a stream run over stones."""
    low, count = rng.uniform(500, 900), rng.uniform(150, 350)
    grains = [_bubble(rng, low * rng.uniform(0.7, 4), rng.uniform(0.015, 0.06)) for _ in range(24)]
    curve = [(60, -24), (250, -14), (800, 0), (1500, -3), (3000, -10), (6000, -16), (16000, -28)]
    wash = rng.uniform(0.3, 0.6)

    def piece(m: int) -> Samples:
        wave = shower(rng, m, count, 5, grains) * flutter(rng, m, 2, 1.5)
        return wave * np.float32(0.5) + shaped(rng, m, curve) * np.float32(wash) * flutter(
            rng, m, 6, 1.2
        )

    return endless(rng, n, piece)


def waterfall(rng: np.random.Generator, n: int) -> Samples:
    """Let a waterfall roar."""
    deep = rng.uniform(-4, 4)
    curve = [
        (40, deep - 8),
        (150, deep - 2),
        (500, 0),
        (1500, -2),
        (4000, -7),
        (9000, -13),
        (16000, -24),
    ]
    grains = [_bubble(rng, rng.uniform(400, 2000), rng.uniform(0.01, 0.03)) for _ in range(8)]

    def piece(m: int) -> Samples:
        wave = shaped(rng, m, curve) * flutter(rng, m, 8, 0.6)
        return wave + shower(rng, m, 400, 4, grains) * np.float32(0.25)

    return endless(rng, n, piece)


def water_drops(rng: np.random.Generator, n: int) -> Samples:
    """Let water drip into a basin."""
    pitch, every = rng.uniform(700, 1600), rng.uniform(0.4, 1.1)

    def drop() -> Samples:
        out = np.zeros(samples(0.25), dtype=np.float32)
        splash = shaped(rng, samples(0.03), [(600, -8), (2500, 0), (12000, -6)])
        add(out, 0, splash * pluck(len(splash), 0.002, 0.03) * np.float32(0.12))
        for at in rng.uniform(0.003, 0.09, int(rng.integers(2, 6))):
            bubble = _bubble(rng, pitch * rng.uniform(0.6, 2.4), rng.uniform(0.015, 0.05))
            add(out, float(at), bubble * np.float32(rng.uniform(0.2, 1)))
        return out

    wave = indoors(rng, at_times(n, beats(rng, n, every, 0.5), drop), 0.2)
    return with_air(rng, wave, rng.uniform(-36, -28))


def pouring(rng: np.random.Generator, n: int) -> Samples:
    """Pour water into a vessel, whose note rises as it fills."""
    low, high = rng.uniform(350, 600), rng.uniform(900, 1600)
    wave = np.zeros(n, dtype=np.float32)
    for _ in range(int(260 * n / RATE)):
        at = float(rng.uniform(0, 1))
        hertz = (low + (high - low) * at**1.5) * np.exp(0.45 * rng.standard_normal())
        bubble = _bubble(rng, hertz, rng.uniform(0.015, 0.05))
        add(wave, at * n / RATE, bubble * np.float32(rng.uniform(0.2, 1)))
    splash = shaped(rng, n, [(200, -24), (800, -8), (2500, 0), (7000, -5), (14000, -18)])
    return wave * swell(n, 0.15) + splash * flutter(rng, n, 12, 2) * np.float32(0.12) * swell(
        n, 0.15
    )


def fire(rng: np.random.Generator, n: int) -> Samples:
    """Let a wood fire crackle."""
    cracks = rng.uniform(6, 20)
    grains = []
    for _ in range(16):
        m = samples(rng.uniform(0.002, 0.02))
        pitch = rng.uniform(800, 6000)
        curve = [(pitch / 4, -14), (pitch, 0), (pitch * 2.5, -10)]
        grains.append(shaped(rng, m, curve) * pluck(m, 0.0003, m / RATE))

    def piece(m: int) -> Samples:
        roar = shaped(rng, m, [(30, -6), (80, 0), (150, -6), (400, -22), (2000, -34), (12000, -42)])
        roar *= flutter(rng, m, 7, 2.5)
        bursts = flutter(rng, m, 1.5, 5)
        snaps = shower(rng, m, cracks, 8, grains)
        embers = shower(rng, m, cracks * 6, 4, grains[:8])
        snaps += embers * np.float32(0.15)
        wave: Samples = roar * np.float32(0.25) + snaps * bursts
        return wave

    return endless(rng, n, piece)


KINDS = (
    Kind(
        name="waves",
        plain="ocean waves",
        family="water and fire",
        make=waves,
        phrases=(
            "waves breaking on a beach",
            "ocean waves rolling in",
            "the sea washing ashore",
            "surf crashing on the shore",
            "waves lapping at the sand",
        ),
        audioset=("Waves, surf", "Ocean"),
    ),
    Kind(
        name="stream",
        plain="stream",
        family="water and fire",
        make=stream,
        phrases=(
            "a stream flowing",
            "a brook babbling over stones",
            "water running in a creek",
            "a small river gurgling",
        ),
        audioset=("Stream", "Trickle, dribble"),
    ),
    Kind(
        name="waterfall",
        plain="waterfall",
        family="water and fire",
        make=waterfall,
        phrases=(
            "a waterfall roaring",
            "water rushing down a waterfall",
            "a river plunging down",
            "white water rushing",
        ),
        audioset=("Waterfall",),
    ),
    Kind(
        name="water_drops",
        plain="dripping water",
        family="water and fire",
        make=water_drops,
        phrases=(
            "water dripping",
            "a tap dripping",
            "drops of water falling into a basin",
            "a dripping faucet",
        ),
        audioset=("Drip", "Raindrop"),
        seconds=(2, 8),
    ),
    Kind(
        name="pouring",
        plain="pouring water",
        family="water and fire",
        make=pouring,
        phrases=(
            "water being poured into a glass",
            "someone pouring a drink",
            "liquid filling a cup",
            "pouring water",
        ),
        audioset=("Pour", "Fill (with liquid)", "Liquid"),
        seconds=(2, 6),
    ),
    Kind(
        name="fire",
        plain="crackling fire",
        family="water and fire",
        make=fire,
        phrases=(
            "a fire crackling",
            "a campfire burning",
            "logs crackling in a fireplace",
            "a crackling wood fire",
        ),
        audioset=("Fire", "Crackle"),
    ),
)
