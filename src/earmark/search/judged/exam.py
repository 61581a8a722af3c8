"""The search scored by a person's own judgements: one system, or two on the same queries.

Every query with something right in it is asked of the whole library; what nobody judged is left out
of the list (`score/condensed.py`). Two systems are compared query by query, and what is told beside
is how many more queries, and judgements, would decide between them (`score/decide.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from earmark.errors import DataError
from earmark.score.chance import Values
from earmark.score.condensed import FIGURES, Listed, chance_of, difference, interval, values_of
from earmark.score.decide import outlook
from earmark.search.judged.contents import Judged, Settled
from earmark.search.judged.pool import DEPTH, Shown, System, unjudged

Note = Callable[[str], None]
FEWEST = 2  # queries that a bootstrap can draw


@dataclass(frozen=True, slots=True)
class Answered:
    """What one system gave for all queries."""

    lists: tuple[Listed, ...]
    seen: tuple[float, ...]  # share of the first ten hits of each query that somebody judged

    def values(self, name: str) -> Values:
        """A figure of every query: -> [queries]."""
        return values_of(self.lists, name)


class Exam:
    """Systems, and what stands for the library whose recordings were judged."""

    def __init__(self, systems: Sequence[System], settled: Settled) -> None:
        self._systems, self._settled = systems, settled
        self._asked = {query: one for query, one in settled.queries.items() if one.wanted}
        if len(self._asked) < FEWEST:
            raise DataError(
                f"{len(self._asked)} of {len(settled.queries)} queries have a recording that was "
                "judged right and is there",
                hint=f"{FEWEST} are needed at least, twenty are a beginning; judge more with: "
                "earmark label FILE WORDS",
            )

    def run(self, note: Note) -> dict[str, Any]:
        """Ask every system everything."""
        found = {system.name: self._answered(system, note) for system in self._systems}
        first, *_ = found.values()
        out = self._counts(first.lists) | {
            "chance": {name: chance_of(first.lists, name) for name in FIGURES},
            "judged of the first": {
                who: float(np.mean(answered.seen)) for who, answered in found.items()
            },
            "systems": {who: _figures(answered) for who, answered in found.items()},
        }
        return self._compared(out, [*found.items()]) if len(found) > 1 else out

    def _answered(self, system: System, note: Note) -> Answered:
        lists, seen = [], []
        for number, (query, judged) in enumerate(self._asked.items(), start=1):
            note(f"{system.name}: query {number} of {len(self._asked)}")
            lists.append(listed(system.whole(query), judged))
            hits = system.first(query, DEPTH)
            seen.append(1 - len(unjudged(hits, judged)) / max(1, len(hits)))
        return Answered(tuple(lists), tuple(seen))

    def _counts(self, lists: Sequence[Listed]) -> dict[str, Any]:
        """How much was judged, and what is left out."""
        return {
            "queries": len(lists),
            "judged": sum(one.judged for one in lists),
            "right answers": sum(one.wanted for one in lists),
            "nothing wrong": sum(one.wanted == one.judged for one in lists),
            "left out": {
                "queries": [one for one in self._settled.queries if one not in self._asked],
                **{reason: len(some) for reason, some in self._settled.lost.items()},
            },
        }

    def _compared(self, out: dict[str, Any], found: list[tuple[str, Answered]]) -> dict[str, Any]:
        """Put the last system beside the first, figure by figure."""
        (_, old), (who, new) = found[0], found[-1]
        each = out["judged"] / out["queries"]
        out["decide"] = {}
        for name in FIGURES:
            apart = new.values(name) - old.values(name)
            over = difference(new.values(name), old.values(name), name)
            out["systems"][who][name] |= {
                "more": over.value,
                "more_low": over.low,
                "more_high": over.high,
                "p": over.p,
            }
            told = outlook(apart, over)
            labels = None if told.more is None else round(told.more * each)
            out["decide"][name] = {
                "verdict": told.verdict,
                "queries": told.more,
                "labels": labels,
            }
        return out


def listed(whole: Sequence[Shown], judged: Judged) -> Listed:
    """Leave in the whole order of a system what was judged."""
    verdicts = (judged.verdict(one.content, one.moment) for one in whole)
    return Listed(
        right=tuple(right for right in verdicts if right is not None),
        wanted=len(judged.wanted),
        judged=len(judged.said),
    )


def _figures(answered: Answered) -> dict[str, Mapping[str, float]]:
    told = (interval(answered.values(name), name) for name in FIGURES)
    return {one.name: {"value": one.value, "low": one.low, "high": one.high} for one in told}
