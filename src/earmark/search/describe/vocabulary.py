"""The words that recordings are described with: `vocabulary.csv`, and which are kin.

A row is a short phrase for a kind of sound that AudioSet names (its class names, CC BY 4.0, stand
beside them), and the broader words that are true of it as well: a dog barking is a dog. Some rows
are no sound of their own but a place, a mood or a quality (`said` is `no`); these are never said.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

Bits = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Word:
    """A short phrase for a kind of sound."""

    text: str
    of: tuple[str, ...] = ()  # the next broader words
    said: bool = True


@cache
def vocabulary() -> tuple[Word, ...]:
    """All words of `vocabulary.csv`."""
    text = (files("earmark.search") / "vocabulary.csv").read_text(encoding="utf-8")
    return tuple(
        Word(row["words"], tuple(filter(None, row["of"].split("|"))), row["said"] != "no")
        for row in csv.DictReader(text.splitlines())
    )


def broader(words: Sequence[Word]) -> dict[str, frozenset[str]]:
    """Give all words that are broader than each, however far."""
    nearest = {word.text: word.of for word in words}

    def above(text: str) -> frozenset[str]:
        return frozenset(nearest[text]).union(*(above(one) for one in nearest[text]))

    return {word.text: above(word.text) for word in words}


def is_broader(words: Sequence[Word]) -> Bits:
    """Tell which word is broader than which: -> [q, q], true where the column's is."""
    above = broader(words)
    return np.array([[other.text in above[word.text] for other in words] for word in words], bool)
