"""Which scenes are right for which captions: every scene in which all that a caption claims holds.

Captions are looked up by the sounds they name, so that only the few scenes that hold all of them
are judged. The plain way, `constraints.holds` on every pair, gives the same answer and is its test.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from earmark.scenes.constraints import contents, is_allowed, is_held
from earmark.scenes.truth import Background, Caption, Constraint, Event, Scene

Pairs = npt.NDArray[np.bool_]  # [captions, scenes]

_ABSENT = ("without", "only")  # these do not ask for the sounds they name


class Shelf:
    """Scenes in order, found by the sounds that are in them."""

    def __init__(self, scenes: Sequence[Scene], groups: Mapping[str, str] | None = None) -> None:
        self._by_label = [contents(scene) for scene in scenes]
        self._by_group = [contents(scene, by_group=True) for scene in scenes]
        self._holding: dict[str, set[int]] = defaultdict(set)
        self._groups = dict(groups or {})
        for place, scene in enumerate(scenes):
            heard: list[Event | Background] = [*scene.events]
            for one in heard + ([scene.background] if scene.background else []):
                self._holding[one.group].add(place)
                self._groups[one.label] = one.group

    def right(self, constraints: Sequence[Constraint]) -> set[int]:
        """Places of the scenes in which all of it holds."""
        return {
            place
            for place in self._candidates(constraints)
            if all(is_held(one, self._by_label[place]) for one in constraints)
        }

    def allowed(self, constraints: Sequence[Constraint]) -> set[int]:
        """Places of the scenes in which a listener could agree, labels read as their groups."""
        general = [one.renamed({x: self._group(x) for x in one.labels}) for one in constraints]
        return {
            place
            for place in self._candidates(constraints)
            if all(is_allowed(one, self._by_group[place]) for one in general)
        }

    def _group(self, label: str) -> str:
        return self._groups.get(label, label)

    def _candidates(self, constraints: Sequence[Constraint]) -> set[int]:
        asked = [
            self._holding.get(self._group(label), set())
            for one in constraints
            if one.relation not in _ABSENT
            for label in one.labels
        ]
        asked.sort(key=len)
        return set.intersection(*asked) if asked else set(range(len(self._by_label)))


def matches(captions: Sequence[Caption], scenes: Sequence[Scene]) -> Pairs:
    """Tell which scenes are right answers for which captions: -> [captions, scenes]."""
    shelf, out = Shelf(scenes), np.zeros((len(captions), len(scenes)), dtype=bool)
    for row, caption in zip(out, captions, strict=True):
        row[list(shelf.right(caption.constraints))] = True
    return out


def doubts(captions: Sequence[Caption], scenes: Sequence[Scene]) -> Pairs:
    """Tell which scenes are neither right nor wrong, none in a pool: -> [captions, scenes]."""
    shelf, out = Shelf(scenes), np.zeros((len(captions), len(scenes)), dtype=bool)
    for row, caption in zip(out, captions, strict=True):
        claims = caption.constraints
        row[list(shelf.allowed(claims) ^ shelf.right(claims))] = True
    return out
