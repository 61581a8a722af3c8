"""Knocking, creaking, slamming and ringing at a door."""

from __future__ import annotations

import numpy as np

from earmark.synth.kind import Kind
from earmark.synth.noise import shaped, wander
from earmark.synth.places import indoors
from earmark.synth.strikes import click, thump
from earmark.synth.timing import (
    add,
    fade,
    pluck,
    pulses,
    repeat,
    samples,
    swell,
)
from earmark.synth.tones import ring
from earmark.synth.voices import glide
from earmark.types import Samples


def knock(rng: np.random.Generator, n: int) -> Samples:
    """Knock at a wooden door."""
    low, every = rng.uniform(130, 260), rng.uniform(0.14, 0.28)

    def knocks() -> Samples:
        count = int(rng.integers(3, 6))
        out = np.zeros(samples(every * count + 0.3), dtype=np.float32)
        for at in range(count):
            add(
                out,
                at * every * rng.uniform(0.95, 1.05),
                thump(rng, low, 0.16) * np.float32(rng.uniform(0.7, 1)),
            )
        return out

    return indoors(rng, repeat(rng, n, (0.4, 1.2), knocks), 0.35)


def door_creak(rng: np.random.Generator, n: int) -> Samples:
    """Open a door on dry hinges, which stick and slip, quicker and slower."""
    modes = np.exp(rng.uniform(np.log(1000), np.log(8000), 10))
    slips = []
    for _ in range(12):
        m = samples(0.04)
        tone = ring(
            m,
            modes * rng.uniform(0.97, 1.03, 10),
            rng.uniform(0.005, 0.04, 10),
            rng.uniform(0.1, 1, 10),
        )
        slips.append(
            tone + shaped(rng, m, [(300, -10), (2000, 0), (9000, -8)]) * pluck(m, 0.0005, 0.008)
        )

    def creak() -> Samples:
        m = samples(rng.uniform(0.6, 1.8))
        slow, fast = rng.uniform(16, 32), rng.uniform(40, 90)
        rate = glide(m, [(0, slow), (rng.uniform(0.3, 0.7), fast), (1, slow)])
        return pulses(rng, rate * np.exp(0.3 * wander(rng, m, 12)), 5, slips) * swell(m, 0.3)

    return indoors(rng, repeat(rng, n, (0.05, 0.7), creak), 0.25)


def door_slam(rng: np.random.Generator, n: int) -> Samples:
    """Slam a door, the latch falling in."""
    low = rng.uniform(55, 110)

    def slam() -> Samples:
        m = samples(1.0)
        out = np.zeros(m, dtype=np.float32)
        add(out, 0.0, click(rng, 1800, 0.04) * np.float32(0.25))
        add(out, rng.uniform(0.02, 0.06), thump(rng, low, 0.5) * np.float32(1.2))
        bang = shaped(rng, m, [(40, -2), (150, 0), (600, -5), (2500, -14), (9000, -26)]) * pluck(
            m, 0.002, 0.3
        )
        out += bang * np.float32(0.7)
        for at in rng.uniform(0.08, 0.25, 3):
            add(
                out,
                float(at),
                click(rng, rng.uniform(700, 2500), 0.05) * np.float32(rng.uniform(0.05, 0.2)),
            )
        return out

    return indoors(rng, repeat(rng, n, (0.8, 2.0), slam), 0.5)


def doorbell(rng: np.random.Generator, n: int) -> Samples:
    """Ring a doorbell: ding, dong."""
    high = rng.uniform(620, 820)

    def ding(pitch: float) -> Samples:
        modes = pitch * np.array([1, 1.002, 2.0, 3.0, 4.2, 5.4])
        levels = np.array([1, 0.5, 0.4, 0.2, 0.15, 0.1])
        bar = ring(samples(2.2), modes, np.array([5, 4.5, 3, 2, 1, 0.6]), levels)
        return fade(bar, 0.003, 0.6)

    def chime() -> Samples:
        out = np.zeros(samples(2.9), dtype=np.float32)
        add(out, 0.0, ding(high))
        add(out, rng.uniform(0.5, 0.7), ding(high * 2 ** (-4 / 12)))
        return out

    return indoors(rng, repeat(rng, n, (0.1, 1.0), chime), 0.3)


KINDS = (
    Kind(
        name="door_knock",
        plain="knock on door",
        family="doors",
        make=knock,
        seconds=(1.2, 3),
        phrases=(
            "someone knocking on a door",
            "a knocking at the door",
            "knuckles rapping on wood",
            "a person knocking",
        ),
        audioset=("Knock",),
    ),
    Kind(
        name="door_creak",
        plain="creaking door",
        family="doors",
        make=door_creak,
        seconds=(1.2, 4),
        phrases=(
            "a door creaking open",
            "a creaking door",
            "rusty hinges squeaking",
            "an old door creaking slowly",
        ),
        audioset=("Creak", "Door"),
    ),
    Kind(
        name="door_slam",
        plain="door slam",
        family="doors",
        make=door_slam,
        seconds=(1.0, 2.5),
        phrases=(
            "a door slamming",
            "a slamming door",
            "someone slamming a door shut",
            "a door banging shut",
        ),
        audioset=("Slam", "Door"),
    ),
    Kind(
        name="doorbell",
        plain="doorbell",
        family="doors",
        make=doorbell,
        seconds=(2.4, 5),
        phrases=(
            "a doorbell ringing",
            "a doorbell chiming",
            "a ringing doorbell",
            "someone ringing at the door",
        ),
        audioset=("Doorbell", "Ding-dong"),
    ),
)
