"""A table of cues: CSV with commas, semicolons, tabs or bars, the names of its columns on top."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from earmark.errors import UsageError
from earmark.search.spot.lines import Line, seconds
from earmark.search.spot.listing import lines_of

QUERY = ("query",)
WORDS = ("text", "description", "sound", "effect", "name")
NAMES = ("cue", "id", "number", "no", "no.", "nr", "#")
KINDS = ("kind",)
TIMES = ("time", "start", "timecode", "tc", "in", "position")
SEPARATORS = ",;\t|"


def read_sheet(text: str, where: str) -> Iterator[Line]:
    """Read a table; a `query` is asked as it is, any other column of words is heard by rules."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text))
    columns = [name.strip().lower() for name in next(rows, [])]
    query, words, name, time, kind = (
        _column(columns, one) for one in (QUERY, WORDS, NAMES, TIMES, KINDS)
    )
    if query is None and words is None:
        raise UsageError(
            f"{where}: none of its columns holds cues",
            hint=f"call one query, {', '.join(WORDS[:-1])} or name; on top stands: "
            f"{' '.join(', '.join(filter(None, columns)).split()) or 'nothing'}",
        )
    for row in _whole(rows, columns, where):
        at, place = rows.line_num, f"{where}, line {rows.line_num}"
        when = _cell(row, time)
        told = seconds(when, place) if when else None
        asked, said, called = _cell(row, query), _cell(row, words), _cell(row, name)
        if asked:
            is_place = _cell(row, kind).lower() == "place"
            yield Line(
                number=at, kind="query", text=asked, time=told, name=called, is_place=is_place
            )
        elif said:
            yield from lines_of(said, at, time=told, name=called)


def _separator(text: str) -> str:
    """The separator that stands most often on top."""
    top = text.lstrip("\n").partition("\n")[0]
    return max(SEPARATORS, key=top.count)


def _column(columns: Sequence[str], names: Sequence[str]) -> int | None:
    return next((columns.index(name) for name in names if name in columns), None)


def _whole(rows: Iterator[list[str]], columns: Sequence[str], where: str) -> Iterator[list[str]]:
    """The rows that hold something; raise for one that is cut too often."""
    try:
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if any(cell.strip() for cell in row[len(columns) :]):
                raise UsageError(
                    f"{where}: a row has {len(row)} columns where the first has {len(columns)}: "
                    f"{' | '.join(row)[:60]}",
                    hint='put quotes around text that holds the separator: "rain, far thunder"',
                )
            yield row
    except csv.Error as error:
        raise UsageError(
            f"{where}: it cannot be read as a table ({error})", hint="save it as CSV again"
        ) from error


def _cell(row: Sequence[str], at: int | None) -> str:
    return " ".join(row[at].split()) if at is not None and at < len(row) else ""
