"""What a reader of other languages learns from: meanings, and what is said for each in a language.

A meaning is known by English texts; the mean of their vectors is what it is to be read as. It is a
phrase or a word of the books, or a sub-category of UCS. Sentences are composed of frames and
phrases, and said anew in one language or another whenever they are drawn. What the exam asks is in
none of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from string import Formatter

import numpy as np

from earmark.lab.tongues import ENGLISH
from earmark.lab.tongues.books import Book, Texts, book
from earmark.lab.tongues.ucs import Entry, entries, is_kept, kept_texts

SYNONYMS = 12  # English ones of a sub-category that count in its meaning


@dataclass(frozen=True, slots=True)
class Meaning:
    """Something that can be said in several languages."""

    english: tuple[str, ...]  # all that means it
    said: Mapping[str, tuple[str, ...]]  # by language, English among them


@dataclass(frozen=True, slots=True)
class Sentence:
    """A frame and what stands in it, all in English."""

    frame: str
    parts: Mapping[str, str]  # slot -> phrase

    @property
    def english(self) -> str:
        """The sentence in English."""
        return self.frame.format_map(self.parts)


class Pool:
    """All that is learned from."""

    def __init__(self, data: Path, written: Sequence[str], listed: Sequence[str]) -> None:
        self._data = data
        self.written, self.listed = tuple(written), tuple(listed)
        self._kept = {one: kept_texts(data, one) for one in (*written, *listed)}
        self.books = {one: self._open(one) for one in written}

    @cached_property
    def meanings(self) -> list[Meaning]:
        """Phrases, words and sub-categories that are said in other languages too."""
        every = (*self._of_books(), *self._of_lists())
        return [one for one in every if len(one.said) > 1]

    def sentences(self, count: int, seed: int) -> list[Sentence]:
        """Draw sentences that can be said in every language that has a book."""
        rng = np.random.default_rng([seed, 3])
        frames, phrases = (self._common(what) for what in ("frames", "phrases"))
        return [self._sentence(frames, phrases, rng) for _ in range(count)]

    def say(
        self, one: Sentence, tongue: str, rng: np.random.Generator, other: str | None = None
    ) -> str:
        """Say a sentence in a language; one phrase of it in another, if one is named."""
        own = self.books[tongue]
        parts = {slot: pick(own.phrases[phrase], rng) for slot, phrase in one.parts.items()}
        if other is not None:
            slot = pick(tuple(parts), rng)
            phrase = one.parts[slot]
            found = (phrase,) if other == ENGLISH else self.books[other].phrases[phrase]
            parts[slot] = pick(found, rng)
        return pick(own.frames[one.frame], rng).format_map(parts)

    def texts(self) -> Iterator[str]:
        """Everything that is said, for word pieces to be learned from."""
        for meaning in self.meanings:
            for some in meaning.said.values():
                yield from some
        for own in self.books.values():
            for some in own.frames.values():
                yield from some

    def _sentence(
        self, frames: Sequence[str], phrases: Sequence[str], rng: np.random.Generator
    ) -> Sentence:
        frame = pick(frames, rng)
        slots = slots_of(frame)
        chosen = rng.choice(len(phrases), size=len(slots), replace=False)
        return Sentence(frame, {slot: phrases[n] for slot, n in zip(slots, chosen, strict=True)})

    def _common(self, what: str) -> list[str]:
        """English of what every book has."""
        return sorted(set.intersection(*(set(getattr(one, what)) for one in self.books.values())))

    def _of_books(self) -> Iterator[Meaning]:
        every = sorted({english for one in self.books.values() for english in one.single})
        for english in every:
            found = {tongue: one.single.get(english, ()) for tongue, one in self.books.items()}
            yield Meaning((english,), _spoken({ENGLISH: (english,), **found}))

    def _of_lists(self) -> Iterator[Meaning]:
        tongues = (*self.written, *self.listed)
        lists = {one: entries(self._data, one) for one in tongues}
        for key, entry in entries(self._data, ENGLISH).items():
            known = (entry.name, *entry.texts[:SYNONYMS])
            found = {} if is_kept(key) else {one: self._listed(one, lists, key) for one in tongues}
            yield Meaning(known, _spoken({ENGLISH: known, **found}))

    def _listed(
        self, tongue: str, lists: Mapping[str, Mapping[str, Entry]], key: str
    ) -> tuple[str, ...]:
        entry = lists[tongue].get(key)
        return () if entry is None else self._allowed(tongue, (entry.name, *entry.texts))

    def _open(self, tongue: str) -> Book:
        whole = book(tongue)
        phrases, words = (self._without_kept(tongue, x) for x in (whole.phrases, whole.words))
        return Book(phrases, words, whole.frames)

    def _without_kept(self, tongue: str, texts: Texts) -> Texts:
        found = {english: self._allowed(tongue, some) for english, some in texts.items()}
        return _spoken(found)

    def _allowed(self, tongue: str, texts: Sequence[str]) -> tuple[str, ...]:
        return tuple(text for text in texts if text.casefold() not in self._kept[tongue])


def slots_of(frame: str) -> list[str]:
    """The places of a frame, in order: "{a}, then {b}" -> a, b."""
    return sorted({name for _, name, _, _ in Formatter().parse(frame) if name})


def pick(texts: Sequence[str], rng: np.random.Generator) -> str:
    """Take one of them."""
    return texts[int(rng.integers(len(texts)))]


def _spoken(found: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {name: texts for name, texts in found.items() if texts}
