"""Books of phrases in other languages, written for the project: a folder of CSV files.

    phrases-de.csv   sounds: "dog barking" as "Hundegebell" and as "ein Hund bellt"
    words-de.csv     words about sounds, places, things
    frames-de.csv    sentences with room for them: "first {a}, then {b}"

Each row has English and the text that stands for it; there are several for most.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

Texts = Mapping[str, tuple[str, ...]]  # English -> what stands for it


@dataclass(frozen=True, slots=True)
class Book:
    """What is said in one language."""

    phrases: Texts
    words: Texts
    frames: Texts

    @property
    def single(self) -> Texts:
        """All but frames."""
        return {**self.words, **self.phrases}


@cache
def book(tongue: str) -> Book:
    """Open the book of a language."""
    return Book(*(_read(f"{what}-{tongue}.csv") for what in ("phrases", "words", "frames")))


def _read(name: str) -> Texts:
    found: dict[str, list[str]] = {}
    for english, text in _rows(name):
        found.setdefault(english, []).append(text)
    return {english: tuple(dict.fromkeys(texts)) for english, texts in found.items()}


def _rows(name: str) -> Iterator[tuple[str, str]]:
    text = files("earmark.lab.tongues").joinpath("books", name).read_text(encoding="utf-8")
    return ((row["en"], row["text"]) for row in csv.DictReader(text.splitlines()))
