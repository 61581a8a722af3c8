"""Birds, insects, frogs and wolves."""

from __future__ import annotations

import numpy as np

from earmark.synth.filters import shape
from earmark.synth.kind import RATE, Kind
from earmark.synth.noise import shaped, wander
from earmark.synth.places import outdoors, with_air
from earmark.synth.timing import add, at_times, beats, endless, fade, repeat, samples, swell
from earmark.synth.tones import buzz, falling, sine, steady
from earmark.synth.voices import Formant, Throat, glide, moved, sing, still
from earmark.types import Samples


def _song(rng: np.random.Generator) -> Samples:
    """Make one phrase of a bird: a motif of short sweeps, said several times: -> [0.3..2 s]."""
    centre = rng.uniform(2500, 5500)
    motif = [
        (rng.uniform(0.04, 0.14), centre * rng.uniform(0.75, 1.3, 3), rng.uniform(0.02, 0.08))
        for _ in range(int(rng.integers(1, 4)))
    ]
    notes: list[Samples] = []
    for _ in range(int(rng.integers(2, 6))):
        for seconds, path, gap in motif:
            m = samples(seconds)
            pitch = glide(m, [(0, path[0]), (0.5, path[1]), (1, path[2])])
            tone = sine(pitch) + 0.08 * sine(2 * pitch)
            notes += [tone * swell(m, 0.8), np.zeros(samples(gap), dtype=np.float32)]
    return np.concatenate(notes) * np.float32(rng.uniform(0.3, 1))


def birds(rng: np.random.Generator, n: int) -> Samples:
    """Let a few birds sing, each from its place."""
    wave = np.zeros(n, dtype=np.float32)
    for _ in range(int(rng.integers(2, 5))):
        every = rng.uniform(1.2, 3.5)
        for at in beats(rng, n, every, 0.5):
            add(wave, at, _song(rng))
    return outdoors(rng, wave, 0.2)


def crow_caw(rng: np.random.Generator, n: int) -> Samples:
    """Let a crow caw."""
    high = rng.uniform(380, 520)
    gap = float(rng.uniform(0.15, 0.5))

    def caw() -> Samples:
        m = samples(rng.uniform(0.2, 0.4))
        pitch = glide(m, [(0, high * 0.85), (0.3, high), (1, high * 0.75)])
        formants = [
            Formant(still(1300), 400),
            Formant(still(1900), 400, 0.8),
            Formant(still(3400), 900, 0.35),
        ]
        wave = sing(rng, pitch, formants, Throat(breath=0.35, tilt=2, rough=0.6))
        return wave * swell(m, 0.5)

    return outdoors(rng, repeat(rng, n, (gap, gap * 2.5), caw), 0.35)


def owl(rng: np.random.Generator, n: int) -> Samples:
    """Let an owl hoot in its rhythm."""
    low = rng.choice([rng.uniform(330, 450), rng.uniform(600, 850)])
    rhythm = [
        (rng.uniform(0.12, 0.45), rng.uniform(0.1, 0.4)) for _ in range(int(rng.integers(1, 5)))
    ]
    bend = rng.uniform(0.7, 0.85)

    def call() -> Samples:
        notes: list[Samples] = []
        for seconds, gap in [*rhythm, (rng.uniform(0.4, 0.8), 0.0)]:
            m = samples(seconds)
            pitch = glide(m, [(0, low * bend), (0.25, low), (0.7, low * 0.95), (1, low * bend)])
            tone = buzz(rng, pitch * (1 + 0.008 * wander(rng, m, 14)), [1, 0.12, 0.08, 0.03, 0.01])
            breath = shaped(rng, m, [(low / 2, -20), (low, 0), (low * 2, -16)]) * np.float32(0.08)
            notes += [(tone + breath) * swell(m, 0.7), np.zeros(samples(gap), dtype=np.float32)]
        return np.concatenate(notes)

    return outdoors(rng, repeat(rng, n, (0.8, 2.2), call), 0.2)


def _night(rng: np.random.Generator, n: int) -> Samples:
    """Make the faint air of a night outside: -> [n]."""
    air = [(40, 0), (300, -12), (2000, -26), (8000, -34)]
    return endless(rng, n, lambda m: shaped(rng, m, air)) * np.float32(0.004)


def crickets(rng: np.random.Generator, n: int) -> Samples:
    """Let a few crickets chirp through the night."""
    wave = np.zeros(n, dtype=np.float32)
    for _ in range(int(rng.integers(1, 5))):
        pitch = rng.uniform(4200, 5200)
        pulses, gap = int(rng.integers(3, 5)), rng.uniform(0.018, 0.026)
        every, level = rng.uniform(0.35, 0.8), rng.uniform(0.3, 1)

        def chirp(
            pitch: float = pitch, pulses: int = pulses, gap: float = gap, level: float = level
        ) -> Samples:
            m = samples(gap)
            tones = [
                sine(steady(m, pitch * rng.uniform(0.995, 1.005))) * swell(m, 1.5) * share
                for share in np.linspace(0.5, 1, pulses)
            ]
            return np.concatenate(tones) * np.float32(level)

        wave += at_times(n, beats(rng, n, every, 0.06), chirp)
    return wave + _night(rng, n)


def _wings(rng: np.random.Generator, m: int, pitch: float, near: float) -> Samples:
    """Beat a pair of wings, unsteadily, now nearer and now farther: -> [m]."""
    course = 0.05 * wander(rng, m, near) + 0.02 * wander(rng, m, 9) + 0.04 * wander(rng, m, 40)
    wave = buzz(rng, steady(m, pitch) * np.exp(course), falling(20, 6))
    return wave * np.exp(0.5 * wander(rng, m, near) + 0.4 * wander(rng, m, 60))


