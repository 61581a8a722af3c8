"""Motors of the household."""

from __future__ import annotations

import numpy as np

from earmark.synth.kind import RATE, Kind
from earmark.synth.noise import flutter, shaped, wander
from earmark.synth.places import indoors
from earmark.synth.timing import (
    endless,
    fade,
    repeat,
    samples,
)
from earmark.synth.tones import buzz, falling, ring, steady
from earmark.synth.voices import glide
from earmark.types import Samples


def vacuum_cleaner(rng: np.random.Generator, n: int) -> Samples:
    """Run a vacuum cleaner to and fro."""
    motor = rng.uniform(260, 340)
    air = [(60, -20), (200, -6), (600, 0), (1500, -1), (4000, -8), (8000, -16), (15000, -32)]
    lines = np.array([0.7, 1, 0.3, 0.5, 0.2, 0.4, 0.1, 0.3, 0.1, 0.2]) * rng.uniform(0.5, 1.5, 10)

    def piece(m: int) -> Samples:
        drift: Samples = np.exp(0.015 * wander(rng, m, 0.6))
        whine = buzz(rng, steady(m, motor) * drift, lines)
        fan_line = buzz(rng, steady(m, motor * 9) * drift, [1.0, 0.4])
        tones: Samples = whine * np.float32(0.4) + fan_line * np.float32(0.2)
        return tones + shaped(rng, m, air) * np.float32(0.7) * flutter(rng, m, 0.5, 1)

    return endless(rng, n, piece)


def hair_dryer(rng: np.random.Generator, n: int) -> Samples:
    """Blow hot air from a hair dryer."""
    motor = rng.uniform(210, 330)
    air = [(80, -24), (300, -8), (900, 0), (2000, -2), (5000, -8), (9000, -16), (15000, -30)]
    lines = np.array([0.5, 1, 0.2, 0.5, 0.1, 0.4, 0.1, 0.3, 0.1, 0.2]) * rng.uniform(0.5, 1.5, 10)

    def piece(m: int) -> Samples:
        drift: Samples = np.exp(0.006 * wander(rng, m, 0.5))
        whine = buzz(rng, steady(m, motor) * drift, lines)
        fan_line = buzz(rng, steady(m, motor * 11) * drift, [1.0, 0.4])
        tones: Samples = whine * np.float32(0.35) + fan_line * np.float32(0.25)
        return tones + shaped(rng, m, air) * np.float32(0.8)

    return endless(rng, n, piece)


def sewing_machine(rng: np.random.Generator, n: int) -> Samples:
    """Sew a few seams on a sewing machine."""
    rate = rng.uniform(9, 16)
    parts = [
        ring(
            samples(0.06),
            rng.uniform(500, 4000, 6),
            rng.uniform(0.01, 0.05, 6),
            rng.uniform(0.2, 1, 6),
        )
        for _ in range(3)
    ]

    def seam() -> Samples:
        m = samples(rng.uniform(1.5, 4))
        speed = glide(m, [(0, rate * 0.5), (0.15, rate), (0.85, rate), (1, rate * 0.4)])
        turns = np.cumsum(speed) / RATE
        out = buzz(rng, speed * 12, falling(30, 4)) * np.float32(0.12)
        for part, at in zip(parts, (0.0, 0.33, 0.6), strict=True):
            for first in np.flatnonzero(np.diff(np.floor(turns + at), prepend=0) > 0).tolist():
                piece = out[first : first + len(part)]
                piece += part[: len(piece)] * np.float32(rng.uniform(0.4, 0.7))
        return fade(out, 0.03, 0.05)

    return indoors(rng, repeat(rng, n, (0.2, 0.8), seam), 0.3)


KINDS = (
    Kind(
        name="vacuum_cleaner",
        plain="vacuum cleaner",
        family="machines",
        make=vacuum_cleaner,
        phrases=(
            "a vacuum cleaner running",
            "someone vacuuming a carpet",
            "a vacuum cleaner whirring",
            "a hoover humming",
        ),
        audioset=("Vacuum cleaner",),
    ),
    Kind(
        name="hair_dryer",
        plain="hair dryer",
        family="machines",
        make=hair_dryer,
        phrases=(
            "a hair dryer blowing",
            "someone drying hair",
            "a hair dryer running",
            "a blow dryer whirring",
        ),
        audioset=("Hair dryer",),
    ),
    Kind(
        name="sewing_machine",
        plain="sewing machine",
        family="machines",
        make=sewing_machine,
        seconds=(3, 8),
        phrases=(
            "a sewing machine running",
            "someone sewing on a machine",
            "a sewing machine stitching",
            "a rattling sewing machine",
        ),
        audioset=("Sewing machine",),
    ),
)
