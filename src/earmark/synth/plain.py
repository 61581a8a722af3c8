"""Noises and tones as a signal generator makes them."""

from __future__ import annotations

import numpy as np

from earmark.synth.kind import Kind
from earmark.synth.noise import shaped
from earmark.synth.timing import endless, fade, repeat, samples, shower
from earmark.synth.tones import buzz, sine, steady
from earmark.types import Samples

_OCTAVE = float(20 * np.log10(2))  # dB of a doubling of amplitude


def white_noise(rng: np.random.Generator, n: int) -> Samples:
    """Hiss with the same power at every frequency."""
    return endless(rng, n, lambda m: shaped(rng, m, [(20, 0), (24000, 0)]))


def pink_noise(rng: np.random.Generator, n: int) -> Samples:
    """Hiss with the same power in every octave."""
    fall = _OCTAVE / 2 * np.log2(24000 / 20)
    return endless(rng, n, lambda m: shaped(rng, m, [(20, 0), (24000, -fall)]))


def static(rng: np.random.Generator, n: int) -> Samples:
    """Crackle like a radio between stations."""
    grains = [shaped(rng, samples(0.004), [(300, -6), (2500, 0), (12000, -3)]) for _ in range(6)]
    hiss = [(100, -20), (500, -4), (1500, 0), (5000, 0), (8000, -6), (14000, -20)]
    many = rng.uniform(5, 60)
    return endless(
        rng, n, lambda m: shaped(rng, m, hiss) * np.float32(0.4) + shower(rng, m, many, 5, grains)
    )


def mains_hum(rng: np.random.Generator, n: int) -> Samples:
    """Hum like a transformer."""
    mains = rng.choice([50.0, 60.0])
    levels = np.array([0.6, 1, 0.3, 0.5, 0.2, 0.3, 0.1, 0.2, 0.08, 0.1]) * rng.uniform(0.4, 1.2, 10)
    air = [(60, 0), (500, -10), (4000, -30)]
    return endless(
        rng,
        n,
        lambda m: buzz(rng, steady(m, mains), levels) + shaped(rng, m, air) * np.float32(0.02),
    )


def tone(rng: np.random.Generator, n: int) -> Samples:
    """Hold one sine."""
    return sine(steady(n, float(np.exp(rng.uniform(np.log(220), np.log(2000))))))


def sweep(rng: np.random.Generator, n: int) -> Samples:
    """Sweep a sine up or down, again and again."""
    low, high = rng.uniform(100, 300), rng.uniform(3000, 9000)
    seconds = rng.uniform(0.8, 3)
    up = bool(rng.integers(2))

    def one() -> Samples:
        path = low * (high / low) ** np.linspace(0, 1, samples(seconds))
        return fade(sine(path if up else path[::-1]), 0.01, 0.01)

    return repeat(rng, n, (0.05, 0.2), one)


def beep(rng: np.random.Generator, n: int) -> Samples:
    """Beep now and then."""
    pitch, seconds = rng.uniform(600, 2500), rng.uniform(0.08, 0.35)
    gap = float(rng.uniform(0.15, 0.8))

    def one() -> Samples:
        return fade(
            buzz(rng, steady(samples(seconds), pitch), [1, 0.05, 0.2, 0.02, 0.08]), 0.004, 0.004
        )

    return repeat(rng, n, (gap, gap + 0.001), one)


KINDS: tuple[Kind, ...] = (
    Kind(
        name="white_noise",
        plain="white noise",
        family="plain",
        make=white_noise,
        phrases=(
            "white noise hissing",
            "a steady hiss sounding",
            "white noise playing",
            "hissing white noise",
        ),
        audioset=("White noise", "Static", "Noise"),
    ),
    Kind(
        name="pink_noise",
        plain="pink noise",
        family="plain",
        make=pink_noise,
        phrases=(
            "pink noise playing",
            "a soft even noise rushing",
            "pink noise hissing",
            "rushing pink noise",
        ),
        audioset=("Pink noise", "Noise"),
    ),
    Kind(
        name="static",
        plain="radio static",
        family="plain",
        make=static,
        phrases=(
            "radio static crackling",
            "static hissing and crackling",
            "a radio crackling between stations",
            "interference crackling",
        ),
        audioset=("Static",),
    ),
    Kind(
        name="mains_hum",
        plain="electric hum",
        family="plain",
        make=mains_hum,
        phrases=(
            "an electric hum droning",
            "a transformer humming",
            "mains hum buzzing",
            "electricity humming",
        ),
        audioset=("Mains hum", "Hum"),
    ),
    Kind(
        name="tone",
        plain="tone",
        family="plain",
        make=tone,
        seconds=(1, 5),
        phrases=(
            "a steady tone sounding",
            "a sine tone playing",
            "a test tone sounding",
            "a pure tone ringing",
        ),
        audioset=("Sine wave",),
    ),
    Kind(
        name="sweep",
        plain="tone sweep",
        family="plain",
        make=sweep,
        seconds=(1.5, 6),
        phrases=(
            "a tone sweeping",
            "a sine sweep playing",
            "a pitch gliding",
            "a sweeping test tone playing",
        ),
        audioset=("Chirp tone", "Sine wave"),
    ),
    Kind(
        name="beep",
        plain="beep",
        family="plain",
        make=beep,
        seconds=(0.6, 4),
        phrases=(
            "an electronic beep sounding",
            "a device beeping",
            "something beeping",
            "a machine beeping",
        ),
        audioset=("Beep, bleep",),
    ),
)
