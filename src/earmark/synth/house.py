"""Clocks that tick and ring, and glass that breaks."""

from __future__ import annotations

import numpy as np

from earmark.synth.kind import Kind
from earmark.synth.noise import shaped
from earmark.synth.places import indoors, outdoors
from earmark.synth.strikes import click
from earmark.synth.timing import (
    add,
    beats,
    fade,
    pluck,
    repeat,
    samples,
)
from earmark.synth.tones import buzz, ring, steady
from earmark.types import Samples


def clock(rng: np.random.Generator, n: int) -> Samples:
    """Let a clock tick and tock."""
    every, pitch = rng.choice([0.25, 0.5, 1.0]), rng.uniform(1800, 3800)
    sides = [click(rng, pitch, 0.05), click(rng, pitch * rng.uniform(0.7, 0.95), 0.05)]
    wave = np.zeros(n, dtype=np.float32)
    for count, at in enumerate(beats(rng, n, every, 0.004)):
        add(wave, at, sides[count % 2] * np.float32(rng.uniform(0.85, 1)))
        add(wave, at + 0.018, sides[(count + 1) % 2] * np.float32(0.25))
    return indoors(rng, wave, 0.15)


def alarm_clock(rng: np.random.Generator, n: int) -> Samples:
    """Let an alarm clock beep in fours."""
    pitch, beep = rng.uniform(1900, 2400), rng.uniform(0.05, 0.09)

    def four() -> Samples:
        out = np.zeros(samples(beep * 8 + 0.35), dtype=np.float32)
        for at in range(4):
            m = samples(beep)
            tone = buzz(rng, steady(m, pitch), [1, 0.05, 0.5, 0.03, 0.25])
            add(out, at * 2 * beep, fade(tone, 0.003, 0.003))
        return out

    return indoors(rng, repeat(rng, n, (0.0, 0.001), four), 0.15)


def smoke_alarm(rng: np.random.Generator, n: int) -> Samples:
    """Beep in threes like a smoke detector."""
    pitch = rng.uniform(2900, 3400)

    def three() -> Samples:
        out = np.zeros(samples(2.6), dtype=np.float32)
        for at in range(3):
            add(
                out,
                at * 0.7,
                fade(buzz(rng, steady(samples(0.45), pitch), [1, 0.2, 0.15]), 0.004, 0.004),
            )
        return out

    return outdoors(rng, repeat(rng, n, (0.5, 1.0), three), 0.3)


def glass_breaking(rng: np.random.Generator, n: int) -> Samples:
    """Break a pane or a bottle; its pieces fall."""

    def shard(low: float, high: float) -> Samples:
        m = samples(rng.uniform(0.05, 0.35))
        modes = rng.uniform(low, high, 5)
        return ring(m, modes, rng.uniform(0.1, 0.4, 5), rng.uniform(0.2, 1, 5)) * np.float32(0.25)

    def smash() -> Samples:
        m = samples(rng.uniform(1.0, 1.8))
        out = np.zeros(m, dtype=np.float32)
        burst = shaped(rng, m, [(200, -16), (1500, -6), (4000, 0), (9000, 0), (16000, -6)]) * pluck(
            m, 0.001, 0.35
        )
        out += burst * np.float32(0.6)
        for at in rng.exponential(0.25, int(rng.integers(40, 90))):
            add(
                out,
                float(at),
                shard(2200, 11000) * np.float32(rng.uniform(0.1, 1) * np.exp(-1.5 * at)),
            )
        return out

    return indoors(rng, repeat(rng, n, (0.8, 2.0), smash), 0.3)


KINDS = (
    Kind(
        name="clock_tick",
        plain="clock ticking",
        family="house",
        make=clock,
        phrases=(
            "a clock ticking",
            "a ticking clock",
            "a clock going tick-tock",
            "a wall clock ticking steadily",
        ),
        audioset=("Tick-tock", "Tick", "Clock"),
    ),
    Kind(
        name="alarm_clock",
        plain="alarm clock",
        family="house",
        make=alarm_clock,
        seconds=(2, 6),
        phrases=(
            "an alarm clock beeping",
            "a beeping alarm clock",
            "an alarm going off",
            "a digital alarm sounding",
        ),
        audioset=("Alarm clock", "Alarm", "Beep, bleep"),
    ),
    Kind(
        name="smoke_alarm",
        plain="smoke alarm",
        family="house",
        make=smoke_alarm,
        seconds=(2.6, 8),
        phrases=(
            "a smoke alarm beeping",
            "a smoke detector going off",
            "a fire alarm beeping",
            "a shrill alarm beeping",
        ),
        audioset=("Smoke detector, smoke alarm", "Fire alarm"),
    ),
    Kind(
        name="glass_breaking",
        plain="glass breaking",
        family="house",
        make=glass_breaking,
        seconds=(1.2, 3),
        phrases=(
            "glass breaking",
            "a window shattering",
            "a bottle smashing on the floor",
            "breaking glass",
        ),
        audioset=("Shatter", "Glass", "Breaking"),
    ),
)
