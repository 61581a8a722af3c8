"""Brings a mirror up to date with the log."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from earmark.errors import EarmarkError
from earmark.library.nouns import Identity
from earmark.library.store.served.link import STRONG, Link, Row
from earmark.library.store.served.log import (
    ANEW,
    FIELDS,
    NONE,
    Follower,
    chain,
    epoch_of,
    first_of,
)
from earmark.library.store.served.mirror import Mirror

BOUNDED = "Bounded"
SETTLED = 10.0  # seconds after which a bounded read surely has a row; servers allow 5 s, and the
# clocks of the machines may differ by the rest
FRESH = 1.0  # seconds for which what was read is taken as it is
RETRIES = 20  # while another writer is putting the log in order


@dataclass(frozen=True, slots=True)
class Head:
    """What the first row of an epoch says of the whole library."""

    key: str  # of this library and no other, whatever its name
    identity: Identity
    keeps_tokens: bool


class Clock:
    """How sure a read must be to see all that this machine knows of.

    A strong read waits for the server's next tick, about 0.2 s; a bounded one waits for nothing,
    and sees all that is older than a few seconds.
    """

    def __init__(self) -> None:
        self._changed = -SETTLED
        self._looked = -FRESH

    def changed(self, at: float) -> None:
        """Something was written, here or elsewhere: seconds since 1970, by who wrote it."""
        age = max(0.0, time.time() - at)
        self._changed = max(self._changed, time.monotonic() - age)

    @property
    def level(self) -> str:
        """The consistency of the next read of vectors."""
        return STRONG if time.monotonic() - self._changed < SETTLED else BOUNDED

    def is_due(self) -> bool:
        """Whether the log should be looked at again; asked before it is."""
        now = time.monotonic()
        if now - self._looked < FRESH:
            return False
        self._looked = now
        return True


def head(link: Link, log: str) -> Head | None:
    """Read of which model a library is, which never changes; None if it was never quite made."""
    for level in (BOUNDED, STRONG):
        firsts = _firsts(link, log, FIELDS, level)
        if spans := chain(_bases(firsts)):
            entry = json.loads(firsts[spans[-1][0]]["body"])
            return Head(entry["key"], Identity(**entry["identity"]), entry["keeps_tokens"])
    return None


def told_head(found: Head) -> dict[str, Any]:
    """Write a head as the first entry of an epoch."""
    return {
        "op": "begin",
        "key": found.key,
        "identity": asdict(found.identity),
        "keeps_tokens": found.keeps_tokens,
    }


def free_epoch(link: Link, log: str, above: int) -> int:
    """An epoch of which no row is there, not even of a writer who was stopped."""
    epoch = above + 1
    while rows := link.query(log, f"id >= {first_of(epoch)}", (), STRONG):
        epoch = epoch_of(int(rows[-1]["id"])) + 1
    return epoch


class Reader:
    """Brings a mirror up to date with the log."""

    def __init__(self, link: Link, log: str, mirror: Mirror) -> None:
        self._link, self._log, self._mirror = link, log, mirror

    def catch_up(self, level: str) -> bool:
        """Follow the log to its end: -> whether there was anything new."""
        before = self._mirror.position
        follower = Follower(before)
        self._follow(follower, [(before + 1, None)], level)
        if follower.strayed:
            self._mirror.undo()
            self._follow_anew()
        else:
            self._mirror.keep()
        return self._mirror.position != before

    def _follow_anew(self) -> None:
        """Follow the log from where it begins, as another writer may just have cut it there."""
        for tried in range(RETRIES):
            spans = chain(_bases(_firsts(self._link, self._log, ("base",), STRONG)))
            follower = Follower(NONE)
            with self._mirror.changing():
                self._mirror.clear()
            self._follow(follower, spans, STRONG)
            if spans and not follower.strayed and follower.position >= spans[-1][0]:
                self._mirror.keep()
                return
            self._mirror.undo()
            time.sleep(0.1 * tried)
        raise EarmarkError(
            "the log of the library cannot be followed: a part of it is not there",
            hint="wait until whoever writes to it is done; see docs/served.md if it stays so",
        )

    def _follow(
        self, follower: Follower, spans: Sequence[tuple[int, int | None]], level: str
    ) -> None:
        """Apply the entries of some rows; they are kept by the caller."""
        for first, last in spans:
            until = "" if last is None else f"id <= {last}"
            rows = self._link.after(self._log, first - 1, FIELDS, level, until)
            with self._mirror.changing():
                for entry in follower.entries(rows):
                    self._mirror.apply(entry)
                self._mirror.move_to(follower.position)


def _firsts(link: Link, log: str, fields: Sequence[str], level: str) -> dict[int, Row]:
    """The first rows of all epochs."""
    rows = link.after(log, NONE, fields, level, f"base >= {ANEW}")
    return {int(row["id"]): row for row in rows}


def _bases(firsts: Mapping[int, Row]) -> dict[int, int]:
    return {key: int(row["base"]) for key, row in firsts.items()}
