"""The one noun that data sets give: a row, which is a stretch of a sound with its captions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from earmark.audio import claims

SUFFIXES = frozenset(f".{suffix}" for row in claims.SUFFIXES.values() for suffix in row.split())


@dataclass(frozen=True, slots=True)
class Row:
    """A clip: `[start, end)` seconds of a file, or all of it, with every caption that is right."""

    audio: Path
    captions: tuple[str, ...]
    split: str = ""
    start: float | None = None
    end: float | None = None
    recording: str = ""  # what splits are drawn by: all rows of one go together
    label: str = ""
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)  # what else a data set tells


def recording_of(path: PurePath) -> str:
    """Name the recording a file comes from: the Freesound number in its name, else the path."""
    found = _ESC.fullmatch(path.stem) or _FREESOUND.fullmatch(path.stem)
    return f"freesound:{found[1]}" if found else path.as_posix()


def is_known_id(recording: str) -> bool:
    """Whether a recording is named by a number of the world's, not by a path of this data set."""
    return recording.partition(":")[0] in {"freesound", "youtube", "clotho"}


def words_of(label: str) -> str:
    """Turn a class or folder name into words."""
    return " ".join(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", label).replace("_", " ").lower().split())


_ESC = re.compile(r"[1-5]-(\d+)-[A-Z]-\d+")  # fold-number-take-class
_FREESOUND = re.compile(r"(\d+)__.+?__.+")  # number__user__title
