"""Bells, large and small."""

from __future__ import annotations

import numpy as np

from earmark.synth.kind import RATE, Kind
from earmark.synth.noise import shaped
from earmark.synth.places import outdoors
from earmark.synth.timing import add, repeat, samples
from earmark.synth.tones import ring
from earmark.types import Samples


def church_bell(rng: np.random.Generator, n: int) -> Samples:
    """Toll a church bell."""
    hum = rng.uniform(150, 300)
    partials = np.array([1, 2, 2.4, 3.0, 4.0, 5.33, 6.7, 8.1]) * hum * rng.uniform(0.995, 1.005, 8)
    levels = np.array([0.5, 0.7, 0.9, 0.4, 1.0, 0.5, 0.3, 0.2])
    decays = np.array([9, 6, 5, 3.5, 3, 1.8, 1.2, 0.8])

    def toll() -> Samples:
        m = samples(6)
        wave = ring(m, partials, decays, levels * rng.uniform(0.8, 1.2, 8))
        wave += ring(m, partials * 1.0015, decays, levels * 0.4)
        add(
            wave,
            0,
            shaped(rng, samples(0.02), [(800, -6), (2500, 0), (9000, -12)]) * np.float32(0.4),
        )
        return wave

    out = np.zeros(n, dtype=np.float32)
    at, every = 0.05, rng.uniform(1.3, 2.6)
    while at * RATE < n - 0.3 * RATE or at < 0.1:
        add(out, at, toll() * np.float32(rng.uniform(0.75, 1)))
        at += every * rng.uniform(0.97, 1.03)
    return outdoors(rng, out, 0.25)


def bicycle_bell(rng: np.random.Generator, n: int) -> Samples:
    """Ring a bicycle's bell with the thumb."""
    pitch = rng.uniform(1700, 2700)
    modes = pitch * np.array([1, 1.006, 2.35, 2.37, 3.9, 5.6])

    def thumb() -> Samples:
        out = np.zeros(samples(1.5), dtype=np.float32)
        every = rng.uniform(0.045, 0.08)
        for count in range(int(rng.integers(4, 9))):
            strike = ring(
                samples(1.0),
                modes,
                np.array([1.2, 1.1, 0.7, 0.7, 0.4, 0.2]),
                np.array([1, 0.8, 0.8, 0.6, 0.5, 0.3]),
            )
            add(
                out,
                count * every * rng.uniform(0.95, 1.05),
                strike * np.float32(rng.uniform(0.4, 1)),
            )
        return out

    return outdoors(rng, repeat(rng, n, (0.1, 1.0), thumb), 0.15)


KINDS = (
    Kind(
        name="church_bell",
        plain="church bell",
        family="bells",
        make=church_bell,
        seconds=(5, 12),
        phrases=(
            "a church bell ringing",
            "a church bell tolling",
            "a bell tolling slowly",
            "a ringing church bell",
        ),
        audioset=("Church bell", "Bell"),
    ),
    Kind(
        name="bicycle_bell",
        plain="bicycle bell",
        family="bells",
        make=bicycle_bell,
        seconds=(1, 4),
        phrases=(
            "a bicycle bell ringing",
            "a cyclist ringing a bell",
            "a small bell dinging",
            "a bike bell ringing",
        ),
        audioset=("Bicycle bell", "Bell"),
    ),
)
