"""The nearest sounds, by the server's graph; where few are asked for, by an exact pass over them.

A server finds moments, and a long recording has many near each other. So more are asked for than
sounds are wanted, and more again until there are enough sounds; servers that could group them do
not help, as they leave out what scores the same. Scores of what is found are told from float16,
exactly as in a folder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from earmark.library.store import kernel
from earmark.library.store.contract import Ids, Near, Scores, Vector
from earmark.library.store.kernel import MARGIN, Catalog
from earmark.library.store.served.follow import Clock
from earmark.library.store.served.link import MOST, Link, Row
from earmark.library.store.served.shelf import Held, Shelf

FEW = 16_384  # moments; so many are fetched and passed over exactly
LEAST = 100  # sounds from which what is typical is told, however long they are
TIMES = 4  # moments asked for a sound, at first
SHARE = 0.125  # of all sounds, from which on the server is asked for all and others are left out
TOGETHER = 4_096  # sounds named in one condition
ALIKE = 1e-6  # scores that the server's float32 cannot tell apart
ENOUGH = 0.9  # of the moments asked for; a server that gives fewer has no more to give
Mask = npt.NDArray[np.bool_]  # [s], of the sounds of a catalog


@dataclass(frozen=True, slots=True)
class Met:
    """Moments that a server has given."""

    keys: Ids  # [n]
    scores: Scores  # [n]
    sounds: Ids  # [n], places in the catalog


class Finder:
    """Searches the vectors of one library."""

    def __init__(self, link: Link, collection: str, shelf: Shelf, clock: Clock) -> None:
        self._link, self._collection = link, collection
        self._shelf, self._clock = shelf, clock
        self._sample: tuple[Catalog, Held, Catalog] | None = None

    def nearest(
        self, catalog: Catalog, query: Vector, *, limit: int | None, among: Ids | None
    ) -> Near:
        """Rank sounds by their best moments."""
        asked = catalog.among(among)
        places = np.flatnonzero(asked)
        if limit is None or catalog.count[places].sum() <= FEW:
            held, own = self._shelf.held(catalog, places)
            return kernel.nearest(held, own, query, limit=limit, among=None)
        best = self._best(catalog, query, limit + MARGIN, asked)
        halves, times = self._shelf.single(best.keys)
        exact = kernel.dots(halves, np.arange(len(best.keys)), query)
        order = np.lexsort((catalog.order[best.sounds], -exact))[:limit]
        sounds, typical = catalog.ids[best.sounds[order]], self._typical(catalog, query, asked)
        return Near(sounds, exact[order], times[order], typical, len(places))

    def _best(self, catalog: Catalog, query: Vector, wanted: int, asked: Mask) -> Met:
        """The best moments of the nearest sounds, one of each: at least as many as are wanted."""
        conditions = _conditions(catalog, asked)
        met = [self._widened(catalog, query, wanted, asked, one) for one in conditions]
        return _first_of_each(_joined(met))

    def _widened(
        self, catalog: Catalog, query: Vector, wanted: int, asked: Mask, condition: str
    ) -> Met:
        """Ask for more moments until they are of enough sounds, or there are no more."""
        share = 1.0 if condition else asked.mean()
        met, limit, without = _joined([]), min(MOST, int(TIMES * wanted / share)), condition
        while True:
            rows = self._link.nearest(
                self._collection,
                query.tolist(),
                limit,
                without,
                self._clock.level,
            )
            met = _joined([met, _met(catalog, asked, rows)])
            found = np.unique(met.sounds)
            if len(found) >= wanted or len(rows) < limit * ENOUGH:
                return met
            if limit == MOST:  # very long recordings: go on without those that were met
                known = np.unique(_places(catalog, _keys(rows)))
                without = _and(without, _except(catalog, known[known >= 0]))
            limit = min(MOST, TIMES * limit)

    def _typical(self, catalog: Catalog, query: Vector, asked: Mask) -> tuple[float, float]:
        """Median and spread of the best scores of a sample, the same one for all queries."""
        if self._sample is None or self._sample[0] is not catalog:
            everything = np.ones(len(catalog.ids), np.bool_)
            held, own = self._shelf.held(catalog, _drawn(catalog, everything))
            self._sample = catalog, held, own
        _, held, own = self._sample
        among = own.ids[np.isin(own.ids, catalog.ids[asked])]
        if len(among) < LEAST:
            held, own = self._shelf.held(catalog, _drawn(catalog, asked))
            among = own.ids
        return kernel.nearest(held, own, query, limit=1, among=among).typical


def _drawn(catalog: Catalog, asked: Mask) -> Ids:
    """Draw sounds by the digests of their bytes, which is by chance: -> places.

    As many as are of `FEW` moments, and no fewer than `LEAST`.
    """
    places = np.flatnonzero(asked)
    places = places[np.argsort(catalog.order[places])]
    many = int(np.searchsorted(np.cumsum(catalog.count[places]), FEW, side="right"))
    return np.sort(places[: max(LEAST, many)])


def _conditions(catalog: Catalog, asked: Mask) -> list[str]:
    """Name the sounds that are asked for, unless they are so many that leaving out is cheaper."""
    if asked.mean() >= SHARE:
        return [""]
    ids = catalog.ids[asked].tolist()
    parts = [ids[at : at + TOGETHER] for at in range(0, len(ids), TOGETHER)]
    return [f"sound in [{', '.join(map(str, part))}]" for part in parts]


def _except(catalog: Catalog, places: Ids) -> str:
    return f"sound not in [{', '.join(map(str, catalog.ids[places].tolist()))}]"


def _and(first: str, second: str) -> str:
    return f"{first} and {second}" if first else second


def _keys(rows: Sequence[Row]) -> Ids:
    return np.array([row["id"] for row in rows], np.int64)


def _places(catalog: Catalog, keys: Ids) -> Ids:
    """In which sounds of the catalog moments are; -1: in none, as it was removed."""
    at = np.searchsorted(catalog.first, keys, side="right") - 1
    inside = (at >= 0) & (keys < catalog.first[at] + catalog.count[at])
    return np.where(inside, at, -1)


def _met(catalog: Catalog, asked: Mask, rows: Sequence[Row]) -> Met:
    """Keep the moments of sounds that are there and asked for."""
    keys = _keys(rows)
    scores = np.array([row["distance"] for row in rows], np.float32)
    places = _places(catalog, keys)
    good = (places >= 0) & asked[places]
    return Met(keys[good], scores[good], places[good])


def _joined(parts: Sequence[Met]) -> Met:
    none = Met(np.zeros(0, np.int64), np.zeros(0, np.float32), np.zeros(0, np.int64))
    every = [none, *parts]
    return Met(
        np.concatenate([one.keys for one in every]),
        np.concatenate([one.scores for one in every]),
        np.concatenate([one.sounds for one in every]),
    )


def _first_of_each(met: Met) -> Met:
    """The best moment of each sound; of those that score alike, the earliest."""
    if not len(met.keys):
        return met
    best = np.full(int(met.sounds.max()) + 1, -np.inf, np.float32)
    np.maximum.at(best, met.sounds, met.scores)
    near = np.flatnonzero(met.scores >= best[met.sounds] - ALIKE)
    order = near[np.lexsort((met.keys[near], met.sounds[near]))]
    _, at = np.unique(met.sounds[order], return_index=True)
    kept = order[at]
    return Met(met.keys[kept], met.scores[kept], met.sounds[kept])
