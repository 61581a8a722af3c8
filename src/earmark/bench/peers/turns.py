"""Several things measured in turn, and how surely one is ahead of another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import comb
from statistics import median
from time import perf_counter
from typing import Any

from earmark.bench.figure import Figure

SURE = 0.95


def in_turns(things: Mapping[str, Callable[[], float]], *, runs: int) -> dict[str, list[float]]:
    """Measure A B C A B C ..., after one round that does not count: -> what each came to."""
    rounds = [{name: measure() for name, measure in things.items()} for _ in range(runs + 1)]
    return {name: [one[name] for one in rounds[1:]] for name in things}


def seconds(work: Callable[[], object]) -> float:
    """Time on the wall of one call."""
    began = perf_counter()
    work()
    return perf_counter() - began


def beside(
    ours: Sequence[float],
    theirs: Sequence[float],
    *,
    scale: float = 1.0,
    **told: Any,  # noqa: ANN401 - as Figure takes it
) -> Figure:
    """Make the figure of what was measured in the same rounds; `told` is all else of it."""
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    low, high = between(ratios) if len(ratios) > 1 else (None, None)
    return Figure(
        value=scale * median(ours), theirs=scale * median(theirs), ratio=median(ratios),
        low=low, high=high, **told,
    )  # fmt: skip


def between(values: Sequence[float]) -> tuple[float, float]:
    """Bounds between which the true median lies 95 of 100 times; of fewer than six values, all.

    Each value is as likely above the true median as below it, whatever else is the matter with it.
    """
    ordered, count = sorted(values), len(values)
    ranks = range(1, count // 2 + 1)
    rank = max((k for k in ranks if 2 * _fewer(k, count) <= 1 - SURE), default=1)
    return ordered[rank - 1], ordered[-rank]


def _fewer(k: int, count: int) -> float:
    """How likely it is that fewer than k of so many lie below the median."""
    chance: float = sum(comb(count, n) for n in range(k)) / 2**count
    return chance
