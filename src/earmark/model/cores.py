"""How many cores there are for this process, and the same work for many items spread over them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Found = TypeVar("Found")

LEAST = 16  # items for which a thread pays


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def spread(
    work: Callable[[Item], Found], items: Sequence[Item], threads: int | None = None
) -> list[Found]:
    """Do the same to every item, each by itself, and give what comes of them in order.

    It pays for work that lets other threads go on, as networks do.
    """
    count = min(cores() if threads is None else threads, len(items) // LEAST)
    if count < 2:
        return [work(one) for one in items]
    with ThreadPoolExecutor(count) as pool:
        parts = list(pool.map(lambda n: [work(one) for one in items[n::count]], range(count)))
    return [parts[n % count][n // count] for n in range(len(items))]
