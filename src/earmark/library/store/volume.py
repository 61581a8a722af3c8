"""Vectors on disk: one append-only file a column, memory-mapped for reading.

How many rows count, the database says. What stands behind them is of a writer that was stopped, and
is written over by the next one.
"""

from __future__ import annotations

import os
import re
import shutil
import zlib
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from earmark.library.packed import Packed

NAMED = re.compile(r"\d{6,}\Z")
Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A file of rows of one kind."""

    name: str
    field: str  # of `Packed`
    dtype: str
    per_token: bool  # else per moment
    pair: bool = False  # two numbers a row
    scalar: bool = False  # one number a row; else a vector

    def row(self, width: int) -> tuple[int, ...]:
        """Shape of one row."""
        if self.scalar:
            return ()
        return (2,) if self.pair else (width,)

    def bytes_a_row(self, width: int) -> int:
        """How much one row takes on disk."""
        return np.dtype(self.dtype).itemsize * int(np.prod(self.row(width), dtype=int))


COLUMNS = (
    Column("gists.i8", "gists", "<i1", per_token=False),
    Column("gists.f16", "halves", "<f2", per_token=False),
    Column("scales.f32", "scales", "<f4", per_token=False, scalar=True),
    Column("times.f64", "times", "<f8", per_token=False, pair=True),
    Column("tokens.i8", "tokens", "<i1", per_token=True),
    Column("token-scales.f32", "token_scales", "<f4", per_token=True, scalar=True),
    Column("weights.f32", "weights", "<f4", per_token=True, scalar=True),
    Column("token-times.f64", "token_times", "<f8", per_token=True, pair=True),
)


@dataclass(frozen=True, slots=True)
class Extent:
    """A row of moments and one of tokens: how far a volume is filled, or where a part begins."""

    moments: int
    tokens: int

    def of(self, column: Column) -> int:
        """The number that is about a column."""
        return self.tokens if column.per_token else self.moments

    def __add__(self, other: Extent) -> Extent:
        return Extent(self.moments + other.moments, self.tokens + other.tokens)


class ShortError(Exception):
    """A file of a volume holds less than the database says."""


class Volume:
    """The rows of a volume that count, for reading."""

    def __init__(self, folder: Path, width: int, filled: Extent) -> None:
        self.folder, self.width, self.filled = folder, width, filled
        self._columns = {c.field: _mapped(folder, c, width, filled.of(c)) for c in COLUMNS}

    def column(self, field: str) -> Array:
        """All rows of a column, as they lie on disk."""
        return self._columns[field]

    def packed(self, first: Extent, count: Extent) -> Packed:
        """Copy the rows of one sound."""
        return Packed(*(self._rows(name, first, count) for name in Packed.__dataclass_fields__))

    def _rows(self, field: str, first: Extent, count: Extent) -> Array:
        column = next(one for one in COLUMNS if one.field == field)
        at = first.of(column)
        return np.array(self._columns[field][at : at + count.of(column)])


class Remains(Volume):
    """What there is of a volume whose files may be cut short or gone; zeros stand for the rest."""

    def __init__(self, folder: Path, width: int, filled: Extent) -> None:
        whole = rows_in(folder, width)
        self.folder, self.width, self.filled = folder, width, filled
        self._columns = {
            c.field: _mapped(folder, c, width, min(filled.of(c), whole[c.name])) for c in COLUMNS
        }

    def _rows(self, field: str, first: Extent, count: Extent) -> Array:
        column = next(one for one in COLUMNS if one.field == field)
        found = super()._rows(field, first, count)
        rows = np.zeros((count.of(column), *column.row(self.width)), column.dtype)
        rows[: len(found)] = found
        return rows


class Appender:
    """Writes behind the rows that count."""

    def __init__(self, folder: Path, width: int, filled: Extent) -> None:
        self._width, self.filled = width, filled
        folder.mkdir(parents=True, exist_ok=True)
        self._files: dict[str, FileIO] = {}
        try:
            for column in COLUMNS:
                size = filled.of(column) * column.bytes_a_row(width)
                self._files[column.name] = _opened_at(folder / column.name, size)
        except BaseException:
            self.close()
            raise

    def append(self, packed: Packed) -> Extent:
        """Write one sound behind all others; it counts once the database says so: -> where."""
        at = self.filled
        for column in COLUMNS:
            file = self._files[column.name]
            file.seek(at.of(column) * column.bytes_a_row(self._width))
            _write_all(file, _bytes_of(packed, column))
        return at

    def accept(self, count: Extent) -> None:
        """Let what was written last count, since the database says so."""
        self.filled = self.filled + count

    def sync(self) -> None:
        """Have the drive keep all of it, even if the power fails."""
        for file in self._files.values():
            os.fsync(file.fileno())

    def close(self) -> None:
        """Let go of the files."""
        for file in self._files.values():
            file.close()


def count_of(packed: Packed) -> Extent:
    """How many rows a sound has."""
    return Extent(len(packed.gists), len(packed.tokens))


def checksum(packed: Packed) -> int:
    """A number that changes with any bit of a sound's rows."""
    total = 0
    for column in COLUMNS:
        total = zlib.crc32(_bytes_of(packed, column), total)
    return total


def rows_in(folder: Path, width: int) -> dict[str, int]:
    """Count the whole rows in each file of a volume."""
    sizes = {column: _size_of(folder / column.name) for column in COLUMNS}
    return {column.name: size // column.bytes_a_row(width) for column, size in sizes.items()}


def size_of(folder: Path) -> int:
    """Bytes on disk."""
    return sum(path.stat().st_size for path in folder.glob("*") if path.is_file())


def volume_name(number: int) -> str:
    """Name the folder of a volume."""
    return f"{number:06d}"


def others(home: Path, keep: Path) -> list[Path]:
    """List the volumes that nothing refers to; what else lies there is not ours."""
    return sorted(
        path for path in home.glob("*") if path != keep and NAMED.match(path.name) and path.is_dir()
    )


def remove_others(home: Path, keep: Path) -> None:
    """Remove volumes that nothing refers to; one that a reader still maps may stay until later."""
    for folder in others(home, keep):
        shutil.rmtree(folder, ignore_errors=True)


def _size_of(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _bytes_of(packed: Packed, column: Column) -> bytes:
    rows: Array = getattr(packed, column.field)
    return np.ascontiguousarray(rows, dtype=column.dtype).tobytes()


def _mapped(folder: Path, column: Column, width: int, rows: int) -> Array:
    shape = (rows, *column.row(width))
    if not rows:
        return np.zeros(shape, column.dtype)
    path = folder / column.name
    if path.stat().st_size < rows * column.bytes_a_row(width):
        raise ShortError(column.name)
    # A plain array over the map: every slice of a memmap object costs several times as much.
    return np.asarray(np.memmap(path, column.dtype, "r", shape=shape))


def _write_all(file: FileIO, data: bytes) -> None:
    """Write to a file without a buffer, which would try again to empty itself when it is closed."""
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]


def _opened_at(path: Path, size: int) -> FileIO:
    """Open a file for writing and cut off what does not count."""
    path.touch()
    file = path.open("r+b", buffering=0)
    try:
        file.seek(0, os.SEEK_END)
        if file.tell() < size:
            raise ShortError(path.name)
        file.truncate(size)
    except BaseException:
        file.close()
        raise
    return file
