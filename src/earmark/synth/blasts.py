"""Explosions, shots and fireworks."""

from __future__ import annotations

import numpy as np

from earmark.synth.filters import room
from earmark.synth.kind import Kind
from earmark.synth.noise import flutter, shaped
from earmark.synth.places import outdoors
from earmark.synth.timing import add, pluck, repeat, samples, swell
from earmark.synth.tones import sine
from earmark.synth.voices import glide
from earmark.types import Samples


def explosion(rng: np.random.Generator, n: int) -> Samples:
    """Set off an explosion with falling debris."""

    def blast() -> Samples:
        m = samples(rng.uniform(2.0, 3.5))
        boom = shaped(rng, m, [(20, -2), (60, 0), (150, -4), (500, -12), (2000, -22), (9000, -36)])
        boom *= pluck(m, 0.004, rng.uniform(1.2, 2.2)) * flutter(rng, m, 12, 2.6)
        crack = shaped(rng, m, [(80, -4), (400, 0), (2500, -6), (12000, -18)]) * pluck(
            m, 0.001, 0.35
        )
        rubble = shaped(rng, m, [(200, -10), (900, 0), (3500, -6), (12000, -22)])
        rubble *= pluck(m, 0.5, 2.5) * flutter(rng, m, 25, 8)
        blast: Samples = np.tanh(2.5 * boom + 1.25 * crack)
        return blast + rubble * np.float32(0.05)

    return room(rng, repeat(rng, n, (0.5, 2.0), blast), rng.uniform(1.5, 3), 0.5)


def gunshot(rng: np.random.Generator, n: int) -> Samples:
    """Fire a gun a few times, its echo rolling off."""
    gap = float(rng.uniform(0.4, 1.2))
    echo = rng.uniform(0.6, 1.4)

    def shot() -> Samples:
        m = samples(echo + 0.2)
        crack = shaped(rng, m, [(60, -4), (300, 0), (2000, -1), (7000, -4), (16000, -12)])
        blast: Samples = np.tanh(6 * crack * pluck(m, 0.0003, 0.12))
        tail = shaped(rng, m, [(60, -2), (250, 0), (1000, -5), (3000, -14), (9000, -30)])
        return blast + tail * pluck(m, 0.03, echo) * flutter(rng, m, 25, 4) * np.float32(0.25)

    return outdoors(rng, repeat(rng, n, (gap - echo, gap), shot), 0.05)


def fireworks(rng: np.random.Generator, n: int) -> Samples:
    """Send up rockets that whistle, burst and crackle."""

    def rocket() -> Samples:
        out = np.zeros(samples(3.2), dtype=np.float32)
        rise = samples(rng.uniform(0.5, 1.0))
        if rng.random() < 0.5:
            pitch = glide(rise, [(0, rng.uniform(1500, 2500)), (1, rng.uniform(2500, 4500))])
            add(out, 0, sine(pitch) * swell(rise, 0.6) * np.float32(0.08))
        fizz = (
            shaped(rng, rise, [(500, -10), (2500, 0), (9000, -6)])
            * swell(rise, 2)
            * np.float32(0.06)
        )
        add(out, 0, fizz)
        m = samples(1.2)
        boom = shaped(rng, m, [(30, -3), (90, 0), (400, -5), (2000, -10), (9000, -22)]) * pluck(
            m, 0.002, 0.6
        )
        add(out, rise / 48000, np.tanh(2 * boom))
        if rng.random() < 0.7:
            for at in rng.uniform(0.25, 1.6, int(rng.integers(30, 90))):
                k = samples(0.03)
                snap = shaped(rng, k, [(400, -8), (2500, 0), (9000, -4)]) * pluck(k, 0.0005, 0.03)
                add(out, rise / 48000 + float(at), snap * np.float32(rng.uniform(0.05, 0.3)))
        return out

    return room(rng, repeat(rng, n, (-2.2, 0.1), rocket), 1.8, 0.6)


KINDS: tuple[Kind, ...] = (
    Kind(
        name="explosion",
        plain="explosion",
        family="blasts",
        make=explosion,
        seconds=(2.5, 5),
        phrases=(
            "an explosion booming",
            "a bomb exploding",
            "a loud explosion going off",
            "something blowing up",
        ),
        audioset=("Explosion", "Boom"),
    ),
    Kind(
        name="gunshot",
        plain="gunshot",
        family="blasts",
        make=gunshot,
        seconds=(1, 3),
        phrases=(
            "a gun firing",
            "gunshots ringing out",
            "someone shooting a gun",
            "a pistol being fired",
        ),
        audioset=("Gunshot, gunfire",),
    ),
    Kind(
        name="fireworks",
        plain="fireworks",
        family="blasts",
        make=fireworks,
        seconds=(4, 9),
        phrases=(
            "fireworks going off",
            "fireworks exploding and crackling",
            "rockets bursting in the sky",
            "a fireworks display banging",
        ),
        audioset=("Fireworks", "Firecracker"),
    ),
)
