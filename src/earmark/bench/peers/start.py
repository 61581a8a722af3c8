"""A search from the command line, cold: `earmark search`, beside rclip's way with the same model.

rclip finds photos by words. Up to its second version each start imported torch; since its third the
text half runs in onnxruntime. Both read all vectors out of SQLite and sort all scores, which the
scripts do here with CLAP. earmark loads the same half, and its vectors are mapped into memory.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from earmark.bench.figure import Figure
from earmark.bench.peers.given import Given
from earmark.bench.peers.turns import beside, in_turns
from earmark.bench.search import Vectors, drawn, fill
from earmark.bench.start import wall
from earmark.library.nouns import Identity
from earmark.library.store.local import LocalStore
from earmark.model.model import Model

SCRIPTS = Path(__file__).parent / "scripts"
SIZE = 10_000  # moments
WORDS = "a dog barking"
TORCH, ONNX = "rclip's way, torch", "rclip's way, onnxruntime"


def figures(given: Given, size: int = SIZE, runs: int = 9) -> Iterator[Figure]:
    """Time whole processes in turn."""
    room = given.room("start")
    ours = {
        name: partial(wall, _search(_library(room / f"library-{number}", size, model)))
        for number, (name, model) in enumerate(given.models.items())
    }
    float32 = given.clap.bundle("float32")
    database = str(_database(room / "rclip.db", drawn(size, Model.load(float32).width)))
    theirs = {
        TORCH: [str(SCRIPTS / "search_torch.py"), str(given.clap.repository), database, WORDS],
        ONNX: [str(SCRIPTS / "search_onnx.py"), str(float32), database, WORDS],
    }
    took = in_turns(ours | {name: partial(wall, one) for name, one in theirs.items()}, runs=runs)
    for peer in theirs:
        for name in ours:
            yield beside(
                took[name], took[peer], scale=1000, part="start", unit="ms", peer=peer,
                what=f"search, {size:,} moments, {name}",
            )  # fmt: skip


def _search(library: Path) -> list[str]:
    return ["-m", "earmark", "search", WORDS, "--all", "--library", str(library)]


def _library(folder: Path, size: int, model: str) -> Path:
    page = Model.load(model).page
    with closing(LocalStore.create(folder, Identity.of(page, source=model))) as store:
        fill(store, drawn(size, page.width))
    return folder


def _database(path: Path, vectors: Vectors) -> Path:
    """Keep vectors as rclip does, a blob a row."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE moments (name TEXT, vector BLOB NOT NULL)")
        rows = ((f"/drawn/{number:07d}.wav", one.tobytes()) for number, one in enumerate(vectors))
        database.executemany("INSERT INTO moments VALUES (?, ?)", rows)
    return path
