"""Many machines that search a part of a library each, simulated from measured times of one part.

Every query goes to all machines. A machine scans its parts on its cores, first come, first served;
the answer is there when the slowest one has sent its hits. How long a part takes is drawn from what
was measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heapify, heapreplace
from math import ceil

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.float64]  # milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """Machines that share a library."""

    machines: int
    cores: int  # of each
    parts: int  # of the library on each
    sent_ms: float = 1.0  # there and back over the network, and joining hits

    def answers(self, part_ms: Times, rate: float, queries: int, seed: int = 0) -> Times:
        """Let queries come at random, so many a second: -> how long each waits, [queries]."""
        rng = np.random.default_rng(seed)
        arrivals = np.cumsum(rng.exponential(1000 / rate, queries))
        slowest = np.zeros(queries)
        for _ in range(self.machines):
            took = rng.choice(part_ms, (queries, self.parts))
            slowest = np.maximum(slowest, _one_machine(arrivals, took, self.cores))
        return slowest + self.sent_ms


def _one_machine(arrivals: Times, took: Times, cores: int) -> Times:
    """How long each query is at one machine: [queries], [queries, parts] -> [queries]."""
    free = [0.0] * cores  # when each core will be
    heapify(free)
    out = np.empty(len(arrivals))
    for number, (arrival, parts) in enumerate(zip(arrivals, took, strict=True)):
        last = arrival
        for part in parts:
            end = max(free[0], arrival) + part
            heapreplace(free, end)
            last = max(last, end)
        out[number] = last - arrival
    return out


def fleet_for(moments: int, per_part: int, machine: tuple[int, int]) -> Fleet:
    """Share a library over as many machines as hold it: parts of so many moments.

    A machine has so many cores and holds so many parts in memory.
    """
    cores, holds = machine
    parts = ceil(moments / per_part)
    machines = ceil(parts / holds)
    return Fleet(machines=machines, cores=cores, parts=ceil(parts / machines))
