"""What is measured of an engine in a process of its own, on one core: build, cold, warm.

    python -c "from earmark.bench.peers.child import build; build('faiss Flat', 'a/folder')"

`a/folder` holds `vectors.npy` and `queries.npy`; each engine has a folder beside them.
"""

from __future__ import annotations

import json
import os
import sys
from functools import partial
from importlib import import_module
from pathlib import Path
from time import perf_counter

import numpy as np

from earmark.bench.peers.engines import ENGINES

VECTORS, QUERIES = "vectors.npy", "queries.npy"
BEST = 10


def place_of(name: str, folder: str | Path) -> Path:
    """Where an engine keeps what it is given."""
    return Path(folder) / f"engine-{list(ENGINES).index(name)}"


def build(name: str, folder: str) -> None:
    """Keep all vectors, and print the seconds that took, without imports."""
    on_one_core()
    vectors = np.load(Path(folder) / VECTORS)
    place = place_of(name, folder)
    place.mkdir()
    import_module(ENGINES[name].module)
    began = perf_counter()
    ENGINES[name].build(vectors, place)
    print_json(perf_counter() - began)


def cold(name: str, folder: str) -> None:
    """Open what was kept and answer one query."""
    on_one_core()
    query = np.load(Path(folder) / QUERIES, mmap_mode="r")[0]
    ENGINES[name].open(place_of(name, folder))(np.array(query), BEST)


def warm(names: list[str], folder: str, runs: int) -> None:
    """Ask all in turn, and print the median seconds of each round and what was found."""
    from earmark.bench.peers.turns import in_turns
    from earmark.bench.search import each

    on_one_core()
    queries = np.load(Path(folder) / QUERIES)
    searches = {name: ENGINES[name].open(place_of(name, folder)) for name in names}
    things = {
        name: partial(each, partial(_ten, search), queries) for name, search in searches.items()
    }
    took = in_turns(things, runs=runs)
    found = {name: [list(one(query, BEST)) for query in queries] for name, one in searches.items()}
    print_json({"took": took, "found": found})


def _ten(search: object, query: object) -> object:
    return search(query, BEST)  # type: ignore[operator]


def on_one_core() -> None:
    """Let every engine have the same one core, whatever threads it starts."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def print_json(found: object) -> None:
    """Hand over what was found."""
    sys.stdout.write(json.dumps(found) + "\n")
