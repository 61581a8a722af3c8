"""A line of a script: what it is, when it is, and the marks that people put on sounds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from earmark.errors import UsageError
from earmark.search.times import seconds_of

Kind = Literal["prose", "phrase", "mark", "place", "query", "speaker", "speech", "left out"]

MARKS = (
    "SFX|FX|F/X|SOUND(?: FX| EFFECTS?)?|SOUNDS|NOISE|FOLEY|AMB|AMBIENCE|AMBIENT(?: NOISE)?|ATMOS?|"
    "ATMOSPHERE|MUSIC|MUS"
)
_MARKED = re.compile(rf"[\[(]?\s*({MARKS})\s*[:.–—-]\s*(.+?)\s*[\])]?")
_INSIDE = re.compile(rf"[\[(]\s*({MARKS})\s*[:–—-]\s*([^\])]+)[\])]", re.IGNORECASE)
_SPEAKER = re.compile(r"[^\W\d_a-z][^a-z:]{0,40}(?:\([^)]*\)\s*)?:\s+\S")
_CLOCK = r"(?:\d+:)?\d+:\d\d(?:[.,]\d+)?"
_STAMP = re.compile(
    rf"[\[(]?({_CLOCK})[\])]?(?:\s*(?:-|–|—|to|-->)\s*[\[(]?{_CLOCK}[\])]?)?(?:\s*[-–—|:]\s+|\s+|$)"
)
_FRAMES = re.compile(r"[\[(]?\d+:\d\d:\d\d[:;]\d\d\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line, or what belongs together, of a script."""

    number: int  # in the file, from 1
    kind: Kind
    text: str
    time: float | None = None  # seconds from the beginning of what is made
    name: str = ""  # what the person calls this cue
    is_place: bool = False  # a place, not a sound, is asked for


def stamped(text: str, where: str) -> tuple[float | None, str]:
    """Take the time off the beginning of a line; of a stretch, its start: -> seconds, the rest."""
    if _FRAMES.match(text):
        raise UsageError(
            f"{where}: {text.split()[0]} counts frames, and how long one lasts is not said",
            hint="write times as h:mm:ss.s, as in 0:01:02.5",
        )
    found = _STAMP.match(text)
    if found is None:
        return None, text
    return seconds(found[1], where), text[found.end() :]


def seconds(text: str, where: str) -> float:
    """Read a time; raise for what is none."""
    time = seconds_of(text.replace(",", "."))
    if time is None:
        raise UsageError(
            f"{where}: {text!r} is no time", hint="write times as 12.5, 0:12 or 0:01:02.5"
        )
    return time


def marked(text: str) -> str | None:
    """What stands behind a mark at the beginning: SFX: A DOOR; None if there is no mark."""
    found = _MARKED.fullmatch(text)
    return None if found is None else _with_kind(found[1], found[2])


def marks_inside(text: str) -> Iterator[str]:
    """What is marked within a line: Good evening [SFX: bell]."""
    return (_with_kind(mark, what) for mark, what in _INSIDE.findall(text))


def without_marks(text: str) -> str:
    """A line without what is marked within it."""
    return _INSIDE.sub(" ", text).strip()


def is_spoken(text: str) -> bool:
    """Whether somebody says this: ANNA: Good evening."""
    return _SPEAKER.match(text) is not None


def _with_kind(mark: str, what: str) -> str:
    """Say that music is music."""
    is_music = mark.upper().startswith("MUS") and "music" not in what.lower()
    return f"{what} music" if is_music else what
