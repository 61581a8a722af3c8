"""A small folder of sounds and a library of them, for the tests of commands."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from earmark.audio.write import write
from earmark.cli.main import main
from earmark.synth import make

RATE = 16_000
SOUNDS = {  # 4 s of each: kind, tags
    "rain/RAINRoof_Rain On A Tin Roof_EARM_DEMO.wav": (
        "roof_rain",
        {"title": "Rain on a tin roof"},
    ),
    "street/dogs.mp3": ("dog_bark", {"artist": "Ann"}),
    "street/siren.flac": ("police_siren", {}),
    "studio/piano.ogg": ("piano", {"comment": "warm up"}),
    "house/clock.wav": ("clock_tick", {}),
    "house/vacuum.m4a": ("vacuum_cleaner", {}),
}
COPY = ("house/clock.wav", "old/tick tock.wav")
BAD = "old/broken.wav"


def fill(folder: Path) -> Path:
    """Write the sounds, a copy of one, a broken file, and a text."""
    for seed, (name, (kind, tags)) in enumerate(SOUNDS.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, make(kind, seed, seconds=4.0, rate=RATE), RATE, tags=tags)
    (folder / "old").mkdir()
    shutil.copyfile(folder / COPY[0], folder / COPY[1])
    (folder / BAD).write_bytes(b"no sound " * 100)
    (folder / "notes.txt").write_text("none either", encoding="utf-8")
    return folder


def new_library(place: Path) -> None:
    """Index the sounds of a place into a library beside them."""
    assert main(["index", str(place / "sounds"), "--library", str(place / "library")]) == 0


def plain(text: str, place: Path) -> str:
    """Put PLACE for the folder, and 0 for how long it took."""
    text = text.replace(str(place), "PLACE")
    return re.sub(r'"took_ms": [\d.]+', '"took_ms": 0', text)


def vague(text: str, place: Path) -> str:
    """Leave out what a model says as well: how sure it is, and from when to when."""
    text = re.sub(r"\d\.\d\d (sure|likely|maybe|doubtful)", "P", plain(text, place))
    text = re.sub(r"\d+:\d\d\.\d - \d+:\d\d\.\d", "SPAN", text)
    return re.sub(r" {2,}", "  ", text)
