"""Whether what is said of a sound is right, second by second and saying by saying.

A sound is cut into segments of one second. In each, words that are said stand against labels that
are heard; a word may be right for some labels. As many pairs of a word and a label are taken as can
be, no word and no label in two; what is left over is said wrongly, or missed. So a second word for
the same sound counts as wrong. Over all segments of all sounds

    precision = pairs / words said    recall = pairs / labels heard    F1 = 2 pairs / both

A word that is right for nothing heard, but for a label that could be taken for one that is, is in
doubt: neither the word nor such a label counts. An event or a saying is in every segment that it
touches. A saying is right if its word is right for something in at least half of them, in doubt if
it would be so with what is in doubt, and else wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor

import numpy as np
import numpy.typing as npt

from earmark.score.draws import DRAWS, counts_of, middle

SEGMENT = 1.0  # seconds
ENOUGH = 0.5  # of the segments of a saying

Floats = npt.NDArray[np.float64]
Words = Mapping[str, Collection[str]]  # of every label


@dataclass(frozen=True, slots=True)
class Part:
    """A word that is said, or a label that is heard, from one time to another."""

    name: str
    start: float  # seconds
    end: float


@dataclass(frozen=True, slots=True)
class Judge:
    """Which words are right for each label, and which for one that it could be taken for."""

    right: Words
    allowed: Words  # the right ones among them

    def strict(self) -> Judge:
        """The same without any doubt."""
        return Judge(self.right, self.right)

    def is_right(self, word: str, labels: Iterable[str]) -> bool:
        """Whether a word is right for any label."""
        return any(word in self.right[label] for label in labels)

    def is_allowed(self, word: str, labels: Iterable[str]) -> bool:
        """Whether a word is right or in doubt."""
        return any(word in self.allowed[label] for label in labels)


@dataclass(frozen=True, slots=True)
class Counts:
    """Words and labels of all segments of one sound."""

    pairs: int
    said: int
    heard: int


def counts(said: Iterable[Part], heard: Iterable[Part], seconds: float, judge: Judge) -> Counts:
    """Hold what is said of a sound against what is heard in it."""
    both = zip(segments(said, seconds), segments(heard, seconds), strict=True)
    each = [_segment(words, labels, judge) for words, labels in both]
    return Counts(*(sum(column) for column in zip(*each, strict=True)))


def segments(parts: Iterable[Part], seconds: float) -> list[set[str]]:
    """Tell what there is in each segment of a sound."""
    out = [set[str]() for _ in range(max(1, ceil(seconds / SEGMENT)))]
    for part in parts:
        for place in _touched(part, len(out)):
            out[place].add(part.name)
    return out


def pairs(words: Collection[str], labels: Collection[str], right: Words) -> dict[str, str]:
    """Pair words with labels that they are right for, as many as can be: -> label: word."""
    found: dict[str, str] = {}

    def place(word: str, tried: set[str]) -> bool:
        for label in sorted(labels):
            if word in right[label] and label not in tried:
                tried.add(label)
                if label not in found or place(found[label], tried):
                    found[label] = word
                    return True
        return False

    for word in sorted(words):
        place(word, set())
    return found


def verdict(parts: Sequence[Part], labels: Sequence[set[str]], judge: Judge) -> bool | None:
    """Tell whether a saying, by its parts, is right of these labels a segment; None is doubt."""
    places = sorted({place for part in parts for place in _touched(part, len(labels))})
    least, word = max(1.0, ENOUGH * len(places)), parts[0].name
    if sum(judge.is_right(word, labels[place]) for place in places) >= least:
        return True
    if sum(judge.is_allowed(word, labels[place]) for place in places) >= least:
        return None
    return False


def figures(each: Sequence[Counts], *, seed: int = 0) -> dict[str, dict[str, float]]:
    """Work out F1, precision and recall over all sounds, and how they move with other sounds."""
    table = np.array([(one.pairs, one.said, one.heard) for one in each], np.float64)
    values = _f1(table.sum(axis=0)[None])[:, 0]
    drawn = np.concatenate([_f1(n @ table) for n in counts_of(len(table), DRAWS, seed)], axis=1)
    names = ("F1", "precision", "recall")
    return {name: _told(*some) for name, *some in zip(names, values, drawn, strict=True)}


def share(right: Floats, of: Floats, *, seed: int = 0) -> dict[str, float]:
    """Give the share of right ones, of so many that each sound has: [sounds] twice."""
    value = float(right.sum() / max(of.sum(), 1.0))
    drawn = [n @ right / np.maximum(n @ of, 1.0) for n in counts_of(len(of), DRAWS, seed)]
    return _told(value, np.concatenate(drawn))


def _segment(words: set[str], labels: set[str], judge: Judge) -> tuple[int, int, int]:
    """Pairs, words and labels that count in one segment."""
    found = pairs(words, labels, judge.right)
    doubtful = {
        word
        for word in words
        if not judge.is_right(word, labels) and judge.is_allowed(word, labels)
    }
    forgiven = pairs(doubtful, labels - set(found), judge.allowed)
    return len(found), len(words) - len(doubtful), len(labels) - len(forgiven)


def _f1(sums: Floats) -> Floats:
    """Figures of sums of pairs, said and heard: [draws, 3] -> [3, draws]."""
    right, said, heard = sums.T
    both = np.maximum(said + heard, 1.0)
    return np.stack([2 * right / both, right / np.maximum(said, 1), right / np.maximum(heard, 1)])


def _told(value: float, drawn: Floats) -> dict[str, float]:
    low, high = middle(drawn)
    return {"value": float(value), "low": low, "high": high}


def _touched(part: Part, count: int) -> range:
    first, stop = part.start / SEGMENT, part.end / SEGMENT
    return range(max(0, floor(first + 1e-6)), min(count, ceil(stop - 1e-6)))
