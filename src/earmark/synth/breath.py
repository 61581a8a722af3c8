"""Coughing, sneezing and snoring."""

from __future__ import annotations

import numpy as np

from earmark.synth.filters import room
from earmark.synth.kind import RATE, Kind
from earmark.synth.noise import shaped
from earmark.synth.places import indoors
from earmark.synth.timing import add, envelope, repeat, samples, swell
from earmark.synth.voices import Formant, Throat, glide, sing, speak, still
from earmark.types import Samples


def _wide(size: float) -> list[Formant]:
    return [
        Formant(still(650 / size), 350),
        Formant(still(1650 / size), 500, 0.6),
        Formant(still(2600 / size), 800, 0.4),
        Formant(still(4500 / size), 1200, 0.2),
    ]


def cough(rng: np.random.Generator, n: int) -> Samples:
    """Let someone cough a few times."""
    size = rng.uniform(0.8, 1.05)
    high = rng.uniform(230, 420)

    def one(level: float) -> Samples:
        m = samples(rng.uniform(0.3, 0.4))
        hiss = shaped(
            rng, m, [(200, -12), (600, -2), (1800, 0), (4500, -4), (9000, -12), (16000, -26)]
        )
        burst = speak(hiss, _wide(size), 0.1)
        burst *= envelope(m, [(0, 0), (0.04, 1), (0.09, 0.5), (0.2, 0.2), (m / RATE, 0)])
        pitch = glide(m, [(0, high * 0.7), (0.2, high * 1.2), (0.5, high * 0.8), (1, high * 0.6)])
        voiced = sing(rng, pitch, _wide(size), Throat(breath=0.6, tilt=3, rough=0.6, leak=0.02))
        voiced *= envelope(m, [(0, 0), (0.05, 1), (0.1, 0.8), (0.2, 0.15), (0.26, 0)])
        return (burst + voiced) * np.float32(level)

    def fit() -> Samples:
        times = np.cumsum(rng.uniform(0.25, 0.42, int(rng.integers(2, 5))))
        out = np.zeros(samples(times[-1] + 0.4), dtype=np.float32)
        for count, at in enumerate(times):
            add(out, float(at - times[0]), one(0.85**count))
        return out

    return room(rng, repeat(rng, n, (0.6, 1.5), fit), rng.uniform(0.2, 0.4), 0.15)


def sneeze(rng: np.random.Generator, n: int) -> Samples:
    """Let someone draw breath and sneeze."""
    size = rng.uniform(0.82, 1.05)

    def one() -> Samples:
        m = samples(rng.uniform(0.3, 0.5))
        pitch = glide(m, [(0, 200 / size), (0.7, 280 / size), (1, 340 / size)])
        ah = sing(rng, pitch, _wide(size), Throat(breath=1.5, tilt=10, rough=0.3)) * swell(m, 1.2)
        k = samples(rng.uniform(0.4, 0.6))
        hiss = shaped(rng, k, [(300, -18), (1500, -5), (4000, 0), (9000, -3), (16000, -14)])
        hiss *= envelope(k, [(0, 0), (0.03, 1), (0.12, 0.6), (k / RATE, 0)])
        high = rng.uniform(280, 450) / size
        pitch = glide(k, [(0, high), (0.3, high * 1.2), (1, high * 0.6)])
        choo = sing(rng, pitch, _wide(size), Throat(breath=0.8, tilt=5, rough=0.5, leak=0.02))
        choo *= envelope(k, [(0, 0), (0.06, 0.2), (0.12, 1), (0.25, 0.6), (k / RATE, 0)])
        return np.concatenate(
            [ah * np.float32(0.12), hiss * np.float32(0.6) + choo * np.float32(0.5)]
        )

    return indoors(rng, repeat(rng, n, (0.8, 2.0), one), 0.2)


def snoring(rng: np.random.Generator, n: int) -> Samples:
    """Let a sleeper snore in, and breathe out."""
    rattle, every = rng.uniform(28, 60), rng.uniform(2.8, 4.5)

    def breath() -> Samples:
        m = samples(rng.uniform(0.35, 0.45) * every)
        pitch = glide(m, [(0, rattle * 0.8), (0.5, rattle * 1.1), (1, rattle)])
        formants = [
            Formant(still(rng.uniform(200, 350)), 150),
            Formant(still(rng.uniform(600, 1000)), 300, 0.5),
            Formant(still(2300), 700, 0.2),
        ]
        snore = sing(rng, pitch, formants, Throat(breath=0.8, tilt=1, rough=0.5)) * swell(m, 0.7)
        k = samples(rng.uniform(0.3, 0.4) * every)
        out = shaped(rng, k, [(200, -10), (800, 0), (2500, -6), (8000, -20)]) * swell(k)
        return np.concatenate(
            [snore, np.zeros(samples(0.2), dtype=np.float32), out * np.float32(0.03)]
        )

    return indoors(rng, repeat(rng, n, (0.1, 0.5), breath))


KINDS = (
    Kind(
        name="cough",
        plain="cough",
        family="breath",
        make=cough,
        seconds=(1, 4),
        phrases=(
            "a person coughing",
            "someone coughing hard",
            "a coughing fit",
            "a coughing person",
        ),
        audioset=("Cough",),
    ),
    Kind(
        name="sneeze",
        plain="sneeze",
        family="breath",
        make=sneeze,
        seconds=(0.9, 3),
        phrases=(
            "a person sneezing",
            "someone sneezing loudly",
            "a sneezing person",
            "somebody sneezing",
        ),
        audioset=("Sneeze",),
    ),
    Kind(
        name="snoring",
        plain="snoring",
        family="breath",
        make=snoring,
        seconds=(3, 9),
        phrases=(
            "a person snoring",
            "someone snoring in bed",
            "a snoring sleeper",
            "somebody snoring loudly",
        ),
        audioset=("Snoring",),
    ),
)
