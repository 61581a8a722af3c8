"""The nearest of many vectors: earmark's library beside FAISS, LanceDB and usearch.

The vectors and the queries are those of `bench/search.py`: queries lie off all vectors, as those of
words do. Every engine has one core. A library has a hundred moments a recording and is asked for
the ten best recordings, which takes one more step than the ten best vectors that others are asked
for. Recall is told against an exact pass in float32 for the same question.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from earmark.bench.figure import Figure
from earmark.bench.peers.child import BEST, QUERIES, VECTORS, place_of
from earmark.bench.peers.engines import ENGINES, OURS
from earmark.bench.peers.given import Given
from earmark.bench.peers.turns import beside, in_turns
from earmark.bench.search import MOMENTS, drawn
from earmark.bench.start import usual, wall

SIZES = ((100_000, 512), (1_000_000, 256))  # moments, width
ASKED = 50
CALL = "from earmark.bench.peers.child import {what}; {what}{given!r}"


def figures(
    given: Given, sizes: Sequence[tuple[int, int]] = SIZES, runs: int = 7
) -> Iterator[Figure]:
    """Build, open and ask each engine, size by size."""
    for size, width in sizes:
        room = given.room(f"vectors-{size}")
        yield from _of_size(room, size, width, runs)
        shutil.rmtree(room)


def _of_size(room: Path, size: int, width: int, runs: int) -> Iterator[Figure]:
    vectors, queries = drawn(size, width), drawn(ASKED, width, seed=1)
    np.save(room / VECTORS, vectors)
    np.save(room / QUERIES, queries)
    names = [name for name, one in ENGINES.items() if not one.missing and size <= one.most]
    built = {name: [float(_child("build", name, str(room)))] for name in names}
    disk = {name: [_bytes(place_of(name, room)) / 1e6] for name in names}
    cold = {name: partial(wall, _words("cold", name, str(room))) for name in names}
    opened = in_turns(cold, runs=runs)
    told = _child("warm", names, str(room), runs)
    scores = queries @ vectors.T
    recall = {name: _recall(name, told["found"][name], scores) for name in names}
    label = f"{size:,} x {width}"
    for name, engine in ENGINES.items():
        if name == OURS:
            continue
        if name not in names:
            why = engine.missing or f"not measured beyond {engine.most:,}"
            yield _left_out(label, built[OURS][0], name, why)
            continue
        pair = partial(_pair, label, name)
        yield pair("build", "s", built)
        yield pair("on disk", "MB", disk)
        yield pair("cold: open, one query", "ms", opened, scale=1000)
        yield pair("warm query", "ms", told["took"], scale=1000)
        yield Figure(
            part="vectors", what=f"{label}, recall@{BEST}", value=recall[OURS], unit="%", peer=name,
            theirs=recall[name],
        )  # fmt: skip


def _pair(
    label: str, name: str, what: str, unit: str, all_of_them: dict[str, list[float]], **more: float
) -> Figure:
    ours, theirs = all_of_them[OURS], all_of_them[name]
    return beside(
        ours, theirs, part="vectors", what=f"{label}, {what}", unit=unit, peer=name, **more
    )


def _left_out(label: str, ours: float, name: str, why: str) -> Figure:
    return Figure(
        part="vectors", what=f"{label}, build", value=ours, unit="s", peer=name, missing=why
    )


def _recall(name: str, found: list[list[int]], scores: npt.NDArray[np.float32]) -> float:
    """How many of the ten best are among the ten that were found: scores [queries, moments]."""
    if name == OURS:
        starts = np.arange(0, scores.shape[1], MOMENTS)
        scores = np.maximum.reduceat(scores, starts, axis=1)
    best = np.argsort(-scores, axis=1)[:, :BEST]
    shares = [len(set(a) & set(b)) / BEST for a, b in zip(found, best.tolist(), strict=True)]
    return 100 * float(np.mean(shares))


def _words(what: str, *given: Any) -> list[str]:  # noqa: ANN401 - what Python can write down
    return ["-c", CALL.format(what=what, given=given)]


def _child(what: str, *given: Any) -> Any:  # noqa: ANN401 - what the child hands over
    command = [sys.executable, *_words(what, *given)]
    done = subprocess.run(  # noqa: S603 - this very program
        command, check=True, capture_output=True, text=True, env=usual()
    )
    return json.loads(done.stdout.splitlines()[-1])


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
