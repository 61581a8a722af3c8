"""Takes of sounds made by code, far from those that tests, demos and benchmarks use."""

from __future__ import annotations

from functools import partial

from earmark import __version__
from earmark.lab.sounds.spool import Take
from earmark.scenes import bank_from_kinds
from earmark.synth.kinds import KINDS, make
from earmark.types import Samples

FIRST_SEED = 100_000  # training hears nothing below; evaluations draw from 0
DEV_SEED = 90_000


def synthetic_takes(count: int, first: int = FIRST_SEED) -> list[Take]:
    """Make so many takes of every kind, by seeds from `first` on; the words are of training."""
    words = bank_from_kinds(takes=1)
    return [
        Take(
            f"synth:{name}/{seed}",
            partial(_load, name, seed),
            "",
            name,
            tuple(words.phrases(name)),
            __version__,
        )
        for name in KINDS
        for seed in range(first, first + count)
    ]


def _load(kind: str, seed: int, rate: int) -> Samples:
    return make(kind, seed, rate=rate)
