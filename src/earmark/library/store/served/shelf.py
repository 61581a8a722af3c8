"""Vectors that were fetched: kept a while, as the same ones are asked for again and again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from earmark.library.packed import Halves, quantise
from earmark.library.store.contract import ForgottenError, Ids
from earmark.library.store.kernel import Catalog
from earmark.library.store.served.follow import Clock
from earmark.library.store.served.link import STRONG, Link, Row
from earmark.library.store.volume import Array, Volume
from earmark.model.pool import Times

BYTES = 256_000_000  # of vectors that are kept
FIELDS = ("start", "end", "vector")


@dataclass(frozen=True, slots=True)
class Moments:
    """The searched vectors of a sound."""

    halves: Halves  # [m, width]
    times: Times  # [m, 2]


class Held(Volume):
    """Some sounds as a volume in memory, for the same exact search as that of a folder."""

    def __init__(self, parts: Sequence[Moments], width: int) -> None:
        self.width = width
        halves = np.concatenate([np.zeros((0, width), np.float16), *(p.halves for p in parts)])
        times = np.concatenate([np.zeros((0, 2)), *(part.times for part in parts)])
        small, scales = quantise(halves.astype(np.float32))
        self._columns: dict[str, Array] = {
            "halves": halves, "times": times, "gists": small, "scales": scales,
        }  # fmt: skip


class Shelf:
    """Fetches the vectors of sounds; those of a sound never change."""

    def __init__(self, link: Link, collection: str, width: int, clock: Clock) -> None:
        self._link, self._collection = link, collection
        self._width, self._clock = width, clock
        self._kept: OrderedDict[int, Moments] = OrderedDict()  # by the key of the first moment
        self._lock = threading.Lock()

    def held(self, catalog: Catalog, places: Ids) -> tuple[Held, Catalog]:
        """Give sounds of a catalog as a volume, with a catalog of its own: places [n]."""
        firsts, counts = catalog.first[places], catalog.count[places]
        parts = self.moments(firsts, counts)
        starts = np.cumsum([0, *counts])[:-1].astype(np.int64)
        own = Catalog(catalog.ids[places], starts, counts, catalog.order[places])
        return Held(parts, self._width), own

    def moments(self, firsts: Ids, counts: Ids) -> list[Moments]:
        """Give the vectors of sounds, told by their first moments and how many there are."""
        wanted = list(zip(firsts.tolist(), counts.tolist(), strict=True))
        with self._lock:
            found = {first: self._kept[first] for first, _ in wanted if first in self._kept}
        missing = [one for one in wanted if one[0] not in found]
        found.update(self._fetched(missing))
        self._keep(found)
        return [found[first] for first, _ in wanted]

    def single(self, keys: Ids) -> tuple[Halves, Times]:
        """Give single moments: [k] -> [k, width], [k, 2]."""
        asked = keys.tolist()
        found = self._link.rows(self._collection, asked, FIELDS, self._clock.level)
        if not all(key in found for key in asked):
            raise ForgottenError
        moments = self._moments([found[key] for key in asked])
        return moments.halves, moments.times

    def _fetched(self, wanted: Sequence[tuple[int, int]]) -> dict[int, Moments]:
        keys = [first + n for first, count in wanted for n in range(count)]
        found = self._link.rows(self._collection, keys, FIELDS, self._clock.level)
        if len(found) < len(keys):
            found = self._link.rows(self._collection, keys, FIELDS, STRONG)
        if len(found) < len(keys):
            raise ForgottenError
        return {
            first: self._moments([found[first + n] for n in range(count)])
            for first, count in wanted
        }

    def _moments(self, rows: Sequence[Row]) -> Moments:
        vectors = np.array([row["vector"] for row in rows], np.float16)
        times = np.array([(row["start"], row["end"]) for row in rows], np.float64)
        return Moments(vectors.reshape(len(rows), self._width), times.reshape(len(rows), 2))

    def _keep(self, found: dict[int, Moments]) -> None:
        with self._lock:
            for first, one in found.items():
                self._kept[first] = one
                self._kept.move_to_end(first)
            size = sum(one.halves.nbytes for one in self._kept.values())
            while size > BYTES:
                size -= self._kept.popitem(last=False)[1].halves.nbytes
