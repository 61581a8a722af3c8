"""What is said of a recording, line by line, for people to read or to have read to them.

    0:00-0:31 rain, probably thunder and wind blowing
    0:12-0:16 dog barking twice

A line holds what is heard in about the same time: first what is sure, then what is "probably" so.
Where a short sound came several times, it says how often.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor

from earmark.audio.clock import clock
from earmark.search.describe.events import Saying, Span

PLAIN = 0.7  # confidence from which nothing is "probably"
TOGETHER = 0.5  # of what either of two sounds lasts, what both must share to stand in one line
OFTEN = 9  # times that are counted
TIMES = {2: "twice"}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a description."""

    start: float  # seconds
    end: float
    text: str


def lines_of(sayings: Sequence[Saying]) -> list[Line]:
    """Put sayings into lines, in order of time."""
    groups: list[list[Saying]] = []
    near: list[list[Saying]] = []  # of them, those that are not over yet
    for one in sorted(sayings, key=lambda one: (one.start, -one.end)):
        near = [some for some in near if some[0].end > one.start]
        same = next((some for some in near if all(_is_together(one, two) for two in some)), None)
        if same is None:
            groups.append([one])
            near.append(groups[-1])
        else:
            same.append(one)
    return sorted(map(_line, groups), key=lambda line: (line.start, line.end))


def in_words(sayings: Iterable[Saying]) -> str:
    """Say what it is, how surely, how often: "rain, probably dog barking twice"."""
    best_first = sorted(sayings, key=lambda one: -one.confidence)
    plain = [_often(one) for one in best_first if one.confidence >= PLAIN]
    other = [_often(one) for one in best_first if one.confidence < PLAIN]
    return ", ".join([*plain, *([f"probably {_listed(other)}"] if other else [])])


def span(line: Line) -> str:
    """Write the time of a line in whole seconds that hold it: 0:12-0:31."""
    return f"{clock(floor(line.start))}-{clock(ceil(line.end))}"


def as_text(lines: Iterable[Line]) -> Iterable[str]:
    """Give the lines as people read them."""
    return (f"{span(line)} {line.text}" for line in lines)


def _line(some: Sequence[Saying]) -> Line:
    return Line(min(one.start for one in some), max(one.end for one in some), in_words(some))


def _often(saying: Saying) -> str:
    count = len(saying.parts)
    if count == 1:
        return saying.words
    times = TIMES.get(count, f"{count} times") if count <= OFTEN else "again and again"
    return f"{saying.words} {times}"


def _listed(words: Sequence[str]) -> str:
    return " and ".join([*filter(None, [", ".join(words[:-1])]), words[-1]])


def _is_together(one: Saying, other: Saying) -> bool:
    shared = _length((max(one.start, other.start), min(one.end, other.end)))
    either = _length((min(one.start, other.start), max(one.end, other.end)))
    return shared >= TOGETHER * either


def _length(span: Span) -> float:
    return max(0.0, span[1] - span[0])
