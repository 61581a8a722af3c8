"""`earmark relocate`: tell a library that a folder is now found elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from earmark.cli.plain import counted
from earmark.cli.which import add_library, open_library
from earmark.library.remote.address import as_place

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "old", type=as_place, metavar="OLD", help="where the library has the files now"
    )
    parser.add_argument("new", type=as_place, metavar="NEW", help="the folder where they are")
    add_library(parser)


def run(args: argparse.Namespace) -> int:
    """Do it; nothing is heard again, and no file is touched."""
    with open_library(args) as library:
        count = library.relocate(args.old, args.new)
    verb = "is" if count == 1 else "are"
    print(f"{counted(count, 'recording')} {verb} now looked for in {args.new.absolute()}")
    return 0
