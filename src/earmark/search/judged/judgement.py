"""A judgement: whether a recording, or a moment in it, is right for a query; and its line of text.

    {"query": "rain on a roof", "right": true, "path": "street/rain.wav", "start": 10.0,
     "end": 15.0, "when": "2026-01-31T14:05:09+01:00", "content": "c2f14d...", all in one line}

`path` is told from the folder that was indexed, for people; `content` is what the library knows the
bytes by, so that a file is found again wherever it is moved. Without `content` the path alone
counts, which may be whole; without `start` and `end` the judgement is of the whole recording. A
line `{"query": "..."}` keeps a query of which nothing is judged yet.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from earmark.types import Moment

SHARED = 0.5  # of the shorter of two moments of one recording: as much of both makes them one hit
WHOLE = 30.0  # seconds; a person hears a recording of up to this length as a whole
LATEST = 1e9  # seconds; no recording is longer
_DIGEST = re.compile(r"[0-9a-f]{8,128}")


class DamagedError(ValueError):
    """A line that says nothing that is known, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a person said of a hit."""

    query: str
    right: bool
    path: str  # from its root on, with slashes
    moment: Moment | None = None  # None: the whole recording
    when: str = ""  # ISO 8601
    content: str = ""  # digest of the file's bytes; empty: it is found by its path alone

    @property
    def recording(self) -> str:
        """What tells its recording from others as long as no library is asked."""
        return self.content or self.path


class Line(NamedTuple):
    """What one line says."""

    query: str
    judgement: Judgement | None  # None: the query alone is kept


def meet(one: Moment, other: Moment) -> bool:
    """Whether two moments of one recording are so much the same that one judgement is of both."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared > 0 and shared >= SHARED * min(one.seconds, other.seconds)


def moment_to_judge(start: float, end: float, seconds: float) -> Moment | None:
    """What is judged where a moment of a recording of so many seconds is heard."""
    return None if seconds <= WHOLE else Moment(round(start, 2), round(end, 2))


def now() -> str:
    """The time of day, with its zone."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def write_line(one: Judgement) -> str:
    """Write a judgement as people read it: letters as they are, but for names that are no text."""
    values: dict[str, Any] = {"query": one.query, "right": one.right, "path": one.path}
    if one.moment is not None:
        values |= {"start": one.moment.start, "end": one.moment.end}
    values |= {key: value for key in ("when", "content") if (value := getattr(one, key))}
    text = json.dumps(values, ensure_ascii=False)
    return json.dumps(values) if _has_no_text(text) else text


def read_line(text: str) -> Line:
    """Read a line, or raise `DamagedError`."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DamagedError("it is not JSON") from error
    if not isinstance(values, dict):
        raise DamagedError("it is no object of JSON")
    unknown = sorted(values.keys() - _KEYS.keys())
    if unknown:
        raise DamagedError(f"nothing is known of {unknown[0]!r}")
    for key, value in values.items():
        problem = _KEYS[key](value)
        if problem:
            raise DamagedError(f"{key} {problem}")
    return _line(values)


def _line(values: dict[str, Any]) -> Line:
    if "query" not in values:
        raise DamagedError("it has no query")
    query = " ".join(values["query"].split())
    if values.keys() == {"query"}:
        return Line(query, None)
    for key in ("right", "path"):
        if key not in values:
            raise DamagedError(f"it has no {key}")
    return Line(
        query,
        Judgement(
            query=query,
            right=values["right"],
            path=values["path"],
            moment=_moment(values),
            when=values.get("when", ""),
            content=values.get("content", ""),
        ),
    )


def _moment(values: dict[str, Any]) -> Moment | None:
    start, end = values.get("start"), values.get("end")
    if start is None and end is None:
        return None
    if start is None or end is None:
        raise DamagedError("a moment has a start and an end")
    if not start < end:
        raise DamagedError(f"its moment is from {start:g} to {end:g} s")
    return Moment(float(start), float(end))


def _text(value: object) -> str:
    return "" if isinstance(value, str) and value.strip() else "is no text"


def _flag(value: object) -> str:
    return "" if isinstance(value, bool) else "is neither true nor false"


def _seconds(value: object) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < LATEST:
        return ""
    return "is no time in seconds"


def _time(value: object) -> str:
    try:
        datetime.fromisoformat(value)  # type: ignore[arg-type]  # what is none raises
    except (TypeError, ValueError):
        return "is no time as in 2026-01-31T14:05:09+01:00"
    return ""


def _digest(value: object) -> str:
    return "" if isinstance(value, str) and _DIGEST.fullmatch(value) else "is no digest"


def _has_no_text(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)


_KEYS: dict[str, Callable[[object], str]] = {
    "query": _text,
    "right": _flag,
    "path": _text,
    "start": _seconds,
    "end": _seconds,
    "when": _time,
    "content": _digest,
}
