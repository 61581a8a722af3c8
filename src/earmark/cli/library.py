"""`earmark library`: libraries as wholes - joined, by another model, packed, and put back."""

from __future__ import annotations

import argparse
import json
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.audio.clock import clock
from earmark.cli import migrate as migration
from earmark.cli.console import note
from earmark.cli.plain import counted, megabytes, printable
from earmark.cli.which import folder_or_address, is_made

if TYPE_CHECKING:
    from collections.abc import Iterator

    from earmark.library.merge import Merged
    from earmark.library.parcel.manifest import Manifest

STEP = 100  # recordings between two words of progress
ACTIONS = {
    "merge": "let one library hold what others hold that were made with the same model",
    "migrate": "hear a library again by another model, while the old one goes on answering",
    "pack": "write a library, without its sounds, into one file that can be checked",
    "verify": "check every bit of a packed library",
    "unpack": "put a packed library into a new folder, after it was checked",
}
FILE = "a file that `earmark library pack` has written"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, does in ACTIONS.items():
        action = actions.add_parser(name, help=does, description=f"{does[0].upper()}{does[1:]}.")
        _add_places(name, action)
        action.add_argument("--json", action="store_true", help="print JSON")


def _add_places(name: str, action: argparse.ArgumentParser) -> None:
    if name == "merge":
        into = "the library that is to hold all; made if there is none"
        action.add_argument("into", type=folder_or_address, metavar="INTO", help=into)
        others = "the folder of a library, or a packed one; it is not changed"
        action.add_argument(
            "others", type=folder_or_address, nargs="+", metavar="FROM", help=others
        )
    elif name == "migrate":
        migration.add_arguments(action)
    elif name == "pack":
        action.add_argument(
            "library", type=folder_or_address, metavar="LIBRARY", help="the library's folder"
        )
        action.add_argument("out", type=Path, metavar="OUT.earmark", help="a new file")
    else:
        action.add_argument("file", type=Path, metavar="FILE", help=FILE)
    if name == "unpack":
        action.add_argument("folder", type=Path, metavar="FOLDER", help="a new or empty folder")


def run(args: argparse.Namespace) -> int:
    """Do what is asked."""
    actions = {
        "merge": merge,
        "migrate": migration.run,
        "pack": pack,
        "verify": verify,
        "unpack": unpack,
    }
    return actions[args.action](args)


def merge(args: argparse.Namespace) -> int:
    """Take over what others hold, and count it."""
    from earmark.library.home import library_home, other_folder
    from earmark.library.merge import merge, new_store_for
    from earmark.library.source import opened
    from earmark.library.store.open import open_store

    with ExitStack() as open_ones:
        sources = open_ones.enter_context(opened(other_folder(one) for one in args.others))
        home = library_home(args.into)
        is_new = not is_made(home)
        store = new_store_for(home, sources) if is_new else open_store(home)
        open_ones.callback(store.close)
        if is_new and not args.json:
            print(f"made a library in {home}, with the model {store.identity.model}")
        done = merge(store, sources, show_progress)
    note("")
    print(json.dumps(_as_dict(done)) if args.json else "\n".join(lines_of_merge(done)))
    return 0


def pack(args: argparse.Namespace) -> int:
    """Write the file, and say what is in it."""
    from earmark.library.home import other_folder
    from earmark.library.parcel.write import pack

    folder = other_folder(args.library)
    note(f"packing {args.library}")
    told = pack(folder, args.out)
    note("")
    return show(args, told, "packed", args.out)


def verify(args: argparse.Namespace) -> int:
    """Check the file; one that is damaged exits with 3."""
    from earmark.library.parcel.read import open_parcel

    parcel = open_parcel(args.file)
    parcel.verify()
    return show(args, parcel.manifest, "whole", args.file)


def unpack(args: argparse.Namespace) -> int:
    """Put it back, and say how to go on where its folders are not here."""
    from earmark.library.parcel.put import unpack

    parcel = unpack(args.file, args.folder, show_progress)
    note("")
    code = show(args, parcel.manifest, "unpacked", args.folder)
    away = [root for root in parcel.roots() if not root.is_dir()]
    if away and not args.json:
        print(f"{printable(str(away[0]))} is not here; if it is elsewhere, say so with:")
        print(f"earmark relocate {away[0]} FOLDER --library {args.folder}")
    return code


def show(args: argparse.Namespace, told: Manifest, did: str, where: Path) -> int:
    """Print what a packed library holds."""
    if args.json:
        print(json.dumps({"path": str(where), **_as_dict(told)}, indent=1))
    else:
        print("\n".join(lines_of_parcel(told, did, where)))
    return 0


def lines_of_parcel(told: Manifest, did: str, where: Path) -> Iterator[str]:
    """Say it for a person to read."""
    size = sum(part.size for part in told.parts)
    yield f"{did:9} {printable(str(where))} ({megabytes(size)})"
    yield f"model     {told.identity.model}"
    heard = counted(told.recordings - told.failed, "recording")
    yield f"holds     {heard}, {clock(told.seconds)} of sound"
    if told.failed:
        yield f"failed    {counted(told.failed, 'file')}"


def lines_of_merge(done: Merged) -> Iterator[str]:
    """Say it for a person to read."""
    brought, heard = counted(done.brought, "recording"), counted(done.heard, "sound")
    yield f"brought   {brought}"
    if done.newer:
        yield f"newer     {done.newer:,} in place of an older state"
    if done.older:
        yield f"older     {done.older:,}, known here in a later state"
    yield f"known     {done.known:,}"
    yield f"vectors   of {heard}"


def show_progress(done: int, total: int) -> None:
    """Say how far it is, on a terminal."""
    if done % STEP == 0:
        note(f"{done:,} of {total:,} recordings")


def _as_dict(facts: Merged | Manifest) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(facts)
