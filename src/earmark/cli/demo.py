"""`earmark demo`: make an archive, index it, find sounds in it with words, check the answers."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.cli.console import note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from earmark.library.library import Library
    from earmark.scenes.archive import Sounding
    from earmark.types import Hit

MARK = "made-by-earmark-demo.txt"  # only a folder that holds this is written to again
SOUNDS, LIBRARY = "sounds", "library"
SHOWN = 3  # answers to each
QUERIES = {  # what is asked, and the kinds of sound that are right
    "rain on a metal roof": ("roof_rain",),
    "a dog barking outside": ("dog_bark",),
    "someone playing the piano": ("piano",),
    "church bells": ("church_bell",),
    "thunder - rain": ("thunder",),
}
SERVES = ("starlette", "uvicorn", "python_multipart")
IN_THE_HOUR = ("a sheep bleating", ("sheep_bleat",))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "folder", type=Path, nargs="?", default=Path("earmark-demo"), help="default: earmark-demo"
    )


def run(args: argparse.Namespace) -> int:
    """Make, index, search."""
    folder: Path = args.folder
    claim(folder)
    make(folder / SOUNDS)
    with library_in(folder / LIBRARY) as library:
        fill(library, folder / SOUNDS)
        search(library, folder / SOUNDS)
    print(
        f"Ask it something else:  earmark search WORDS --library {folder / LIBRARY}\n"
        f"See and hear it:        {page_of(folder / LIBRARY)}\n"
        "Your own sounds:        earmark index FOLDER, then earmark search WORDS"
    )
    return 0


def page_of(library: Path) -> str:
    """Say how the page is opened, and what that needs if it is not here."""
    from importlib.util import find_spec

    serves = all(find_spec(module) for module in SERVES)
    first = "" if serves else "pip install 'earmark[serve]', then "
    return f"{first}earmark serve --open --library {library}"


def claim(folder: Path) -> None:
    """Make the folder ours, or raise: nothing of the user's may be written over."""
    from earmark.errors import EarmarkError, UsageError

    mark = folder / MARK
    try:
        if folder.exists() and not mark.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(
                f"{folder} holds something that the demo did not make",
                hint="name a new folder: earmark demo FOLDER",
            )
        folder.mkdir(parents=True, exist_ok=True)
        mark.write_text("Made by earmark demo, which may write over it.\n", encoding="utf-8")
    except OSError as error:
        raise EarmarkError(
            f"{folder} cannot be written to: {error.strerror or error}",
            hint="name a folder that you may write to: earmark demo FOLDER",
        ) from error


def make(folder: Path) -> None:
    """Write the archive, or what is missing of it."""
    from earmark.scenes import archive

    print(f"An archive of sounds in {folder}; all of them are made by code.", flush=True)
    for count, path in enumerate(archive.make_archive(folder), start=1):
        note(f"made {count:,} files, {path.relative_to(folder).as_posix()}")
    note("")


def library_in(folder: Path) -> Library:
    """Open the library of the demo, or make it."""
    from earmark.cli.which import is_made
    from earmark.library.library import Library

    return Library.open(folder) if is_made(folder) else Library.create(folder)


def fill(library: Library, folder: Path) -> None:
    """Index the archive, and say how that went."""
    from earmark.cli.index import line_of, lines

    report = library.index([folder], on_progress=lambda now: note(line_of(now)))
    note("")
    print("\n".join(lines(report, dry=False)))
    for recording in library.failed():
        print(f"          {recording.place.path}: {recording.reason}")


def search(library: Library, folder: Path) -> None:
    """Ask, show, and check the answers with what was put into the files."""
    from earmark.scenes import archive

    truth, right = archive.archive_truth(), list[bool]()
    for query, kinds in QUERIES.items():
        # By sound alone: some of the names would give the answer away.
        hits = library.search(query, limit=SHOWN, keywords=False)
        right += show(query, hits, kinds, folder, truth)
    query, kinds = IN_THE_HOUR
    hour = f"{query} longer:50:00"
    hits = library.search(hour, limit=SHOWN, keywords=False, moments=True, unsure=True)
    right += show(hour, hits, kinds, folder, truth)
    print(
        f"\n{sum(right)} of {len(right)} answers are right: what was asked for was put there (+).\n"
    )


def show(
    query: str, hits: Sequence[Hit], kinds: Sequence[str], folder: Path, truth: Sequence[Sounding]
) -> list[bool]:
    """Print the hits of a query; tell of each whether it is right."""
    from earmark.cli.hits import table
    from earmark.cli.plain import window

    print(f"\n{query}")
    verdicts = [is_right(hit, kinds, folder, truth) for hit in hits]
    marks = [" ", *("+" if verdict else "-" for verdict in verdicts), " "]
    for mark, row in zip(
        marks, table(hits, roots=[folder.resolve()], width=window()), strict=False
    ):
        print(mark, row)
    return verdicts


def is_right(hit: Hit, kinds: Sequence[str], folder: Path, truth: Sequence[Sounding]) -> bool:
    """Whether one of these kinds of sound is heard in a hit, as far as the archive knows."""
    path = Path(hit.path).relative_to(folder.resolve()).as_posix()
    return any(
        one.path == path and one.kind in kinds and one.start < hit.end and hit.start < one.end
        for one in truth
    )
