"""Which recordings of a library judgements speak of: by their bytes, and where they lie.

A recording is known again by its content, wherever it lies now. A judgement without content is of
what its path names: from a root of the library on, or in full. What cannot be found is *lost*:

    gone      nothing in the library has these bytes, and nothing lies at the path
    changed   other bytes lie at the path: new tags, or quite another sound; judge it again
    unclear   the path alone is told, and in several folders something else is called so
    unheard   not every library that is compared has heard it
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from earmark.library.nouns import Recording
from earmark.search.judged.judgement import Judgement, meet
from earmark.search.judged.labels import Labels, standing
from earmark.types import Moment

Reason = Literal["gone", "changed", "unclear", "unheard"]
REASONS: tuple[Reason, ...] = get_args(Reason)


class Contents:
    """The recordings of a library in which something was heard."""

    def __init__(self, recordings: Iterable[Recording]) -> None:
        self._by_path: dict[str, Recording] = {}
        self._by_content: dict[str, Recording] = {}
        self._named: dict[str, set[str]] = {}  # path, in full or from a root on -> contents
        for one in recordings:
            if one.sound is not None:
                self._add(one)

    def _add(self, one: Recording) -> None:
        full = str(one.place.full)
        self._by_path[full] = one
        self._by_content.setdefault(one.digest, one)
        for name in (full, one.place.path):
            self._named.setdefault(name, set()).add(one.digest)

    def __contains__(self, content: str) -> bool:
        return content in self._by_content

    def at(self, path: str) -> Recording | None:
        """The recording at a path in full."""
        return self._by_path.get(path)

    def of(self, content: str) -> Recording | None:
        """The first recording with a content."""
        return self._by_content.get(content)

    def content_of(self, one: Judgement) -> str:
        """The content that a judgement speaks of; empty: it is lost."""
        named = self._named.get(one.path, set())
        if one.content:
            return one.content if one.content in self else ""
        return next(iter(named)) if len(named) == 1 else ""

    def why_lost(self, one: Judgement) -> Reason:
        """Why a judgement speaks of nothing that is known."""
        if one.path not in self._named:
            return "gone"
        return "changed" if one.content else "unclear"


@dataclass(frozen=True, slots=True)
class Judged:
    """What stands for one query: of each content, whether it is right, as a whole or where."""

    said: dict[str, tuple[tuple[Moment | None, bool], ...]]

    def verdict(self, content: str, moment: Moment) -> bool | None:
        """Whether a hit is right; None: nobody has said. Of several judgements the last counts."""
        for place, right in reversed(self.said.get(content, ())):
            if place is None or meet(place, moment):
                return right
        return None

    @property
    def wanted(self) -> frozenset[str]:
        """Contents in which something is right."""
        some = (content for content, said in self.said.items() if any(right for _, right in said))
        return frozenset(some)


@dataclass(frozen=True, slots=True)
class Settled:
    """Judgements as they stand for libraries."""

    queries: dict[str, Judged]  # every query of the file
    lost: dict[Reason, tuple[Judgement, ...]]


NOTHING = Judged({})


def settle(labels: Labels, home: Contents, others: Sequence[Contents] = ()) -> Settled:
    """Find the recordings of all judgements in a library; `others` must have heard them too."""
    found: list[Judgement] = []
    lost: dict[Reason, list[Judgement]] = {reason: [] for reason in REASONS}
    for one in labels.judgements:
        content = home.content_of(one)
        if not content:
            lost[home.why_lost(one)].append(one)
        elif all(content in other for other in others):
            found.append(replace(one, content=content))
        else:
            lost["unheard"].append(one)
    queries = {query: _judged(query, found) for query in labels.queries}
    return Settled(queries, {reason: tuple(some) for reason, some in lost.items()})


def as_filed(labels: Labels) -> dict[str, Judged]:
    """What a file says of every query, whatever is there of it."""
    said = [replace(one, content=one.recording) for one in labels.judgements]
    return {query: _judged(query, said) for query in labels.queries}


def _judged(query: str, found: Sequence[Judgement]) -> Judged:
    of_query = [one for one in found if one.query == query]
    said: dict[str, tuple[tuple[Moment | None, bool], ...]] = {}
    for one in standing(of_query, lambda one: one.content):
        said[one.content] = (*said.get(one.content, ()), (one.moment, one.right))
    return Judged(said)
