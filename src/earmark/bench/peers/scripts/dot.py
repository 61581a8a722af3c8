"""What rclip does with a query's vector: all vectors out of SQLite, one product, one sort."""

import sqlite3

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]


def vectors(database: str) -> tuple[list[str], Vectors]:
    """Read what is known of every moment: -> names, float32 [n, width]."""
    rows = sqlite3.connect(database).execute("SELECT name, vector FROM moments").fetchall()
    return [name for name, _ in rows], np.stack([np.frombuffer(v, np.float32) for _, v in rows])


def show(query: Vectors, names: list[str], kept: Vectors) -> None:
    """Print the ten best."""
    scores = query @ kept.T
    order = sorted(zip(scores, range(len(scores)), strict=True), reverse=True)
    for score, number in order[:10]:
        print(f"{score:.3f}\t{names[number]}")
