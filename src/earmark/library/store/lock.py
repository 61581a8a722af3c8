"""One writer at a time: a lock that the system takes back when its holder dies.

The file says who holds it, for people; the lock itself is the system's, so that a killed writer
leaves nothing to clean up.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from earmark.errors import EarmarkError

NAME = "writer.lock"

if sys.platform == "win32":
    import msvcrt

    FAR = 1 << 30  # locked is one byte where nothing stands, so that the words can be read

    def try_lock(file: int) -> bool:
        """Take the lock of an open file, unless somebody holds it."""
        os.lseek(file, FAR, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def try_lock(file: int) -> bool:
        """Take the lock of an open file, unless somebody holds it."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


class HeldError(EarmarkError):
    """Somebody else is writing to the library."""


@contextmanager
def writer_lock(folder: Path, who: str, *, wait: float = 0.0) -> Iterator[None]:
    """Hold the right to write to a library, or raise `HeldError` after so many seconds."""
    file = os.open(folder / NAME, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _lock(file, folder, time.monotonic() + wait)
        _describe(file, who)
        yield
        os.truncate(folder / NAME, 0)
    finally:
        os.close(file)  # gives the lock back


def holder(folder: Path) -> str:
    """Say who is writing now, or nothing."""
    try:
        file = os.open(folder / NAME, os.O_RDWR)
    except OSError:
        return ""
    try:
        return "" if try_lock(file) else _words(folder)
    finally:
        os.close(file)


def _lock(file: int, folder: Path, until: float) -> None:
    while not try_lock(file):
        if time.monotonic() >= until:
            raise HeldError(
                f"the library {folder} is being written to by {_words(folder)}",
                hint="wait until it is done, or stop it; searching works all the while",
            )
        time.sleep(0.05)


def _describe(file: int, who: str) -> None:
    import socket

    said = {
        "who": who,
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": time.strftime("%Y-%m-%d %H:%M:%S"),
    }
    os.ftruncate(file, 0)
    os.lseek(file, 0, os.SEEK_SET)
    os.write(file, json.dumps(said).encode())


def _words(folder: Path) -> str:
    try:
        said = json.loads((folder / NAME).read_text(encoding="utf-8"))
        return f"{said['who']} (process {said['pid']} on {said['host']}, since {said['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
