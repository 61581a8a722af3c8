"""New files in a folder: named by a stretch of time, none written over, none half-written."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import soundfile

from earmark.errors import AudioError

LONGEST = 180  # bytes of a name before its times; systems take 255 in all
_UNFIT = re.compile(
    '[\x00-\x1f\x7f<>:"/\\\\|?*]+'
)  # in the name of a file, on one system or another


def hidden(folder: Path, suffix: str) -> Path:
    """Choose a name under which a file is written until all of it is there."""
    return folder / f".{secrets.token_hex(6)}.part{suffix}"


@contextmanager
def written(part: Path, wanted: Path) -> Iterator[None]:
    """Leave nothing half-written behind; `wanted` is what an error names."""
    try:
        yield
    except (OSError, soundfile.LibsndfileError) as error:
        raise AudioError(
            wanted,
            f"it could not be written ({getattr(error, 'strerror', None) or error})",
            hint="check the folder and the space on the drive",
        ) from error
    finally:
        part.unlink(missing_ok=True)


def stretch_name(path: Path, start: float, end: float) -> str:
    """Name a stretch, so that its files sort by time."""
    return f"{_short(path.stem)} {_clock(start)}-{_clock(end)}"


def fit(name: str) -> str:
    """Make words a name that every system takes."""
    return _short(" ".join(_UNFIT.sub(" ", name).split())).strip(". ") or "sound"


def free(folder: Path, name: str, suffix: str) -> Path:
    """Take a name that no file has: an empty file holds it."""
    for n in count(1):
        path = folder / f"{name}{'' if n == 1 else f' {n}'}{suffix}"
        try:
            path.open("xb").close()
        except FileExistsError:
            continue
        return path
    raise AssertionError  # numbers do not end


def _short(stem: str) -> str:
    while len(os.fsencode(stem)) > LONGEST:
        stem = stem[:-1]
    return stem


def _clock(seconds: float) -> str:
    ticks = round(10 * seconds)
    hours, minutes, rest = ticks // 36_000, ticks // 600 % 60, ticks % 600
    text = f"{rest // 10:02}.{rest % 10}s"
    return f"{hours}h{minutes:02}m{text}" if hours else f"{minutes}m{text}"
