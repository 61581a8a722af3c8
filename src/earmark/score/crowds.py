"""Crowds of recordings whose truth is known, as large as a library: clips, and scenes made by code.

A data set has fewer clips than a library has recordings. What is missing is made of two of its
clips each: 5 s with a part of either, at levels and times as in any scene. What is missing of
captioned scenes are scenes of 5 s with up to two sounds, of which nobody wrote a caption.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from earmark.audio.mix import active, power
from earmark.audio.read import read
from earmark.data.rows import Row
from earmark.errors import DataError
from earmark.model.model import Model
from earmark.model.page import AUDIO
from earmark.model.pool import Vectors
from earmark.scenes import Bank, Plan, Scene, bank_from_kinds, draw_pool, draw_scene, render
from earmark.scenes.compose import faded
from earmark.scenes.cuts import cut, frame_levels
from earmark.scenes.from_kinds import groups_of
from earmark.score.questions import (
    Parts,
    Questions,
    ask_captions,
    ask_likes,
    ask_scenes,
    ask_takes,
    tells,
)
from earmark.score.ranking import Scores
from earmark.synth import KINDS, make
from earmark.types import Samples

SHORT = (5.0, 5.0)  # s of what fills a crowd
LONGEST = 3.0  # s of a clip in a mix
LEVEL_DB = (-32.0, -20.0)  # of a clip in a mix
CAPTIONED = 500  # scenes with captions
TAKES = 4  # of each kind of sound
Wave = Callable[[int], Samples]  # at the rate of the model -> [samples]
Note = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Crowd:
    """Recordings and what is asked of them."""

    name: str  # tells it from all others; what was heard of it is kept under it
    questions: Questions
    size: int
    wave: Wave
    rows: tuple[Row, ...] = ()  # the first recordings, where they are clips


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """The searched vectors of a crowd."""

    vectors: npt.NDArray[np.float16]  # [m, width]
    counts: npt.NDArray[np.int64]  # [n], how many each recording has

    @property
    def first(self) -> npt.NDArray[np.float32]:
        """The first vector of each recording: -> [n, width]."""
        rows = self.vectors[np.cumsum(self.counts) - self.counts]
        return np.asarray(rows, np.float32)

    def best(self, asked: npt.NDArray[np.float32]) -> Scores:
        """Score every recording by its best moment: [q, width] -> [q, n]."""
        starts = np.cumsum(self.counts) - self.counts
        near = asked @ self.vectors.astype(np.float32).T
        return np.asarray(np.maximum.reduceat(near, starts, axis=1))


def crowd_of_clips(rows: Sequence[Row], size: int, *, seed: int, rate: int) -> Crowd:
    """All rows whose words tell what is heard, and mixes of two of them up to the size."""
    kept = tuple(row for row in rows if tells(row))
    if len(kept) < 2:
        raise DataError(
            f"{len(kept)} of {len(rows)} rows have a caption in ordinary words",
            hint="name a data set with captions",
        )
    singles: Parts = [(number,) for number in range(len(kept))]
    parts: Parts = [*singles, *_pairs(len(kept), size - len(kept), seed)]
    load = lru_cache(maxsize=None)(lambda place: _wave(kept[place], rate))

    def wave(number: int) -> Samples:
        waves = [load(place) for place in parts[number]]
        return waves[0] if number < len(kept) else _mix(waves, (seed, number), rate)

    names = "\n".join(f"{row.audio.name} {row.start} {row.end}" for row in kept)
    name = f"clips {seed} {names}"
    return Crowd(name, ask_captions(kept).heard_in(parts), len(parts), wave, kept)


def crowd_of_scenes(size: int, *, seed: int, rate: int, first: int = 0, test: bool = True) -> Crowd:
    """Scenes with captions, then scenes without, of takes of all kinds from `first` on."""
    bank = _remembering(bank_from_kinds(takes=TAKES, first=first))
    plan = Plan(captions=1, split="test" if test else "train")
    scenes: list[Scene] = draw_pool(bank, plan, size=CAPTIONED, seed=seed, test=test)
    short = replace(plan, seconds=SHORT, events=(1, 2))
    for number in range(CAPTIONED, size):
        scenes.append(draw_scene(bank, short, seed=seed + number, name=f"{number:06d}"))
    questions = ask_scenes(scenes, bank, test=test)
    name = f"scenes {seed} {first} {test}"
    return Crowd(name, questions, len(scenes), lambda number: render(scenes[number], bank, rate))


def crowd_of_takes(takes: int, *, first: int, rate: int) -> Crowd:
    """So many takes of every kind of sound made by code, each alone; they ask by their sound."""
    drawn = [(kind, first + take) for kind in KINDS.values() for take in range(takes)]
    groups = groups_of(KINDS)
    labels = [kind.name for kind, _ in drawn]

    def wave(number: int) -> Samples:
        kind, take = drawn[number]
        return make(kind.name, take, seconds=SHORT[0] if kind.texture else None, rate=rate)

    questions = ask_takes(labels, [groups[label] for label in labels])
    return Crowd(f"takes {takes} {first}", questions, len(drawn), wave)


def by_sound(crowd: Crowd, heard: Moments) -> tuple[Questions, Vectors, Moments]:
    """Let recordings ask by their sound, clips for others of their label without any mix.

    Gives the questions, a vector that asks each ([q, width]), and those that are asked.
    """
    questions, asked = crowd.questions, heard
    if crowd.rows:
        count = len(crowd.rows)
        questions = ask_likes(crowd.rows)
        asked = Moments(heard.vectors[: heard.counts[:count].sum()], heard.counts[:count])
    return questions, asked.first[[int(place) for place in questions.texts]], asked


def quietly(_: str) -> None:
    """Take note of nothing."""


def hear(model: Model, crowd: Crowd, *, cache: Path | None = None, note: Note = quietly) -> Moments:
    """Hear a crowd, but for what the cache folder holds of it already; the order stays."""
    kept = _Kept.of(model, crowd, cache)
    times, began = model.page.seconds, len(kept.parts)
    for number in range(began, crowd.size):
        line = model.hear_wave(crowd.wave(number), rate=model.rate)
        vectors = line.windows(times.window, times.hop)[0]
        kept.parts.append((vectors if len(vectors) else line.gist()[None]).astype(np.float16))
        note(f"heard {number + 1:,} of {crowd.size:,}")
    if len(kept.parts) > began:
        kept.save()
    parts = kept.parts[: crowd.size]
    return Moments(np.concatenate(parts), np.array([len(part) for part in parts]))


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was heard of a crowd before; a larger one begins with the smaller."""

    path: Path | None
    parts: list[npt.NDArray[np.float16]]

    @classmethod
    def of(cls, model: Model, crowd: Crowd, cache: Path | None) -> _Kept:
        if cache is None:
            return cls(None, [])
        told = f"{model.page.files.get(AUDIO)} {model.page.seconds} {crowd.name}"
        path = cache / f"crowd-{sha256(told.encode()).hexdigest()[:16]}.npz"
        return cls(path, list(_read(path)))

    def save(self) -> None:
        """Write it, at once or not at all."""
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_suffix(".part.npz")
        counts = np.array([len(one) for one in self.parts])
        np.savez(part, vectors=np.concatenate(self.parts), counts=counts)
        part.replace(self.path)


