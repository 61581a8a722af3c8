"""A small archive such as a person has: many formats, rates and channels, one long recording.

It is what `earmark demo` works on. Everything in it is made by code from a seed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from earmark.audio.write import write
from earmark.scenes.compose import render
from earmark.scenes.draw import Plan, draw_scene
from earmark.scenes.from_kinds import bank_from_kinds
from earmark.synth.kinds import KINDS, make
from earmark.types import Samples

FIELD = "field-recording.flac"
FIELD_RATE = 32_000
FIELD_SEED = 7
OUTSIDE = (
    "stream", "birds", "wind", "thunder", "church_bell", "dog_bark", "rooster", "owl", "crow_caw",
    "sheep_bleat", "cow_moo", "horse_trot", "footsteps", "bicycle_bell", "train_horn", "gunshot",
    "propeller_plane", "chainsaw",
)  # fmt: skip
GAP = 1.5  # seconds of digital silence between the kinds of an item
PAUSE = (400.0, 430.0)  # seconds: the recorder was stopped, which leaves digital silence


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One file of the archive: what sounds in it, and how it is stored."""

    name: str
    kinds: tuple[str, ...]  # one after the other, with a pause between
    seconds: float  # of each
    rate: int
    channels: int = 1
    subtype: str | None = None
    tags: dict[str, str] = field(default_factory=dict)


ITEMS = (
    Item(
        name="RAINRoof_Rain On A Tin Roof_EARM_DEMO.wav",
        kinds=("roof_rain",),
        seconds=24,
        rate=96_000,
        channels=2,
        subtype="pcm24",
        tags={"title": "Rain on a tin roof", "comment": "shed, evening"},
    ),
    Item(name="yard/dogs.mp3", kinds=("dog_bark", "cat_meow"), seconds=4, rate=44_100, channels=2,
         tags={"title": "Dog, then cat", "artist": "earmark", "genre": "Animals"}),
    Item(name="yard/rooster.ogg", kinds=("rooster", "cow_moo"), seconds=4, rate=44_100),
    Item(name="yard/insects.opus", kinds=("crickets",), seconds=15, rate=48_000, channels=2),
    Item(name="house/door.aiff", kinds=("door_knock", "door_creak", "door_slam"), seconds=3,
         rate=44_100),
    Item(name="house/kitchen.m4a", kinds=("pouring", "glass_breaking"), seconds=4, rate=48_000,
         tags={"title": "Kitchen"}),
    Item(name="house/typing.webm", kinds=("keyboard", "mouse_click"), seconds=5, rate=48_000),
    Item(name="street/siren.wma", kinds=("police_siren", "car_horn"), seconds=6, rate=44_100),
    Item(name="street/train.mp4", kinds=("train_passing", "train_horn"), seconds=8, rate=48_000,
         channels=2),
    Item(name="street/bells.caf", kinds=("church_bell",), seconds=10, rate=22_050),
    Item(name="studio/piano.mkv", kinds=("piano", "guitar"), seconds=5, rate=44_100),
    Item(name="studio/surround thunder.wav", kinds=("thunder",), seconds=9, rate=48_000,
         channels=8),
    Item(name="phone/old answering machine.wav", kinds=("telephone", "speech"), seconds=5,
         rate=8_000),
)  # fmt: skip


def make_archive(folder: Path, *, field_seconds: float = 600.0) -> Iterator[Path]:
    """Write the archive, a file at a time, over what stands there under these names."""
    for number, item in enumerate(ITEMS):
        path = folder / item.name
        path.parent.mkdir(parents=True, exist_ok=True)
        write(
            path,
            _sound(item, seed=number),
            item.rate,
            subtype=item.subtype,
            tags=item.tags,
            overwrite=True,
        )
        yield path
    yield _field_recording(folder / FIELD, field_seconds)
    yield _damaged(folder / "damaged.mp3", folder / "yard/dogs.mp3")


def _sound(item: Item, seed: int) -> Samples:
    """All kinds of an item in turn, spread over its channels: -> [S] or [S, channels]."""
    gap = np.zeros(round(GAP * item.rate), np.float32)
    parts: list[Samples] = []
    for kind in item.kinds:
        parts += [make(kind, seed, seconds=item.seconds, rate=item.rate), gap]
    wave = np.concatenate(parts[:-1])
    if item.channels == 1:
        return wave
    spread = np.linspace(1.0, 0.4, item.channels, dtype=np.float32)
    return wave[:, None] * spread


def _field_recording(path: Path, seconds: float) -> Path:
    """Ten minutes outside, with a pause of the recorder in it."""
    bank = bank_from_kinds(kinds={name: KINDS[name] for name in OUTSIDE})
    plan = Plan(seconds=(seconds, seconds), events=(12, 12), background=1.0, longest=8.0)
    scene = draw_scene(bank, plan, seed=FIELD_SEED, name="field")
    wave = render(scene, bank, FIELD_RATE)
    first, last = (round(min(at, seconds) * FIELD_RATE) for at in PAUSE)
    wave[first:last] = 0
    labels = [event.label.replace("_", " ") for event in scene.events]
    under = scene.background.label.replace("_", " ") if scene.background else "quiet"
    title = f"{under}; {', '.join(labels)}"
    write(path, wave, FIELD_RATE, overwrite=True, tags={"title": title})
    return path


def _damaged(path: Path, like: Path) -> Path:
    """A file with a hole in it, as a failing disk leaves it."""
    data = bytearray(like.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 6000] = bytes(6000)
    path.write_bytes(data)
    return path
