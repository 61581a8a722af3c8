"""Animals of the house and of the farm."""

from __future__ import annotations

import numpy as np

from earmark.synth.filters import room
from earmark.synth.kind import RATE, Kind
from earmark.synth.noise import shaped, wander
from earmark.synth.places import indoors, outdoors
from earmark.synth.timing import envelope, fade, pluck, repeat, samples, swell
from earmark.synth.tones import buzz
from earmark.synth.voices import Formant, Throat, glide, moved, sing, still
from earmark.types import Samples


def dog_bark(rng: np.random.Generator, n: int) -> Samples:
    """Let a dog bark, a small one or a large one, alone or in bursts."""
    size = rng.uniform(0.6, 1.5)
    gap = float(rng.uniform(0.12, 0.5))
    rough = rng.uniform(0.4, 0.9)

    def bark() -> Samples:
        m = samples(rng.uniform(0.11, 0.2) * size**0.5)
        high = rng.uniform(480, 620) / size
        pitch = glide(m, [(0, high * 0.6), (0.3, high), (0.6, high * 0.9), (1, high * 0.5)])
        throat = Throat(breath=0.5, tilt=5, rough=rough, leak=0.01)
        formants = [
            Formant(moved(m / RATE, 500 / size, 1000 / size, 600 / size), 260),
            Formant(moved(m / RATE, 1400 / size, 1900 / size, 1500 / size), 350, 0.6),
            Formant(still(3200 / size), 700, 0.25),
        ]
        return sing(rng, pitch, formants, throat) * pluck(m, 0.012, m / RATE * 2.2)

    wave = repeat(rng, n, (gap, gap * 2.5), bark)
    return outdoors(rng, wave)


def cat_meow(rng: np.random.Generator, n: int) -> Samples:
    """Let a cat meow."""
    size = rng.uniform(0.85, 1.2)

    def meow() -> Samples:
        m = samples(rng.uniform(0.5, 1.0))
        base = rng.uniform(430, 560) / size
        pitch = glide(m, [(0, base * 0.9), (0.3, base * 1.35), (0.7, base * 1.2), (1, base * 0.8)])
        formants = [
            Formant(moved(m / RATE, 600, 1300, 1500, 1000, 650), 300),
            Formant(moved(m / RATE, 2400, 2300, 2100, 1500, 1200), 350, 0.5),
            Formant(still(3900 / size), 600, 0.35),
        ]
        wave = sing(rng, pitch, formants, Throat(breath=0.04, tilt=3, rough=0.05))
        return wave * swell(m, 0.7)

    wave = repeat(rng, n, (0.5, 2.0), meow)
    return indoors(rng, wave)


def cow_moo(rng: np.random.Generator, n: int) -> Samples:
    """Let a cow moo, first through the nose and then with an open mouth."""
    size = rng.uniform(0.85, 1.15)

    def moo() -> Samples:
        m = samples(rng.uniform(1.2, 2.2))
        low = rng.uniform(140, 190) / size
        pitch = glide(m, [(0, low * 0.8), (0.2, low), (0.8, low * 1.05), (1, low * 0.85)])
        seconds = m / RATE
        formants = [
            Formant(moved(seconds, 280, 350, 480, 520, 450), 160),
            Formant(moved(seconds, 800, 850, 950, 1000, 900), 300, 0.6),
            Formant(still(1700 / size), 600, 0.3),
            Formant(still(2800 / size), 900, 0.12),
        ]
        wave = sing(rng, pitch, formants, Throat(breath=0.05, tilt=2, rough=0.3, leak=0.01))
        return wave * envelope(
            m, [(0, 0), (0.15, 0.4), (seconds * 0.5, 1), (seconds * 0.9, 0.8), (seconds, 0)]
        )

    return outdoors(rng, repeat(rng, n, (0.6, 2.0), moo), 0.2)


