"""Deletes the rows that no sound has: of sounds that were removed, of writers who were stopped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from earmark.library.store.rows import Rows
from earmark.library.store.served import blocks
from earmark.library.store.served.link import Link
from earmark.library.store.served.log import epoch_of, first_of
from earmark.library.store.served.shape import Names

TOGETHER = 100  # gaps in one condition


def sweep(link: Link, names: Names, rows: Rows, width: int) -> None:
    """Delete what lies between the sounds, up to the epoch that is written now."""
    end = first_of(epoch_of(int(rows.setting("position"))))
    moments = rows.all("SELECT first, moments FROM sounds ORDER BY first")
    tokens = rows.all("SELECT token, tokens FROM sounds WHERE tokens > 0 ORDER BY token")
    counted = [(first, blocks.count_of(count, width)) for first, count in tokens]
    for name, held in ((names.moments, moments), (names.tokens, counted)):
        found = [f"(id >= {start} and id < {stop})" for start, stop in gaps(held, end)]
        for at in range(0, len(found), TOGETHER):
            link.delete(name, " or ".join(found[at : at + TOGETHER]))


def gaps(held: Iterable[tuple[int, int]], end: int) -> Iterator[tuple[int, int]]:
    """The keys between rows that are held, each told by its first and how many: [start, stop)."""
    at = 0
    for first, count in held:
        if first > at:
            yield at, first
        at = first + count
    if end > at:
        yield at, end
