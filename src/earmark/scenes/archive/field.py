"""One long recording outside: events at known times over backgrounds that change, and a pause.

It is made a section at a time: a scene each, drawn as all scenes are, joined by crossfades. Half
way, the recorder is stopped, which leaves digital silence. A background is a minute of a texture,
laid over itself at other places again and again, so that a long one costs no more than a short one.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from threading import Event as Signal

import numpy as np

from earmark.audio.write import write_blocks
from earmark.scenes.archive.truth import Sounding
from earmark.scenes.bank import Bank, Sound
from earmark.scenes.compose import render
from earmark.scenes.draw import Plan, draw_scene
from earmark.scenes.from_kinds import bank_from_kinds
from earmark.scenes.truth import GRID, Scene
from earmark.synth.kinds import KINDS, make
from earmark.types import Samples

RATE = 32_000
SEED = 1807
EVENTS = 4  # of a section
SECTION = 360.0  # seconds, about
BEDS = (
    "birds", "stream", "wind", "light_rain", "heavy_rain",
    "waves", "birds", "crickets", "frogs", "fire",
)  # fmt: skip
OUTSIDE = (
    "bicycle_bell", "car_horn", "chainsaw", "church_bell", "cow_moo", "crow_caw", "dog_bark",
    "fireworks", "footsteps", "gunshot", "helicopter", "horse_trot", "laughter", "owl",
    "police_siren", "propeller_plane", "rooster", "sheep_bleat", "ship_horn", "speech", "thunder",
    "train_horn", "whistling", "wolf_howl",
)  # fmt: skip
TAGS = {"title": "Field recording", "artist": "earmark", "date": "2023-05-14"}
SOURCE = 60.0  # seconds of a texture that are made
PIECE = (20.0, 40.0)  # seconds that it is laid down in
OVERLAP = 3.0  # seconds

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the recording under one background."""

    start: float  # seconds, in the recording
    scene: Scene  # its events clear of the fades
    fades: Span  # seconds at its ends in which it passes into its neighbours

    @property
    def end(self) -> float:
        """Seconds, in the recording."""
        return round(self.start + self.scene.seconds, GRID)


@dataclass(frozen=True, slots=True)
class Field:
    """The file of the recording."""

    name: str
    seconds: float
    after: str = ""

    def make(self, folder: Path, stop: Signal | None = None) -> None:
        """Write the file, unless it is told to stop."""
        blocks = blocks_of(sections(self.seconds), self.seconds, stop or Signal())
        write_blocks(folder / self.name, blocks, RATE, tags=TAGS, overwrite=True)

    def soundings(self) -> Iterator[Sounding]:
        """Tell what is heard, and when: a background to the middle of its fades."""
        for part in sections(self.seconds):
            for one in part.scene.events:
                start, end = (round(part.start + at, GRID) for at in (one.start, one.end))
                yield Sounding(self.name, start, end, one.label)
            assert part.scene.background is not None  # noqa: S101 - the plan wants one
            middle = (part.start + part.fades[0] / 2, part.end - part.fades[1] / 2)
            start, end = (round(at, GRID) for at in middle)
            yield Sounding(self.name, start, end, part.scene.background.label)


@cache
def sections(seconds: float) -> tuple[Section, ...]:
    """Lay out a recording of about so many seconds: the same each time."""
    count = max(2, round(seconds / SECTION))
    fade, pause = round(min(6.0, seconds / 100), GRID), round(min(30.0, seconds / 20), GRID)
    length = round((seconds - pause + (count - 2) * fade) / count, GRID)
    out: list[Section] = []
    start, half = 0.0, count // 2
    for number in range(count):
        fades = (fade * (number not in (0, half)), fade * (number not in (half - 1, count - 1)))
        scene = _scene(number, length, fades)
        out.append(Section(start, scene, fades))
        start = round(out[-1].end + (pause if number == half - 1 else -fades[1]), GRID)
    return tuple(out)


def _scene(number: int, seconds: float, fades: Span) -> Scene:
    """Draw a scene, with its events clear of the fades."""
    inner = round(seconds - sum(fades), GRID)
    plan = Plan(
        seconds=(inner, inner), events=(EVENTS, EVENTS), background=1.0, longest=8.0, overlap=0.0
    )
    scene = draw_scene(_bank(BEDS[number % len(BEDS)]), plan, seed=SEED + number)
    events = (
        replace(one, start=round(one.start + fades[0], GRID), end=round(one.end + fades[0], GRID))
        for one in scene.events
    )
    return replace(scene, seconds=seconds, events=tuple(events))


@cache
def _bank(bed: str) -> Bank:
    """What can happen outside, over one texture that is as long as it has to be."""
    kinds = {name: KINDS[name] for name in (*OUTSIDE, bed)}
    sounds = bank_from_kinds(kinds=kinds, takes=4).sounds
    return Bank(tuple(_as_bed(one) if one.label == bed else replace(one, texture=False)
                      for one in sounds))  # fmt: skip


def _as_bed(sound: Sound) -> Sound:
    take = int(sound.name.rpartition("/")[2])
    return replace(sound, load=partial(_long, sound.label, take))


def _long(kind: str, take: int, seconds: float | None, rate: int) -> Samples:
    """A texture of any length."""
    if seconds is None or seconds <= SOURCE:
        return make(kind, take, seconds=seconds, rate=rate)
    source = make(kind, take, seconds=SOURCE, rate=rate)
    return laid_over(source, round(seconds * rate), rate, np.random.default_rng(take))


def laid_over(source: Samples, length: int, rate: int, rng: np.random.Generator) -> Samples:
    """Join pieces from anywhere in a texture with equal power: [S] -> [length]."""
    overlap = round(OVERLAP * rate)
    up = np.sin(np.linspace(0, np.pi / 2, overlap, dtype=np.float32))
    out = np.zeros(length + overlap, np.float32)  # begins with the first piece's fade
    at = 0
    while at < length:
        size = round(float(rng.uniform(*PIECE)) * rate)
        first = int(rng.integers(0, len(source) - size + 1))
        piece = source[first : first + size].copy()
        piece[:overlap] *= up
        piece[-overlap:] *= up[::-1]
        piece = piece[: len(out) - at]
        out[at : at + len(piece)] += piece
        at += size - overlap
    return out[overlap:]


def blocks_of(parts: tuple[Section, ...], seconds: float, stop: Signal) -> Iterator[Samples]:
    """Make the sound of the sections, one after the other: -> blocks of [samples]."""
    done, tail = 0, np.zeros(0, np.float32)
    for part in parts:
        if stop.is_set():
            raise CancelledError
        yield np.zeros(round(part.start * RATE) - done, np.float32)
        wave = _faded(part)
        wave[: len(tail)] += tail
        whole = len(wave) - round(part.fades[1] * RATE)
        tail = wave[whole:]
        yield wave[:whole]
        done = round(part.start * RATE) + whole
    yield np.zeros(max(0, round(seconds * RATE) - done), np.float32)


def _faded(part: Section) -> Samples:
    """The sound of a section, fading where it passes into another: -> [samples]."""
    bed = part.scene.background
    assert bed is not None  # noqa: S101 - the plan wants one
    wave = render(part.scene, _bank(bed.label), RATE)
    first, last = (round(fade * RATE) for fade in part.fades)
    up = np.sin(np.linspace(0, np.pi / 2, max(first, last), dtype=np.float32))
    wave[:first] *= up[:first]
    wave[len(wave) - last :] *= up[:last][::-1]
    return wave
