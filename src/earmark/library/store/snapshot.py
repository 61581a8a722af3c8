"""One state of a library in a folder, whoever writes to it meanwhile; no byte of it is changed.

The database is copied, which takes a moment, and read from the copy. The vectors stay where they
are: rows that count are never written over, and a volume that a compaction removes stays mapped.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from earmark.errors import EarmarkError
from earmark.library.nouns import Found, Identity, Kept, Place, Said
from earmark.library.remote.address import as_place
from earmark.library.source import Sound
from earmark.library.store.database import NAME, damaged, has_log, has_undo, stamp, told
from earmark.library.store.local import no_library
from earmark.library.store.lock import holder
from earmark.library.store.names import from_text
from earmark.library.store.rows import Rows, Spot
from earmark.library.store.view import open_volume
from earmark.library.store.volume import Volume, checksum

TRIES = 20  # looks at a library that somebody changes meanwhile ...
PAUSE = 0.05  # ... seconds between them
PAGE = 500  # recordings that are read at once
KEPT = (
    "SELECT path, size, mtime, digest, sound NOTNULL, reason, tags, ucs, warnings "
    "FROM recordings WHERE root = ? AND path > ? ORDER BY path LIMIT ?"
)


class Snapshot:
    """What a library held at one moment; see `source.Source`."""

    def __init__(self, rows: Rows, identity: Identity, volume: Volume) -> None:
        self.path, self.identity = rows.folder, identity
        self.keeps_tokens = rows.setting("keeps_tokens") == "yes"
        self.rows, self.volume = rows, volume

    def roots(self) -> list[Path]:
        """Folders that were indexed."""
        return self.rows.roots()

    def count(self) -> int:
        """How many recordings there are."""
        return int(self.rows.one("SELECT count(*) FROM recordings"))

    def kept(self) -> Iterator[Kept]:
        """All recordings, by root and path as the database sorts text."""
        for number, text in self.rows.all("SELECT id, path FROM roots ORDER BY path"):
            root, last = as_place(from_text(text)), ""
            while rows := self.rows.all(KEPT, (number, last, PAGE)):
                yield from (self._kept(root, row) for row in rows)
                last = rows[-1][0]

    def sound(self, digest: str) -> Sound:
        """What was heard in these bytes; raise if that is not what was written."""
        spots = self.rows.spots("digest = ?", (digest,))
        if not spots:
            raise damaged(self.path, "the sound of a recording is missing")
        packed = self.volume.packed(spots[0].first, spots[0].count)
        if checksum(packed) != spots[0].crc:
            raise self.spoilt()
        return Sound(packed, spots[0].seconds)

    def sounds(self) -> list[tuple[str, Spot]]:
        """All sounds that recordings have, by the digests of their bytes, and where they lie."""
        held = "EXISTS (SELECT 1 FROM recordings WHERE sound = sounds.id)"
        digests = dict(self.rows.all("SELECT id, digest FROM sounds"))
        return sorted((digests[spot.sound], spot) for spot in self.rows.spots(held))

    def spoilt(self) -> EarmarkError:
        """Make the error for vectors that are not those that were written."""
        return damaged(self.path, "some of its vectors are not those that were written")

    def _kept(self, root: Path, row: tuple[Any, ...]) -> Kept:
        path, size, mtime, digest, heard, reason, tags, ucs, warnings = row
        try:
            said = Said(tags=json.loads(tags), ucs=ucs, warnings=tuple(json.loads(warnings)))
        except ValueError as error:
            raise damaged(self.path, "the tags of a recording cannot be read") from error
        return Kept(
            found=Found(Place(root, from_text(path)), size, mtime),
            digest=digest,
            heard=bool(heard),
            reason=reason,
            said=said,
        )


@contextmanager
def snapshot(folder: Path) -> Iterator[Snapshot]:
    """Take one state of a library; it is let go of at the end of the block."""
    if not (folder / NAME).is_file():
        raise no_library(folder)
    if has_undo(folder / NAME) and not holder(folder):
        raise EarmarkError(
            f"the library {folder} holds a change that a stopped writer has not finished",
            hint=f"opening it undoes that: earmark status --library {folder}",
        )
    with TemporaryDirectory(prefix="earmark-") as spare:
        taken = _take(folder, Path(spare))
        with closing(taken.rows):
            yield taken


def _take(folder: Path, spare: Path) -> Snapshot:
    """Copy the database and map its volume, again if a compaction came between."""
    for number in range(TRIES):
        place = spare / str(number)
        place.mkdir()
        _copy(folder, place)
        rows = Rows(place)
        rows.folder = folder  # where its volumes lie, and what errors speak of
        try:
            with suppress(FileNotFoundError):
                return _opened(rows)
        except BaseException:
            rows.close()
            raise
        rows.close()
    raise damaged(folder, "its vectors are missing")


def _opened(rows: Rows) -> Snapshot:
    identity = rows.identity()
    if identity is None:
        raise no_library(rows.folder)
    if not rows.is_current():
        rows.upgrade()
    return Snapshot(rows, identity, open_volume(rows, identity.width))


def _copy(folder: Path, place: Path) -> None:
    """Copy one state of a database.

    One without a log is opened as a file that nobody changes, or it could not be left as it is. If
    somebody has begun to write to it meanwhile, the copy may be torn, and is made again.
    """
    for _ in range(TRIES):
        had_log, before = has_log(folder / NAME), stamp(folder)
        with closing(Rows(folder, reads_only=True)) as rows, told(folder):
            (place / NAME).unlink(missing_ok=True)
            with closing(sqlite3.connect(place / NAME)) as copy:
                rows.database.db.backup(copy)
        if had_log or stamp(folder) == before:
            return
        time.sleep(PAUSE)
    raise EarmarkError(
        f"the library {folder} is changed faster than it can be read",
        hint="try again once the run that writes to it is over; see: earmark status",
    )
