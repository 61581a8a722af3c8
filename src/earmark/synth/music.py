"""Instruments that play a few notes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from earmark.synth.filters import room, shape
from earmark.synth.kind import RATE, Kind
from earmark.synth.noise import shaped, wander
from earmark.synth.timing import add, fade, pluck, samples
from earmark.synth.tones import buzz, falling, ring, steady
from earmark.types import Samples

_MAJOR = np.array([0, 2, 4, 5, 7, 9, 11])

Note = Callable[[float, float], Samples]  # pitch in Hz, seconds -> [n]


def _tune(
    rng: np.random.Generator, n: int, low: float, note: Note, together: float = 0.0
) -> Samples:
    """Walk up and down a scale, now and then with a second voice: -> [n]."""
    out = np.zeros(n, dtype=np.float32)
    beat, step, at = rng.uniform(0.2, 0.36), int(rng.integers(3, 11)), 0.03
    while at * RATE < n - 0.1 * RATE or at < 0.1:
        seconds = beat * float(rng.choice([1, 1, 2, 3]))
        loud = np.float32(rng.uniform(0.6, 1))
        add(out, at, note(_pitch(low, step), seconds) * loud)
        if rng.random() < together:
            add(out, at, note(_pitch(low, step + int(rng.choice([2, 4, -3]))), seconds) * loud)
        step = int(np.clip(step + rng.choice([-2, -1, -1, 1, 1, 2, 4, -3]), 0, 14))
        at += seconds
    return out


def _pitch(low: float, step: int) -> float:
    octave, degree = divmod(step, 7)
    return float(low * 2 ** (octave + _MAJOR[degree] / 12))


def guitar(rng: np.random.Generator, n: int) -> Samples:
    """Pluck an acoustic guitar."""
    at = rng.uniform(0.12, 0.3)

    def note(pitch: float, _: float) -> Samples:
        k = np.arange(1, min(40, int(11000 / pitch)) + 1)
        levels = np.abs(np.sin(np.pi * k * at)) / k**0.7 * rng.uniform(0.8, 1.2, len(k))
        stretch = k * np.sqrt(1 + 0.00006 * k * k)
        wave = ring(samples(2.0), pitch * stretch, 2.8 / (1 + 0.12 * k * (pitch / 200)), levels)
        nail = shaped(rng, samples(0.02), [(200, -4), (2500, 0), (8000, -6)])
        nail *= pluck(len(nail), 0.0005, 0.02) * np.float32(0.12)
        add(wave, 0, nail)
        return fade(wave, 0.002, 0.1)

    body = [(70, -8), (110, 2), (200, 2), (400, 0), (2500, -3), (6000, -14)]
    return room(rng, shape(_tune(rng, n, rng.uniform(98, 130), note, 0.35), body), 0.6, 0.2)


def piano(rng: np.random.Generator, n: int) -> Samples:
    """Play a piano."""

    def note(pitch: float, seconds: float) -> Samples:
        k = np.arange(1, min(30, int(9000 / pitch)) + 1)
        stretch = k * np.sqrt(1 + 0.0004 * k * k)
        levels = np.abs(np.sin(np.pi * k / 8.3)) / k**1.1 * rng.uniform(0.8, 1.2, len(k))
        decay = 5.0 / (1 + 0.12 * k) * (260 / pitch) ** 0.4
        m = samples(seconds + 0.6)
        wave = sum(
            (ring(m, pitch * stretch * cent, decay, levels) for cent in (0.9996, 1.0, 1.0005)),
            start=np.zeros(m, dtype=np.float32),
        )
        thud = shaped(rng, samples(0.05), [(80, 0), (400, -3), (2500, -16)]) * pluck(
            samples(0.05), 0.001, 0.05
        )
        add(wave, 0, thud * np.float32(0.12))
        return fade(wave, 0.003, 0.4)

    return room(rng, _tune(rng, n, rng.uniform(130, 220), note, 0.5), 1.0, 0.25)


def flute(rng: np.random.Generator, n: int) -> Samples:
    """Play a flute."""

    def note(pitch: float, seconds: float) -> Samples:
        m = samples(seconds + 0.06)
        at = np.arange(m) / RATE
        shake = np.sin(2 * np.pi * 5.2 * at) * np.clip(at * 2.5 - 0.3, 0, 1)
        tone = buzz(
            rng,
            pitch * (1 + 0.006 * shake + 0.002 * wander(rng, m, 8)),
            [1, 0.45, 0.2, 0.08, 0.04, 0.02],
        )
        breath = shaped(rng, m, [(300, -20), (pitch, -4), (pitch * 2, 0), (7000, -12)])
        wave = tone * (1 + 0.15 * shake) + breath * np.float32(0.05)
        return fade(wave.astype(np.float32), 0.05, 0.07)

    return room(rng, _tune(rng, n, rng.uniform(440, 590), note), 1.5, 0.35)


def violin(rng: np.random.Generator, n: int) -> Samples:
    """Bow a violin."""

    def note(pitch: float, seconds: float) -> Samples:
        m = samples(seconds + 0.08)
        at = np.arange(m) / RATE
        shake = np.sin(2 * np.pi * 5.8 * at + rng.random()) * np.clip(at * 3, 0, 1)
        tone = buzz(rng, pitch * (1 + 0.008 * shake + 0.002 * wander(rng, m, 10)), falling(40, 5))
        bow = shaped(rng, m, [(400, -12), (2000, 0), (7000, -6)]) * np.float32(0.02)
        return fade((tone + bow).astype(np.float32), 0.07, 0.09)

    body = [(190, -6), (280, 2), (450, 2), (700, -4), (1200, 0), (2500, 3), (4000, -6), (9000, -24)]
    return room(rng, shape(_tune(rng, n, rng.uniform(196, 300), note), body), 1.5, 0.35)


def organ(rng: np.random.Generator, n: int) -> Samples:
    """Play a pipe organ in a church."""

    def note(pitch: float, seconds: float) -> Samples:
        wave = buzz(
            rng, steady(samples(seconds * 2 + 0.1), pitch), [1, 0.8, 0.4, 0.6, 0.1, 0.25, 0.05, 0.3]
        )
        return fade(wave, 0.05, 0.1)

    return room(rng, _tune(rng, n, rng.uniform(110, 180), note, 0.9), 3.0, 0.7)


def marimba(rng: np.random.Generator, n: int) -> Samples:
    """Play a marimba or a xylophone."""

    def note(pitch: float, _: float) -> Samples:
        modes = pitch * np.array([1, 3.93, 9.2])
        wave = ring(samples(0.9), modes, np.array([0.9, 0.3, 0.1]), np.array([1, 0.3, 0.12]))
        knock = shaped(rng, samples(0.02), [(300, 0), (1500, -4), (6000, -20)]) * pluck(
            samples(0.02), 0.0005, 0.02
        )
        add(wave, 0, knock * np.float32(0.15))
        return wave

    return room(rng, _tune(rng, n, rng.uniform(220, 400), note, 0.15), 0.7, 0.25)


def drums(rng: np.random.Generator, n: int) -> Samples:
    """Play a beat on a drum kit."""
    eighth = rng.uniform(0.2, 0.32)
    low = rng.uniform(50, 70)
    out = np.zeros(n, dtype=np.float32)
    steps = [float(at) * eighth + 0.02 for at in range(int(n / RATE / eighth) + 1)]
    for count, at in enumerate(steps):
        add(out, at, _hat(rng) * np.float32(rng.uniform(0.15, 0.3)))
        if count % 8 in (0, 5) or rng.random() < 0.08:
            add(out, at, _kick(rng, low))
        if count % 4 == 2:
            add(out, at, _snare(rng) * np.float32(0.7))
    return room(rng, out, rng.uniform(0.3, 0.7), 0.3)


def _hat(rng: np.random.Generator) -> Samples:
    n = samples(0.08)
    return shaped(rng, n, [(3000, -30), (7000, 0), (16000, -2)]) * pluck(n, 0.0005, 0.08)


def _kick(rng: np.random.Generator, low: float) -> Samples:
    n = samples(0.35)
    fall = low * (1 + 2.5 * np.exp(-np.arange(n) / RATE * 45))
    wave = buzz(rng, fall, [1.0, 0.1]) * pluck(n, 0.001, 0.4)
    return wave + shaped(rng, n, [(500, -6), (3000, 0), (9000, -10)]) * pluck(
        n, 0, 0.015
    ) * np.float32(0.3)


def _snare(rng: np.random.Generator) -> Samples:
    n = samples(0.25)
    skin = ring(n, [185.0, 330.0, 470.0], [0.15, 0.12, 0.1], np.array([1, 0.6, 0.3]))
    wires = shaped(rng, n, [(200, -16), (1500, -3), (4000, 0), (12000, -4)]) * pluck(n, 0.001, 0.22)
    return skin * np.float32(0.5) + wires * np.float32(0.7)


KINDS: tuple[Kind, ...] = (
    Kind(
        name="guitar",
        plain="guitar",
        family="music",
        make=guitar,
        seconds=(3, 8),
        phrases=(
            "a guitar being plucked",
            "someone playing an acoustic guitar",
            "a guitarist picking a tune",
            "a guitar playing",
        ),
        audioset=("Guitar", "Acoustic guitar"),
    ),
    Kind(
        name="piano",
        plain="piano",
        family="music",
        make=piano,
        seconds=(3, 8),
        phrases=(
            "a piano playing",
            "someone playing the piano",
            "a pianist playing a melody",
            "piano keys being played",
        ),
        audioset=("Piano",),
    ),
    Kind(
        name="flute",
        plain="flute",
        family="music",
        make=flute,
        seconds=(3, 8),
        phrases=(
            "a flute playing",
            "someone playing the flute",
            "a flute playing a melody",
            "a flautist practising",
        ),
        audioset=("Flute",),
    ),
    Kind(
        name="violin",
        plain="violin",
        family="music",
        make=violin,
        seconds=(3, 8),
        phrases=(
            "a violin playing",
            "someone playing the violin",
            "a fiddle playing a tune",
            "a violinist bowing a melody",
        ),
        audioset=("Violin, fiddle",),
    ),
    Kind(
        name="organ",
        plain="organ",
        family="music",
        make=organ,
        seconds=(4, 9),
        phrases=(
            "an organ playing",
            "a church organ playing",
            "someone playing the organ",
            "an organ playing chords",
        ),
        audioset=("Organ",),
    ),
    Kind(
        name="marimba",
        plain="xylophone",
        family="music",
        make=marimba,
        seconds=(3, 8),
        phrases=(
            "a xylophone playing",
            "someone playing the marimba",
            "mallets striking wooden bars",
            "a marimba playing a tune",
        ),
        audioset=("Marimba, xylophone", "Mallet percussion"),
    ),
    Kind(
        name="drums",
        plain="drums",
        family="music",
        make=drums,
        seconds=(3, 8),
        phrases=(
            "drums playing a beat",
            "someone playing the drums",
            "a drummer drumming",
            "a drum kit playing",
        ),
        audioset=("Drum kit", "Drum"),
    ),
)
