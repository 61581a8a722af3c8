"""Voices of people: talking, laughing, crying, whistling."""

from __future__ import annotations

import numpy as np

from earmark.synth.kind import RATE, Kind
from earmark.synth.noise import flutter, shaped, wander
from earmark.synth.places import indoors
from earmark.synth.timing import add, fade, repeat, samples, swell
from earmark.synth.tones import sine
from earmark.synth.voices import Formant, Throat, glide, moved, sing, still
from earmark.types import Samples

# First three resonances of vowels in Hz, of a grown man (Peterson and Barney 1952).
_VOWELS = (
    (270, 2290, 3010),
    (390, 1990, 2550),
    (530, 1840, 2480),
    (660, 1720, 2410),
    (730, 1090, 2440),
    (570, 840, 2410),
    (440, 1020, 2240),
    (300, 870, 2240),
    (640, 1190, 2390),
)


def _consonant(rng: np.random.Generator) -> Samples:
    """Hiss or burst, as s, sh, f, t or k do: -> [0.02..0.12 s]."""
    centre = rng.choice([1800, 2800, 4500, 6500])
    seconds = rng.choice([0.02, 0.03, 0.08, 0.12])
    n = samples(seconds)
    hiss = shaped(rng, n, [(centre * 0.5, -20), (centre, 0), (centre * 1.6, -4), (14000, -20)])
    return hiss * swell(n, 0.7) * np.float32(rng.uniform(0.03, 0.12))


def _syllable(rng: np.random.Generator, pitch: Samples, size: float) -> Samples:
    """Say a consonant and a vowel that moves: [n] -> [n]."""
    n = len(pitch)
    first, last = (np.array(_VOWELS[int(at)]) / size for at in rng.integers(0, len(_VOWELS), 2))
    middle = first + rng.uniform(0, 0.6) * (last - first)
    closed = first * np.array([0.55, rng.uniform(0.8, 1.2), 1.0])
    paths = np.array([closed, first, middle, closed])
    seconds = n / RATE
    formants = [
        Formant(moved(seconds, *paths[:, at]), width, level)
        for at, (width, level) in enumerate(((80, 1.0), (110, 0.6), (160, 0.35)))
    ]
    formants.append(Formant(still(3600 / size), 250, 0.2))
    voiced = sing(rng, pitch, formants, Throat(breath=0.05, tilt=10, rough=0.06))
    return fade(voiced * swell(n, 0.4), 0.02, 0.04)


def _sentence(rng: np.random.Generator, base: float, size: float) -> Samples:
    """Say a handful of syllables, the pitch falling to the end: -> [1..3 s]."""
    count = int(rng.integers(5, 14))
    out: list[Samples] = []
    for at in range(count):
        if rng.random() < 0.7:
            out.append(_consonant(rng))
        stress = rng.uniform(0.95, 1.25) * (1.1 - 0.3 * at / count)
        seconds = rng.uniform(0.1, 0.2) * (1.5 if at == count - 1 else 1)
        bend = rng.uniform(0.9, 1.1, 2)
        pitch = glide(
            samples(seconds),
            [(0, base * stress * bend[0]), (0.5, base * stress), (1, base * stress * bend[1])],
        )
        out.append(_syllable(rng, pitch, size) * np.float32(rng.uniform(0.5, 1)))
        if rng.random() < 0.15:
            out.append(np.zeros(samples(rng.uniform(0.03, 0.15)), dtype=np.float32))
    return np.concatenate(out)


def speech(rng: np.random.Generator, n: int) -> Samples:
    """Let a man or a woman talk in no language."""
    base, size = rng.choice([(rng.uniform(90, 135), 1.0), (rng.uniform(170, 230), 0.86)])
    wave = repeat(rng, n, (0.15, 0.7), lambda: _sentence(rng, base, size))
    return indoors(rng, wave)


def laughter(rng: np.random.Generator, n: int) -> Samples:
    """Let someone laugh in bursts of ha-ha."""
    base, size = rng.choice([(rng.uniform(160, 240), 0.95), (rng.uniform(270, 420), 0.82)])
    every = rng.uniform(0.17, 0.23)

    def ha(high: float) -> Samples:
        m = samples(every * rng.uniform(0.55, 0.75))
        pitch = glide(m, [(0, high * 0.8), (0.35, high * 1.15), (1, high * 0.75)])
        formants = [
            Formant(still(800 / size), 250),
            Formant(still(1350 / size), 300, 0.8),
            Formant(still(2700 / size), 400, 0.4),
            Formant(still(3900 / size), 600, 0.25),
        ]
        return sing(rng, pitch, formants, Throat(breath=0.5, tilt=6, rough=0.3)) * swell(m, 0.9)

    def burst() -> Samples:
        count = int(rng.integers(5, 12))
        out = np.zeros(samples(every * (count + 1.5)), dtype=np.float32)
        for at in range(count):
            share = at / count
            high = base * (1.5 - 0.6 * share) * rng.uniform(0.92, 1.08)
            add(out, at * every, ha(high) * np.float32(1 - 0.6 * share))
            puff = shaped(rng, samples(every * 0.6), [(500, -8), (1500, 0), (6000, -10)])
            add(out, (at + 0.6) * every, puff * swell(len(puff)) * np.float32(0.05))
        return out

    return indoors(rng, repeat(rng, n, (0.1, 0.5), burst), 0.25)


