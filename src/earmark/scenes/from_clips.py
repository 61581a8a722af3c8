"""A bank of real recordings: any labelled files, from a folder, a manifest or a data set."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from earmark.scenes.bank import Bank, Sound
from earmark.scenes.cuts import FRAME, frame_levels, trim
from earmark.types import Samples

_CROSSFADE = 0.5  # s where a texture is joined to itself


@dataclass(frozen=True, slots=True)
class Clip:
    """A labelled file, or a stretch of one, for a bank of real recordings; fields as of `Sound`."""

    path: Path
    label: str
    phrases: tuple[str, ...]
    recording: str
    texture: bool = False
    group: str = ""
    name: str = ""  # what the truth of a scene calls it; its path, if empty
    start: float = 0.0  # seconds
    end: float | None = None


def bank_from_clips(clips: Iterable[Clip]) -> Bank:
    """Make a bank of labelled files; a texture shorter than its scene is joined to itself."""
    sounds = (
        Sound(
            name=clip.name or clip.path.as_posix(),
            label=clip.label,
            phrases=clip.phrases,
            recording=clip.recording,
            load=partial(_texture if clip.texture else _file, clip),
            texture=clip.texture,
            group=clip.group,
        )
        for clip in clips
    )
    return Bank(tuple(sounds))


def _file(clip: Clip, seconds: float | None, rate: int) -> Samples:
    from earmark.audio.read import read

    wave = read(clip.path, rate=rate, start=clip.start, end=clip.end)
    return wave if seconds is None else wave[: round(seconds * rate)]


def _texture(clip: Clip, seconds: float | None, rate: int) -> Samples:
    """Read what sounds of a file, joined to itself with equal power until it is long enough."""
    wave = _file(clip, None, rate)
    first, end = (round(at * FRAME * rate) for at in trim(frame_levels(wave, rate)))
    wave = wave[first:end]
    if seconds is None or not len(wave):
        return wave
    return loop(wave, round(seconds * rate), overlap=min(round(_CROSSFADE * rate), len(wave) // 2))


def loop(wave: Samples, length: int, *, overlap: int) -> Samples:
    """Join a wave to itself until it has so many samples: [S] -> [length]."""
    if length <= len(wave):
        return wave[:length]
    fade = np.sin(np.linspace(0, np.pi / 2, overlap, dtype=np.float32))
    step = len(wave) - overlap
    out = np.zeros(length + len(wave), dtype=np.float32)
    for start in range(0, length, step):
        piece = wave.copy()
        if start:
            piece[:overlap] *= fade
        piece[step:] *= fade[::-1]
        out[start : start + len(piece)] += piece
    return out[:length]
