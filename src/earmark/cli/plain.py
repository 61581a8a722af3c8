"""Aligned text for commands that must answer at once: a table of rich takes longer than a search.

A letter may be one cell of a terminal wide, two (Chinese, Japanese, Korean) or none (an accent).
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from unicodedata import category, east_asian_width

GAP = "  "
DOTS = "…"


def window() -> int | None:
    """Columns of the terminal that is printed to; None into a pipe, where nothing is cut."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def cells(text: str) -> int:
    """How many cells of a terminal a text takes."""
    return sum(_cells(letter) for letter in text)


def printable(text: str) -> str:
    """Show letters that would move the cursor, or are none, as a question mark."""
    return "".join(c if c.isprintable() else "?" for c in text)


def counted(number: int, one: str, many: str = "") -> str:
    """Write a number and what there are so many of."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def megabytes(size: int) -> str:
    """Write a number of bytes."""
    return f"{size / 1_000_000:,.1f} MB"


def shortened(text: str, room: int) -> str:
    """Cut the middle out of a text that is too wide; most of what stays is its end."""
    if cells(text) <= room:
        return text
    tail = _first(text[::-1], max(room - 1, 0) - max(room - 1, 0) // 3)[::-1]
    return _first(text, room - 1 - cells(tail)) + DOTS + tail


def aligned(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> Iterator[str]:
    """Lines of a table, some columns of it aligned at their right; the last one is left as is."""
    widths = _widths(rows)
    for row in rows:
        line = [_padded(text, widths[n], n in right) for n, text in enumerate(row[:-1])]
        yield GAP.join([*line, row[-1]]).rstrip()


def room_beside(rows: Sequence[Sequence[str]], width: int) -> int:
    """Cells that are left for one more column."""
    return width - sum(cells + len(GAP) for cells in _widths(rows))


def relative(path: str, base: str) -> str | None:
    """The way from a folder to a file in it; None to any other file."""
    start = os.path.join(base, "")  # noqa: PTH118 - a Path would drop the last slash
    return path.removeprefix(start) if path.startswith(start) else None


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(cells, column)) for column in zip(*rows, strict=True)]


def _padded(text: str, width: int, right: bool) -> str:
    space = " " * (width - cells(text))
    return space + text if right else text + space


def _first(text: str, room: int) -> str:
    """As much of the beginning of a text as there is room for."""
    taken = 0
    for n, letter in enumerate(text):
        taken += _cells(letter)
        if taken > room:
            return text[:n]
    return text


def _cells(letter: str) -> int:
    if category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(letter) in "WF" else 1
