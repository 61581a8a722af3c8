"""How fast folders are indexed, where the time goes, and how much memory hours of sound take.

CPU time, not time on the wall, so that a busy machine tells nearly the same as an idle one. Speed
is per core: seconds of sound for each second of CPU time, whatever the number of threads.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from earmark.bench.figure import Figure, cpu_seconds
from earmark.bench.hearing import make_files, shares
from earmark.bench.memory import beside
from earmark.library.library import Library
from earmark.model.model import Model

MOST_REST = 0.30
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
        yield from _figures_of(Path(folder), sounds, runs)
    yield from beside(INDEX, part="index", what="memory", minutes=MINUTES)


def _figures_of(folder: Path, sounds: Path, runs: int) -> Iterator[Figure]:
    """Index them anew in each round."""
    model, libraries = Model.load(), iter(range(runs + 1))
    yield from shares(
        lambda: _index(folder / f"library-{next(libraries)}", sounds, model),
        sorted(sounds.iterdir()),
        model,
        part="index",
        runs=runs,
        most_rest=MOST_REST,
    )


def _index(library: Path, sounds: Path, model: Model) -> float:
    with Library.create(library, model=model) as opened:
        return cpu_seconds(lambda: opened.index([sounds], jobs=1))