def sheep_bleat(rng: np.random.Generator, n: int) -> Samples:
    """Let a sheep bleat with a shaking voice."""
    high = rng.uniform(150, 260)
    shake = rng.uniform(6.5, 9)

    def bleat() -> Samples:
        m = samples(rng.uniform(0.6, 1.2))
        at = np.arange(m, dtype=np.float32) / RATE
        beat = np.sin(2 * np.pi * shake * at).astype(np.float32)
        pitch = glide(m, [(0, high), (0.2, high * 1.15), (1, high * 0.9)]) * (1 + 0.05 * beat)
        formants = [
            Formant(still(rng.uniform(650, 850)), 160),
            Formant(still(rng.uniform(1300, 1700)), 200, 0.7),
            Formant(still(2700), 350, 0.4),
            Formant(still(3900), 500, 0.2),
        ]
        wave = sing(rng, pitch, formants, Throat(breath=0.15, tilt=3, rough=0.25))
        return fade(wave * (1 + 0.55 * beat), 0.06, 0.2)

    return room(rng, repeat(rng, n, (0.4, 1.6), bleat), rng.uniform(0.3, 0.7), 0.3)


def rooster(rng: np.random.Generator, n: int) -> Samples:
    """Let a rooster crow: two short calls, a rise, and a long one that falls."""
    top = rng.uniform(620, 800)
    levels = np.array([0.8, 1, 0.5, 0.3, 0.2, 0.15, 0.12, 0.12, 0.08, 0.06, 0.04, 0.03])
    levels *= rng.uniform(0.7, 1.3, len(levels))

    def syllable(seconds: float, rough: float, *shares: float) -> Samples:
        m = samples(seconds)
        pitch = glide(m, [(at / (len(shares) - 1), top * share) for at, share in enumerate(shares)])
        shake = 0.004 * wander(rng, m, 9) + 0.03 * rough * wander(rng, m, 90)
        wave = buzz(rng, pitch * np.exp(shake), levels) * np.exp(rough * wander(rng, m, 70))
        air = shaped(rng, m, [(400, -20), (1200, 0), (5000, -4), (12000, -14)])
        return fade(wave + air * np.float32(0.05 + 0.3 * rough), 0.02, min(0.12, seconds / 2))

    def crow() -> Samples:
        short, rise, final = rng.uniform(0.15, 0.25), rng.uniform(0.2, 0.3), rng.uniform(0.8, 1.3)
        return np.concatenate(
            [
                syllable(short, 0.3, 0.82, 0.9, 0.86) * np.float32(0.5),
                np.zeros(samples(rng.uniform(0.06, 0.12)), dtype=np.float32),
                syllable(rise, 0.8, 0.86, 1.08, 0.85) * np.float32(0.8),
                syllable(final, 0.1, 0.98, 1.02, 1.0, 1.01, 1.0, 0.99, 0.97, 0.8),
            ]
        )

    return outdoors(rng, repeat(rng, n, (0.8, 2.5), crow), 0.04)


KINDS = (
    Kind(
        name="dog_bark",
        plain="dog bark",
        family="pets and farm",
        make=dog_bark,
        seconds=(0.6, 4),
        phrases=(
            "a dog barking",
            "a dog woofing loudly",
            "barks of a dog",
            "a barking dog",
            "a dog barking at someone",
        ),
        audioset=("Bark", "Dog", "Bow-wow"),
    ),
    Kind(
        name="cat_meow",
        plain="cat meow",
        family="pets and farm",
        make=cat_meow,
        seconds=(0.8, 4),
        phrases=(
            "a cat meowing",
            "a meowing cat",
            "a cat going miaow",
            "a hungry cat miaowing",
        ),
        audioset=("Meow", "Cat"),
    ),
    Kind(
        name="cow_moo",
        plain="cow moo",
        family="pets and farm",
        make=cow_moo,
        seconds=(1.8, 5),
        phrases=("a cow mooing", "a mooing cow", "a cow going moo", "a cow lowing in a field"),
        audioset=("Moo", "Cattle, bovinae"),
    ),
    Kind(
        name="sheep_bleat",
        plain="sheep bleating",
        family="pets and farm",
        make=sheep_bleat,
        seconds=(1, 4),
        phrases=("a sheep bleating", "a bleating sheep", "a sheep baaing", "a sheep going baa"),
        audioset=("Bleat", "Sheep", "Goat"),
    ),
    Kind(
        name="rooster",
        plain="rooster",
        family="pets and farm",
        make=rooster,
        seconds=(1.8, 4.5),
        phrases=(
            "a rooster crowing",
            "a cock crowing at dawn",
            "a crowing rooster",
            "a cockerel calling cock-a-doodle-doo",
        ),
        audioset=("Crowing, cock-a-doodle-doo", "Chicken, rooster"),
    ),
)
