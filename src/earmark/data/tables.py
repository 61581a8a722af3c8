"""Read tables of text with errors that name the file and the line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from earmark.audio.member import open_bytes
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

    def others(self, own: Collection[str]) -> dict[str, str]:
        """Cells that hold something, but for those of columns that a row has a place for."""
        return {name: cell for name, cell in self.cells.items() if cell and name not in own}


def read_text(path: Path, encoding: str = "") -> str:
    """Read a whole file as UTF-8, or in `encoding` where one is named and it is not."""
    try:
        with open_bytes(path) as file:
            raw = file.read()
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
    records = _records(path, text, _delimiter(header, needed))
    names = [name.strip() for name in next(records, (1, []))[1]]
    _check_columns(path, names, needed, allowed)
    lines = []
    for number, cells in records:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(names):
            raise DataError(
                f"{path}, line {number}: {len(cells)} cells for {len(names)} columns",
                hint='put text that holds a comma between double quotes: "rain, then thunder"',
            )
        lines.append(Line(path, number, dict(zip(names, cells, strict=True))))
    return lines


def read_json_lines(path: Path, needed: Sequence[str], allowed: Collection[str]) -> list[Line]:
    """Read one JSON object a line; numbers become text, as they are in a CSV file."""
    lines = []
    for number, text in numbered(path):
        cells = _object(path, number, text)
        _check_columns(path, list(cells), needed, allowed, f", line {number}")
        lines.append(Line(path, number, cells))
    return lines


def numbered(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines that are not empty; JSON may hold any other mark that ends a line."""
    for number, text in enumerate(read_text(path).split("\n"), start=1):
        if text.strip():
            yield number, text


def meant(word: str, known: Iterable[str]) -> str:
    """Say which known word was probably meant, or name them all."""
    known = list(known)
    close = get_close_matches(word, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"choose from: {', '.join(known)}"


def some(names: Sequence[str], count: int = 3) -> str:
    """Write the first few names, and how many more there are."""
    more = f" and {len(names) - count:,} more" if len(names) > count else ""
    return ", ".join(names[:count]) + more


def _records(path: Path, text: str, mark: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of every record, with the number of the line where it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DataError(
                f"{path}, line {number}: a double quote is out of place ({error})",
                hint='close what a double quote opens, and double those inside: "a ""big"" dog"',
            ) from error
        yield number, cells


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
    twice = [name for name in needed if names.count(name) > 1]
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
    if twice:
        raise DataError(
            f"{path}{where}: the column {twice[0]!r} is there {names.count(twice[0])} times",
            hint="keep one; further captions of a sound are further lines",
        )


def _object(path: Path, number: int, text: str) -> dict[str, str]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"{path}, line {number}: this is not JSON ({error})",
            hint='each line is one object, such as {"path": "a.wav", "caption": "rain"}',
        ) from error
    if not isinstance(value, dict):
        raise DataError(
            f"{path}, line {number}: {text.strip()[:40]} is not an object",
            hint='each line is one object, such as {"path": "a.wav", "caption": "rain"}',
        )
    for name, cell in value.items():
        if isinstance(cell, bool | list | dict):
            raise DataError(
                f"{path}, line {number}: {name!r} is {json.dumps(cell)[:40]}",
                hint="write text or a number; further captions of a sound are further lines",
            )
    return {name: "" if cell is None else str(cell) for name, cell in value.items()}
