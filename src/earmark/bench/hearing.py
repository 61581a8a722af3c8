"""How fast files become tokens, and where the time goes: decoding, front end, network, the rest.

CPU time of one thread, so that a busy machine tells nearly the same as an idle one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np

from earmark.audio.read import open_sound
from earmark.audio.write import write
from earmark.bench.figure import Figure, cpu_seconds
from earmark.model.find import DEFAULT
from earmark.model.model import Model
from earmark.model.stretches import Window
from earmark.synth import make

FORMATS = ("wav", "flac", "mp3", "ogg", "m4a")
SECONDS = 120.0  # of each file
RATE = 44_100
LEAST = 200.0  # times real time on one core


def figures(model: str = DEFAULT, runs: int = 3) -> Iterator[Figure]:
    """Hear stereo files of five formats, decoding included."""
    opened = Model.load(model)
    with TemporaryDirectory() as folder:
        sounds = Path(folder) / "sounds"
        make_files(sounds)
        paths = sorted(sounds.iterdir())
        yield from shares(lambda: _hear(paths, opened), paths, opened, part="hear", runs=runs)


def make_files(folder: Path) -> None:
    """Write the same kind of sound in each format, two minutes of stereo at 44.1 kHz."""
    folder.mkdir()
    for number, suffix in enumerate(FORMATS):
        wave = make("heavy_rain", number, seconds=SECONDS, rate=RATE)
        write(folder / f"rain.{suffix}", np.stack([wave, wave[::-1]], axis=1), RATE)


def shares(  # noqa: PLR0913 - the last ones by keyword
    whole: Callable[[], float],
    paths: Sequence[Path],
    model: Model,
    *,
    part: str,
    runs: int,
    most_rest: float | None = None,
) -> Iterator[Figure]:
    """Measure the whole and every step in each round, so that a share is of what it took then."""
    seconds = SECONDS * len(paths)
    model.open_ears()
    windows = [window for path in paths for window in _windows(path, model)]
    rounds = []
    for _ in range(runs + 1):
        total = whole()
        decode = cpu_seconds(lambda: _decode(paths, model.rate))
        front = cpu_seconds(lambda: _fronts(model, windows))
        network = cpu_seconds(lambda: [model.hear_window(one) for one in windows]) - front
        parts = (decode, front, network, total - decode - network)
        rounds.append((seconds / total, *(100 * part / total for part in parts)))
    speed, *each, rest = (median(column) for column in zip(*rounds[1:], strict=True))
    yield Figure(
        part=part, what=f"{len(paths)} formats, stereo", value=speed,
        unit="x real time per core", budget=f"at least {LEAST:g}", met=speed >= LEAST,
    )  # fmt: skip
    for name, share in zip(("decoding", "front end", "network"), each, strict=True):
        yield Figure(part=part, what=f"{name} alone", value=share, unit="%")
    budget = "" if most_rest is None else f"at most {most_rest:.0%}"
    yield Figure(
        part=part, what="all but decoding and network", value=rest, unit="%",
        budget=budget, met=None if most_rest is None else rest <= 100 * most_rest,
    )  # fmt: skip


def _hear(paths: Sequence[Path], model: Model) -> float:
    return cpu_seconds(lambda: [model.hear(path) for path in paths])


def _decode(paths: Sequence[Path], rate: int) -> None:
    for path in paths:
        with open_sound(path, rate=rate) as sound:
            for _ in sound:
                pass


def _windows(path: Path, model: Model) -> list[Window]:
    with open_sound(path, rate=model.rate) as sound:
        return list(model.windows(sound))


def _fronts(model: Model, windows: Sequence[Window]) -> None:
    for window in windows:
        for front in model.page.fronts:
            front.make(window.wave)
