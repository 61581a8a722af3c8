"""Hits kept as files, each with some seconds before it and all that came until it was told.

A file is called after the time and the query, so that names sort by time; none is written over. Of
a hit that is longer than the ring, its last part is kept.
"""

from __future__ import annotations

from datetime import datetime
from itertools import count
from pathlib import Path

import numpy as np

from earmark.audio.ring import Ring
from earmark.audio.write import write
from earmark.search.live.track import Told
from earmark.types import Samples

BEFORE = 2.0  # seconds
RING = 60.0  # seconds
LONGEST = 60  # letters of a query in a name


class Keeper:
    """Holds the last minute at the rate it came in, and writes hits from it into a folder."""

    def __init__(self, folder: Path, *, rate: int) -> None:
        self._folder, self._rate = folder, rate
        self._ring = Ring(round(RING * rate))

    def add(self, block: Samples) -> None:
        """Go on with a block: [S]."""
        self._ring.add(block)

    def keep(self, told: Told, began: datetime) -> Path:
        """Write a hit that began at some time on the clock: -> the new file."""
        last = min(round(told.told * self._rate), self._ring.end)
        first = max(round((told.start - BEFORE) * self._rate), self._ring.start, 0)
        wave = self._ring.read(min(first, last - 1), last)
        path = self._free(f"{_clock(began)} {_fit(told.query)}")
        write(path, np.clip(wave, -1.0, 1.0), self._rate, tags=_tags(told, began))
        return path

    def _free(self, name: str) -> Path:
        """Choose a name that no file has."""
        names = (f"{name}{'' if n == 1 else f' {n}'}.flac" for n in count(1))
        return next(path for path in map(self._folder.joinpath, names) if not path.exists())


def _clock(time: datetime) -> str:
    """Write a time so that names sort by it."""
    return f"{time:%Y%m%d-%H%M%S}.{time.microsecond // 100_000}"


def _fit(query: str) -> str:
    """Leave in a query what every system takes as a name."""
    words = "".join(letter if letter.isalnum() else " " for letter in query).split()
    return " ".join(words)[:LONGEST].strip() or "sound"


def _tags(told: Told, began: datetime) -> dict[str, str]:
    return {
        "title": told.query,
        "description": told.query,
        "date": began.isoformat(timespec="seconds"),
        "originator": "earmark",
        "comment": f"heard from {told.start:.1f} to {told.end:.1f} s of listening, "
        f"confidence {told.confidence:.2f}",
    }
