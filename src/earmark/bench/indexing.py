"""How fast folders are indexed, where the time goes, and how much memory hours of sound take.

CPU time, not time on the wall, so that a busy machine tells nearly the same as an idle one. Speed
is per core: seconds of sound for each second of CPU time, whatever the number of threads.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np

from earmark.audio.read import open_sound
from earmark.audio.write import write
from earmark.bench.figure import Figure, cpu_seconds
from earmark.bench.memory import beside
from earmark.library.library import Library
from earmark.model.model import Model
from earmark.model.stretches import Window
from earmark.synth import make

FORMATS = ("wav", "flac", "mp3", "ogg", "m4a")
SECONDS = 120.0  # of each file
RATE = 44_100
LEAST, MOST_REST = 200.0, 0.30
MINUTES = (3, 180)
INDEX = """
import sys
from earmark.library.library import Library
library = Library.create(sys.argv[2])
report = library.index([sys.argv[1]], jobs=1)
assert report.indexed == 1, report
library.search("wind")
"""


def figures(runs: int = 3) -> Iterator[Figure]:
    """Index stereo files of five formats; then one of three hours."""
    with TemporaryDirectory() as folder:
        sounds = Path(folder) / "sounds"
        make_files(sounds)
        yield from _shares(Path(folder), sounds, runs)
    yield from beside(INDEX, part="index", what="memory", minutes=MINUTES)


def make_files(folder: Path) -> None:
    """Write the same kind of sound in each format, two minutes of stereo at 44.1 kHz."""
    folder.mkdir()
    for number, suffix in enumerate(FORMATS):
        wave = make("heavy_rain", number, seconds=SECONDS, rate=RATE)
        write(folder / f"rain.{suffix}", np.stack([wave, wave[::-1]], axis=1), RATE)


def _shares(folder: Path, sounds: Path, runs: int) -> Iterator[Figure]:
    """Measure every step in each round, so that a share is of what the whole took then."""
    model, seconds = Model.load(), SECONDS * len(FORMATS)
    paths = sorted(sounds.iterdir())
    model.open_ears()
    windows = [window for path in paths for window in _windows(path, model)]
    rounds = []
    for number in range(runs + 1):
        total = _index(folder / f"library-{number}", sounds, model)
        decode = cpu_seconds(lambda: _decode(paths, model.rate))
        front = cpu_seconds(lambda: _fronts(model, windows))
        network = cpu_seconds(lambda: [model.hear_window(one) for one in windows]) - front
        rest = total - decode - network
        rounds.append(
            (seconds / total, *(100 * part / total for part in (decode, front, network, rest)))
        )
    speed, *shares, rest = (median(column) for column in zip(*rounds[1:], strict=True))
    yield Figure(
        part="index", what=f"{len(FORMATS)} formats, stereo", value=speed,
        unit="x real time per core", budget=f"at least {LEAST:g}", met=speed >= LEAST,
    )  # fmt: skip
    for name, share in zip(("decoding", "front end", "network"), shares, strict=True):
        yield Figure(part="index", what=f"{name} alone", value=share, unit="%")
    yield Figure(
        part="index", what="all but decoding and network", value=rest, unit="%",
        budget=f"at most {MOST_REST:.0%}", met=rest <= 100 * MOST_REST,
    )  # fmt: skip


def _index(library: Path, sounds: Path, model: Model) -> float:
    with Library.create(library, model=model) as opened:
        return cpu_seconds(lambda: opened.index([sounds], jobs=1))


def _decode(paths: list[Path], rate: int) -> None:
    for path in paths:
        with open_sound(path, rate=rate) as sound:
            for _ in sound:
                pass


def _windows(path: Path, model: Model) -> list[Window]:
    with open_sound(path, rate=model.rate) as sound:
        return list(model.windows(sound))


def _fronts(model: Model, windows: list[Window]) -> None:
    for window in windows:
        for front in model.page.fronts:
            front.make(window.wave)
