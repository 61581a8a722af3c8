"""A plain text: a cue or a sentence a line, with a time before it or not.

# a comment, as is // this
0:12 the front door slams
[0:01:02.5] rain on a tin roof, distant thunder
SFX: a kookaburra laughs
ANNA: Did you hear that?               speech, which is left out
She walks across the gravel.           a sentence, heard by rules
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from earmark.search.spot.clauses import BEING, PEOPLE
from earmark.search.spot.hearing import DENIED, MUTE
from earmark.search.spot.lines import (
    Kind,
    Line,
    is_spoken,
    marked,
    marks_inside,
    stamped,
    without_marks,
)
from earmark.search.spot.places import is_heading

COMMENTS = ("#", "//")
LONGEST = 8  # words that are a phrase, not a sentence
_ITEM = re.compile(r"(?:[-*•]|(\d+)[.)])\s+(?=\S)")
_DIVISION = re.compile(r"(chapter|act|scene|part|episode|track|page)\s+\w+\W*", re.IGNORECASE)


def read_listing(text: str, where: str) -> Iterator[Line]:
    """Read a plain text; `where` is what errors call it."""
    for number, row in enumerate(text.split("\n"), start=1):
        plain = row.strip()
        if not plain or plain.startswith(COMMENTS):
            continue
        item = _ITEM.match(plain)
        rest = plain[item.end() :] if item else plain
        time, rest = stamped(rest, f"{where}, line {number}")
        yield from lines_of(rest.strip(), number, time=time, name=(item and item[1]) or "")


def lines_of(text: str, number: int, *, time: float | None = None, name: str = "") -> list[Line]:
    """Say what a line is; what is marked within speech stands for itself."""
    return [
        Line(
            number=number,
            kind=kind,
            text=said,
            time=time,
            name=name,
            is_place=kind == "place",
        )
        for kind, said in _kinds(text)
    ]


def _kinds(text: str) -> Iterator[tuple[Kind, str]]:
    mark = marked(text)
    if mark is not None:
        yield "mark", mark
    elif is_heading(text):
        yield "place", text
    elif is_spoken(text):
        yield "speech", text
    elif _DIVISION.fullmatch(text) or not any(map(str.isalpha, text)):
        yield "left out", text
    else:
        yield ("phrase" if is_phrase(text) else "prose"), without_marks(text)
    if mark is None:
        yield from (("mark", one) for one in marks_inside(text))


def is_phrase(text: str) -> bool:
    """Whether a line names a sound instead of telling a story."""
    words = without_marks(text).lower().split()
    tells = PEOPLE | BEING | DENIED | MUTE
    return text[-1] not in '.!?…"”' and len(words) <= LONGEST and tells.isdisjoint(words)
