"""What a moment costs in a library in a folder: bytes, memory, and the time of a search, by size.

The vectors are drawn as for *search*. Opening, memory and times are those of a process of its own,
which knows nothing of how the library was filled; the files are in the system's cache.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from earmark.bench.figure import Figure
from earmark.bench.memory import PEAK
from earmark.bench.search import MOMENTS, drawn, fill, new_store

SIZES = (10_000, 100_000, 1_000_000, 5_000_000)
BLOCK = 250_000  # moments drawn at a time
SEARCHES = 30
SCRIPT = """
import json, sys
from pathlib import Path
from earmark.bench.scale.units import searched
print(json.dumps(searched(Path(sys.argv[1]), int(sys.argv[2]))))
"""


@dataclass(frozen=True, slots=True)
class Unit:
    """What was measured at one size."""

    moments: int
    width: int
    fill_s: float  # writing all of it
    bytes_moment: float  # on disk, rows of the database included
    open_ms: float  # opening and the first search
    memory_mb: float  # most of the process that searched, pages of its files included
    search_ms: tuple[float, ...]  # each search after the first


def measure(moments: int, searches: int = SEARCHES) -> Unit:
    """Fill a library, and let another process search it."""
    with TemporaryDirectory() as folder:
        place = Path(folder) / "library"
        width, took = _filled(place, moments)
        size = sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
        words = [sys.executable, "-c", SCRIPT + PEAK, str(place), str(searches)]
        done = subprocess.run(words, check=True, capture_output=True, text=True)  # noqa: S603
    opened, *later = json.loads(done.stdout)
    return Unit(
        moments, width, took, size / moments, opened, float(done.stderr.split()[-1]), tuple(later)
    )


def _filled(place: Path, moments: int) -> tuple[int, float]:
    """Write so many drawn moments: -> their width, seconds it took without drawing."""
    took = 0.0
    with closing(new_store(place)) as store:
        width = store.identity.width
        for at in range(0, moments, BLOCK):
            vectors = drawn(min(BLOCK, moments - at), width, block=at // BLOCK)
            began = perf_counter()
            fill(store, vectors, first=at // MOMENTS)
            took += perf_counter() - began
    return width, took


def searched(place: Path, searches: int) -> list[float]:
    """Open a library and search it: -> ms of opening and the first search, of each other one."""
    from earmark.library.store.local import LocalStore

    began = perf_counter()
    with closing(LocalStore.open(place)) as store:
        queries, took = drawn(searches + 1, store.identity.width, seed=1), list[float]()
        for query in queries:
            store.nearest(query, limit=100)
            took.append(1000 * (perf_counter() - began))
            began = perf_counter()
    return took


def figures(sizes: tuple[int, ...] = SIZES) -> Iterator[Figure]:
    """Say it for a person to read."""
    for size in sizes:
        yield from told(measure(size))


def told(unit: Unit) -> Iterator[Figure]:
    """The figures of one size."""
    what = f"{unit.moments:,} moments x {unit.width}"
    for value, name in (
        (median(unit.search_ms), "ms a search"),
        (unit.open_ms, "ms to open, and search"),
        (unit.memory_mb, "MB of memory"),
        (unit.bytes_moment, "bytes a moment on disk"),
        (unit.moments / unit.fill_s, "moments/s written"),
    ):
        yield Figure(part="scale", what=what, value=value, unit=name)


def as_json(units: list[Unit], machine: str) -> str:
    """Keep what was measured, for the page that works out more."""
    return json.dumps({"machine": machine, "units": [asdict(one) for one in units]}, indent=1)
