"""`earmark status`: what a library holds, and what is odd about it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from earmark.audio.clock import clock
from earmark.cli.plain import counted, megabytes, printable
from earmark.cli.which import add_library, open_library

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from earmark.library.home import Home
    from earmark.library.nouns import Recording
    from earmark.library.store.contract import Status

WORTH_IT = 0.1  # of the vectors are dead


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "--failed", action="store_true", help="list the files in which nothing could be heard"
    )
    add_library(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Print it."""
    from earmark.library.home import library_home

    with open_library(args) as library:
        if args.failed:
            show_failed(library.failed(), as_json=args.json)
            return 0
        status, home = library.status(), library_home(args.library)
    if args.json:
        print(json.dumps(as_dict(status, home), indent=1))
    else:
        print("\n".join(lines(status, home)))
    return 0


def show_failed(failed: Sequence[Recording], *, as_json: bool) -> None:
    """Print each file with the reason."""
    if as_json:
        rows = [{"path": str(one.place.full), "reason": one.reason} for one in failed]
        print(json.dumps(rows, indent=1))
        return
    for one in failed:
        print(f"{printable(str(one.place.full))}: {one.reason}")
    if not failed:
        print("every file in the library could be heard")


def lines(status: Status, home: Home) -> Iterator[str]:
    """Say it for a person to read."""
    from earmark.search.hits import Drives

    times, drives = status.identity, Drives()
    yield f"library   {home} ({megabytes(status.bytes)})"
    yield f"model     {times.model}: a vector of {times.window:g} s every {times.hop:g} s"
    heard = status.recordings - status.failed
    copies = heard - status.sounds
    more = f", {counted(copies, 'of them a copy', 'of them copies')}" if copies else ""
    yield f"holds     {counted(heard, 'recording')}{more}, {clock(status.seconds)} of sound"
    for n, root in enumerate(status.roots):
        mark = " (away)" if drives.is_away(root) else ""
        yield f"{'' if n else 'folders':9} {printable(str(root))}{mark}"
    if status.failed:
        yield f"failed    {counted(status.failed, 'file')}, see: earmark status --failed"
    if status.dead >= WORTH_IT:
        yield f"unused    {status.dead:.0%} of its vectors; free them with: earmark doctor --repair"
    if status.writer:
        yield f"writing   {status.writer}"
    yield from (f"note      {note}" for note in status.notes)


def as_dict(status: Status, home: Home) -> dict[str, Any]:
    """Give it as plain JSON values."""
    from earmark.search.hits import Drives

    drives = Drives()
    roots = [{"path": str(root), "away": drives.is_away(root)} for root in status.roots]
    return {"library": str(home), **asdict(status), "roots": roots}