def _read(path: Path) -> Iterator[npt.NDArray[np.float16]]:
    try:
        with np.load(BytesIO(path.read_bytes()), allow_pickle=False) as file:
            vectors, counts = file["vectors"], file["counts"]
    except (OSError, ValueError, KeyError, BadZipFile):
        return
    yield from np.split(vectors, np.cumsum(counts)[:-1])


def _pairs(rows: int, mixes: int, seed: int) -> list[tuple[int, ...]]:
    """Draw two rows for each mix; the first mixes stay when there are more."""
    rng = np.random.default_rng(seed)
    return [tuple(map(int, rng.choice(rows, 2, replace=False))) for _ in range(mixes)]


def _mix(waves: Sequence[Samples], seed: Sequence[int], rate: int) -> Samples:
    """Put the loudest part of each somewhere into 5 s, at levels up to 12 dB apart: -> [S]."""
    rng = np.random.default_rng(seed)
    out = np.zeros(round(SHORT[0] * rate), np.float32)
    for wave in waves:
        found = cut(frame_levels(wave, rate), LONGEST)
        if found is None:  # silent
            continue
        part = faded(wave[round(found.start * rate) : round(found.end * rate)], rate)
        loud = power(part[active(part, rate)])
        level = 10 ** (rng.uniform(*LEVEL_DB) / 20)
        at = int(rng.integers(len(out) - len(part) + 1))
        out[at : at + len(part)] += part * np.float32(level / np.sqrt(loud))
    peak = float(np.abs(out).max())
    return out * np.float32(min(1.0, 0.9 / max(peak, 1e-9)))


def _remembering(bank: Bank) -> Bank:
    """Let each sound keep what was last loaded of it: a crowd needs every one many times."""
    return Bank(tuple(replace(one, load=lru_cache(maxsize=2)(one.load)) for one in bank.sounds))


def _wave(row: Row, rate: int) -> Samples:
    return read(row.audio, rate=rate, start=row.start or 0.0, end=row.end)