def bee(rng: np.random.Generator, n: int) -> Samples:
    """Let bees buzz about, nearer and farther."""
    pitches = rng.uniform(180, 240) * rng.uniform(0.85, 1.15, int(rng.integers(5, 10)))
    near = rng.uniform(0.6, 1.5)
    base = float(np.mean(pitches))
    curve = [
        (base / 2, -30),
        (base, -3),
        (base * 1.4, -8),
        (base * 2, -5),
        (base * 3, -14),
        (1400, -18),
        (2800, -26),
        (9000, -36),
    ]

    def piece(m: int) -> Samples:
        wave = shaped(rng, m, curve) * np.float32(0.5) * np.exp(0.3 * wander(rng, m, near))
        for pitch in pitches:
            wave += _wings(rng, m, pitch, near) * np.float32(0.4)
        return shape(wave, [(100, -12), (180, 0), (400, 0), (900, -5), (3000, -10)])

    return with_air(rng, endless(rng, n, piece), rng.uniform(-36, -28))


def frogs(rng: np.random.Generator, n: int) -> Samples:
    """Let frogs croak at a pond."""
    wave = np.zeros(n, dtype=np.float32)
    for _ in range(int(rng.integers(1, 4))):
        pulse, low = rng.uniform(35, 90), rng.uniform(500, 900)
        every, seconds = rng.uniform(0.6, 1.3), rng.uniform(0.15, 0.4)
        level = rng.uniform(0.3, 1)

        def croak(
            pulse: float = pulse, low: float = low, seconds: float = seconds, level: float = level
        ) -> Samples:
            m = samples(seconds * rng.uniform(0.8, 1.2))
            pitch = glide(m, [(0, pulse), (1, pulse * 1.25)])
            formants = [
                Formant(moved(m / RATE, low, low * 1.15), 150),
                Formant(still(low * 2.6), 300, 0.5),
            ]
            throat = Throat(breath=0.02, tilt=0, rough=0.05)
            return sing(rng, pitch, formants, throat) * swell(m, 0.6) * np.float32(level)

        wave += at_times(n, beats(rng, n, every, 0.25), croak)
    return wave + _night(rng, n)


def wolf_howl(rng: np.random.Generator, n: int) -> Samples:
    """Let a wolf howl."""
    low = rng.uniform(280, 380)

    def howl() -> Samples:
        m = samples(rng.uniform(2.2, 4))
        path = [(0, low), (0.15, low * 1.7), (0.6, low * rng.uniform(1.5, 1.75)), (1, low * 0.9)]
        pitch = glide(m, path) * (1 + 0.006 * wander(rng, m, 5))
        formants = [
            Formant(moved(m / RATE, 450, 750, 700, 450), 250),
            Formant(still(1500), 400, 0.25),
        ]
        wave = sing(rng, pitch, formants, Throat(breath=0.03, tilt=8, rough=0.03))
        return fade(wave, 0.3, 0.8)

    return outdoors(rng, repeat(rng, n, (0.3, 1.5), howl), 0.5)


KINDS = (
    Kind(
        name="birds",
        plain="birds singing",
        family="wildlife",
        make=birds,
        phrases=(
            "birds singing",
            "birds chirping in the trees",
            "a chorus of birds chirping",
            "small birds twittering",
            "birdsong ringing out at dawn",
        ),
        audioset=("Bird vocalization, bird call, bird song", "Bird", "Chirp, tweet"),
    ),
    Kind(
        name="crow_caw",
        plain="crow",
        family="wildlife",
        make=crow_caw,
        seconds=(0.8, 4),
        phrases=("a crow cawing", "a cawing crow", "a crow calling", "a raven croaking"),
        audioset=("Caw", "Crow"),
    ),
    Kind(
        name="owl",
        plain="owl",
        family="wildlife",
        make=owl,
        seconds=(2.5, 6),
        phrases=(
            "an owl hooting",
            "a hooting owl",
            "an owl calling at night",
            "the hooting of an owl",
        ),
        audioset=("Owl", "Hoot"),
    ),
    Kind(
        name="crickets",
        plain="crickets",
        family="wildlife",
        make=crickets,
        phrases=(
            "crickets chirping",
            "crickets chirping at night",
            "insects chirping in the grass",
            "a cricket singing on a summer night",
        ),
        audioset=("Cricket",),
    ),
    Kind(
        name="bee",
        plain="bee buzzing",
        family="wildlife",
        make=bee,
        phrases=(
            "a bee buzzing",
            "a buzzing bee",
            "an insect buzzing around",
            "a wasp buzzing close by",
        ),
        audioset=("Bee, wasp, etc.", "Buzz"),
    ),
    Kind(
        name="frogs",
        plain="frog croak",
        family="wildlife",
        make=frogs,
        phrases=("a frog croaking", "frogs croaking at a pond", "croaking frogs", "a toad calling"),
        audioset=("Frog", "Croak"),
    ),
    Kind(
        name="wolf_howl",
        plain="wolf howl",
        family="wildlife",
        make=wolf_howl,
        seconds=(3, 7),
        phrases=("a wolf howling", "a howling wolf", "a wolf howling at night", "a dog howling"),
        audioset=("Howl", "Canidae, dogs, wolves"),
    ),
)
