"""What is heard in a recording, in plain words, and when.

The words are those of `vocabulary.csv`: a short phrase each for the kinds of sound that AudioSet
names (its class names, CC BY 4.0, stand beside them). In every window each word has a score, and
what counts is how many spreads it stands above the scores of all words there: 3 are enough to be
said, and then 2.5 to go on. A word must also score more than it usually does with any sound.

Words for one sound score alike, so of two whose vectors are near only one is said at a time: that
with more to it, over all its windows in a row.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from earmark.model.pool import TimeLine, Times, Vectors

WINDOW, HOP = 5.0, 2.5  # seconds
LEVEL, KEPT = 3.0, 2.5  # spreads above all words: to be said, and to go on
EVEN, STEEP = 3.9, 1.2  # spreads at which a word is as likely right as wrong, and how fast it gains
MOST = 3  # words at one time
SAME = 0.8  # cosine of two words for one sound
LEAST = 1e-3  # spread

Floats = npt.NDArray[np.float64]
Bits = npt.NDArray[np.bool_]
Read = Callable[[list[str]], Vectors]  # n texts -> [n, width]


class Background(Protocol):
    """What tells how much words usually score."""

    def standardise(self, scores: npt.NDArray[np.floating[Any]], queries: Vectors) -> Floats:
        """Give scores as spreads above what a query gets from any sound: [n, q], [q, width]."""


@dataclass(frozen=True, slots=True)
class Saying:
    """Words for what is heard from one time to another."""

    words: str
    start: float  # seconds
    end: float
    confidence: float  # how likely they are right where they fit best, 0 to 1


@dataclass(frozen=True, slots=True)
class _Row:
    """Windows in a row, `[first, stop)`, in which one word may be said."""

    word: int
    first: int
    stop: int
    weight: float  # how far it stands out, over all of them


@cache
def vocabulary() -> tuple[str, ...]:
    """All words of `vocabulary.csv`."""
    text = (files(__package__) / "vocabulary.csv").read_text(encoding="utf-8")
    return tuple(row["words"] for row in csv.DictReader(text.splitlines()))


def describe(
    line: TimeLine, read: Read, words: Sequence[str], background: Background | None = None
) -> list[Saying]:
    """Say what is heard in a recording, in order of time; of one time the likeliest first."""
    vectors, times = _windows(line)
    queries = read(list(words))
    scores = np.einsum("nw,qw->nq", vectors, queries, dtype=np.float64)
    heights = above_all(scores)
    if background is not None:
        heights = np.where(background.standardise(scores, queries) > 0, heights, -np.inf)
    alike = queries @ queries.T > SAME
    sayings = [_saying(row, words, times, heights) for row in _chosen(heights, alike)]
    return sorted(sayings, key=lambda one: (one.start, -one.confidence, one.words))


def above_all(scores: Floats) -> Floats:
    """Tell how many spreads each word stands above all words of its window: [n, q] -> [n, q]."""
    means, spreads = scores.mean(axis=1, keepdims=True), scores.std(axis=1, keepdims=True)
    return np.asarray((scores - means) / np.maximum(spreads, LEAST), np.float64)


def confidence(height: float) -> float:
    """Turn spreads above all words into how likely a word is right."""
    return float(1 / (1 + np.exp(-STEEP * (height - EVEN))))


def _windows(line: TimeLine) -> tuple[Vectors, Times]:
    """Give vectors and times of the windows, of which there is always one."""
    vectors, times = line.windows(WINDOW, HOP)
    if not len(vectors):
        return line.gist()[None], np.array([[0.0, line.seconds]])
    return vectors, times


def _chosen(heights: Floats, alike: Bits) -> list[_Row]:
    """Choose what is said: those with most to it first, each in the windows left to it."""
    room = np.full(len(heights), MOST)
    taken = np.zeros(heights.shape, np.bool_)  # by a word, or by one that is like it
    out: list[_Row] = []
    for row in sorted(_rows(heights, heights >= KEPT), key=lambda row: -row.weight):
        free = np.zeros(heights.shape, np.bool_)
        part = slice(row.first, row.stop)
        free[part, row.word] = (room[part] > 0) & ~taken[part, row.word]
        for left in _rows(heights, free):
            windows = slice(left.first, left.stop)
            room[windows] -= 1
            taken[windows] |= alike[row.word]
            out.append(left)
    return out


def _rows(heights: Floats, wanted: Bits) -> Iterator[_Row]:
    """Find windows in a row, one of them above the level: [n, q] -> in order of word and time."""
    for word in np.flatnonzero((wanted & (heights >= LEVEL)).any(axis=0)):
        edges = np.flatnonzero(np.diff(wanted[:, word], prepend=False, append=False))
        for first, stop in edges.reshape(-1, 2):
            part = heights[first:stop, word]
            if part.max() >= LEVEL:
                yield _Row(int(word), int(first), int(stop), float((part - KEPT).sum()))


def _saying(row: _Row, words: Sequence[str], times: Times, heights: Floats) -> Saying:
    best = float(heights[row.first : row.stop, row.word].max())
    start, end = float(times[row.first, 0]), float(times[row.stop - 1, 1])
    return Saying(words[row.word], start, end, confidence(best))