def baby_cry(rng: np.random.Generator, n: int) -> Samples:
    """Let a baby cry, breath after breath."""
    base = rng.uniform(380, 480)

    def cry() -> Samples:
        m = samples(rng.uniform(0.7, 1.4))
        top = base * rng.uniform(1.1, 1.3)
        pitch = glide(m, [(0, base * 0.85), (0.2, top), (0.7, top * 0.97), (1, base * 0.75)])
        pitch *= 1 + 0.012 * wander(rng, m, 7)
        formants = [
            Formant(moved(m / RATE, 900, 1250, 1200, 900), 350),
            Formant(moved(m / RATE, 2300, 3000, 2800, 2400), 500, 0.6),
            Formant(still(4700), 900, 0.4),
        ]
        wave = sing(rng, pitch, formants, Throat(breath=0.06, tilt=4, rough=0.2))
        wave = fade(wave * swell(m, 0.35), 0.05, 0.12)
        gasp = samples(rng.uniform(0.15, 0.3))
        air = (
            shaped(rng, gasp, [(600, -12), (1800, 0), (5000, -10)]) * swell(gasp) * np.float32(0.04)
        )
        return np.concatenate([wave, np.zeros(samples(0.08), dtype=np.float32), air])

    wave = repeat(rng, n, (0.05, 0.3), cry)
    return indoors(rng, wave)


def whistling(rng: np.random.Generator, n: int) -> Samples:
    """Let someone whistle a tune."""
    base = rng.uniform(900, 1300)
    scale = np.array([0, 2, 4, 5, 7, 9, 11, 12])

    def tune() -> Samples:
        steps = np.clip(np.cumsum(rng.integers(-2, 3, int(rng.integers(4, 9)))) + 3, 0, 7)
        notes = [(step, rng.choice([0.18, 0.36, 0.54])) for step in steps]
        path = np.concatenate([np.full(samples(s), base * 2 ** (scale[k] / 12)) for k, s in notes])
        ends = np.cumsum([samples(s) for _, s in notes])
        level = np.ones(len(path), dtype=np.float32)
        for end in ends:
            level[max(end - 1200, 0) : end] *= np.linspace(
                1, 0.25, min(1200, end), dtype=np.float32
            )
        k = 960
        path = np.convolve(np.pad(path, k, mode="edge"), np.ones(k) / k, mode="same")[k:-k]
        m = len(path)
        path *= 1 + 0.008 * np.sin(2 * np.pi * 5.5 * np.arange(m) / RATE)
        tone = sine(path) + 0.03 * sine(2 * path)
        breath = shaped(rng, m, [(800, -12), (2000, 0), (8000, -10)]) * np.float32(0.02)
        return fade((tone + breath) * level * flutter(rng, m, 6, 1), 0.03, 0.06)

    return indoors(rng, repeat(rng, n, (0.2, 0.8), tune))


KINDS = (
    Kind(
        name="speech",
        plain="person talking",
        family="people",
        make=speech,
        seconds=(2, 6),
        phrases=(
            "a person talking",
            "someone speaking",
            "someone speaking in an unknown language",
            "a voice talking",
            "a person saying something",
        ),
        audioset=(
            "Speech",
            "Male speech, man speaking",
            "Female speech, woman speaking",
            "Narration, monologue",
        ),
    ),
    Kind(
        name="laughter",
        plain="laughter",
        family="people",
        make=laughter,
        seconds=(1.2, 4),
        phrases=(
            "a person laughing",
            "someone laughing out loud",
            "a laughing voice",
            "a burst of laughing",
        ),
        audioset=("Laughter",),
    ),
    Kind(
        name="baby_cry",
        plain="baby crying",
        family="people",
        make=baby_cry,
        seconds=(1.5, 6),
        phrases=("a baby crying", "a crying baby", "an infant wailing", "a newborn baby screaming"),
        audioset=("Baby cry, infant cry", "Crying, sobbing"),
    ),
    Kind(
        name="whistling",
        plain="person whistling",
        family="people",
        make=whistling,
        seconds=(2, 6),
        phrases=(
            "a person whistling a tune",
            "someone whistling",
            "someone whistling a melody",
            "a tune being whistled",
        ),
        audioset=("Whistling",),
    ),
)
