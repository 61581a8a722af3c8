"""A library, without its sounds, as one file; the same library gives the same bytes.

What is written depends on what the library holds and on nothing else: recordings come by root and
path, sounds by the digests of their bytes, and what is dead, or only of this library's history, is
left out. So a library that was merged gives the file of one that was made in a single run.
"""

from __future__ import annotations

import math
import os
import secrets
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from io import BufferedWriter
from pathlib import Path

from earmark.errors import EarmarkError, UsageError
from earmark.library.parcel import manifest
from earmark.library.parcel.blocks import BLOCK, END, header, padding
from earmark.library.parcel.lines import Listed, recording_line, sound_line
from earmark.library.parcel.manifest import Manifest, Part, rendered
from earmark.library.store.names import to_text
from earmark.library.store.rows import Spot
from earmark.library.store.snapshot import Snapshot, snapshot
from earmark.library.store.volume import COLUMNS, Column


def pack(folder: Path, out: Path) -> Manifest:
    """Write a library into a new file, whole or not at all, whoever writes to it meanwhile."""
    refuse_old(out)
    with snapshot(folder) as taken, _new_file(out) as file:
        return Packing(taken, file).run()


class Packing:
    """One parcel on its way."""

    def __init__(self, taken: Snapshot, file: BufferedWriter) -> None:
        self._taken, self._file = taken, file
        self._sounds = taken.sounds()
        self._sums = [0] * len(self._sounds)

    def run(self) -> Manifest:
        """Write all parts, and then what they are into the room that was left for it."""
        room = len(rendered(self._manifest([])))
        self._write_part(manifest.NAME, [bytes(room)])
        parts = [self._write_part(name, pieces) for name, pieces in self._contents()]
        self._file.write(END)
        self._refuse_spoilt()
        made = self._manifest(parts)
        self._file.seek(BLOCK)
        self._file.write(rendered(made))
        return made

    def _contents(self) -> Iterator[tuple[str, Iterable[bytes]]]:
        """The parts, in order of their names in a manifest."""
        yield manifest.RECORDINGS, map(recording_line, self._taken.kept())
        yield manifest.SOUNDS, (sound_line(listed(*one)) for one in self._sounds)
        for column in COLUMNS:
            yield f"vectors/{column.name}", self._rows(column)

    def _rows(self, column: Column) -> Iterator[bytes]:
        """The rows of all sounds in a column; of each, the sum over all columns is taken."""
        rows = self._taken.volume.column(column.field)
        for number, (_, spot) in enumerate(self._sounds):
            first = spot.first.of(column)
            data = rows[first : first + spot.count.of(column)].tobytes()
            self._sums[number] = zlib.crc32(data, self._sums[number])
            yield data

    def _write_part(self, name: str, pieces: Iterable[bytes]) -> Part:
        """Write a file of the tar, and before it the header, once it is known how long it is."""
        file, hashed, size = self._file, sha256(), 0
        start = file.tell()
        file.write(bytes(BLOCK))
        for piece in pieces:
            file.write(piece)
            hashed.update(piece)
            size += len(piece)
        file.write(bytes(padding(size)))
        file.seek(start)
        file.write(header(name, size))
        file.seek(0, os.SEEK_END)
        return Part(name, size, hashed.hexdigest())

    def _refuse_spoilt(self) -> None:
        if self._sums != [spot.crc for _, spot in self._sounds]:
            raise self._taken.spoilt()

    def _manifest(self, parts: list[Part]) -> Manifest:
        rows, spots = self._taken.rows, [spot for _, spot in self._sounds]
        lengths = rows.all("SELECT seconds FROM recordings JOIN sounds ON sounds.id = sound")
        return Manifest(
            identity=self._taken.identity,
            keeps_tokens=self._taken.keeps_tokens,
            roots=tuple(to_text(str(root)) for root in self._taken.roots()),
            recordings=self._taken.count(),
            failed=int(rows.one("SELECT count(*) FROM recordings WHERE sound IS NULL")),
            sounds=len(spots),
            seconds=math.fsum(length for (length,) in lengths),  # the same in any order
            moments=sum(spot.count.moments for spot in spots),
            tokens=sum(spot.count.tokens for spot in spots),
            parts=tuple(parts),
        )


def listed(digest: str, spot: Spot) -> Listed:
    """A sound as a parcel lists it."""
    moments, tokens = spot.count.moments, spot.count.tokens
    return Listed(digest=digest, seconds=spot.seconds, moments=moments, tokens=tokens, crc=spot.crc)


def refuse_old(out: Path) -> None:
    """Raise if there is something already where a file should be written."""
    if out.exists():
        raise UsageError(f"{out} is there already", hint="name a new file")


@contextmanager
def _new_file(out: Path) -> Iterator[BufferedWriter]:
    """Give a file of a hidden name; it gets its own when all of it is surely there."""
    part = out.with_name(f".{out.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        refuse_old(out)
        part.rename(out)
    except OSError as error:
        raise EarmarkError(
            f"{out} could not be written: {error.strerror or error}",
            hint="name a file in a place that you may write to, with room on its drive",
        ) from error
    finally:
        part.unlink(missing_ok=True)
