"""The log of a library: entries as rows, rows as entries, and which of them count.

A row's key is its *epoch*, one for each time that somebody writes, and its place in it. The first
row of an epoch (place 0) says behind which row it follows (`base`), or that it follows none and
holds the whole library (`ANEW`). So the rows that count are a chain, told from its end:

    epoch 1   0 1 2 3 4 [5 6]      row 5 came from a writer who had lost the right to write
    epoch 3   0 1 2                base: epoch 1, row 4

An entry that is too long for one row has several; it counts once all of them are there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from earmark.library.store.served.link import Row

EPOCH = 1 << 40  # rows of an epoch, at most
ANEW, WITHIN = -1, -2  # bases of a first row that follows none, and of rows that are no first
MOST = 60_000  # bytes of a row's text; servers take 65,535
NONE = -1  # the place before all rows
FIELDS = ("base", "more", "body")

Entry = dict[str, Any]


def rows_of(entry: Mapping[str, Any], start: int, base: int = WITHIN) -> list[Row]:
    """Write an entry as rows from this key on; signs that are no text survive, as escapes."""
    text = json.dumps(entry, separators=(",", ":"))
    parts = [text[at : at + MOST] for at in range(0, len(text), MOST)]
    return [
        {
            "id": start + n,
            "base": base if n == 0 else WITHIN,
            "more": len(parts) - 1 - n,
            "body": part,
            "vector": [0.0, 0.0],
        }
        for n, part in enumerate(parts)
    ]


def epoch_of(key: int) -> int:
    """In which epoch a row is."""
    return key // EPOCH


def first_of(epoch: int) -> int:
    """The key of an epoch's first row."""
    return epoch * EPOCH


def chain(bases: Mapping[int, int]) -> list[tuple[int, int | None]]:
    """Tell which rows count, from the first rows of all epochs: [first row, last row], in order.

    The last row of the last epoch is not known: None.
    """
    spans: list[tuple[int, int | None]] = []
    first, last = max(bases, default=NONE), None
    while first != NONE:
        spans.append((first, last))
        last = bases[first]
        if last == ANEW:
            break
        first = first_of(epoch_of(last))
        if first not in bases:
            return []  # the part that it follows is not there, or not yet
    return spans[::-1]


class Follower:
    """Reads rows in order, and gives the entries that are whole."""

    def __init__(self, position: int) -> None:
        self.position = position  # the last row of the last whole entry
        self.strayed = False  # a row follows another one than the last that was read
        self._parts: list[str] = []
        self._at = position

    def entries(self, rows: Iterable[Row]) -> Iterator[Entry]:
        """Go on with these rows; what follows nothing that was read is passed over."""
        for row in rows:
            if not self._follows(row):
                if self.strayed:
                    return
                continue
            self._at = int(row["id"])
            self._parts.append(row["body"])
            if not row["more"]:
                entry = json.loads("".join(self._parts))
                self._parts, self.position = [], self._at
                yield entry

    def _follows(self, row: Row) -> bool:
        if row["base"] == WITHIN:
            return bool(row["id"] == self._at + 1)
        self._parts = []  # of a writer who was stopped in the middle of an entry
        self.strayed = row["base"] != self.position
        return not self.strayed
