"""A parcel as it lies: checked to the last bit, and read as a library that another takes over.

Nothing in it is believed before it was looked at: parts have the names that parts can have and lie
where they must, and their digests stand in the manifest, which seals itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from io import BufferedReader
from itertools import accumulate
from pathlib import Path
from typing import TypeVar

import numpy as np

from earmark.errors import EarmarkError
from earmark.library.nouns import Kept
from earmark.library.parcel import manifest
from earmark.library.parcel.blocks import BLOCK, END, header, padding, room, size_in
from earmark.library.parcel.lines import Listed, recording_of, sound_of
from earmark.library.parcel.manifest import Manifest, NewerError, Part, parsed
from earmark.library.remote.address import as_place
from earmark.library.source import Sound
from earmark.library.store.names import from_text
from earmark.library.store.volume import COLUMNS, Extent, Volume, checksum

PIECE = 1 << 20  # bytes that are read at once
LARGEST = 1 << 26  # bytes of a manifest
NONSENSE = (ValueError, KeyError, TypeError, AttributeError, RecursionError)  # of a line
Line = TypeVar("Line")


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a sound lies in the vectors."""

    first: Extent
    listed: Listed


class Parcel:
    """A library in one file; see `source.Source`."""

    def __init__(self, path: Path, told: Manifest, start: int) -> None:
        self.path, self.manifest = path, told
        self.identity, self.keeps_tokens = told.identity, told.keeps_tokens
        before = accumulate((room(part.size) for part in told.parts), initial=start)
        self._starts = dict(zip(manifest.NAMES, before, strict=False))

    @property
    def end(self) -> int:
        """How long the file must be."""
        last = self.manifest.parts[-1]
        return self._starts[last.name] + room(last.size) + len(END)

    def roots(self) -> list[Path]:
        """Folders that were indexed."""
        return [as_place(from_text(root)) for root in self.manifest.roots]

    def count(self) -> int:
        """How many recordings there are."""
        return self.manifest.recordings

    def kept(self) -> Iterator[Kept]:
        """All recordings, by root and path."""
        return self._lines(manifest.RECORDINGS, recording_of)

    def sound(self, digest: str) -> Sound:
        """What was heard in these bytes; raise if that is not what was packed."""
        if digest not in self._spots:
            raise damaged(self.path, "the sound of a recording is missing")
        spot = self._spots[digest]
        packed = self._volume.packed(spot.first, spot.listed.count)
        if checksum(packed) != spot.listed.crc:
            raise damaged(self.path, "some of its vectors are not those that were packed")
        return Sound(packed, spot.listed.seconds)

    def verify(self) -> None:
        """Look at every bit, and raise for one that is not as it was written."""
        with self.path.open("rb") as file:
            for part in self.manifest.parts:
                file.seek(self._starts[part.name])
                self._verify_part(file, part)
            if file.read() != END:
                raise damaged(self.path, "its end is not that of a packed library")

    def _verify_part(self, file: BufferedReader, part: Part) -> None:
        head, hashed = file.read(BLOCK), sha256()
        for at in range(0, part.size, PIECE):
            hashed.update(file.read(min(PIECE, part.size - at)))
        space = file.read(padding(part.size))
        as_written = head == header(part.name, part.size) and not any(space)
        if not as_written or hashed.hexdigest() != part.sha256:
            raise damaged(self.path, f"{part.name} in it is not what was packed")

    def _lines(self, name: str, read: Callable[[bytes], Line]) -> Iterator[Line]:
        """Read a part line by line."""
        size = next(part.size for part in self.manifest.parts if part.name == name)
        with self.path.open("rb") as file:
            file.seek(self._starts[name] + BLOCK)
            end = file.tell() + size
            while left := end - file.tell():
                line = file.readline(left)
                try:
                    yield read(line)
                except NONSENSE as error:
                    raise damaged(self.path, f"{name} in it holds {error}") from error

    @cached_property
    def _spots(self) -> dict[str, _Spot]:
        """Where each sound lies: behind those that are listed before it."""
        spots, at = dict[str, _Spot](), Extent(0, 0)
        for one in self._lines(manifest.SOUNDS, sound_of):
            spots[one.digest] = _Spot(at, one)
            at = at + one.count
        if at != self.manifest.filled or len(spots) != self.manifest.sounds:
            raise damaged(self.path, "its sounds are not those that were packed")
        return spots

    @cached_property
    def _volume(self) -> Volume:
        starts = {c.name: self._starts[f"vectors/{c.name}"] + BLOCK for c in COLUMNS}
        return _Mapped(self.path, starts, self.identity.width, self.manifest.filled)


class _Mapped(Volume):
    """Vectors that are mapped where they lie in a parcel."""

    def __init__(self, path: Path, starts: dict[str, int], width: int, filled: Extent) -> None:
        self.folder, self.width, self.filled = path, width, filled
        self._columns = {}
        for column in COLUMNS:
            shape = (filled.of(column), *column.row(width))
            empty = not filled.of(column)  # which cannot be mapped
            self._columns[column.field] = np.asarray(
                np.zeros(shape, column.dtype)
                if empty
                else np.memmap(path, column.dtype, "r", starts[column.name], shape)
            )


def open_parcel(path: Path) -> Parcel:
    """Open a packed library, if the file is one, and all of it is there."""
    try:
        with path.open("rb") as file:
            told, start = _manifest_in(path, file)
            size = path.stat().st_size
    except OSError as error:
        raise EarmarkError(
            f"{path} could not be read: {error.strerror or error}",
            hint="name a file that `earmark library pack` has written",
        ) from error
    parcel = Parcel(path, told, start)
    if size < parcel.end:
        raise damaged(path, f"it is cut short, {size:,} of {parcel.end:,} bytes are there")
    if size > parcel.end:
        raise damaged(path, f"{size - parcel.end:,} bytes stand behind its end")
    return parcel


def _manifest_in(path: Path, file: BufferedReader) -> tuple[Manifest, int]:
    """Read the first part: -> what it says, and where the next one begins."""
    head, name = file.read(BLOCK), manifest.NAME
    if head[: len(name) + 1] != name.encode() + b"\0":
        raise EarmarkError(
            f"{path} is not a packed library",
            hint="name a file that `earmark library pack` has written",
        )
    try:
        size = size_in(head)
        if head != header(name, size) or size > LARGEST:
            raise ValueError("its head is not as it was written")
        content, space = file.read(size), file.read(padding(size))
        if len(content) < size:
            raise ValueError("it is cut short")
        if any(space):
            raise ValueError("its head is not as it was written")
        return parsed(content), room(size)
    except NewerError as error:
        raise EarmarkError(
            f"{path} is of format {error}, and this earmark knows up to {manifest.FORMAT}",
            hint="update with: pip install --upgrade earmark",
        ) from error
    except (ValueError, RecursionError) as error:
        raise damaged(path, f"it does not say what it holds ({error})") from error


def damaged(path: Path, problem: str) -> EarmarkError:
    """Make the error for a parcel that is not as it was written."""
    return EarmarkError(
        f"{path} is damaged: {problem}", hint="bring the file here again, or pack the library anew"
    )
