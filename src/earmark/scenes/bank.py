"""A bank: the sounds that scenes are composed of, with words for them, synthetic or from files.

A bank's phrases are true of every sound with that label. Of three phrases or more, every third is
kept for testing. Splitting goes by recording, so that no recording is heard on both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np

from earmark.errors import DataError
from earmark.scenes import cuts
from earmark.scenes.cuts import Cut, Levels
from earmark.types import Samples

RATE = 32_000  # Hz, of scenes unless asked otherwise, and of the measuring of sounds

Load = Callable[[float | None, int], Samples]  # seconds (None: as long as it is), rate -> [samples]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """One sound that can be put into a scene; it is the same every time it is loaded."""

    name: str  # no other sound of the bank has it
    label: str
    phrases: tuple[str, ...]  # noun phrases with a verb in -ing: "a dog barking"
    recording: str
    load: Load  # a texture gives any length that is asked
    texture: bool = False  # steady: can be a background
    group: str = ""  # of labels that a general word, or an ear, confuses; the label itself if empty


@dataclass(frozen=True)
class Bank:
    """Sounds by name and by label; what was measured of a sound is kept."""

    sounds: tuple[Sound, ...]
    by_name: dict[str, Sound] = field(init=False, repr=False, compare=False)
    by_label: dict[str, tuple[Sound, ...]] = field(init=False, repr=False, compare=False)
    _levels: dict[str, Levels] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        if not self.sounds:
            raise DataError("a bank without sounds", hint="give it sounds, or a larger share")
        ordered = sorted(self.sounds, key=lambda sound: (sound.label, sound.name))
        by_name = {sound.name: sound for sound in ordered}
        if len(by_name) < len(ordered):
            raise ValueError(f"{len(ordered)} sounds share {len(by_name)} names")
        by_label: dict[str, tuple[Sound, ...]] = {}
        for sound in ordered:
            by_label[sound.label] = (*by_label.get(sound.label, ()), sound)
        object.__setattr__(self, "by_name", by_name)
        object.__setattr__(self, "by_label", by_label)

    def group(self, label: str) -> str:
        """Group of a label."""
        return self.by_label[label][0].group or label

    def textures(self) -> list[str]:
        """Labels that can be a background."""
        return [label for label, sounds in self.by_label.items() if sounds[0].texture]

    def phrases(self, label: str, *, test: bool = False) -> list[str]:
        """Words for a label: those of training, or those kept for testing (all if under three)."""
        every = list(dict.fromkeys(p for sound in self.by_label[label] for p in sound.phrases))
        if len(every) < 3:
            return every
        return [phrase for place, phrase in enumerate(every) if (place % 3 == 2) == test]

    def cut(self, sound: Sound, longest: float) -> Cut:
        """Choose the part of a sound that is its event, at most so many seconds."""
        if sound.name not in self._levels:
            self._levels[sound.name] = cuts.frame_levels(sound.load(None, RATE), RATE)
        found = cuts.cut(self._levels[sound.name], longest)
        if found is None:
            raise DataError(f"{sound.name} is silent", hint="leave it out of the bank")
        return found


def split_bank(bank: Bank, shares: Mapping[str, float], *, seed: int = 0) -> dict[str, Bank]:
    """Split by recording into parts of about these shares; where a recording goes never changes."""
    if abs(sum(shares.values()) - 1) > 1e-6 or min(shares.values()) <= 0:
        raise ValueError(f"shares {dict(shares)} are not positive with a sum of 1")
    parts: dict[str, list[Sound]] = {name: [] for name in shares}
    ends = np.cumsum(list(shares.values()))
    for sound in bank.sounds:
        place = int(np.searchsorted(ends, _fraction(sound.recording, seed), side="right"))
        parts[list(shares)[min(place, len(ends) - 1)]].append(sound)
    return {name: Bank(tuple(sounds)) for name, sounds in parts.items()}


def _fraction(recording: str, seed: int) -> float:
    """A number of [0, 1) that belongs to a recording."""
    digest = blake2b(f"{seed}:{recording}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
