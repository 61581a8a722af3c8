"""All that a library in a folder holds, read without the code that is tested."""

import json
import sqlite3
from contextlib import closing

import numpy as np

COLUMNS = {  # file: type of a number, numbers a row (0: the width), per token
    "gists.i8": ("<i1", 0, False),
    "gists.f16": ("<f2", 0, False),
    "scales.f32": ("<f4", 1, False),
    "times.f64": ("<f8", 2, False),
    "tokens.i8": ("<i1", 0, True),
    "token-scales.f32": ("<f4", 1, True),
    "weights.f32": ("<f4", 1, True),
    "token-times.f64": ("<f8", 2, True),
}
RECORDINGS = (
    "SELECT roots.path, recordings.path, size, mtime, recordings.digest, reason, tags, ucs, "
    "warnings, seconds, first, moments, token, tokens FROM recordings "
    "JOIN roots ON roots.id = root LEFT JOIN sounds ON sounds.id = sound"
)


def state_of(folder):
    """Every recording by its root and path, with the bytes of all that was heard in it."""
    with closing(sqlite3.connect(folder / "library.db")) as db:
        settings = dict(db.execute("SELECT key, value FROM settings"))
        width = json.loads(settings["identity"])["width"]
        volume = folder / "vectors" / f"{int(settings['volume']):06d}"
        found = db.execute(RECORDINGS).fetchall()
        sounds = db.execute("SELECT count(*), count(DISTINCT digest) FROM sounds").fetchone()
        words = db.execute("SELECT path, tags, ucs FROM words").fetchall()
    state = {row[:2]: (*row[2:10], *_rows(volume, width, row[10:])) for row in found}
    return state, sounds, sorted(words), settings["keeps_tokens"]


def _rows(volume, width, spot):
    first, moments, token, tokens = spot
    if first is None:
        return
    for name, (kind, numbers, per_token) in COLUMNS.items():
        size = np.dtype(kind).itemsize * (numbers or width)
        at, count = (token, tokens) if per_token else (first, moments)
        data = (volume / name).read_bytes() if count else b""
        assert len(data) >= (at + count) * size
        yield data[at * size : (at + count) * size]


def heard(folder):
    """What was heard in every recording, by its path below its root, whenever it was changed."""
    found, *_ = state_of(folder)
    return {path: (row[0], *row[2:]) for (_, path), row in found.items()}


def files_of(folder):
    """Every file below a folder, with its bytes and its time."""
    return {
        path.relative_to(folder): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }
