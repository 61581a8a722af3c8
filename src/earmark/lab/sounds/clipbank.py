"""A bank of the very clips that a model learns from, so that scenes are made of real sound.

A sound is called what its caption says. Sounds in which the expert hears the same thing before all
else are of one group: they never share a scene, and where a caption names one of them, a scene with
another is neither right nor wrong. So no listening is needed to tell alike sounds apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt
import soxr

from earmark.errors import DataError
from earmark.lab.sounds.spool import FULL, Entry, Spool
from earmark.scenes import Bank
from earmark.scenes.bank import Sound
from earmark.scenes.cuts import frame_levels
from earmark.scenes.from_clips import loop
from earmark.types import Samples

CLEAR = 0.2  # of a class that an alike sound is known by
STEADY_SECONDS, STEADY_DB = 4.0, 8.0  # a background is as long, and nine tenths of it so alike
CROSSFADE = 0.5  # seconds where a background is joined to itself


def clip_bank(spool: Spool, heard: npt.NDArray[np.float32], names: Sequence[str]) -> Bank:
    """Make a bank of the captioned sounds of a spool: heard [sounds, classes]."""
    kinds = dict[str, list[int]]()
    for number, entry in enumerate(spool.entries):
        if entry.captions and "|" not in entry.name:  # no copy that went through a codec
            kinds.setdefault(_inside(entry.captions[0]), []).append(number)
    if not kinds:
        raise DataError(
            "no sound of [data] train has a caption, so no scene can be made of them",
            hint="name captioned clips, or take clip_scenes out of [data]",
        )
    sounds = list[Sound]()
    for label, numbers in kinds.items():
        scores = heard[numbers].mean(axis=0)
        entries = [spool.entries[number] for number in numbers]
        steady = all(_is_steady(spool, entry) for entry in entries)
        sounds += [
            Sound(
                name=entry.name,
                label=label,
                phrases=tuple(dict.fromkeys(map(_inside, entry.captions))),
                recording=entry.name,
                load=partial(_load, spool, entry, steady),
                texture=steady,
                group=names[int(scores.argmax())] if scores.max() > CLEAR else label,
            )
            for entry in entries
        ]
    return Bank(tuple(sounds))


def _inside(caption: str) -> str:
    """A caption as it stands inside another sentence."""
    text = caption.strip().rstrip(".!").strip()
    return text[:1].lower() + text[1:]


def _is_steady(spool: Spool, entry: Entry) -> bool:
    """Whether a sound is long, and about as loud all through."""
    if entry.length < STEADY_SECONDS * spool.rate:
        return False
    levels = frame_levels(_wave(spool, entry), spool.rate)
    tenths = levels[: len(levels) // 10 * 10].reshape(-1, 10).mean(axis=1)
    low, high = np.quantile(10 * np.log10(tenths + 1e-9), [0.05, 0.95])
    return bool(high - low < STEADY_DB)


def _wave(spool: Spool, entry: Entry) -> Samples:
    part = spool.samples[entry.first : entry.first + entry.length]
    wave: Samples = part.astype(np.float32) / np.float32(FULL)
    return wave


def _load(spool: Spool, entry: Entry, texture: bool, seconds: float | None, rate: int) -> Samples:
    wave = _wave(spool, entry)
    if rate != spool.rate:
        wave = soxr.resample(wave, spool.rate, rate)
    if seconds is None:
        return wave
    wanted = round(seconds * rate)
    if texture:
        return loop(wave, wanted, overlap=min(round(CROSSFADE * rate), len(wave) // 2))
    return wave[:wanted]
