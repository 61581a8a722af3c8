"""A recording of three hours: the most memory that indexing it takes, and that loading it takes.

`earmark index` is the whole command, with the model, the library and all threads. `librosa.load`
does nothing but give the wave at the rate that CLAP hears, which a pipeline then still has to hear.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path

import numpy as np

from earmark.audio.write import write_blocks
from earmark.bench.figure import Figure
from earmark.bench.memory import MOST_MB, peak_mb
from earmark.bench.peers.given import RATE, Given, Loader
from earmark.synth import make

MINUTES = 180
FILE_RATE = 44_100
INDEX = """
import sys
from earmark.cli.main import main
sys.stdout = open(sys.argv[2] + ".said", "w")
assert main(["index", sys.argv[1], "--library", sys.argv[2]]) == 0
"""
LOAD = """
import sys
sys.path.insert(0, {scripts!r})
from load import loaders
loaders[sys.argv[2]](sys.argv[1])
"""
SCRIPTS = Path(__file__).parent / "scripts"
MEMORY = Path("/proc/meminfo")


def figures(given: Given, minutes: int = MINUTES) -> Iterator[Figure]:
    """Index a stereo FLAC of three hours, and load it."""
    if sys.platform == "win32":
        return  # as for `earmark bench memory`
    room = given.room("memory")
    path = _file(room / "long.flac", minutes)
    ours = peak_mb(INDEX, str(path), str(room / "library"))
    wanted = _wanted(minutes)
    fits = wanted <= _free()
    theirs = _loaded(given.loader, path) if fits else None
    shutil.rmtree(room)  # a gigabyte
    yield Figure(
        part="memory", what=f"index, stereo FLAC of {minutes} minutes", value=ours, unit="MB",
        ratio=ours / theirs if theirs else None, peer=given.loader.called, theirs=theirs,
        missing="" if fits else f"needs some {wanted:,.0f} MB, which are not free",
        budget=f"under {MOST_MB:g} MB", met=ours < MOST_MB,
    )  # fmt: skip


def _loaded(loader: Loader, path: Path) -> float:
    script = LOAD.format(scripts=str(SCRIPTS))
    return peak_mb(script, str(path), loader.package, python=loader.python)


def _file(path: Path, minutes: int) -> Path:
    left, right = (make("wind", seed, seconds=60.0, rate=FILE_RATE) for seed in (1, 2))
    write_blocks(path, repeat(np.stack([left, right], axis=1), minutes), FILE_RATE)
    return path


def _wanted(minutes: int) -> float:
    """MB of the wave in float32: as it is read, both channels and their mean, then resampled."""
    return 60 * minutes * 4 * (3 * FILE_RATE + 2 * RATE) / 1e6


def _free() -> float:
    """MB that the system can give without trouble, where it says so."""
    if not MEMORY.is_file():
        return float("inf")
    told = dict(line.split(":") for line in MEMORY.read_text(encoding="ascii").splitlines())
    return float(told["MemAvailable"].split()[0]) / 1e3
