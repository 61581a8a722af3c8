"""Hits as a table for people: where, how sure, in which file.

    #  confidence   moment           length  recording
    1  0.93 sure    0:10.0 - 0:15.0    0:24  street/rain.wav
    2  0.58 maybe   0:02.4 - 0:06.0    0:12  old/roof.flac (away, +2 copies)
    in /media/drive/sounds

Paths are told from the folder that is worked in if all of them lie in it, or from the one folder of
the library that all of them lie in, which the last line names; else they are told in full.
"""

from __future__ import annotations

import os
import textwrap
from typing import TYPE_CHECKING

from earmark.audio.clock import clock
from earmark.cli.plain import aligned, cells, counted, printable, relative, room_beside, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from earmark.types import Hit

    Explain = Callable[[Hit], Iterable[str]]

LEVELS = ((0.9, "sure"), (0.7, "likely"), (0.4, "maybe"), (0.0, "doubtful"))
NARROW = 14  # cells that a path gets even where the window is too narrow for the line


def table(
    hits: Sequence[Hit],
    *,
    roots: Sequence[Path] = (),
    explain: Explain | None = None,
    width: int | None = None,
) -> Iterator[str]:
    """Lines for hits of many recordings; `width` is that of a terminal, None cuts no path."""
    here = os.getcwd()  # noqa: PTH109 - as text, like the paths of hits
    base = base_of([hit.path for hit in hits], here, map(str, roots))
    left = [("#", "confidence", "moment", "length")]
    left += [
        (str(hit.rank), sure(hit.confidence), span(hit.start, hit.end), clock(hit.duration))
        for hit in hits
    ]
    room = None if width is None else room_beside(left, width)
    names = ["recording", *(name_of(hit, base, room) for hit in hits)]
    rows = [(*row, name) for row, name in zip(left, names, strict=True)]
    head, *lines = aligned(rows, right=(0, 3))
    yield head
    for line, hit in zip(lines, hits, strict=True):
        yield line
        yield from reasons(hit, explain, width)
    if base not in ("", here):
        yield f"in {printable(base)}"


def moments_of_one(
    hits: Sequence[Hit], explain: Explain | None = None, width: int | None = None
) -> Iterator[str]:
    """Lines for the moments of one file."""
    rows = [("#", "confidence", "moment")]
    rows += [(str(hit.rank), sure(hit.confidence), span(hit.start, hit.end)) for hit in hits]
    head, *lines = aligned(rows, right=(0,))
    yield head
    for line, hit in zip(lines, hits, strict=True):
        yield line
        yield from reasons(hit, explain, width)


def base_of(paths: Sequence[str], here: str, roots: Iterable[str]) -> str:
    """The folder that all paths are told from; empty: there is none."""
    return next((base for base in (here, *roots) if all(relative(p, base) for p in paths)), "")


def name_of(hit: Hit, base: str, room: int | None) -> str:
    """A path in the room that there is, and what is to be known of the file."""
    copies = counted(len(hit.copies), "copy", "copies")
    said = ["away"] * hit.away + [f"+{copies}"] * bool(hit.copies)
    marks = f" ({', '.join(said)})" if said else ""
    path = printable((base and relative(hit.path, base)) or hit.path)
    return (path if room is None else shortened(path, max(room - cells(marks), NARROW))) + marks


def sure(confidence: float) -> str:
    """Say a confidence as a number and in a word."""
    return f"{confidence:.2f} {next(word for least, word in LEVELS if confidence >= least)}"


def span(start: float, end: float) -> str:
    """Write from when to when."""
    return f"{clock(start, tenths=True)} - {clock(end, tenths=True)}"


def reasons(hit: Hit, explain: Explain | None, width: int | None) -> Iterator[str]:
    """How a hit came about, below it."""
    for reason in explain(hit) if explain else ():
        yield from _indented(reason, width)


def _indented(text: str, width: int | None) -> list[str]:
    first, later = "   - ", "     "
    if width is None:
        return [first + text]
    most = max(width, len(first) + NARROW)
    return textwrap.wrap(text, most, initial_indent=first, subsequent_indent=later)
