"""Engines of the road, and trains."""

from __future__ import annotations

import numpy as np

from earmark.synth.kind import RATE, Kind
from earmark.synth.motors import bursts
from earmark.synth.noise import shaped, wander
from earmark.synth.timing import add, endless, pluck, pulses, samples
from earmark.synth.tones import steady
from earmark.types import Samples


def idling(rng: np.random.Generator, n: int) -> Samples:
    """Let an engine idle."""
    fire = rng.uniform(18, 40)
    dark = rng.uniform(0, 8)
    curve = [
        (20, -4),
        (60, 0),
        (120, -8),
        (350, -14 - dark),
        (1400, -20 - dark),
        (2800, -30 - dark),
        (8000, -44),
    ]
    bangs = bursts(rng, rng.uniform(0.04, 0.08), rng.uniform(55, 110), curve)

    def piece(m: int) -> Samples:
        pitch = steady(m, fire) * np.exp(0.015 * wander(rng, m, 1.5) + 0.02 * wander(rng, m, 12))
        air = shaped(
            rng, m, [(40, 0), (120, -6), (500, -10), (2000, -18), (5000, -28), (11000, -38)]
        )
        return pulses(rng, pitch, 1, bangs) + air * np.float32(0.08)

    return endless(rng, n, piece)


def motorcycle(rng: np.random.Generator, n: int) -> Samples:
    """Rev a motorcycle."""
    low, high = rng.uniform(28, 45), rng.uniform(90, 140)
    curve = [(40, -4), (110, 0), (300, -1), (900, -7), (2500, -13), (8000, -26), (15000, -40)]
    bangs = bursts(rng, 0.03, rng.uniform(120, 220), curve)
    pace = rng.uniform(0.25, 0.5)

    def piece(m: int) -> Samples:
        throttle: Samples = np.clip(0.4 + 0.9 * wander(rng, m, pace), 0, 1)
        pitch: Samples = low * (high / low) ** throttle * np.exp(0.02 * wander(rng, m, 15))
        air = shaped(rng, m, [(60, -4), (300, 0), (2000, -10), (9000, -24)]) * throttle
        motor: Samples = pulses(rng, pitch, 2, bangs) * (
            np.float32(0.3) * throttle + np.float32(0.7)
        )
        return motor + air * np.float32(0.3)

    return endless(rng, n, piece)


def train_passing(rng: np.random.Generator, n: int) -> Samples:
    """Let a train rattle over the joints of its rails."""
    wagon = rng.uniform(1.0, 1.7)
    rumble = [
        (30, -6),
        (70, 0),
        (150, -1),
        (500, -4),
        (900, -7),
        (1500, -13),
        (3000, -22),
        (9000, -44),
    ]
    rail = rng.uniform(500, 800)

    def clack() -> Samples:
        m = samples(0.2)
        curve = [(60, -8), (200, -3), (rail, 0), (rail * 2, -7), (3000, -14), (8000, -26)]
        return shaped(rng, m, curve) * pluck(m, 0.008, 0.16) * np.float32(rng.uniform(0.5, 1))

    def piece(m: int) -> Samples:
        wave = shaped(rng, m, rumble) * np.float32(0.3)
        for _ in range(4):
            line = rng.uniform(300, 1600)
            drone = shaped(rng, m, [(line * 0.95, -40), (line, 0), (line * 1.05, -40)])
            wave += drone * np.float32(0.06) * np.exp(0.6 * wander(rng, m, 1))
        at = float(rng.uniform(-wagon, 0))
        while at * RATE < m:
            for offset in (0.0, 0.14, 0.5, 0.64):
                add(wave, at + offset * wagon * rng.uniform(0.97, 1.03), clack())
            at += wagon * float(rng.uniform(0.98, 1.02))
        return wave

    return endless(rng, n, piece)


KINDS = (
    Kind(
        name="engine_idling",
        plain="engine idling",
        family="vehicles",
        make=idling,
        phrases=("an engine idling", "a car engine running", "an idling engine", "a truck idling"),
        audioset=("Idling", "Engine"),
    ),
    Kind(
        name="motorcycle",
        plain="motorcycle",
        family="vehicles",
        make=motorcycle,
        phrases=(
            "a motorcycle revving",
            "a motorbike riding",
            "someone revving a motorcycle",
            "a motorbike engine roaring",
        ),
        audioset=("Motorcycle",),
    ),
    Kind(
        name="train_passing",
        plain="train",
        family="vehicles",
        make=train_passing,
        phrases=(
            "a train passing",
            "a train rattling along the tracks",
            "railway wagons clattering by",
            "a train rolling past",
        ),
        audioset=("Train", "Railroad car, train wagon", "Clickety-clack"),
    ),
)
