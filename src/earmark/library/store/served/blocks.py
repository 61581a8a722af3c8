"""Tokens as text: some that follow each other are one row, in the bytes in which a folder has them.

A server has no field for bytes, and a row for each token would be twelve thousand an hour.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy as np

from earmark.library.packed import Packed, restore
from earmark.library.store.contract import Tokens
from earmark.library.store.served.link import Link, Row

SIZE = 64  # tokens of a block, where vectors are not very wide
MOST = 48_000  # bytes of a block; as text they are a third more
PAGE = 200  # blocks of one answer
EXTRA = 4 + 4 + 16  # bytes a token beside its vector: scale, weight, times


def size_of(width: int) -> int:
    """How many tokens are a block."""
    return max(1, min(SIZE, MOST // (width + EXTRA)))


def count_of(tokens: int, width: int) -> int:
    """How many blocks some tokens are."""
    return -(-tokens // size_of(width))


def room(width: int) -> int:
    """Bytes that the row of a block takes, about."""
    return size_of(width) * (width + EXTRA) * 4 // 3 + 64


def bytes_a_token(width: int) -> int:
    """Bytes that a token takes as text."""
    return (width + EXTRA) * 4 // 3


def read(  # noqa: PLR0913 - which tokens are asked for, and where
    link: Link,
    collection: str,
    width: int,
    keys: tuple[int, int],
    span: tuple[float, float],
    level: str,
) -> Tokens:
    """Fetch the tokens of a sound whose centres lie in a part of it; its blocks are `keys`."""
    (first, last), (start, end) = keys, span
    condition = f"id < {last}"
    if start > 0:
        condition += f" and last >= {start!r}"
    if np.isfinite(end):
        condition += f" and first < {end!r}"
    rows = list(link.after(collection, first - 1, ("body",), level, condition, page=PAGE))
    whole = tokens_of(rows, width)
    low, high = np.searchsorted(whole.times.mean(axis=1), (start, end))
    part = slice(int(low), int(high))
    return Tokens(whole.tokens[part], whole.weights[part], whole.times[part])


def blocks(packed: Packed, first: int) -> list[Row]:
    """Write the tokens of a sound as rows from this key on."""
    count, width = packed.tokens.shape
    step = size_of(width)
    return [
        _block(packed, slice(at, min(at + step, count)), first + at // step)
        for at in range(0, count, step)
    ]


def tokens_of(rows: Sequence[Row], width: int) -> Tokens:
    """Read blocks that follow each other."""
    parts = [np.frombuffer(base64.b64decode(row["body"]), _kind(width)) for row in rows]
    whole = np.concatenate([np.zeros(0, _kind(width)), *parts])
    tokens = restore(whole["token"], whole["scale"])
    return Tokens(tokens, np.array(whole["weight"]), np.array(whole["times"]))


def _block(packed: Packed, rows: slice, key: int) -> Row:
    part = np.zeros(rows.stop - rows.start, _kind(packed.tokens.shape[1]))
    part["token"], part["scale"] = packed.tokens[rows], packed.token_scales[rows]
    part["weight"], part["times"] = packed.weights[rows], packed.token_times[rows]
    centres = packed.token_times[rows].mean(axis=1)
    text = base64.b64encode(part.tobytes()).decode("ascii")
    first, last = float(centres[0]), float(centres[-1])
    return {"id": key, "first": first, "last": last, "body": text, "vector": [0.0, 0.0]}


def _kind(width: int) -> np.dtype[np.void]:
    return np.dtype(
        [("token", "<i1", (width,)), ("scale", "<f4"), ("weight", "<f4"), ("times", "<f8", (2,))]
    )
