"""A folder of recordings: `earmark index`, beside a plain script with CLAP and FAISS.

Whole processes, on all cores as each takes them. The script (`scripts/index_folder.py`) loads a
file whole and cuts it every 10 s; earmark cuts at quiet places, keeps tokens and names, and lets
decoding go on beside the network.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from itertools import count, cycle
from pathlib import Path

import numpy as np

from earmark.audio.write import write
from earmark.bench.figure import Figure
from earmark.bench.peers.given import Given, Loader
from earmark.bench.peers.turns import beside, in_turns, seconds
from earmark.bench.start import QUIET, usual
from earmark.bench.stock import SOUNDS
from earmark.errors import require
from earmark.synth import make

SCRIPT = Path(__file__).parent / "scripts" / "index_folder.py"
FILES = 16
SHORTEST, LONGEST = 9.0, 59.0  # seconds; no whole number of windows
KINDS = ((44_100, "wav"), (44_100, "flac"), (48_000, "wav"), (96_000, "flac"))


def figures(given: Given, files: int = FILES, runs: int = 6) -> Iterator[Figure]:
    """Index the same files anew in each round."""
    require("faiss", extra="peers")
    room = given.room("folder")
    sounds = room / "sounds"
    length = make_files(sounds, files)
    ours = {name: partial(_indexed, room, sounds, one) for name, one in given.models.items()}
    script = f"{given.loader.called}, CLAP, faiss"
    took = in_turns(ours | {script: partial(_scripted, given, room, sounds)}, runs=runs)
    for name in ours:
        yield beside(
            took[name], took[script], part="folder", unit="s", peer=script,
            what=f"{files} files, {length / 60:.0f} minutes, {name}",
        )  # fmt: skip


def make_files(folder: Path, files: int) -> float:
    """Write stereo files of several kinds and lengths: -> how long they are together."""
    folder.mkdir()
    lengths = np.linspace(SHORTEST, LONGEST, files)
    for number, (length, (rate, suffix)) in enumerate(zip(lengths, cycle(KINDS), strict=False)):
        left, right = (make(kind, number, seconds=length, rate=rate) for kind in _two(number))
        write(folder / f"{number:03d}.{suffix}", np.stack([left, right], axis=1), rate)
    return float(lengths.sum())


def _two(number: int) -> tuple[str, str]:
    kinds = list(SOUNDS)
    return kinds[number % len(kinds)], kinds[(number + 1) % len(kinds)]


LIBRARIES = count()


def _indexed(room: Path, sounds: Path, model: str) -> float:
    library = room / f"library-{next(LIBRARIES)}"
    words = ["index", str(sounds), "--library", str(library), "--model", model]
    took = seconds(partial(_run, [sys.executable, "-m", "earmark", *words]))
    shutil.rmtree(library)
    return took


def _scripted(given: Given, room: Path, sounds: Path) -> float:
    loader: Loader = given.loader
    words = [str(given.clap.repository), str(sounds), str(room / "faiss.index"), loader.package]
    return seconds(partial(_run, [loader.python, str(SCRIPT), *words]))


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, env=usual(), **QUIET)  # noqa: S603 - programs of ours
