"""Telephones that ring, dial and are busy."""

from __future__ import annotations

import numpy as np

from earmark.synth.kind import RATE, Kind
from earmark.synth.places import indoors
from earmark.synth.timing import (
    add,
    fade,
    repeat,
    samples,
)
from earmark.synth.tones import ring, sine, steady
from earmark.types import Samples


def telephone(rng: np.random.Generator, n: int) -> Samples:
    """Let a telephone with two bells ring."""
    pitch, hammer = rng.uniform(900, 1500), rng.uniform(18, 26)
    modes = np.outer([1, rng.uniform(1.12, 1.3)], [1, 2.4, 2.75, 4.1, 5.3]).ravel()

    def call() -> Samples:
        m = samples(rng.uniform(1.6, 2.1))
        out = np.zeros(m + samples(0.8), dtype=np.float32)
        levels = np.array([0.7, 0.5, 1, 0.6, 0.4] * 2)
        one = ring(samples(0.7), pitch * modes, np.full(10, 0.7), levels * np.repeat([1, 0.1], 5))
        two = ring(samples(0.7), pitch * modes, np.full(10, 0.7), levels * np.repeat([0.1, 1], 5))
        for count in range(int(m / RATE * hammer)):
            add(out, count / hammer, (one, two)[count % 2] * np.float32(rng.uniform(0.7, 1)))
        return out

    return indoors(rng, repeat(rng, n, (0.6, 1.8), call), 0.25)


def dialling(rng: np.random.Generator, n: int) -> Samples:
    """Dial a number in pairs of tones (DTMF)."""
    rows, columns = (697.0, 770.0, 852.0, 941.0), (1209.0, 1336.0, 1477.0)

    def digit() -> Samples:
        m = samples(rng.uniform(0.09, 0.2))
        pair = sine(steady(m, rng.choice(rows))) + sine(steady(m, rng.choice(columns)))
        return fade(pair, 0.004, 0.004)

    return repeat(rng, n, (0.05, 0.15), digit)


def busy_tone(rng: np.random.Generator, n: int) -> Samples:
    """Give the busy signal of a telephone line."""
    half, pair = rng.choice([0.25, 0.5]), rng.choice([(480.0, 620.0), (425.0, 425.0)])

    def tone() -> Samples:
        m = samples(half)
        wave = fade(sine(steady(m, pair[0])) + sine(steady(m, pair[1])), 0.004, 0.004)
        return np.concatenate([wave, np.zeros(m, dtype=np.float32)])

    return repeat(rng, n, (0.0, 0.001), tone)


KINDS = (
    Kind(
        name="telephone",
        plain="telephone ringing",
        family="phones",
        make=telephone,
        seconds=(2.5, 6),
        phrases=(
            "a telephone ringing",
            "a ringing phone",
            "an old phone ringing",
            "a telephone bell jangling",
        ),
        audioset=("Telephone bell ringing", "Telephone"),
    ),
    Kind(
        name="dialling",
        plain="phone dialling",
        family="phones",
        make=dialling,
        seconds=(1, 4),
        phrases=(
            "a phone dialling",
            "someone dialling a number",
            "touch tones sounding",
            "telephone keys beeping",
        ),
        audioset=("Telephone dialing, DTMF",),
    ),
    Kind(
        name="busy_tone",
        plain="busy signal",
        family="phones",
        make=busy_tone,
        seconds=(2, 8),
        phrases=(
            "a telephone giving a busy signal",
            "a busy tone sounding",
            "an engaged tone beeping",
            "a phone line beeping",
        ),
        audioset=("Busy signal",),
    ),
)
