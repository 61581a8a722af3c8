"""A line put behind a file: whole, after all others, also if two programs do so at once.

The file is locked while that is done. What could be written in part alone, on a full drive say, is
taken back. A last line without an end, as editors leave it, is ended first.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from earmark.errors import EarmarkError
from earmark.library.store.lock import try_lock

PATIENCE = 10.0  # seconds for others who write
PAUSE = 0.01
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)


def append_line(path: Path, text: str) -> None:
    """Add a line at the end of a file, which is made if it is not there."""
    try:
        file = os.open(path, _FLAGS, 0o644)
        try:
            _lock(file, path)
            _append(file, text.encode("utf-8") + b"\n")
        finally:
            os.close(file)  # gives the lock back
    except OSError as error:
        raise EarmarkError(
            f"{path} cannot be written: {error.strerror or error}",
            hint="name a file that you may write to, on a drive with room",
        ) from error


def _append(file: int, line: bytes) -> None:
    end = os.lseek(file, 0, os.SEEK_END)
    data = line if _ends_a_line(file, end) else b"\n" + line
    try:
        while data:
            data = data[os.write(file, data) :]
        os.fsync(file)
    except OSError:
        os.ftruncate(file, end)
        raise


def _ends_a_line(file: int, end: int) -> bool:
    if not end:
        return True
    os.lseek(file, end - 1, os.SEEK_SET)
    return os.read(file, 1) == b"\n"


def _lock(file: int, path: Path) -> None:
    until = time.monotonic() + PATIENCE
    while not try_lock(file):
        if time.monotonic() > until:
            raise EarmarkError(
                f"another program holds {path}", hint="end it, or wait until it is done"
            )
        time.sleep(PAUSE)
