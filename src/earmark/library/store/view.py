"""What a search sees: the vectors that counted at one moment, mapped anew when that has changed."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np

from earmark.library.nouns import Identity
from earmark.library.store.contract import MovedError
from earmark.library.store.database import damaged
from earmark.library.store.kernel import Catalog
from earmark.library.store.rows import Rows
from earmark.library.store.volume import ShortError, Volume, volume_name

RETRIES = 8  # a compaction may remove a volume between two looks


class View:
    """Volume and catalog of one state of the database."""

    def __init__(self, rows: Rows, identity: Identity) -> None:
        self._rows, self._identity = rows, identity
        self._state = (-1, -1)
        self._held: tuple[Volume, Catalog] | None = None

    def look(self) -> tuple[Volume, Catalog]:
        """Give what counts now."""
        with self._rows.lock:
            state = self._rows.state
            if self._held is None or state != self._state:
                self._held, self._state = self._look(), state
            return self._held

    def forget(self) -> None:
        """Look again next time: this connection has changed something."""
        with self._rows.lock:
            self._held = None

    def _look(self) -> tuple[Volume, Catalog]:
        for _ in range(RETRIES):
            with suppress(FileNotFoundError), self._rows.snapshot():
                refuse_moved(self._rows, self._identity)
                return open_volume(self._rows, self._identity.width), new_catalog(self._rows)
        raise damaged(self._rows.folder, "its vectors are missing")


def refuse_moved(rows: Rows, identity: Identity) -> None:
    """Raise if a library is not of the model any more that it was opened by."""
    now = rows.identity()
    if now is None or now.digest != identity.digest:
        raise MovedError(
            f"the library {rows.folder} was moved to the model {now.model if now else '?'!r} "
            "while it was open",
            hint="open it again",
        )


def volume_folder(rows: Rows) -> Path:
    """Where the volume lies that counts."""
    return volumes(rows) / volume_name(rows.volume)


def volumes(rows: Rows) -> Path:
    """Where all volumes lie."""
    return rows.folder / "vectors"


def open_volume(rows: Rows, width: int) -> Volume:
    """Map the rows that count."""
    try:
        return Volume(volume_folder(rows), width, rows.filled)
    except ShortError as error:
        raise damaged(rows.folder, f"{error} is shorter than it should be") from error


def new_catalog(rows: Rows) -> Catalog:
    """List all sounds in the order of their rows."""
    found = rows.all("SELECT id, first, moments, digest FROM sounds ORDER BY first")
    numbers = np.array([row[:3] for row in found], np.int64).reshape(len(found), 3)
    order = np.empty(len(found), np.int64)
    order[np.argsort(np.array([row[3] for row in found]), kind="stable")] = np.arange(len(found))
    ids, first, count = (np.ascontiguousarray(column) for column in numbers.T)
    return Catalog(ids, first, count, order)
