"""Keys, buttons and paper: the sounds of an office."""

from __future__ import annotations

import numpy as np

from earmark.synth.filters import room
from earmark.synth.kind import Kind
from earmark.synth.noise import shaped, wander
from earmark.synth.places import indoors, with_air
from earmark.synth.strikes import click, thump
from earmark.synth.timing import (
    add,
    at_times,
    beats,
    fade,
    pulses,
    repeat,
    samples,
)
from earmark.synth.tones import buzz, falling, ring
from earmark.synth.voices import glide
from earmark.types import Samples

_OFFICE = [(60, 0), (300, -8), (1500, -16), (6000, -28), (14000, -38)]


def keyboard(rng: np.random.Generator, n: int) -> Samples:
    """Type on a computer keyboard."""
    pitch, every = rng.uniform(1200, 2600), rng.uniform(0.11, 0.2)

    def key() -> Samples:
        out = np.zeros(samples(0.16), dtype=np.float32)
        down = click(rng, pitch * rng.uniform(0.8, 1.25), 0.03)
        knock = thump(rng, rng.uniform(180, 320), 0.05)
        add(out, 0, down * np.float32(rng.uniform(0.6, 1)))
        add(out, 0.004, knock * np.float32(0.25))
        add(out, rng.uniform(0.05, 0.11), down * np.float32(rng.uniform(0.2, 0.5)))
        return out

    wave = room(rng, at_times(n, beats(rng, n, every, 0.5), key), 0.2, 0.25)
    return with_air(rng, wave, rng.uniform(-46, -38), _OFFICE)


def typewriter(rng: np.random.Generator, n: int) -> Samples:
    """Type on a mechanical typewriter, its bell ringing at the end of a line."""
    every = rng.uniform(0.11, 0.18)
    bell = ring(samples(1.0), [2300, 4900, 7100], [1.0, 0.6, 0.3], np.array([0.25, 0.15, 0.08]))
    case = rng.uniform(250, 500)

    def strike() -> Samples:
        out = np.zeros(samples(0.14), dtype=np.float32)
        add(out, 0, click(rng, rng.uniform(2000, 3500), 0.05))
        add(out, 0.006, thump(rng, case, 0.08) * np.float32(0.6))
        add(
            out,
            rng.uniform(0.05, 0.08),
            click(rng, rng.uniform(1200, 2200), 0.04) * np.float32(0.35),
        )
        return out

    wave = at_times(n, beats(rng, n, every, 0.35), strike)
    for at in beats(rng, n, 7.0, 0.2)[1:]:
        add(wave, at, bell)
    return with_air(rng, room(rng, wave, 0.25, 0.25), rng.uniform(-42, -34), _OFFICE)


def mouse_click(rng: np.random.Generator, n: int) -> Samples:
    """Click a computer mouse."""
    pitch = rng.uniform(2500, 4500)

    def press() -> Samples:
        out = np.zeros(samples(0.2), dtype=np.float32)
        add(out, 0, click(rng, pitch, 0.02))
        add(out, rng.uniform(0.06, 0.14), click(rng, pitch * 1.15, 0.02) * np.float32(0.6))
        return out

    return indoors(rng, repeat(rng, n, (0.1, 0.9), press), 0.2)


def printer(rng: np.random.Generator, n: int) -> Samples:
    """Let a printer draw its head across line after line."""
    motor, line = rng.uniform(180, 320), rng.uniform(0.45, 0.9)
    wheels = [click(rng, rng.uniform(800, 2500), 0.02) for _ in range(6)]

    def sweep() -> Samples:
        m = samples(line * rng.uniform(0.9, 1.1))
        pitch = glide(m, [(0, motor * 0.6), (0.12, motor), (0.85, motor), (1, motor * 0.5)])
        wave = buzz(rng, pitch * (1 + 0.01 * wander(rng, m, 40)), falling(40, 3)) * np.float32(0.12)
        wave += pulses(rng, pitch / 3, 4, wheels) * np.float32(0.25)
        wave += shaped(rng, m, [(300, -12), (1500, 0), (5000, -4), (14000, -16)]) * np.float32(0.25)
        out = np.concatenate([fade(wave, 0.05, 0.05), np.zeros(samples(0.2), dtype=np.float32)])
        for at in (0.0, line, line + 0.08):
            add(out, at, thump(rng, rng.uniform(300, 600), 0.08) * np.float32(0.5))
        return out

    return with_air(rng, indoors(rng, repeat(rng, n, (0.0, 0.05), sweep), 0.25), -32)


KINDS = (
    Kind(
        name="keyboard",
        plain="typing",
        family="desk",
        make=keyboard,
        phrases=(
            "someone typing on a keyboard",
            "a computer keyboard clacking",
            "fingers typing quickly",
            "a person typing",
        ),
        audioset=("Computer keyboard", "Typing"),
    ),
    Kind(
        name="typewriter",
        plain="typewriter",
        family="desk",
        make=typewriter,
        phrases=(
            "a typewriter clacking",
            "someone typing on a typewriter",
            "an old typewriter hammering away",
            "typewriter keys striking paper",
        ),
        audioset=("Typewriter", "Typing"),
    ),
    Kind(
        name="mouse_click",
        plain="mouse click",
        family="desk",
        make=mouse_click,
        seconds=(0.6, 3),
        phrases=(
            "a computer mouse clicking",
            "someone clicking a mouse",
            "a mouse button clicking",
            "a clicking mouse",
        ),
        audioset=("Clicking",),
    ),
    Kind(
        name="printer",
        plain="printer",
        family="desk",
        make=printer,
        seconds=(3, 8),
        phrases=(
            "a printer printing",
            "a printer printing a page",
            "an inkjet printer whirring",
            "paper being printed",
        ),
        audioset=("Printer",),
    ),
)
