"""Read tables of text with errors that name the file and the line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from earmark.errors import DataError

DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table, with where it stands."""

    path: Path
    number: int
    cells: dict[str, str]

    def wrong(self, problem: str, hint: str) -> DataError:
        """Make the error that says what is wrong here."""
        return DataError(f"{self.path}, line {self.number}: {problem}", hint=hint)


def read_text(path: Path, encoding: str = "") -> str:
    """Read a whole file as UTF-8, or in `encoding` where one is named and it is not."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(
            f"{path}: {error.strerror or error}", hint="check the path, and that you may read it"
        ) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if encoding:
            return raw.decode(encoding)
        line = raw[: error.start].count(b"\n") + 1
        raise DataError(
            f"{path}, line {line}: this is not UTF-8",
            hint="save the file as UTF-8; a spreadsheet calls it 'CSV UTF-8'",
        ) from error


def read_csv(
    path: Path, needed: Sequence[str], *, allowed: Collection[str] | None = None, encoding: str = ""
) -> list[Line]:
    """Read a CSV file with a header; commas, semicolons or tabs, whichever the header shows.

    Columns beyond `allowed` are refused; `None` allows all. Bytes that are not UTF-8 are refused,
    or read in `encoding` where one is named.
    """
    text = read_text(path, encoding)
    header = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(header, needed))
    names = [name.strip() for name in next(reader, [])]
    _check_columns(path, names, needed, allowed)
    lines = []
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(names):
            raise DataError(
                f"{path}, line {reader.line_num}: {len(cells)} cells for {len(names)} columns",
                hint='put text that holds a comma between double quotes: "rain, then thunder"',
            )
        lines.append(Line(path, reader.line_num, dict(zip(names, cells, strict=True))))
    return lines


def read_json_lines(path: Path, needed: Sequence[str], allowed: Collection[str]) -> list[Line]:
    """Read one JSON object a line; numbers become text, as they are in a CSV file."""
    lines = []
    for number, text in enumerate(read_text(path).splitlines(), start=1):
        if not text.strip():
            continue
        cells = _object(path, number, text)
        _check_columns(path, list(cells), needed, allowed, f", line {number}")
        lines.append(Line(path, number, cells))
    return lines


def meant(word: str, known: Iterable[str]) -> str:
    """Say which known word was probably meant, or name them all."""
    known = list(known)
    close = get_close_matches(word, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"choose from: {', '.join(known)}"


def some(names: Sequence[str], count: int = 3) -> str:
    """Write the first few names, and how many more there are."""
    more = f" and {len(names) - count:,} more" if len(names) > count else ""
    return ", ".join(names[:count]) + more


def _delimiter(header: str, needed: Sequence[str]) -> str:
    """The delimiter that shows most of the needed columns; a comma when none does better."""
    return max(DELIMITERS, key=lambda mark: len({*_names(header, mark)} & {*needed}))


def _names(header: str, mark: str) -> list[str]:
    return [name.strip().strip('"') for name in header.split(mark)]


def _check_columns(
    path: Path,
    names: Sequence[str],
    needed: Sequence[str],
    allowed: Collection[str] | None,
    where: str = "",
) -> None:
    missing = [name for name in needed if name not in names]
    unknown = [name for name in names if allowed is not None and name not in allowed]
    if missing:
        raise DataError(
            f"{path}{where}: no {missing[0]!r} among {', '.join(map(repr, names)) or 'nothing'}",
            hint=f"there must be {' and '.join(map(repr, needed))}",
        )
    if unknown:
        raise DataError(
            f"{path}{where}: {unknown[0]!r} is not known here",
            hint=meant(unknown[0], allowed or ()),
        )


def _object(path: Path, number: int, text: str) -> dict[str, str]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise DataError(
            f"{path}, line {number}: this is not JSON ({error})",
            hint='each line is one object, such as {"path": "a.wav", "caption": "rain"}',
        ) from error
    if not isinstance(value, dict):
        raise DataError(
            f"{path}, line {number}: {text.strip()[:40]} is not an object",
            hint='each line is one object, such as {"path": "a.wav", "caption": "rain"}',
        )
    return {str(key): "" if cell is None else str(cell) for key, cell in value.items()}
