"""A library that is only read, in one state of it, so that another one can take it over.

There are two: the folder of a library (`store/snapshot.py`), and one packed into a single file
(`parcel/`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from earmark.library.nouns import Identity, Kept
from earmark.library.packed import Packed


@dataclass(frozen=True, slots=True)
class Sound:
    """What was heard in some bytes."""

    packed: Packed
    seconds: float


class Source(Protocol):
    """What both kinds offer; what is damaged in them raises, and is never handed on."""

    path: Path
    identity: Identity
    keeps_tokens: bool

    def roots(self) -> list[Path]:
        """Folders that were indexed."""

    def count(self) -> int:
        """How many recordings there are."""

    def kept(self) -> Iterator[Kept]:
        """All recordings, by root and path, a few of them at a time in memory."""

    def sound(self, digest: str) -> Sound:
        """What was heard in these bytes."""


@contextmanager
def opened(paths: Iterable[Path]) -> Iterator[list[Source]]:
    """Open libraries by their folders, or packed ones by their files."""
    from earmark.library.parcel.read import open_parcel
    from earmark.library.store.snapshot import snapshot

    with ExitStack() as open_ones:
        yield [
            open_parcel(path) if path.is_file() else open_ones.enter_context(snapshot(path))
            for path in paths
        ]
