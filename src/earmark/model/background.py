"""`background.npz`: gists of many kinds of sound, in 8 bits with a scale each.

They say what scores a query gets from sounds that nobody asked for, which a small library cannot. A
vector x is stored as round(x / scale) with scale = max|x| / 127.
"""

from __future__ import annotations

import io
from zipfile import BadZipFile

import numpy as np

from earmark.errors import EarmarkError
from earmark.model.page import BACKGROUND
from earmark.model.pool import Vectors

LEAST = 8  # vectors; of fewer no spread can be told
BYTES = 200_000  # that the file may have


def background_bytes(vectors: Vectors) -> bytes:
    """Make the file of vectors of unit length: [b, width] -> bytes, the same for the same ones."""
    largest = np.abs(vectors).max(axis=1)
    scales = (np.maximum(largest, np.finfo(np.float32).tiny * 127) / 127).astype(np.float32)
    small = np.rint(vectors / scales[:, None]).astype(np.int8)
    file = io.BytesIO()
    np.savez_compressed(file, gists=small, scales=scales)
    return file.getvalue()


def read_background(content: bytes, width: int) -> Vectors:
    """Read the file: -> [b, width], of unit length again."""
    small, scales = _arrays(content)
    fits = small.ndim == 2 and small.shape[1] == width and scales.shape == small.shape[:1]
    if not fits or len(small) < LEAST or not np.isfinite(scales).all():
        raise _misfit(f"{small.shape} numbers with {scales.shape} scales, for vectors of {width}")
    vectors = small.astype(np.float32) * scales.astype(np.float32)[:, None]
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not lengths.all():
        raise _misfit("there is a vector of nothing but zeros in it")
    unit: Vectors = vectors / lengths
    return unit


def _arrays(content: bytes) -> tuple[Vectors, Vectors]:
    if not content.startswith(b"PK"):  # numpy would take other files for an array
        raise _misfit("it cannot be read")
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            return file["gists"], file["scales"]
    except (ValueError, KeyError, OSError, EOFError, BadZipFile) as error:
        raise _misfit("it cannot be read") from error


def _misfit(problem: str) -> EarmarkError:
    return EarmarkError(
        f"{BACKGROUND} does not fit its bundle: {problem}",
        hint="export the bundle again, or copy it again from where it was made",
    )
