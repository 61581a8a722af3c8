"""`earmark doctor`: whether a library is whole, and what can be done if it is not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from earmark.cli.plain import counted, megabytes, printable
from earmark.cli.which import add_library

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from earmark.library.home import Home
    from earmark.library.store.findings import Finding, Findings

HARM = 3  # exit code


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "--repair", action="store_true", help="mend what can be mended, and free unused room"
    )
    add_library(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Examine; 3 if something harmful is left."""
    from pathlib import Path

    from earmark.library.home import library_folder, library_home
    from earmark.library.store.doctor import examine

    home = library_home(args.library)
    if args.repair and not isinstance(home, Path):  # a server sees to its bytes, not to its room
        print(f"freed     {megabytes(free_room(home))}")
        return 0
    folder = library_folder(home)
    findings = examine(folder, repair=args.repair)
    freed = free_room(folder) if args.repair and findings.is_well and findings.room else 0
    if args.json:
        print(json.dumps({**findings.as_dict(), "freed": freed}, indent=1))
    else:
        print("\n".join(lines(findings, freed)))
    return 0 if findings.is_well else HARM


def free_room(home: Home) -> int:
    """Give back what removed recordings took: -> bytes."""
    from earmark.library.library import Library

    with Library.open(home) as library:
        return library.compact()


def lines(findings: Findings, freed: int) -> Iterator[str]:
    """Say it for a person to read."""
    yield f"library   {printable(str(findings.folder))}"
    heard = counted(findings.sounds, "sound")
    yield f"examined  {counted(findings.recordings, 'recording')}, {heard}, every vector"
    if findings.writer:
        yield f"writing   {findings.writer}; what it changes now was not looked at"
    for one in findings.found:
        yield from about(one)
    if freed:
        yield f"freed     {megabytes(freed)}"
    elif findings.room:
        yield f"unused    {megabytes(findings.room)}; free it with: earmark doctor --repair"
    yield verdict(findings)


def about(one: Finding) -> Iterator[str]:
    """Say what was found, in which files, and what is done about it."""
    state = "mended" if one.mended else "found"
    yield f"{state:9} {one.what}" + (f": {one.count:,}" if one.count > 1 else "")
    yield from (f"            {printable(name)}" for name in one.names)
    if one.count > len(one.names) > 0:
        yield f"            and {one.count - len(one.names):,} more"
    yield f"          {one.remedy}"


def verdict(findings: Findings) -> str:
    """Say how it stands, all in all."""
    if findings.is_well:
        return "The library is whole."
    if any(one.mendable and one.harm and not one.mended for one in findings.found):
        return "Something is wrong that can be mended: earmark doctor --repair"
    return "Something is wrong that cannot be mended here."
