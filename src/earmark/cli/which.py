"""Which library and which model a command works with: the two options of many commands."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from earmark.library.library import Library


def add_library(parser: argparse.ArgumentParser) -> None:
    """Declare `--library`."""
    parser.add_argument(
        "--library",
        type=Path,
        metavar="FOLDER",
        help="which library; default: EARMARK_LIBRARY, or else your own",
    )


def add_model(parser: argparse.ArgumentParser, default: str = "the library's") -> None:
    """Declare `--model`."""
    parser.add_argument(
        "--model",
        metavar="NAME|FOLDER",
        help=f"a packaged model, or the folder of a bundle; default: {default}",
    )


def add_models(parser: argparse.ArgumentParser, default: str) -> None:
    """Declare a `--model` that can be given again: `models` has all of them."""
    parser.add_argument(
        "--model",
        action="append",
        default=[],
        dest="models",
        metavar="NAME|FOLDER",
        help=f"default: {default}",
    )


def open_library(args: argparse.Namespace) -> Library:
    """Open the library that was asked for; raise if there is none."""
    from earmark.library.library import Library

    return Library.open(args.library, model=getattr(args, "model", None))


def is_made(folder: Path) -> bool:
    """Whether there is a library in a folder; one whose making was cut short is none."""
    from contextlib import closing

    from earmark.library.store.database import NAME
    from earmark.library.store.rows import Rows

    if not (folder / NAME).is_file():
        return False
    with closing(Rows(folder, reads_only=True)) as rows:
        return rows.identity() is not None
