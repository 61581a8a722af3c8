"""Callers of a server, in a process of their own so that they take no time from its threads.

Run as a program it reads jobs, a line of JSON each, and writes a line of what came of each. A
caller asks, takes the whole answer, and asks for the next address over the same connection: so many
callers are so many requests at once, never more, and a slow server is asked less often.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from math import ceil
from time import perf_counter
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"
PATIENCE = 60.0  # seconds for one answer
GOOD = (200, 206)
LOST = 0  # as the status of what was not answered


@dataclass(slots=True)
class Round:
    """Addresses that are asked for one after another, and where the next call goes on."""

    addresses: Sequence[str]
    at: int = 0

    def turned(self) -> list[str]:
        """All of them, the next one first."""
        return [*self.addresses[self.at :], *self.addresses[: self.at]]

    def go_on(self, asked: int) -> None:
        """Leave behind what was asked for."""
        self.at = (self.at + asked) % len(self.addresses)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is asked for, in turn and from the first again; whichever bound is met first ends it."""

    port: int
    addresses: Sequence[str]
    clients: int
    seconds: float
    most: int  # requests


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a job."""

    seconds: float
    milliseconds: list[float]  # of each answer that was right
    failed: dict[str, int]  # status -> how many

    @property
    def rate(self) -> float:
        """Right answers a second."""
        return len(self.milliseconds) / self.seconds

    @property
    def errors(self) -> int:
        """How many answers were none, or said that something was wrong."""
        return sum(self.failed.values())

    @property
    def answers(self) -> int:
        """How much was asked for."""
        return len(self.milliseconds) + self.errors


class Callers:
    """The process; `with` ends it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._process = subprocess.Popen(
            [sys.executable, "-m", "earmark.bench.callers"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def call(self, turn: Round, *, clients: int, seconds: float, most: int) -> Told:
        """Have so many callers ask for some seconds, or so many times."""
        job = Job(
            port=self._port, addresses=turn.turned(), clients=clients, seconds=seconds, most=most
        )
        assert self._process.stdin  # noqa: S101 - both were asked for
        assert self._process.stdout  # noqa: S101
        print(json.dumps(asdict(job)), file=self._process.stdin, flush=True)
        told = Told(**json.loads(self._process.stdout.readline()))
        turn.go_on(told.answers)
        return told

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()


def within(values: Sequence[float], share: float) -> float:
    """The least of some values that so great a share of them does not exceed."""
    return sorted(values)[max(0, ceil(share * len(values)) - 1)]


def main() -> None:
    """Do each job that is read."""
    for line in sys.stdin:
        told = asyncio.run(_done(Job(**json.loads(line))))
        sys.stdout.write(json.dumps(asdict(told)) + "\n")
        sys.stdout.flush()


async def _done(job: Job) -> Told:
    told, turns, began = Told(0.0, [], Counter()), iter(range(job.most)), perf_counter()
    await asyncio.gather(*(_call(job, turns, began, told) for _ in range(job.clients)))
    return Told(perf_counter() - began, told.milliseconds, dict(told.failed))


async def _call(job: Job, turns: Iterator[int], began: float, told: Told) -> None:
    """Be one caller."""
    line = _Line(job.port)
    while perf_counter() - began < job.seconds and (n := next(turns, None)) is not None:
        asked = perf_counter()
        try:
            address = job.addresses[n % len(job.addresses)]
            status = await asyncio.wait_for(line.ask(address), PATIENCE)
        except (OSError, EOFError, TimeoutError, ValueError):
            status = LOST
        if status in GOOD:
            told.milliseconds.append(1000 * (perf_counter() - asked))
        else:
            told.failed[str(status)] += 1
            line.close()  # the next one is not to suffer from it
    line.close()


class _Line:
    """A connection that is opened when it is needed, and stays open."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, address: str) -> int:
        """Ask for something and take all of it: -> its status."""
        self._ends = self._ends or await asyncio.open_connection(HOST, self._port)
        reader, writer = self._ends
        writer.write(f"GET {address} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length))
        return int(head.split(None, 2)[1])

    def close(self) -> None:
        """Let go of it."""
        if self._ends:
            self._ends[1].close()
        self._ends = None


if __name__ == "__main__":
    main()
