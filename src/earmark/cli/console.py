"""What commands print with: plain on a pipe, as wide as the window on a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

PIPE_WIDTH = 120  # columns where there is no window to ask


def console() -> Console:
    """Make the console that tables are printed on."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else PIPE_WIDTH
    return Console(width=width, highlight=False, markup=False, emoji=False)


def table(*columns: str) -> Table:
    """Make a table without lines; a column called `#name` holds numbers, `!name` never wraps."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        name = column.lstrip("#!")
        side: Literal["left", "right"] = "right" if column[0] == "#" else "left"
        made.add_column(name, justify=side, no_wrap=name != column, overflow="fold")
    return made


def note(text: str) -> None:
    """Show what is being done on the last line of a terminal; say nothing into a pipe."""
    if sys.stderr.isatty():
        print(f"\r\x1b[2K{text[:100]}", end="", file=sys.stderr, flush=True)
