"""Horns of cars, trains and ships, and a whistle."""

from __future__ import annotations

import numpy as np

from earmark.synth.filters import room, shape
from earmark.synth.kind import RATE, Kind
from earmark.synth.noise import shaped, wander
from earmark.synth.places import outdoors, street
from earmark.synth.timing import fade, repeat, samples
from earmark.synth.tones import buzz, falling, sine, steady
from earmark.synth.voices import glide
from earmark.types import Samples


def car_horn(rng: np.random.Generator, n: int) -> Samples:
    """Honk a car horn of two notes."""
    low = rng.uniform(330, 440)

    def honk() -> Samples:
        m = samples(rng.choice([rng.uniform(0.12, 0.3), rng.uniform(0.4, 1.2)]))
        tones = buzz(rng, steady(m, low), falling(40, 2)) + buzz(
            rng, steady(m, low * rng.uniform(1.18, 1.27)), falling(40, 2)
        )
        return fade(tones, 0.015, 0.03)

    return street(rng, repeat(rng, n, (0.08, 0.6), honk))


def train_horn(rng: np.random.Generator, n: int) -> Samples:
    """Blow a train's horn, a chord of three to five, the train rumbling under it."""
    low = rng.uniform(255, 320)
    chord = low * np.array([1, 1.19, 1.34, 1.6, 2.0])[: int(rng.integers(4, 6))]
    curve = [(200, -4), (400, 0), (900, -2), (1800, -8), (3500, -18), (7000, -34), (12000, -60)]

    def blow() -> Samples:
        m = samples(rng.choice([rng.uniform(0.5, 0.9), rng.uniform(1.5, 2.5)]))
        wave = np.zeros(m, dtype=np.float32)
        for pitch in chord * rng.uniform(0.99, 1.01, len(chord)):
            bend = glide(m, [(0, pitch * 0.95), (0.06, pitch), (0.94, pitch), (1, pitch * 0.95)])
            wave += buzz(rng, bend, falling(40, 3)) * (1 + 0.08 * wander(rng, m, 9))
        return fade(shape(np.tanh(wave * np.float32(0.6)), curve), 0.05, 0.15)

    rumble = shaped(rng, n, [(30, 0), (90, 0), (250, -8), (800, -16), (3000, -28), (10000, -44)])
    wave = room(rng, repeat(rng, n, (0.2, 0.7), blow), 2.5, 0.5)
    return wave + rumble * np.float32(0.7 * np.std(wave))


def ship_horn(rng: np.random.Generator, n: int) -> Samples:
    """Blow a foghorn across the water."""
    low = rng.uniform(85, 160)
    curve = [(60, -6), (200, 0), (500, -4), (1000, -14), (2500, -30), (8000, -54)]

    def blow() -> Samples:
        m = samples(rng.uniform(1.8, 3.5))
        pitch = glide(m, [(0, low * 0.9), (0.08, low), (0.9, low), (1, low * 0.9)]) * (
            1 + 0.003 * wander(rng, m, 15)
        )
        wave = buzz(rng, pitch, falling(60, 1)) * (1 + 0.15 * wander(rng, m, 15))
        return fade(shape(wave, curve), 0.15, 0.35)

    return outdoors(rng, repeat(rng, n, (0.8, 2.0), blow), 0.7)


def whistle(rng: np.random.Generator, n: int) -> Samples:
    """Blow a referee's whistle with its pea."""
    pitch, pea = rng.uniform(2300, 3300), rng.uniform(25, 50)

    def blow() -> Samples:
        m = samples(rng.choice([rng.uniform(0.2, 0.4), rng.uniform(0.7, 1.4)]))
        turn = np.sin(2 * np.pi * pea * np.arange(m) / RATE + 0.5 * wander(rng, m, 10)).astype(
            np.float32
        )
        path = glide(m, [(0, pitch * 0.93), (0.1, pitch), (0.9, pitch), (1, pitch * 0.9)]) * (
            1 + 0.025 * turn
        )
        tones = sine(path) + 0.5 * sine(path * 1.09) + 0.08 * sine(2 * path)
        air = shaped(rng, m, [(1000, -14), (pitch, 0), (9000, -8)]) * np.float32(0.12)
        return fade((tones * (1 + 0.5 * turn) + air), 0.015, 0.04)

    return outdoors(rng, repeat(rng, n, (0.1, 0.8), blow), 0.3)


KINDS = (
    Kind(
        name="car_horn",
        plain="car horn",
        family="horns",
        make=car_horn,
        seconds=(0.6, 3),
        phrases=(
            "a car horn honking",
            "a car honking",
            "a driver honking the horn",
            "a car horn blaring",
        ),
        audioset=("Vehicle horn, car horn, honking", "Toot"),
    ),
    Kind(
        name="train_horn",
        plain="train horn",
        family="horns",
        make=train_horn,
        seconds=(2, 7),
        phrases=(
            "a train horn blowing",
            "a train blowing its horn",
            "a locomotive sounding its horn",
            "a train horn blaring",
        ),
        audioset=("Train horn", "Train whistle"),
    ),
    Kind(
        name="ship_horn",
        plain="fog horn",
        family="horns",
        make=ship_horn,
        seconds=(3, 8),
        phrases=(
            "a foghorn sounding",
            "a ship blowing its horn",
            "a ship's horn booming",
            "a foghorn booming across the water",
        ),
        audioset=("Foghorn", "Ship"),
    ),
    Kind(
        name="whistle",
        plain="whistle",
        family="horns",
        make=whistle,
        seconds=(0.6, 4),
        phrases=(
            "a referee blowing a whistle",
            "a whistle blowing",
            "a shrill whistle sounding",
            "someone blowing a whistle",
        ),
        audioset=("Whistle",),
    ),
)
