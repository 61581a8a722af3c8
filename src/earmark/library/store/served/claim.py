"""One writer at a time, whichever machine it is on: a row that says who, and until when.

Whoever wants to write puts a row of its own, then looks at all of them: of two who do so at once,
one surely sees the other. A row that is not renewed is void after `LEASE` seconds, by the clocks of
the machines, or at once where its process was on this machine and is gone. Clocks that differ can
let two writers in; then the log lets the rows of the later one count, and the other one is told.
"""

from __future__ import annotations

import json
import os
import random
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from earmark.library.store.lock import HeldError
from earmark.library.store.served.link import STRONG, Link, LostError, Row
from earmark.library.store.served.log import WITHIN

LEASE = 30.0  # seconds for which a claim holds
RENEW = 8.0  # seconds after which it is renewed
TRIES = 5  # where several begin at once, all of them may see each other

_ended: set[int] = set()  # claims of this process that it could not take back, perhaps


@dataclass(frozen=True, slots=True)
class Claim:
    """A right to write."""

    id: int  # below 0, so that it is no row of the log
    who: str
    pid: int
    host: str
    since: str
    where: str  # what tells machines, and rooms of processes in them, apart; may be empty
    until: float
    epoch: int = 0  # of the log, in which it writes, so that nobody else takes the same
    begun: float = 0.0  # seconds since 1970

    @classmethod
    def new(cls, who: str) -> Claim:
        """Make one that is held from now on."""
        return cls(
            id=-random.getrandbits(60) - 1,
            who=who,
            pid=os.getpid(),
            host=socket.gethostname(),
            since=time.strftime("%Y-%m-%d %H:%M:%S"),
            where=_where(),
            until=time.time() + LEASE,
            begun=time.time(),
        )

    def __str__(self) -> str:
        return f"{self.who} (process {self.pid} on {self.host}, since {self.since})"

    @property
    def holds(self) -> bool:
        """Whether somebody may still write by it."""
        if self.where and self.where == _where() and not _runs(self.pid):
            return False
        return self.id not in _ended and self.until > time.time()

    def row(self) -> Row:
        """Write it as a row of the log's collection."""
        text = json.dumps(asdict(self))
        return {"id": self.id, "base": WITHIN, "more": 0, "body": text, "vector": [0.0, 0.0]}


def claims(link: Link, log: str) -> list[Claim]:
    """All that are there, also those that hold no more."""
    rows = link.query(log, "id < 0", ("body",), STRONG)
    return [Claim(**json.loads(row["body"])) for row in rows]


@contextmanager
def held(link: Link, log: str, who: str, library: str) -> Iterator[Claim]:
    """Hold the right to write, or raise an error that says who holds it.

    The epoch that is given is one that others had; the writer's own must be above it.
    """
    claim = _claimed(link, log, who, library)
    try:
        yield claim
    finally:
        _ended.add(claim.id)
        with suppress(LostError):  # then it ends by itself
            _drop(link, log, [claim])


def renew(link: Link, log: str, claim: Claim) -> Claim:
    """Hold it longer; raise if somebody else has taken over meanwhile."""
    now = claims(link, log)
    if not any(one.id == claim.id for one in now):
        raise taken_over(now)
    longer = replace(claim, until=time.time() + LEASE)
    link.upsert(log, longer.row())
    return longer


def taken_over(others: list[Claim]) -> LostError:
    """Make the error for a writer who was away for too long."""
    by = f", by {others[0]}" if others else ""
    return LostError(
        f"the right to write to this library was lost{by}: nothing was heard of us for a while",
        hint="run the same command again; what was finished is kept",
    )


def _claimed(link: Link, log: str, who: str, library: str) -> Claim:
    for tried in range(TRIES):
        claim = Claim.new(who)
        link.insert(log, [claim.row()], 1000)
        others = [one for one in claims(link, log) if one.id != claim.id]
        holding = [one for one in others if one.holds]
        if not holding:
            _drop(link, log, others)
            return replace(claim, epoch=max((one.epoch for one in others), default=0))
        _drop(link, log, [claim])
        if tried < TRIES - 1 and _are_beginning(holding):
            time.sleep(random.uniform(0.1, 1.0))
            continue
        raise HeldError(
            f"the library {library} is being written to by {holding[0]}",
            hint="wait until it is done, or stop it; searching works all the while",
        )
    raise AssertionError("the last try returns or raises")


def _are_beginning(holding: list[Claim]) -> bool:
    """Whether all of them came just now, so that they may draw back as well."""
    return all(time.time() - one.begun < 2.0 for one in holding)


def _drop(link: Link, log: str, some: list[Claim]) -> None:
    if some:
        link.delete(log, f"id in [{', '.join(str(one.id) for one in some)}]")


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _where() -> str:
    """Tell this machine's run, and the room of processes, from others; only Linux can."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        room = os.readlink("/proc/self/ns/pid")  # noqa: PTH115 - not a path
    except OSError:
        return ""
    return f"{boot} {room}"
