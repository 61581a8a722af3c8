"""What workers without a network do: they read files, decode and cut them, and have ears hear them.

    look_at(files) -> [Looked | Outcome | Unseen]          a shard of files
    hear_file(number, looked, model, ears, board) -> Told  one file, whose windows go to ears

One process decodes a file from its beginning to its end, as on one machine, so that the windows are
the same. They go to the ears in batches through the memory of the cluster, and only so many of them
are on their way at a time: a file of many hours takes no more of it than one of minutes.
"""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter

import ray
from ray.actor import ActorHandle

from earmark.library import hear
from earmark.library.hear import Hearing, Looked, Outcome
from earmark.library.nouns import Found
from earmark.library.remote.address import is_remote
from earmark.model.model import Model
from earmark.model.pool import Heard
from earmark.model.stretches import Window

BATCH = 4  # windows that travel together, or as many as a card hears; of the packaged model 6 MB
ROOM = 8  # batches of one file on their way, and so how many ears hear one file at a time
DEATHS = 2  # of ears with the same batch, after which it is not given to a third
SOON = 1.0  # seconds between two lines on the board


@dataclass(frozen=True, slots=True)
class Unseen:
    """A node does not see the folder in which a file should lie."""

    found: Found
    node: str


@dataclass(frozen=True, slots=True)
class Told:
    """What came of hearing a file, and which ears were met dead."""

    outcome: Outcome | None  # None: there is no ear left, or several have died with it
    lost: frozenset[int] = frozenset()


class NoEarError(Exception):
    """Nobody is left who could hear, or nobody else should be asked."""


def look_at(files: Sequence[Found]) -> list[Looked | Outcome | Unseen]:
    """Read the bytes and tags of some files."""
    return [_looked(found) for found in files]


def _looked(found: Found) -> Looked | Outcome | Unseen:
    try:
        return hear.look(found, int)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - decoders raise what they like
        outcome, root = hear.failure(found, "", error), found.place.root
        if outcome.changed and not is_remote(root) and not root.is_dir():
            return Unseen(found, socket.gethostname())
        return outcome


def hear_file(
    number: int, looked: Looked, model: Model, ears: dict[int, ActorHandle], board: ActorHandle
) -> Told:
    """Hear one file, and say on the board how far it is as `number`."""
    sending = Sending(ears, max(BATCH, model.wanted.batch))
    try:
        outcome = _outcome(Hearing(looked), model, sending, _Telling(board, number))
    except NoEarError:
        return Told(None, frozenset(sending.lost))
    return Told(outcome, frozenset(sending.lost))


def _outcome(hearing: Hearing, model: Model, sending: Sending, telling: _Telling) -> Outcome:
    found, digest = hearing.looked.found, hearing.looked.digest
    count = 0
    try:
        for number, heard in sending.through(hear.cut(hearing, model, int)):
            hearing.add(number, heard)
            telling.tell(hearing)
            count += 1
    except (MemoryError, NoEarError, ray.exceptions.RayError):
        raise
    except Exception as error:  # noqa: BLE001 - decoders raise what they like
        return hear.failure(found, digest, error)
    hearing.end(count, hearing.odd)
    return hearing.outcome(model.page)


@dataclass(slots=True)
class _Batch:
    """Some windows of a file on their way."""

    first: int  # number of its first window
    windows: ray.ObjectRef  # where they lie in the memory of the cluster
    deaths: int = 0  # of ears that had it


class Sending:
    """Has windows heard by ears; what an ear that died has not heard goes to another one."""

    def __init__(self, ears: dict[int, ActorHandle], size: int = BATCH) -> None:
        self.lost = set[int]()
        self._size, self._room = size, max(2, ROOM * BATCH // size)
        self._ears = dict(ears)
        self._flying = dict[
            ray.ObjectRef, tuple[int, _Batch]
        ]()  # reference to what was heard -> ear, batch

    def through(self, windows: Iterable[Window]) -> Iterator[tuple[int, Heard]]:
        """Give what was heard of each window and its number, in any order."""
        first = 0
        for some in _batches(windows, self._size):
            while len(self._flying) >= self._room:
                yield from self._back()
            self._give(_Batch(first, ray.put(some)))
            first += len(some)
        while self._flying:
            yield from self._back()

    def _back(self) -> Iterator[tuple[int, Heard]]:
        """Wait for one batch."""
        (ready, *_), _ = ray.wait([*self._flying], num_returns=1)
        ear, batch = self._flying.pop(ready)
        try:
            yield from enumerate(ray.get(ready), batch.first)
        except ray.exceptions.RayTaskError:  # the network itself will not; that ends the run
            raise
        except ray.exceptions.RayError:
            self._lose(ear, batch)

    def _lose(self, ear: int, batch: _Batch) -> None:
        self.lost.add(ear)
        self._ears.pop(ear, None)
        batch.deaths += 1
        if batch.deaths >= DEATHS:
            raise NoEarError
        self._give(batch)

    def _give(self, batch: _Batch) -> None:
        """Give a batch to the ear that has the least of this file to hear."""
        if not self._ears:
            raise NoEarError
        busy = Counter(ear for ear, _ in self._flying.values())
        ear = min(self._ears, key=lambda one: busy[one])
        self._flying[self._ears[ear].hear.remote(batch.windows)] = (ear, batch)


class _Telling:
    """Says on the board how far a file is, now and then."""

    def __init__(self, board: ActorHandle, number: int) -> None:
        self._board, self._number, self._last = board, number, perf_counter()

    def tell(self, hearing: Hearing) -> None:
        """Say it, unless it was said just now; nobody waits for it to arrive."""
        if perf_counter() - self._last > SOON:
            self._board.tell.remote(self._number, (hearing.claimed, hearing.reached))
            self._last = perf_counter()


def _batches(windows: Iterable[Window], size: int) -> Iterator[list[Window]]:
    some: list[Window] = []
    for window in windows:
        some.append(window)
        if len(some) == size:
            yield some
            some = []
    if some:
        yield some
