"""Files inside a plain tar, opened where they lie: `sounds.tar/rain/roof.flac` is such a path.

A path that is there is opened as ever. Only where it is not, and a parent of it is a regular file
called `.tar`, is it looked for in that tar. What is opened gives the bytes of one file and none of
its neighbours'; nothing is unpacked, and nothing is written.

Where each file of a tar lies is worked out once, and anew when the tar has another size or time.
Links, devices and names that lead out of the tar are told apart and never opened.
"""

from __future__ import annotations

import errno
import io
import os
import stat
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple

from earmark.errors import AudioError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

TAR = ".tar"
KEPT = 128  # tars whose index is remembered, about 6 MB for one of 10,000 sounds with their words
BLOCK = 512  # bytes: everything in a tar begins at a multiple of it
RECORD = 10_240  # bytes to a multiple of which a tar is filled up
COMPRESSED = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
# What tarfile was seen to raise for headers with a few bytes changed.
BROKEN = (tarfile.TarError, ArithmeticError, LookupError, MemoryError, RecursionError, ValueError)


class Extent(NamedTuple):
    """Which bytes of a tar are a file."""

    first: int
    size: int


class Status(NamedTuple):
    """What is known of a file that has not been opened."""

    mode: int  # as `stat` has it
    size: int  # bytes


@dataclass(frozen=True, slots=True)
class Index:
    """Where the files of a tar lie, in their order, and what in it is not opened."""

    files: Mapping[str, Extent]  # by the name that follows the tar's in a path
    odd: Mapping[str, str]  # name: why it is not opened


def open_bytes(path: Path) -> io.BufferedReader:
    """Open a file to be read, whether it lies in a folder or in a tar."""
    try:
        return path.open("rb")
    except (FileNotFoundError, NotADirectoryError):
        tar = _tar_of(path)
        if tar is None:
            raise
    return io.BufferedReader(_Member(tar, _extent(tar, path)))


def status(path: Path) -> Status:
    """Kind and size of a file, whether it lies in a folder or in a tar."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        tar = _tar_of(path)
        if tar is None:
            raise
        return Status(stat.S_IFREG, _extent(tar, path).size)
    return Status(found.st_mode, found.st_size)


def is_file(path: Path) -> bool:
    """Whether there is such a file; what cannot be a name, or be looked for, is none."""
    try:
        return stat.S_ISREG(status(path).mode)
    except (OSError, ValueError, AudioError):
        return False


def index_of(tar: Path) -> Index:
    """Where the files of a tar lie; raise `AudioError` for a damaged or compressed one."""
    found = tar.stat()
    return _index(tar, found.st_mtime_ns, found.st_size)


class _Member(io.RawIOBase):
    """The bytes of one file of a tar, as if nothing stood around them."""

    def __init__(self, tar: Path, extent: Extent) -> None:
        self._file = tar.open("rb", buffering=0)
        self._extent = extent
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        room = memoryview(buffer).cast("B")[: max(0, self._extent.size - self._at)]
        self._file.seek(self._extent.first + self._at)
        count = self._file.readinto(room)
        self._at += count or 0
        return count

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        begin = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._extent.size}[whence]
        if begin + offset < 0:
            raise ValueError(f"there is nothing {-begin - offset} bytes before the beginning")
        self._at = begin + offset
        return self._at

    def close(self) -> None:
        self._file.close()
        super().close()


def _tar_of(path: Path) -> Path | None:
    """Find the parent that is a tar, not a folder that is called like one."""
    tars = (parent for parent in path.parents if parent.suffix.lower() == TAR)
    return next((tar for tar in tars if tar.is_file()), None)


def _extent(tar: Path, path: Path) -> Extent:
    found = index_of(tar).files.get(path.relative_to(tar).as_posix())
    if found is None:
        raise FileNotFoundError(errno.ENOENT, "there is no such file in the tar", str(path))
    return found


@lru_cache(maxsize=KEPT)
def _index(tar: Path, _written: int, size: int) -> Index:
    """Read the headers of a tar; the time is only there to tell it from an earlier one."""
    files, odd = dict[str, Extent](), dict[str, str]()
    for info in _infos(tar, size):
        path = PurePath(info.name)
        name, why = path.as_posix(), _oddity(info, path)
        if name in files or name in odd:
            raise AudioError(tar, f"{name!r} is in it twice", hint="write the tar anew, with one")
        if why:
            odd[name] = why
        elif not info.isdir():
            files[name] = Extent(info.offset_data, info.size)
    return Index(files, odd)


def _infos(tar: Path, size: int) -> Iterator[tarfile.TarInfo]:
    """Yield every header; raise for a tar that cannot be read from its first to its last."""
    try:
        with tarfile.open(tar, "r:") as opened:
            yield from _onwards(opened, size)
            whole = _ends_here(tar, opened.offset)
    except BROKEN as error:
        raise _damaged(tar) from error
    if not whole:
        raise _damaged(tar)


def _onwards(opened: tarfile.TarFile, size: int) -> Iterator[tarfile.TarInfo]:
    """Yield headers as long as each leads on: a damaged one may lead back, and round for ever."""
    at = 0
    for info in opened:
        if info.size < 0 or not at < opened.offset <= size:
            raise tarfile.ReadError("a header leads nowhere")
        at = opened.offset
        yield info


def _ends_here(tar: Path, at: int) -> bool:
    """Whether the mark of the end stands there, and nothing behind it.

    tarfile also stops where a header is damaged, and before a second tar that was put behind one.
    """
    with tar.open("rb") as file:
        file.seek(at)
        rest = file.read(RECORD + BLOCK)
    return len(rest) >= BLOCK and not any(rest)


def _damaged(tar: Path) -> AudioError:
    with tar.open("rb") as file:
        head = file.read(8)
    for mark, name in COMPRESSED.items():
        if head.startswith(mark):
            return AudioError(
                tar,
                f"it is compressed ({name}), and its files cannot be read where they lie",
                hint=f"decompress it to a plain tar with {name} -d, or unpack it",
            )
    return AudioError(
        tar,
        "it is no tar, or it is damaged, cut short, or two in one",
        hint="copy it again from its source, or write it anew",
    )


def _oddity(info: tarfile.TarInfo, path: PurePath) -> str:
    """Why an entry is not opened; nothing for a file or a folder."""
    if path.anchor or ".." in path.parts:
        return "its name leads out of the tar"
    if info.issym() or info.islnk():
        return "it is a link"
    if info.issparse():
        return "it is stored without its holes"
    return "" if info.isfile() or info.isdir() else "it is no file"
