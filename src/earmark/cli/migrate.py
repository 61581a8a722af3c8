"""`earmark library migrate`: a library by another model, while the old one goes on answering."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from earmark.audio.clock import clock
from earmark.cli.console import note
from earmark.cli.plain import counted, printable
from earmark.cli.which import add_device, folder_or_address, tell_device, use_device

if TYPE_CHECKING:
    from collections.abc import Iterator

    from earmark.library.migrate import Migrated
    from earmark.library.pipeline import Progress

MOST_MISSING = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what it takes."""
    parser.add_argument(
        "library",
        type=folder_or_address,
        nargs="?",
        metavar="LIBRARY",
        help="the library's folder; default: EARMARK_LIBRARY, or else your own",
    )
    parser.add_argument(
        "--model",
        required=True,
        metavar="NAME|FOLDER",
        help="the new one: a packaged model, or the folder of a bundle",
    )
    parser.add_argument(
        "--without",
        action="store_true",
        help="go on without files that are missing; the next index run hears them",
    )
    parser.add_argument(
        "--jobs", type=int, metavar="N", help="sounds heard at once; default: all cores"
    )
    add_device(parser)
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")


def run(args: argparse.Namespace) -> int:
    """Migrate, or go on with it; Ctrl-C loses nothing that was heard."""
    from earmark.errors import UsageError
    from earmark.library.library import Library

    if args.jobs is not None and args.jobs < 1:
        raise UsageError(f"{args.jobs} jobs", hint="give one job or more")
    use_device(args)
    with Library.open(args.library) as library:
        done = library.migrate(
            args.model,
            without=args.without,
            jobs=args.jobs,
            dry_run=args.dry_run,
            on_progress=show_progress,
        )
        note("")
        tell_device(library.model)
    print(as_json(done) if args.json else "\n".join(lines_of(done, dry_run=args.dry_run)))
    return 0


def show_progress(at: Progress) -> None:
    """Say how far it is, on a terminal."""
    left = "" if at.left is None else f", {clock(at.left)} left"
    note(f"{at.files_done:,} of {at.files_total:,} files heard by the new model{left}")


def lines_of(done: Migrated, *, dry_run: bool) -> Iterator[str]:
    """Say it for a person to read."""
    would = "would be " if dry_run else ""
    yield f"model     {would}{done.new}, in place of {done.old}"
    if done.alike:
        yield f"kept      vectors of {counted(done.known, 'sound')}, as both models hear alike"
        return
    yield f"heard     {would}{counted(done.heard, 'sound')}, {clock(done.seconds)} long"
    if done.known:
        yield f"known     {done.known:,}, heard before by {done.new}"
    for path, reason in done.missing[:MOST_MISSING]:
        yield f"missing   {printable(str(path))}: {reason}"
    if len(done.missing) > MOST_MISSING:
        yield f"missing   {len(done.missing) - MOST_MISSING:,} more"


def as_json(done: Migrated) -> str:
    """Give it as JSON."""
    missing = [{"path": str(path), "reason": reason} for path, reason in done.missing]
    return json.dumps({**asdict(done), "missing": missing})
