"""Networks that hear and do not learn: a wave to tokens in order of time, and where each lies."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import torch

from earmark.audio.chunk import cut
from earmark.lab.experts import (
    DATA,
    EXPERTS,
    AudioExpert,
    must_exist,
    open_expert,
    refuse_levels,
    usual_place,
)
from earmark.lab.sides import Stream
from earmark.model.model import Model
from earmark.model.page import AUDIO as AUDIO_GRAPH
from earmark.types import Samples

Floats = npt.NDArray[np.float32]
AUDIO = ("efficientat_mn04", "yamnet", "clap", "ast", "whisper", "panns")  # experts that hear
LOGMEL = "logmel"  # what ears that learn are given
SHORTEST = 5.12  # seconds that an expert is given; silence fills up what is shorter


class Tokens(NamedTuple):
    """What a tower made of one sound, or of one sentence."""

    x: Floats  # [T, W]
    weight: Floats  # [T] 0 or more: what a token counts
    middle: Floats  # [T] seconds from the start; of word pieces the place
    levels: tuple[Floats, ...] = ()  # [T, any] each: earlier layers at the same places


class Tower(Protocol):
    """Hears one wave at a rate of its own."""

    name: str
    key: str  # another one wherever it would say another thing
    rate: int  # Hz

    def hear(self, wave: Samples) -> Tokens:
        """Hear: [samples] -> tokens, at least one."""


class ExpertTower:
    """An expert, stretch by stretch; each stretch is cut where it is quiet."""

    def __init__(self, name: str, key: str, expert: AudioExpert) -> None:
        self.name, self.key, self.rate = name, key, expert.rate
        self._expert = expert

    def hear(self, wave: Samples) -> Tokens:
        """Hear: [samples] -> tokens."""
        parts = [self._stretch(wave, one.start, one.stop) for one in cut(wave, self.rate)]
        middle, x, *levels = (np.concatenate(some) for some in zip(*parts, strict=True))
        return Tokens(x, np.ones(len(x), np.float32), middle, tuple(levels))

    def _stretch(self, wave: Samples, start: int, stop: int) -> list[Floats]:
        """Hear one stretch, but not the silence behind it: -> middles, tokens, levels."""
        part = wave[start:stop]
        padded = np.pad(part, (0, max(0, round(SHORTEST * self.rate) - len(part))))
        told = layers(self._expert.hear(torch.from_numpy(padded)[None]).tokens)
        step = len(padded) / len(told[0])
        count = max(1, round(len(part) / step))
        middle = (start + (np.arange(count) + 0.5) * step) / self.rate
        return [middle.astype(np.float32), *(one[:count] for one in told)]


class BundleTower:
    """The audio half of a bundle."""

    def __init__(self, model: Model) -> None:
        self.name, self.key, self.rate = model.name, model.page.files[AUDIO_GRAPH], model.rate
        self._model = model

    def hear(self, wave: Samples) -> Tokens:
        """Hear: [samples] -> tokens."""
        line = self._model.hear_wave(wave, rate=self.rate)
        return Tokens(line.tokens, line.weights, line.times.mean(axis=1).astype(np.float32))


def open_tower(name: str, data: Path, levels: int = 0) -> Tower:
    """Open an expert by its name, from the data folder or its usual place, or a bundle."""
    if name == LOGMEL:
        from earmark.lab.features.raw import LogMelTower  # here: it gives tokens as all here do

        refuse_levels(name, levels, 0)
        return LogMelTower()
    if name not in AUDIO:
        refuse_levels(name, levels, 0)
        return BundleTower(Model.load(name))
    entry = EXPERTS[name]
    place = must_exist(data / entry.file if entry.home == DATA else usual_place(name), entry.home)
    return ExpertTower(name, key_of(place, levels), open_expert(_quick(name), place, levels))


def key_of(place: Path, levels: int = 0) -> str:
    """What a file, or a folder of files, is known by; and, beside it, how much is taken of it."""
    digest = blake2b(digest_size=16)
    for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
        if path.is_file():
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest() + (f" with {levels} levels" if levels else "")


def layers(stream: Stream) -> list[Floats]:
    """What is real of the one row of a stream: tokens, then levels, [T, any] each."""
    found = [one[0, stream.real[0]].cpu().numpy() for one in (stream.x, *stream.levels)]
    return [one.astype(np.float32) for one in found]


def _quick(name: str) -> str:
    """On a CPU onnxruntime runs small inputs quicker than torch."""
    return f"{name}_onnx" if f"{name}_onnx" in EXPERTS else name
