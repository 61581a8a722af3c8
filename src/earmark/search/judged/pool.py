"""Hits to judge: the first of every system that is compared, as one list.

Each system puts its best hits into the pool in turn, so that none of them is favoured; a hit that
several have found stands there once. It is not told who has found it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from earmark.library.library import Library
from earmark.library.nouns import Recording
from earmark.search.judged.contents import Contents, Judged
from earmark.search.judged.judgement import Judgement, meet, moment_to_judge, now
from earmark.search.query import parse
from earmark.search.wish import Wish
from earmark.types import Hit, Moment

DEPTH = 10  # hits of each system


@dataclass(frozen=True, slots=True)
class Shown:
    """A hit, and the recording that the library knows it as."""

    hit: Hit
    recording: Recording

    @property
    def content(self) -> str:
        """What its bytes are known by."""
        return self.recording.digest

    @property
    def moment(self) -> Moment:
        """Where it is."""
        return Moment(self.hit.start, self.hit.end)

    def judged(self, query: str, *, right: bool) -> Judgement:
        """What is to be kept when a person has said whether it is right."""
        seconds = self.recording.seconds
        return Judgement(
            query=query,
            right=right,
            path=self.recording.place.path,
            moment=moment_to_judge(self.hit.start, self.hit.end, seconds),
            when=now(),
            content=self.content,
        )


@dataclass(frozen=True, slots=True)
class System:
    """A model and a library of its vectors, with the names by which its recordings are known."""

    name: str
    library: Library
    contents: Contents  # of its own library
    home: Contents  # of the library whose recordings are judged
    keywords: bool = True

    def first(self, query: str, limit: int) -> list[Shown]:
        """Find the best hits as a person would see them, also those below the line."""
        return list(self._answer(query, Wish(limit=limit, unsure=True, keywords=self.keywords)))

    def whole(self, query: str) -> list[Shown]:
        """Order the whole library, every content once; copies are not folded."""
        every = max(1, self.library.store.count())
        wish = Wish(limit=every, unsure=True, duplicates=True, keywords=self.keywords)
        once: dict[str, Shown] = {}
        for one in self._answer(query, wish):
            once.setdefault(one.content, one)
        return list(once.values())

    def _answer(self, query: str, wish: Wish) -> Iterator[Shown]:
        for hit in self.library.answer(parse(query), wish).hits:
            own = self.contents.at(hit.path)
            known = own and self.home.of(own.digest)
            if known:
                yield Shown(hit, known)


def pool(systems: Sequence[System], query: str, depth: int = DEPTH) -> list[Shown]:
    """Put the first hits of all systems into one list."""
    found = [system.first(query, depth) for system in systems]
    out: list[Shown] = []
    for one in chain.from_iterable(zip_longest(*found)):
        if one is not None and not any(_is_same(one, other) for other in out):
            out.append(one)
    return out


def unjudged(found: Sequence[Shown], judged: Judged) -> list[Shown]:
    """Those hits of which nobody has said whether they are right."""
    return [one for one in found if judged.verdict(one.content, one.moment) is None]


def _is_same(one: Shown, other: Shown) -> bool:
    if one.content != other.content:
        return False
    whole = moment_to_judge(one.hit.start, one.hit.end, one.recording.seconds) is None
    return whole or meet(one.moment, other.moment)
