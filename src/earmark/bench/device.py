"""How fast a model hears on each device of this machine, files, decoding and all of one process.

Time on the wall: a graphics card works while the processor decodes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from earmark.bench.figure import Figure, in_turn
from earmark.bench.hearing import FORMATS, SECONDS, make_files
from earmark.library.library import Library
from earmark.model.cores import cores
from earmark.model.device import CPU, DEVICES, Device, why_not
from earmark.model.find import DEFAULT
from earmark.model.model import Model

Tell = Callable[[str], None]


def figures(model: str = DEFAULT, runs: int = 3, *, tell: Tell) -> Iterator[Figure]:
    """Index the same files on the processor and on every card in turn, with all cores."""
    with TemporaryDirectory() as folder:
        place = Path(folder)
        make_files(place / "sounds")
        usual = Model.load(model, device=CPU)
        yield _figure(CPU, _timed(usual, place)(), None)
        for device in DEVICES.values():
            if device is CPU:
                continue
            loaded = Model.load(model, device=device)
            if loaded.device is not device:
                tell(why_not(device))
                continue
            pair = in_turn(_timed(loaded, place), _timed(usual, place), runs=runs)
            yield _figure(device, pair.ours, pair.ratio)


def _timed(model: Model, place: Path) -> Callable[[], float]:
    """Give what indexes all files into a new library: -> seconds."""
    return partial(_index, model, place)


def _index(model: Model, place: Path) -> float:
    with (
        TemporaryDirectory(dir=place) as folder,
        Library.create(Path(folder) / "library", model=model) as library,
    ):
        began = perf_counter()
        library.index([place / "sounds"])
        return perf_counter() - began


def _figure(device: Device, seconds: float, ratio: float | None) -> Figure:
    speed = SECONDS * len(FORMATS) / seconds
    return Figure(
        part="device", what=f"index on {device.name}, {cores()} cores", value=speed,
        unit="x real time", ratio=ratio, peer="" if ratio is None else CPU.name,
    )  # fmt: skip
