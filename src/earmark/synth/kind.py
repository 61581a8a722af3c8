"""What a kind of sound is: its maker, the words for it and what an ear expert may call it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from earmark.types import Samples

RATE = 48_000  # Hz; every maker works at this rate

Maker = Callable[[np.random.Generator, int], Samples]  # how many samples at RATE -> [samples]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A sound that can be drawn again and again, each time differently."""

    name: str  # the identifier, "dog_bark"
    plain: str  # what a person would type, "dog bark"
    family: str
    make: Maker  # any level; `earmark.synth.make` sets it
    phrases: tuple[str, ...]  # captions: "a dog barking"
    audioset: tuple[str, ...]  # display names of the same sound in AudioSet
    seconds: tuple[float, float] | None = None  # shortest and longest natural length of an event

    @property
    def texture(self) -> bool:
        """Whether it is steady, and so can be a background of any length."""
        return self.seconds is None
