"""`earmark forget`: take a folder or a file out of a library; the files are not touched."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.audio.clock import clock
from earmark.cli.plain import counted
from earmark.cli.which import add_library, open_library
from earmark.library.remote.address import as_place

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from earmark.library.nouns import Recording


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("path", type=as_place, metavar="PATH", help="a folder or a file")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    add_library(parser)


def run(args: argparse.Namespace) -> int:
    """Say what goes, ask, and do it."""
    with open_library(args) as library:
        goes = library.under(args.path)
        if not goes:
            library.forget(args.path)  # raises, saying why
        if not (args.yes or is_agreed(amount(goes), args.path)):
            print("nothing was forgotten")
            return 0
        library.forget(args.path)
    print(f"forgot {amount(goes)}; the files are as they were")
    return 0


def amount(goes: Sequence[Recording]) -> str:
    """How many recordings, and how much sound."""
    return f"{counted(len(goes), 'recording')}, {clock(sum(one.seconds for one in goes))} of sound"


def is_agreed(what: str, path: Path) -> bool:
    """Ask on a terminal; raise where nobody can be asked."""
    from earmark.errors import UsageError

    if not sys.stdin.isatty():
        raise UsageError(
            f"this would forget {what}, in {path}",
            hint="if so, say it with: earmark forget PATH --yes; no file is touched",
        )
    print(f"Forget {what}, in {path}? No file is touched. [y/N] ", end="", flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
