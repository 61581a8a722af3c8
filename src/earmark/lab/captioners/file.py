"""Captions that a table holds: by whom they were written is not our business.

    captions.csv     columns `sound` and `caption`, a row a caption
    captions.jsonl   an object a line: "sound", and "captions", a list

A sound is named by its folder and its file ("rain/0123.wav"), a stretch of a file with its seconds
behind ("long/day.wav#20-30"), a scene as in the lines that other captioners leave in the cache. Who
made the table must not have heard, or read of, the sounds of a test: nothing here can tell.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import TextIO

from earmark.errors import DataError
from earmark.lab.captioners import Asked, Lesson, asked_of, distinct
from earmark.lab.strict import unknown


class File:
    """Gives each sound what the table has for its name."""

    def __init__(self, lesson: Lesson, *, path: str) -> None:
        place = Path(path.replace("{data}", str(lesson.places.data)))
        self._count, self._captions = lesson.count, _read(place)
        names = asked_of(lesson.train).names
        if not any(name in self._captions for name in names):
            raise DataError(
                f"{place} has captions for none of the {len(names)} sounds of train",
                hint=f"it should call the first of them {names[0]!r}",
            )
        told = sorted(self._captions.items())
        self.key = blake2b(repr((told, lesson.count)).encode(), digest_size=12).hexdigest()

    def write(self, asked: Asked) -> Sequence[Sequence[str]]:
        """Look every sound up."""
        return [distinct(self._captions.get(name, []), self._count) for name in asked.names]


def _read(place: Path) -> dict[str, list[str]]:
    """Read a table: name -> captions."""
    kind = place.suffix.lower()
    if kind not in KINDS:
        raise unknown(f"{place} is no table of captions by its name", kind, list(KINDS))
    captions: dict[str, list[str]] = {}
    try:
        with place.open(encoding="utf-8-sig", newline="") as file:
            for sound, caption in KINDS[kind](file):
                captions.setdefault(sound, []).append(caption)
    except OSError as error:
        raise DataError(
            f"{place} cannot be read: {error.strerror or error}", hint="correct path in [captions]"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"{place} is no table of captions: {error!r}",
            hint='a CSV file has the columns sound and caption; a line of JSON "sound" and '
            '"captions", a list',
        ) from error
    return captions


def _of_csv(file: TextIO) -> Iterable[tuple[str, str]]:
    return ((row["sound"], row["caption"].strip()) for row in csv.DictReader(file))


def _of_lines(file: TextIO) -> Iterable[tuple[str, str]]:
    rows = (json.loads(line) for line in file if line.strip())
    return ((str(row["sound"]), str(text)) for row in rows for text in row["captions"])


KINDS = {".csv": _of_csv, ".jsonl": _of_lines}
