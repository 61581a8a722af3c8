"""Helicopters and aeroplanes."""

from __future__ import annotations

import numpy as np

from earmark.synth.kind import RATE, Kind
from earmark.synth.motors import bursts
from earmark.synth.noise import flutter, shaped, wander
from earmark.synth.timing import endless, pulses
from earmark.synth.tones import buzz, falling, steady
from earmark.types import Samples


def helicopter(rng: np.random.Generator, n: int) -> Samples:
    """Let a helicopter hover or pass."""
    blades = rng.uniform(11, 20)
    curve = [
        (30, -6),
        (100, -2),
        (250, -3),
        (600, 0),
        (1000, -5),
        (1500, -11),
        (2800, -19),
        (5600, -32),
        (9000, -55),
    ]
    turbine = rng.uniform(900, 2200)

    def piece(m: int) -> Samples:
        pitch = steady(m, blades) * np.exp(0.004 * wander(rng, m, 0.5))
        turn = np.mod(np.cumsum(pitch, dtype=np.float64) / RATE, 1).astype(np.float32)
        chop: Samples = np.exp(-6 * turn) + np.float32(0.25)
        beat = buzz(
            rng, pitch, [0.2, 0.5, 0.8, 1, 1, 0.9, 0.8, 0.6, 0.5, 0.4, 0.3, 0.2]
        ) * np.float32(0.35)
        line = [(turbine * 0.9, -40), (turbine, 0), (turbine * 1.1, -40)]
        whine = shaped(rng, m, line) * np.float32(0.05)
        wave: Samples = shaped(rng, m, curve) * chop + beat + whine
        return wave * flutter(rng, m, 0.2, 1)

    return endless(rng, n, piece)


def aeroplane(rng: np.random.Generator, n: int) -> Samples:
    """Let a jet airliner fly over."""
    dark = rng.uniform(-2, 3)
    curve = [
        (30, -6),
        (100, 0),
        (200, 0),
        (400, -4),
        (1000, -11 - dark),
        (2000, -17 - dark),
        (5000, -29 - dark),
        (11000, -42),
    ]
    whine = rng.uniform(900, 2400)

    def piece(m: int) -> Samples:
        fall: Samples = whine * np.exp(0.03 * wander(rng, m, 0.1))
        lines = buzz(rng, fall * np.exp(0.004 * wander(rng, m, 30)), [1, 0.3]) * flutter(
            rng, m, 4, 3
        )
        roar = shaped(rng, m, curve)
        late = np.roll(roar, int(rng.uniform(0.002, 0.006) * RATE))
        wave: Samples = roar + np.float32(0.6) * late + lines * np.float32(0.06)
        return wave * flutter(rng, m, 0.15, 1.5)

    return endless(rng, n, piece)


def propeller(rng: np.random.Generator, n: int) -> Samples:
    """Let a small propeller aeroplane drone."""
    blade = rng.uniform(70, 110)
    bangs = bursts(
        rng, 0.02, blade * 1.6, [(50, -3), (150, 0), (600, -5), (2000, -14), (8000, -34)]
    )

    def piece(m: int) -> Samples:
        pitch = steady(m, blade) * np.exp(0.01 * wander(rng, m, 0.4))
        body = pulses(rng, pitch, 1, bangs) + buzz(rng, pitch, falling(20, 6))
        air = shaped(rng, m, [(60, -3), (300, 0), (1000, -10), (6000, -30)])
        return (body + air * np.float32(0.3)) * flutter(rng, m, 0.4, 1.5)

    return endless(rng, n, piece)


KINDS = (
    Kind(
        name="helicopter",
        plain="helicopter",
        family="aircraft",
        make=helicopter,
        phrases=(
            "a helicopter flying",
            "a helicopter hovering overhead",
            "rotor blades chopping the air",
            "a helicopter passing over",
        ),
        audioset=("Helicopter",),
    ),
    Kind(
        name="jet_plane",
        plain="aeroplane",
        family="aircraft",
        make=aeroplane,
        phrases=(
            "an aeroplane flying over",
            "a jet roaring overhead",
            "an airplane passing in the sky",
            "a plane flying past",
        ),
        audioset=("Fixed-wing aircraft, airplane", "Jet engine", "Aircraft"),
    ),
    Kind(
        name="propeller_plane",
        plain="propeller plane",
        family="aircraft",
        make=propeller,
        phrases=(
            "a propeller plane droning",
            "a small plane flying",
            "a light aircraft humming overhead",
            "a propeller engine droning",
        ),
        audioset=("Propeller, airscrew", "Fixed-wing aircraft, airplane", "Aircraft"),
    ),
)
