"""One measured figure, and the way two things are measured fairly: in turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median
from time import process_time
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A line of the report."""

    part: str
    what: str
    value: float
    unit: str
    ratio: float | None = None  # to the peer in the same run; above 1 we are slower or larger
    low: float | None = None  # between these two the ratio lies, by the rounds of this run
    high: float | None = None
    peer: str = ""
    theirs: float | None = None  # what the peer came to
    missing: str = ""  # why it came to nothing
    budget: str = ""
    met: bool | None = None

    def as_dict(self) -> dict[str, Any]:
        """Give the same as plain JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Pair:
    """Medians of two things measured in turn, and the median of the ratios of neighbours."""

    ours: float
    peers: float
    ratio: float


def in_turn(ours: Callable[[], float], peers: Callable[[], float], *, runs: int) -> Pair:
    """Measure A B A B ..., after one round that does not count."""
    ours(), peers()
    rounds = [(ours(), peers()) for _ in range(runs)]
    mine, theirs = zip(*rounds, strict=True)
    return Pair(median(mine), median(theirs), median(a / b for a, b in rounds))


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU time of this process for one call."""
    began = process_time()
    work()
    return process_time() - began
