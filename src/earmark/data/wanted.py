"""What is asked of long recordings: words, and every stretch of one recording that they fit.

Two forms of table hold it. CASTELLA publishes a list of recordings, each with captions and their
times (`.json`); Lighthouse and the moment task of DCASE 2026 use one line a caption (`.jsonl`).
`line_of` writes the second. Three things are taken as published tables have them: stretches need
not be in order, an end may lie beyond the stated length, and a stretch without length is left out,
as the scorer of that task leaves it out. A caption without any stretch is not asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from earmark.data.tables import numbered, read_text
from earmark.errors import DataError
from earmark.types import Moment

LINE = (
    '{"qid": "a_1", "query": "a dog barks", "vid": "a", "duration": 60, '
    '"relevant_windows": [[3, 5]]}'
)
LIST = (
    '[{"yid": "a", "duration": 60, "moments": [{"local_caption": "a dog barks", '
    '"timestamps": [[3, 5]]}]}]'
)
HINTS = {".jsonl": f"each line is one caption: {LINE}", ".json": f"it is one list: {LIST}"}

Name = str | int  # of a caption; some tables number them


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Words that are asked of one long recording, and where in it they are right."""

    name: Name  # no other caption of the split has it
    words: str
    recording: str
    seconds: float  # of the recording, as the table states
    right: tuple[Moment, ...]
    split: str = ""
    audio: Path | None = None  # None where it is not there


def read_wanted(path: Path, split: str) -> list[Wanted]:
    """Read a table of either form, by its suffix."""
    found: dict[Name, Wanted] = {}
    for entry in _of_list(path) if path.suffix == ".json" else _of_lines(path):
        one = _wanted(entry, split)
        if one.name in found:
            raise entry.wrong(f"a second caption is called {one.name!r}")
        found[one.name] = one
    return [one for one in found.values() if one.right]


def line_of(one: Wanted) -> str:
    """Write a caption as one line, without an end of line."""
    told = {
        "qid": one.name,
        "query": one.words,
        "duration": one.seconds,
        "vid": one.recording,
        "relevant_windows": [[span.start, span.end] for span in one.right],
    }
    return json.dumps(told, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class _Entry:
    """What a table tells of one caption, and where that stands."""

    place: str
    told: Mapping[str, Any]
    hint: str

    def wrong(self, problem: str) -> DataError:
        """Make the error that says what is wrong here."""
        return DataError(f"{self.place}: {problem}", hint=self.hint)

    def get(self, name: str, kinds: type | tuple[type, ...], what: str) -> Any:  # noqa: ANN401 - of these kinds
        """Give a value, or refuse one that is missing or of another kind."""
        value = self.told.get(name)
        if value is None:
            raise self.wrong(f"there is no {name!r}")
        if isinstance(value, bool) or not isinstance(value, kinds):
            raise self.wrong(f"{name!r} is {json.dumps(value)[:40]}, not {what}")
        return value


def _of_lines(path: Path) -> Iterator[_Entry]:
    for number, text in numbered(path):
        place = f"{path}, line {number}"
        yield _entry(place, _json(place, text, path), HINTS[path.suffix])


def _of_list(path: Path) -> Iterator[_Entry]:
    """Yield the captions of a list of recordings, under the names that the task gives them."""
    hint = HINTS[path.suffix]
    every = _json(str(path), read_text(path), path)
    if not isinstance(every, list):
        raise DataError(f"{path}: this is no list", hint=hint)
    for number, told in enumerate(every, 1):
        entry = _entry(f"{path}, recording {number}", told, hint)
        name = entry.get("yid", str, "a name")
        for place, moment in enumerate(entry.get("moments", list, "a list"), 1):
            one = _entry(f"{path}, {name}, moment {place}", moment, hint)
            told_of_it = {
                "qid": f"{name}_{place}",
                "vid": name,
                "duration": entry.told.get("duration"),
                "query": one.told.get("local_caption"),
                "relevant_windows": one.told.get("timestamps"),
            }
            yield _Entry(one.place, told_of_it, hint)


def _json(place: str, text: str, path: Path) -> Any:  # noqa: ANN401 - whatever stands there
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{place}: this is not JSON ({error})", hint=HINTS[path.suffix]) from error


def _entry(place: str, told: object, hint: str) -> _Entry:
    if not isinstance(told, dict):
        raise DataError(f"{place}: {json.dumps(told)[:40]} is not an object", hint=hint)
    return _Entry(place, told, hint)


def _wanted(entry: _Entry, split: str) -> Wanted:
    words = " ".join(entry.get("query", str, "text").split())
    recording = entry.get("vid", str, "a name")
    seconds = entry.get("duration", (int, float), "a number of seconds")
    spans = entry.get("relevant_windows", list, "a list of [start, end]")
    if not words or not recording:
        raise entry.wrong(f"{'query' if not words else 'vid'!r} is empty")
    if not (isfinite(seconds) and seconds > 0):
        raise entry.wrong(f"'duration' is {seconds}, not a number of seconds")
    moments = [_moment(entry, span) for span in spans]
    return Wanted(
        name=entry.get("qid", (str, int), "a name or a number"),
        words=words,
        recording=recording,
        seconds=float(seconds),
        right=tuple(one for one in moments if one.seconds > 0),
        split=split,
    )


def _moment(entry: _Entry, span: object) -> Moment:
    numbers = span if isinstance(span, list) and len(span) == 2 else []
    if not numbers or any(isinstance(n, bool) or not isinstance(n, int | float) for n in numbers):
        raise entry.wrong(f"{json.dumps(span)[:40]} is no [start, end] in seconds")
    start, end = map(float, numbers)
    if not (isfinite(start) and isfinite(end)) or start < 0:
        raise entry.wrong(f"{json.dumps(span)[:40]} lies outside of any recording")
    if end < start:
        raise entry.wrong(f"{json.dumps(span)[:40]} ends before it starts")
    return Moment(start, end)
