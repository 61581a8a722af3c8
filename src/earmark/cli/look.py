"""`earmark look`: how a file is read, and where it is cut."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.audio.clock import clock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from earmark.audio.look import Look


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="a sound or video file")
    parser.add_argument("--json", action="store_true", help="one JSON object a line for each file")
    parser.add_argument(
        "--picture",
        type=Path,
        metavar="SVG",
        help="draw waveform, spectrum and cuts into a new file",
    )


def run(args: argparse.Namespace) -> int:
    """Look at every file; a bad one is reported and the next one is looked at all the same."""
    from earmark.errors import AudioError, UsageError

    if args.picture and len(args.files) > 1:
        raise UsageError(
            f"one picture cannot show {len(args.files)} files", hint="give one file with --picture"
        )
    code = 0
    for path in args.files:
        try:
            look = look_and_draw(path, args.picture)
        except AudioError as error:
            print(f"earmark: {error}", file=sys.stderr)
            code = error.exit_code
            continue
        print(json.dumps(look.as_dict()) if args.json else "\n".join(lines(look)))
    return code


def look_and_draw(path: Path, picture: Path | None, *, overwrite: bool = False) -> Look:
    """Look at one file, and draw it if a place for the picture is given."""
    from earmark.audio.look import look_at

    if picture is None:
        return look_at(path)
    from earmark.audio.picture import draw
    from earmark.audio.sketch import Sketch

    sketch = Sketch()
    refuse_to_overwrite(picture, allowed=overwrite)
    look = look_at(path, sketch)
    svg = draw(sketch, title=path.name, seconds=look.heard, moments=look.moments)
    save(picture, svg)
    return look


def refuse_to_overwrite(path: Path, *, allowed: bool) -> None:
    """Raise unless `path` is free and its folder is there, before any work is done for it."""
    from earmark.errors import UsageError

    if not path.parent.is_dir():
        raise UsageError(f"{path.parent} is not a folder", hint="make it first, or name another")
    if path.exists() and not allowed:
        raise UsageError(f"{path} is there already", hint="name a new file; nothing is overwritten")


def save(path: Path, text: str) -> None:
    """Write a text file."""
    from earmark.errors import EarmarkError

    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise EarmarkError(
            f"{path} could not be written: {error.strerror or error}",
            hint="name a file in a folder that you may write to",
        ) from error


def lines(look: Look) -> Iterator[str]:
    """Say it for a person to read."""
    yield str(look.path)
    facts = look.facts
    channels = {1: "mono", 2: "stereo"}.get(facts.channels, f"{facts.channels} channels")
    yield f"  format     {kind_of(look)}, {facts.rate} Hz, {channels}"
    yield f"  length     {clock(look.heard, tenths=True)}, read at {look.speed:.0f} times real time"
    for name, value in look.said.items():
        yield f"  {name:10} {one_line(in_words(value))}"
    for warning in look.warnings:
        yield f"  warning    {warning}"
    yield f"  stretches  {len(look.moments)}, cut at quiet places"
    for number, moment in enumerate(look.moments, start=1):
        start, end = (clock(time, tenths=True) for time in (moment.start, moment.end))
        yield f"  {number:9}  {start:>9} - {end:<9} {moment.seconds:5.1f} s"


def kind_of(look: Look) -> str:
    """Name container, codec and depth."""
    facts = look.facts
    kind = facts.container if facts.codec == facts.container else f"{facts.container} {facts.codec}"
    depth = f", {facts.bits} bit" if facts.bits and str(facts.bits) not in kind else ""
    return kind + depth


def in_words(value: object) -> str:
    """Write a tag's value: words as they are, several of them in a row, names before theirs."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {in_words(one)}" for name, one in value.items() if one)
    if isinstance(value, list | tuple):
        return ", ".join(in_words(one) for one in value)
    return str(value)


def one_line(text: str, most: int = 100) -> str:
    """Fit a tag that may hold anything into a line."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return flat if len(flat) <= most else f"{flat[: most - 1]}…"
