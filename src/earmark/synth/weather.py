"""Rain, thunder and wind."""

from __future__ import annotations

import numpy as np

from earmark.synth.filters import peak, room, sculpt
from earmark.synth.kind import RATE, Kind
from earmark.synth.noise import Floats, flutter, shaped, wander
from earmark.synth.timing import endless, fade, pluck, repeat, samples, shower
from earmark.synth.tones import ring
from earmark.types import Samples


def _drop(rng: np.random.Generator, low: float, high: float, seconds: float) -> Samples:
    """Make the tick of one drop on something: -> [seconds]."""
    n = samples(seconds)
    pitch = rng.uniform(low, high, 3)
    body = ring(n, pitch, rng.uniform(0.3, 1.0, 3) * seconds, np.ones(3))
    return body + shaped(rng, n, [(low, 0), (high, 0), (high * 2, -18)]) * pluck(n, 0, seconds / 3)


def _rain(rng: np.random.Generator, n: int, drops: float, heavy: float) -> Samples:
    """Lay drops that can be told apart over the hiss of those that cannot: -> [n]."""
    dark = rng.uniform(-3, 3)
    grains = [_drop(rng, 900, 6000, rng.uniform(0.004, 0.02)) for _ in range(24)]
    hiss = [
        (60, -9),
        (200, -4),
        (500, -1),
        (1000, 0),
        (2000, -3),
        (4000, -7 + dark),
        (8000, -10 + dark),
        (12000, -17 + dark),
        (16000, -26),
    ]
    close = rng.uniform(0.15, 0.3)

    def piece(m: int) -> Samples:
        wave = shaped(rng, m, hiss) * np.float32(heavy) * flutter(rng, m, 0.4, 0.8)
        return wave + shower(rng, m, drops, 7, grains) * np.float32(close)

    return endless(rng, n, piece)


def light_rain(rng: np.random.Generator, n: int) -> Samples:
    """Let light rain fall on leaves and ground."""
    return _rain(rng, n, rng.uniform(80, 250), rng.uniform(0.1, 0.2))


def heavy_rain(rng: np.random.Generator, n: int) -> Samples:
    """Let rain pour."""
    return _rain(rng, n, rng.uniform(1500, 4000), rng.uniform(0.9, 1.4))


def roof_rain(rng: np.random.Generator, n: int) -> Samples:
    """Let rain drum on a roof of tin or wood."""
    grains = [_drop(rng, 350, 3500, rng.uniform(0.015, 0.05)) for _ in range(10)]
    drops, hiss = rng.uniform(60, 250), rng.uniform(0.1, 0.3)

    def piece(m: int) -> Samples:
        wave = shaped(rng, m, [(100, -12), (700, 0), (3000, -3), (12000, -20)]) * np.float32(hiss)
        return wave + shower(rng, m, drops, 6, grains) * np.float32(0.3)

    return endless(rng, n, piece)


def _clap(rng: np.random.Generator) -> Samples:
    """Make one thunder: a crack, if it is near, and a rumble that rolls away: -> [6..10 s]."""
    n = samples(rng.uniform(6, 10))
    seconds = n / RATE
    far = rng.uniform(0, 3)
    curve = [(20, -4), (60, 0), (150, -1), (350, -6 - far), (1000, -16 - far), (2500, -27 - far)]
    near = shaped(rng, n, [*curve, (6000, -38), (14000, -56)])
    deep = shaped(rng, n, [(20, -3), (50, 0), (100, -1), (250, -8), (600, -20), (2000, -40)])
    roll = np.exp(0.7 * wander(rng, n, 2.5) + 0.4 * wander(rng, n, 11))
    rise = rng.uniform(0.05, 0.6)
    wave = near * roll * pluck(n, rise, 0.8 * seconds) + deep * roll * pluck(
        n, 3 * rise, 1.6 * seconds
    )
    return fade(room(rng, wave, 3.0, 0.5), 0.01, 1.5)


def thunder(rng: np.random.Generator, n: int) -> Samples:
    """Let thunder roll, near or far."""
    rain = shaped(rng, n, [(100, -20), (500, -6), (2000, 0), (8000, -6), (16000, -20)])
    wave = repeat(rng, n, (-4.0, -2.0), lambda: _clap(rng))
    return wave + rain * np.float32(0.01 * np.max(np.abs(wave)))


def wind(rng: np.random.Generator, n: int) -> Samples:
    """Let wind blow in gusts and howl round a corner."""
    gusts, strength = rng.uniform(0.2, 0.5), rng.uniform(3, 5)
    howl, pitch = rng.uniform(0.3, 0.8), rng.uniform(280, 600)
    low = [
        (20, -3),
        (60, 0),
        (150, -3),
        (300, -9),
        (700, -18),
        (1500, -28),
        (4000, -42),
        (11000, -56),
    ]

    def piece(m: int) -> Samples:
        gust = wander(rng, m, gusts) + 0.25 * wander(rng, m, 3)
        path: Samples = np.exp(np.log(pitch) + 0.22 * gust)
        corner = sculpt(
            shaped(rng, m, [(60, 0), (8000, -12)]),
            lambda times, hertz: peak(hertz, _read(path, times), 0.14 * _read(path, times)) ** 2,
        )
        db = np.float32(strength * np.log(10) / 20)
        return shaped(rng, m, low) * np.exp(db * gust) + corner * np.exp(
            2 * db * gust
        ) * np.float32(howl * 3)

    return endless(rng, n, piece)


def _read(curve: Samples, times: Floats) -> Floats:
    """Read a curve at times in seconds: [n], [frames, 1] -> [frames, 1]."""
    return np.asarray(curve[np.clip((times * RATE).astype(np.int64), 0, len(curve) - 1)])


KINDS = (
    Kind(
        name="light_rain",
        plain="light rain",
        family="weather",
        make=light_rain,
        phrases=(
            "light rain falling",
            "rain falling softly on leaves",
            "a gentle drizzle pattering down",
            "soft rain falling outside",
            "raindrops falling lightly",
        ),
        audioset=("Rain", "Raindrop"),
    ),
    Kind(
        name="heavy_rain",
        plain="heavy rain",
        family="weather",
        make=heavy_rain,
        phrases=(
            "heavy rain pouring down",
            "rain falling hard",
            "a downpour of rain",
            "heavy rainfall hissing on the ground",
            "rain pouring steadily",
        ),
        audioset=("Rain",),
    ),
    Kind(
        name="roof_rain",
        plain="rain on roof",
        family="weather",
        make=roof_rain,
        phrases=(
            "rain falling on a roof",
            "rain drumming on a tin roof",
            "raindrops pattering on a roof",
            "rain beating on a surface",
        ),
        audioset=("Rain on surface", "Rain"),
    ),
    Kind(
        name="thunder",
        plain="thunder",
        family="weather",
        make=thunder,
        seconds=(5, 12),
        phrases=(
            "thunder rumbling",
            "a clap of thunder rolling away",
            "thunder rolling in the distance",
            "a thunderstorm rumbling",
            "deep thunder growling",
        ),
        audioset=("Thunder", "Thunderstorm"),
    ),
    Kind(
        name="wind",
        plain="wind",
        family="weather",
        make=wind,
        phrases=(
            "wind blowing",
            "wind howling in gusts",
            "strong wind whistling",
            "gusts of wind blowing past",
            "the wind rushing",
        ),
        audioset=("Wind",),
    ),
)
