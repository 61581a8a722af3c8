"""A screenplay in Fountain (fountain.io): headings and action are heard, what is spoken is not.

A line in capitals that ends like a sentence (`BANG!`) is action here, not the name of somebody who
speaks. Notes, boneyards, title pages, sections, synopses, transitions and centred titles are gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from earmark.search.lexicon import lexicon
from earmark.search.spot.clauses import FUNCTION
from earmark.search.spot.lines import Kind, Line, marked, marks_inside, without_marks
from earmark.search.spot.places import is_heading

_GONE = re.compile(r"/\*.*?(?:\*/|\Z)|\[\[.*?\]\]", re.DOTALL)
_KEY = re.compile(r"[A-Za-z][A-Za-z ]{0,30}:(?:\s|$)")
_EMPHASIS = re.compile(r"(?<!\\)[*_]+")
_TRANSITION = re.compile(
    r"(?:[A-Z ]+ TO:|FADE (?:IN|OUT|TO BLACK)[.:]?|CUT TO BLACK[.:]?|THE END\.?)"
)
_BESIDE = re.compile(r"\([^)]*\)|\^")


def read_fountain(text: str) -> tuple[list[Line], frozenset[str]]:
    """Read a screenplay: -> its lines, and the names of those who speak, in small letters."""
    plain = _GONE.sub(lambda found: "\n" * found[0].count("\n"), text)
    rows = plain.split("\n")
    lines = list(_joined(_lines(rows, _behind_title(rows))))
    return lines, frozenset(_names(line.text for line in lines if line.kind == "speaker"))


def looks_like_fountain(text: str) -> bool:
    """Whether a plain text has the heading of a scene, alone on its line."""
    rows = ["", *map(str.strip, text.split("\n")), ""]
    return any(
        is_heading(row) and row.isupper() and not rows[n - 1] for n, row in enumerate(rows) if n
    )


def _behind_title(rows: Sequence[str]) -> int:
    """The row behind a title page, which begins with the first row or is not there."""
    first = next((n for n, row in enumerate(rows) if row.strip()), len(rows))
    if first == len(rows) or not _KEY.match(rows[first]) or marked(rows[first].strip()):
        return 0
    return next((n for n in range(first, len(rows)) if not rows[n].strip()), len(rows))


def _lines(rows: Sequence[str], start: int) -> Iterator[Line]:
    speaks = False
    for n in range(start, len(rows)):
        text = _EMPHASIS.sub("", rows[n]).strip()
        if not text:
            speaks = speaks and len(rows[n]) > 1  # two spaces keep a speech together
            continue
        alone = n == start or not rows[n - 1].strip()
        followed = n + 1 < len(rows) and bool(rows[n + 1].strip())
        kind: Kind = "speech"
        if not speaks:
            kind, text = _kind(text, alone=alone, followed=followed)
        speaks = kind in ("speaker", "speech")
        said = text if speaks else without_marks(text)
        yield Line(number=n + 1, kind=kind, text=said, is_place=kind == "place")
        if kind in ("speech", "prose"):
            yield from (Line(number=n + 1, kind="mark", text=one) for one in marks_inside(text))


def _kind(text: str, *, alone: bool, followed: bool) -> tuple[Kind, str]:
    """Say what a line is that belongs to no speech: -> that, and the line without its sign."""
    mark = marked(text)
    if mark is not None:
        return "mark", mark
    if text.startswith("."):
        return ("prose", text) if text.startswith("..") else ("place", text[1:])
    if text[0] in "#=~>" or _TRANSITION.fullmatch(text):
        return "left out", text
    if text[0] == "!":
        return "prose", text.lstrip("!")
    if text[0] == "@":
        return "speaker", text[1:]
    if alone and is_heading(text):
        return "place", text
    return ("speaker" if alone and followed and _is_speaker(text) else "prose"), text


def _is_speaker(text: str) -> bool:
    name = _BESIDE.sub("", text).strip()
    return name.isupper() and name[-1] not in ".!?:,;-…" and len(name.split()) <= 6


def _joined(lines: Iterator[Line]) -> Iterator[Line]:
    """Put action together that was wrapped by hand in the middle of a sentence."""
    last: Line | None = None
    for line in lines:
        wraps = last is not None and last.kind == line.kind == "prose" and line.text[0].islower()
        if wraps and last is not None and last.text[-1] not in '.!?…:"”':
            last = Line(number=last.number, kind="prose", text=f"{last.text} {line.text}")
            continue
        if last is not None:
            yield last
        last = line
    if last is not None:
        yield last


def _names(speakers: Iterator[str]) -> Iterator[str]:
    for speaker in speakers:
        for word in _BESIDE.sub("", speaker).lower().split():
            if not lexicon().knows(word) and word not in FUNCTION:
                yield word
