"""`earmark demo`: make a small archive, read all of it back, find sounds in it with words."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from earmark.audio.clock import clock
from earmark.cli.console import console, note, table
from earmark.cli.look import in_words, kind_of, look_and_draw, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from earmark.audio.look import Look
    from earmark.model.model import Model
    from earmark.types import Moment

MARK = "made-by-earmark-demo.txt"  # only a folder that holds this is written to again
PICTURE = "field-recording.svg"
QUERIES = ("rain on a metal roof", "a dog barking outside", "someone playing the piano")
SHOWN = 3  # answers to each


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "folder", type=Path, nargs="?", default=Path("earmark-demo"), help="default: earmark-demo"
    )


def run(args: argparse.Namespace) -> int:
    """Make, read, show."""
    from earmark.scenes.archive import FIELD, make_archive

    folder: Path = args.folder
    claim(folder)
    print(f"Making an archive of sounds in {folder}; all of them are made by code.", flush=True)
    paths = []
    for path in make_archive(folder):
        note(f"made {path.relative_to(folder)}")
        paths.append(path)
    looks = []
    for path in paths:
        note(f"reading {path.relative_to(folder)}")
        picture = folder / PICTURE if path.name == FIELD else None
        looks.append(look_and_draw(path, picture, overwrite=True))
    note("")
    show(folder, looks)
    print(f"\nA picture of {FIELD} and its cuts: {folder / PICTURE}")
    search(folder, paths)
    print("The same for a file of your own:   earmark look FILE")
    return 0


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


def show(folder: Path, looks: Sequence[Look]) -> None:
    """Print how each file was read, where it was cut, and what was odd."""
    read = table("file", "!format", "#length", "#Hz", "#channels", "#speed")
    cut = table("file", "#stretches", "cut at", "tags")
    for look in looks:
        name, facts = look.path.relative_to(folder).as_posix(), look.facts
        length, speed = clock(look.heard, tenths=True), f"{look.speed:.0f} x"
        read.add_row(name, kind_of(look), length, str(facts.rate), str(facts.channels), speed)
        tags = look.said | {"extra": ""}  # the names of encoders, mostly
        words = one_line("; ".join(in_words(value) for value in tags.values() if value), 60)
        cut.add_row(name, str(len(look.moments)), cuts(look.moments), words)
    page = console()
    for rows in (read, cut):
        page.print()
        page.print(rows)
    print()
    for look in looks:
        for warning in look.warnings:
            print(f"{look.path.relative_to(folder).as_posix()}: {warning}")
    heard, took = (sum(getattr(look, name) for look in looks) for name in ("heard", "took"))
    print(f"{len(looks)} files, {heard / 60:.1f} minutes, read at {heard / took:.0f} x real time")


def search(folder: Path, paths: Sequence[Path]) -> None:
    """Hear every file with the packaged model, and answer the queries by plain comparison."""
    from time import perf_counter

    from earmark.model.model import Model

    began, model = perf_counter(), Model.load()
    times = model.page.seconds
    moments = []
    for path in paths:
        note(f"hearing {path.relative_to(folder)}")
        vectors, spans = model.hear(path).windows(times.window, times.hop)
        moments.append((path.relative_to(folder).as_posix(), vectors, spans))
    note("")
    took = perf_counter() - began
    found = sum(len(spans) for _, _, spans in moments)
    print(f"\n{model.name} heard all of it in {took:.1f} s: {found} moments\n")
    for query in QUERIES:
        print(query)
        page = table("#score", "!moment", "!file")
        for score, name, span in _best(model, query, moments)[:SHOWN]:
            page.add_row(f"{score:.2f}", clocks(span), name)
        console().print(page)
        print()


def _best(
    model: Model, query: str, moments: Sequence[tuple[str, Any, Any]]
) -> list[tuple[float, str, Any]]:
    """The best moment of each file, best first."""
    (wanted,) = model.embed_text([query])
    out = []
    for name, vectors, spans in moments:
        scores = vectors @ wanted
        place = int(scores.argmax())
        out.append((float(scores[place]), name, spans[place]))
    return sorted(out, key=lambda one: -one[0])


def clocks(span: Sequence[float]) -> str:
    """Write from when to when."""
    return f"{clock(span[0], tenths=True)} - {clock(span[1], tenths=True)}"


def cuts(moments: Sequence[Moment], most: int = 2) -> str:
    """Write the first stretches and how many more there are."""
    spans = [f"{clock(m.start, tenths=True)}-{clock(m.end, tenths=True)}" for m in moments[:most]]
    more = f" and {len(moments) - most} more" if len(moments) > most else ""
    return ", ".join(spans) + more
