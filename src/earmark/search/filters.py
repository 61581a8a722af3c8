"""Filters of a query: from what was typed to a `Filter`, or to an error that says what is wrong."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable
from datetime import datetime

from earmark.errors import UsageError
from earmark.library.store.contract import Filter
from earmark.search.times import seconds_of

NAMES = ("in", "tag", "ucs", "longer", "shorter", "newer")
EXAMPLES = {
    "in": 'in:field, in:~/sounds or in:"Field Recordings"',
    "tag": 'tag:night or tag:"hand held"',
    "ucs": "ucs:AMBRain, or the beginning of an id: ucs:AMB",
    "longer": "longer:5s, longer:1:30 or longer:2h",
    "shorter": "shorter:5s, shorter:1:30 or shorter:2h",
    "newer": "newer:2024-03-01, newer:2024, newer:7d, newer:12h, newer:2w or newer:1y",
}
AGES = {"h": 3600.0, "d": 86_400.0, "w": 7 * 86_400.0, "y": 365 * 86_400.0}  # seconds
_AGE = re.compile(rf"(\d+(?:\.\d+)?)\s*([{''.join(AGES)}])", re.IGNORECASE)
_DATE = {4: "-01-01", 7: "-01"}  # what is left out of a date of so many letters


def filter_of(pairs: Iterable[tuple[str, str]], now: float | None = None) -> Filter:
    """Put filters together, each a name and a value.

    All must let a recording through, but any folder and any category will do.
    """
    values: dict[str, list[str]] = {name: [] for name in NAMES}
    for name, value in pairs:
        values[name].append(value)
    today = time.time() if now is None else now
    wanted = Filter(
        folders=tuple(_folder(value) for value in values["in"]),
        tags=tuple(_tag(value) for value in values["tag"]),
        ucs=tuple(_category(value) for value in values["ucs"]),
        longer=_most(max, [_length("longer", value) for value in values["longer"]]),
        shorter=_most(min, [_length("shorter", value) for value in values["shorter"]]),
        newer=_most(max, [_date(value, today) for value in values["newer"]]),
    )
    if wanted.longer is not None and wanted.shorter is not None and wanted.longer > wanted.shorter:
        raise UsageError(
            f"nothing is longer than {wanted.longer:g} s and shorter than {wanted.shorter:g} s",
            hint="leave out one of the two, or exchange them",
        )
    return wanted


def _most(choose: Callable[[list[float]], float], values: list[float]) -> float | None:
    return choose(values) if values else None


def _folder(value: str) -> str:
    """A path from here or from home is told in full; any other is part of a path."""
    first = re.split(r"[\\/]", value)[0]
    if first == "~":
        value = os.path.expanduser(value)  # noqa: PTH111 - never raises
    elif first in (".", ".."):
        value = os.path.abspath(value)  # noqa: PTH100 - a link in it stays one, as when indexing
    if not value.strip("\\/ \n\t"):
        raise _misread("in", value)
    return value


def _tag(value: str) -> str:
    if not any(letter.isalnum() for letter in value):
        raise _misread("tag", value)
    return value


def _category(value: str) -> str:
    if not re.fullmatch("[A-Za-z]+", value):
        raise _misread("ucs", value)
    return value


def _length(name: str, value: str) -> float:
    seconds = seconds_of(value)
    if seconds is None:
        raise _misread(name, value)
    return seconds


def _date(value: str, now: float) -> float:
    """Read a date, or how long ago: -> seconds since 1970."""
    age = _AGE.fullmatch(value)
    try:
        if age:
            then = now - float(age[1]) * AGES[age[2].lower()]
        else:
            then = datetime.fromisoformat(value + _DATE.get(len(value), "")).timestamp()
    except (ValueError, OverflowError, OSError):
        raise _misread("newer", value) from None
    if then > now:
        raise UsageError(f"newer:{value} lies in the future", hint=f"write {EXAMPLES['newer']}")
    return max(0.0, then)


def _misread(name: str, value: str) -> UsageError:
    value = " ".join(value.split())
    problem = f"{name}:{value} cannot be read" if value else f"nothing stands behind {name}:"
    return UsageError(problem, hint=f"write {EXAMPLES[name]}")
