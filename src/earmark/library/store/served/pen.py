"""What a writer has to say, a batch at a time: vectors first, then the log, then the mirror.

A batch is one transaction of the mirror, kept once the server has taken all of it. What a batch
holds is lost with the connection, a second of work at most; what was written of it to the server
is not told by the log, so nobody ever sees it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from earmark.errors import EarmarkError
from earmark.library.packed import Packed
from earmark.library.store.served.blocks import blocks, room
from earmark.library.store.served.blocks import count_of as blocks_of
from earmark.library.store.served.claim import LEASE, RENEW, Claim, renew
from earmark.library.store.served.entries import new_sound
from earmark.library.store.served.follow import Clock, Head, free_epoch, told_head
from earmark.library.store.served.link import EXACT, Link, Row
from earmark.library.store.served.log import ANEW, MOST, Entry, epoch_of, first_of, rows_of
from earmark.library.store.served.mirror import Mirror
from earmark.library.store.served.shape import Names
from earmark.library.store.volume import Extent, count_of

AGE = 1.0  # seconds after which a batch is sent
BYTES = 8_000_000  # ... or once it is as large as this
ENTRIES = 200  # ... or has so many


class Pen:
    """Writes to one library, while a claim is held."""

    def __init__(self, link: Link, names: Names, mirror: Mirror, head: Head, clock: Clock) -> None:
        self._link, self._names, self._mirror = link, names, mirror
        self._head, self._clock = head, clock
        self._width = head.identity.width
        self._log: list[Row] = []
        self._moments: list[Row] = []
        self._tokens: list[Row] = []
        self._began = 0.0
        self._failed: EarmarkError | None = None
        self._over = threading.Event()

    @contextmanager
    def held(self, claim: Claim) -> Iterator[None]:
        """Write by a claim; a thread renews it and sends what has waited long enough."""
        epoch = max(claim.epoch, epoch_of(self._mirror.position))
        self._claim = replace(claim, epoch=free_epoch(self._link, self._names.log, epoch))
        self._renew()
        self._start(self._claim.epoch)
        thread = threading.Thread(target=self._tend, name="earmark", daemon=True)
        thread.start()
        try:
            yield
        except BaseException:
            with suppress(EarmarkError):  # what was finished is kept, if it can be
                self.flush()
            raise
        else:
            self.flush()
            self._settle()
            self._confirm()
        finally:
            self._over.set()
            thread.join()
            self._mirror.undo()

    @property
    def who(self) -> str:
        """Who writes."""
        return str(self._claim)

    def note(self, entry: Entry, packed: Packed | None = None) -> int:
        """Do what an entry says here, and send it with the next batch: -> its recording.

        `packed` are the rows of the sound that the entry brings.
        """
        with self._mirror.rows.lock:
            self._check()
            with self._mirror.changing():
                number = self._mirror.apply(entry)
            if packed is not None:
                self._bring(number, packed)
            self._append(entry)
            if self._is_full():
                self.flush()
            return number

    def place(self, packed: Packed, seconds: float) -> list[Any]:
        """Say where the rows of a sound go, for its entry."""
        return new_sound(seconds, self._next, count_of(packed))

    def begin(self) -> None:
        """Write what every epoch begins with, if nothing was written yet."""
        with self._mirror.rows.lock:
            if self._at == first_of(self._claim.epoch):
                self._append_rows(told_head(self._head), base=self._mirror.position)
                self._move()

    def flush(self) -> None:
        """Send what waits, and let it count."""
        with self._mirror.rows.lock:
            self._check()
            if not self._log:
                return
            try:
                self._send()
            except EarmarkError as error:
                self._failed = error
                self._mirror.undo()
                raise
            self._clock.changed(time.time())

    def rewrite(self) -> None:
        """Write the log anew, as short as it can be; all before it is void then."""
        self.flush()
        epoch = free_epoch(self._link, self._names.log, self._claim.epoch)
        self._claim = replace(self._claim, epoch=epoch)
        self._renew()
        first = told_head(self._head)
        at = first_of(epoch) + len(rows_of(first, 0))
        for entry in self._mirror.tables():
            rows = rows_of(entry, at)
            self._link.insert(self._names.log, rows, MOST)
            at += len(rows)
        self._link.insert(self._names.log, rows_of(first, first_of(epoch), base=ANEW), MOST)
        with self._mirror.changing():
            self._mirror.shorten(at - 1)
        self._mirror.keep()
        self._start(epoch, at=at)
        self._link.delete(self._names.log, f"id >= 0 and id < {first_of(epoch)}")

    # inside

    def _start(self, epoch: int, at: int | None = None) -> None:
        """Begin an epoch; its first row is written with the first change."""
        self._next = Extent(first_of(epoch), first_of(epoch))
        self._at = first_of(epoch) if at is None else at
        self._log = []

    def _bring(self, recording: int, packed: Packed) -> None:
        found = "SELECT sound FROM recordings WHERE id = ?"
        sound = int(self._mirror.rows.one(found, (recording,)))
        self._moments += _moments(sound, packed, self._next.moments)
        self._tokens += blocks(packed, self._next.tokens)
        more = blocks_of(len(packed.tokens), self._width)
        self._next = self._next + Extent(len(packed.gists), more)

    def _append(self, entry: Entry) -> None:
        if not self._log:
            self._began = time.monotonic()
        self.begin()
        entry["at"] = round(time.time(), 1)
        self._append_rows(entry)
        self._move()

    def _move(self) -> None:
        with self._mirror.changing():
            self._mirror.move_to(self._at - 1)

    def _append_rows(self, entry: Entry, **base: int) -> None:
        rows = rows_of(entry, self._at, **base)
        self._log += rows
        self._at += len(rows)

    def _is_full(self) -> bool:
        size = len(self._moments) * 4 * self._width + sum(len(one["body"]) for one in self._tokens)
        late = time.monotonic() - self._began > AGE
        return late or size > BYTES or len(self._log) > ENTRIES

    def _send(self) -> None:
        if time.monotonic() - self._renewed > LEASE / 2:
            self._renew()
        self._link.insert(self._names.moments, self._moments, 4 * self._width + 64)
        self._link.insert(self._names.tokens, self._tokens, room(self._width))
        self._link.insert(self._names.log, self._log, MOST)
        self._mirror.keep()
        self._log, self._moments, self._tokens = [], [], []

    def _renew(self) -> None:
        began = time.monotonic()
        self._claim = renew(self._link, self._names.log, self._claim)
        self._renewed = began

    def _settle(self) -> None:
        """Have the server build its graph for what is new, once that is worth it."""
        rows = self._mirror.rows
        found = "SELECT coalesce(sum(moments), 0) FROM sounds WHERE first >= ?"
        if rows.one(found, (int(rows.setting("settled")),)) >= EXACT:
            self.note({"op": "settle", "before": self._next.moments})
            self.flush()
            self._link.settle(self._names.moments)

    def _confirm(self) -> None:
        """Raise if what was written does not count, as somebody else has taken over meanwhile."""
        if self._at > first_of(self._claim.epoch):
            self._renew()

    def _check(self) -> None:
        if self._failed is not None:
            raise self._failed

    def _tend(self) -> None:
        """Send what has waited, and hold the claim, until writing is over."""
        while not self._over.wait(AGE):
            with self._mirror.rows.lock:
                try:
                    if time.monotonic() - self._began > AGE:
                        self.flush()
                    if time.monotonic() - self._renewed > RENEW:
                        self._renew()
                except EarmarkError as error:
                    self._failed = self._failed or error
                    self._mirror.undo()
                    return


def _moments(sound: int, packed: Packed, first: int) -> list[Row]:
    vectors, times = packed.halves.astype("float32"), packed.times.tolist()
    return [
        {"id": first + n, "sound": sound, "start": start, "end": end, "vector": vectors[n]}
        for n, (start, end) in enumerate(times)
    ]
