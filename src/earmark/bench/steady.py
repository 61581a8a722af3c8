"""Whether the memory of a process stays as it is: how much it holds, and the line through that."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

PROC = Path("/proc")
SURE = 2.0  # standard errors to each side: 95 of 100 times, for some thirty values or more
ALIKE = 0.95  # what neighbours have in common is taken for no more than this


@dataclass(frozen=True, slots=True)
class Held:
    """Memory of a process and all that it has started, in MB."""

    own: float
    files: float  # parts of files that are mapped, which the system takes back when it needs room

    @property
    def all(self) -> float:
        """What is called the resident set."""
        return self.own + self.files


@dataclass(frozen=True, slots=True)
class Slope:
    """How much a value grows for each step, and between which bounds that surely lies."""

    rate: float
    least: float
    most: float


def can_tell() -> bool:
    """Whether this system tells what memory a process holds, as Linux does."""
    return (PROC / "self" / "status").is_file()


def held(pid: int) -> Held:
    """Look what a process holds now."""
    texts = [(PROC / str(one) / "status").read_text(encoding="utf-8") for one in _family(pid)]
    own, files, shared = (
        sum(int(found[1]) for text in texts if (found := re.search(rf"{name}:\s+(\d+)", text)))
        for name in ("RssAnon", "RssFile", "RssShmem")
    )
    return Held((own + shared) / 2**10, files / 2**10)


def slope(values: Sequence[float]) -> Slope:
    """Put a straight line through values at equal steps, by least squares.

    Memory wanders: what is held now tells what will be held next. The bounds are wider by as much
    as neighbours stand off the line alike.
    """
    y = np.asarray(values, np.float64)
    x = np.arange(len(y)) - (len(y) - 1) / 2
    rate = float(x @ y / (x @ x))
    off = y - y.mean() - rate * x
    total = float(off @ off)
    alike = min(max(float(off[1:] @ off[:-1]) / total if total else 0.0, 0.0), ALIKE)
    error = (total / (len(y) - 2) / float(x @ x) * (1 + alike) / (1 - alike)) ** 0.5
    return Slope(rate, rate - SURE * error, rate + SURE * error)


def _family(pid: int) -> Iterator[int]:
    """A process, those that it has started, and theirs."""
    yield pid
    for task in (PROC / str(pid) / "task").iterdir():
        for child in (task / "children").read_text(encoding="ascii").split():
            yield from _family(int(child))
