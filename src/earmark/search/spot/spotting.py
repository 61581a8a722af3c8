"""From cues to moments: every cue gets the best it can have, and no moment is given twice.

Cues that ask for similar things would all get the same few moments. So they choose in turn, as in a
draft: in each round every cue gets one moment, the surest choice first, and what is given is gone,
with all that overlaps it and its copies. A cue takes one moment of a recording. Where everything
that fits a cue is gone, it shares with others and says so (`again`). A place is one and the same
all through a script: cues for it have the same moments.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any

from earmark.search.answer import Answer
from earmark.search.query import Plan
from earmark.search.spot.cues import Cue
from earmark.search.wish import Wish
from earmark.types import Hit

MOMENTS = 3  # of a recording, as many as a search gives
MOST = 300  # moments that one query is asked for

Search = Callable[[Plan, Wish], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spotted:
    """A cue, and where it can be found."""

    cue: Cue
    hits: list[Hit]  # best first; empty: nothing matches
    again: bool = False  # other cues have these moments as well

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain JSON values."""
        hits = [hit.as_dict() for hit in self.hits]
        return {**self.cue.as_dict(), "again": self.again, "hits": hits}


@dataclass(frozen=True, slots=True, kw_only=True)
class CueSheet:
    """All cues of a script with their moments."""

    script: str  # its path
    model: str  # its name
    spotted: list[Spotted]
    took_ms: float
    calibrated: bool = True

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain JSON values."""
        return {
            "script": self.script,
            "model": self.model,
            "cues": [one.as_dict() for one in self.spotted],
            "took_ms": self.took_ms,
        }


def spot(script: str, cues: Sequence[Cue], search: Search, wish: Wish) -> CueSheet:
    """Find the moments of all cues, of each as many as are wished for."""
    began = perf_counter()
    seekers = _seekers(cues)
    answers = _answers(seekers, search, wish)
    for seeker in seekers:
        seeker.pool = answers[seeker.plan.text].hits
    draft(seekers, wish.limit)
    found = {id(cue): seeker for seeker in seekers for cue in seeker.cues}
    some = next(iter(answers.values()))
    return CueSheet(
        script=script,
        model=some.model,
        spotted=[_spotted(cue, found[id(cue)]) for cue in cues],
        took_ms=round(1000 * (perf_counter() - began), 1),
        calibrated=some.calibrated,
    )


@dataclass(slots=True, eq=False)
class Seeker:
    """What chooses in turn: a cue, or all cues for one place."""

    plan: Plan
    cues: list[Cue]
    pool: list[Hit] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    again: bool = False


def draft(seekers: Sequence[Seeker], rounds: int) -> None:
    """Give out the moments of all pools."""
    taken = Taken()
    order = {id(seeker): n for n, seeker in enumerate(seekers)}
    pairs = [(hit, seeker) for seeker in seekers for hit in seeker.pool]
    pairs.sort(key=lambda pair: (-pair[0].confidence, order[id(pair[1])], pair[0].rank))
    for turn in range(1, rounds + 1):
        for hit, seeker in pairs:
            if len(seeker.hits) < turn and _is_new(hit, seeker.hits) and not taken.holds(hit):
                seeker.hits.append(hit)
                taken.take(hit)
    for seeker in seekers:
        if not seeker.hits and seeker.pool:
            seeker.hits, seeker.again = list(_shared(seeker.pool, rounds)), True


class Taken:
    """Stretches of files that were given away."""

    def __init__(self) -> None:
        self._stretches: dict[str, list[tuple[float, float]]] = defaultdict(list)

    def take(self, hit: Hit) -> None:
        """Give a moment away, and the same of its copies."""
        for path in (hit.path, *hit.copies):
            self._stretches[path].append((hit.start, hit.end))

    def holds(self, hit: Hit) -> bool:
        """Whether a part of a moment is gone."""
        return any(
            start < hit.end and hit.start < end
            for path in (hit.path, *hit.copies)
            for start, end in self._stretches.get(path, ())
        )


def _seekers(cues: Sequence[Cue]) -> list[Seeker]:
    """One for each cue; cues for the same place go together."""
    out: dict[object, Seeker] = {}
    for cue in cues:
        key = cue.words if cue.kind == "place" else id(cue)
        out.setdefault(key, Seeker(cue.plan, [])).cues.append(cue)
    return list(out.values())


def _answers(seekers: Sequence[Seeker], search: Search, wish: Wish) -> dict[str, Answer]:
    """Ask each query once, for enough moments that all who ask the same find some of their own."""
    asking: dict[str, list[Seeker]] = defaultdict(list)
    for seeker in seekers:
        asking[seeker.plan.text].append(seeker)
    return {
        text: search(
            same[0].plan, replace(wish, limit=_enough(wish.limit, len(same)), moments=True)
        )
        for text, same in asking.items()
    }


def _enough(limit: int, seekers: int) -> int:
    """Moments to ask for: twice what is needed, since others may take some."""
    return max(limit, min(MOST, 2 * MOMENTS * limit * seekers))


def _is_new(hit: Hit, hits: Sequence[Hit]) -> bool:
    """Whether a moment is in none of the recordings that a cue has moments of already."""
    return all(hit.path != one.path for one in hits)


def _shared(pool: Sequence[Hit], limit: int) -> Iterator[Hit]:
    """The best of a pool, one of a recording."""
    best = {hit.path: hit for hit in reversed(pool)}
    chosen = [hit for hit in pool if best[hit.path] is hit]
    yield from chosen[:limit]


def _spotted(cue: Cue, seeker: Seeker) -> Spotted:
    ranked = sorted(seeker.hits, key=lambda hit: -hit.confidence)
    hits = [replace(hit, rank=n) for n, hit in enumerate(ranked, start=1)]
    return Spotted(cue=cue, hits=hits, again=seeker.again)
