"""What every engine behind a library offers; `tests/library/store/contract.py` holds them to it.

A *sound* is what was heard in some bytes; every recording with these bytes shares it. Search sees
sounds; their recordings give names to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from earmark.errors import EarmarkError
from earmark.library.nouns import Found, Identity, Place, Recording, Said
from earmark.library.packed import Packed
from earmark.model.pool import Times, Vectors, Weights

Ids = npt.NDArray[np.int64]
Vector = npt.NDArray[np.float32]  # [width]
Scores = npt.NDArray[np.float32]


class ForgottenError(KeyError):
    """A sound that a search has met is in the library no more: a writer has just removed it."""


class MovedError(EarmarkError):
    """A library was moved to another model since it was opened; its vectors are of that one now."""


@dataclass(frozen=True, slots=True)
class Near:
    """The best moment of every sound that was asked for, best first; ties by id."""

    sounds: Ids  # [k]
    scores: Scores  # [k], exact (float16 vectors)
    times: Times  # [k, 2], of the best moment
    typical: tuple[float, float]  # median and spread of the best scores of all sounds among
    among: int  # how many sounds that were


@dataclass(frozen=True, slots=True)
class Tokens:
    """Part of a recording's time line."""

    tokens: Vectors  # [t, width]
    weights: Weights  # [t]
    times: Times  # [t, 2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which recordings are wanted; what is not given does not matter."""

    folders: tuple[str, ...] = ()  # any of these parts of the path, or whole folders
    tags: tuple[str, ...] = ()  # all of these words in tags
    ucs: tuple[str, ...] = ()  # any of these category ids, or their beginnings
    longer: float | None = None  # seconds
    shorter: float | None = None
    newer: float | None = None  # seconds since 1970, of the file's last change

    def __bool__(self) -> bool:
        return self != Filter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Counts, sizes and what is odd."""

    identity: Identity
    roots: tuple[Path, ...]
    recordings: int
    sounds: int
    failed: int
    seconds: float  # of all recordings that were heard
    moments: int
    tokens: int
    bytes: int  # on disk
    dead: float  # share of the vectors that nothing refers to; compaction frees them
    writer: str  # who is writing now, or empty
    notes: tuple[str, ...]  # e.g. that the drive allows no write-ahead log


class Store(Protocol):
    """A library's memory. A call that writes has either happened wholly or not at all."""

    identity: Identity
    keeps_tokens: bool

    def close(self) -> None:
        """Let go of everything."""

    def again(self) -> Self:
        """The same library by the model that it is of now; `MovedError` says that it is another."""

    def writing(self, who: str) -> AbstractContextManager[None]:
        """Hold the right to write, or raise an error that says who holds it."""

    # what it knows

    def roots(self) -> list[Path]:
        """Folders (and single files' folders) that were indexed."""

    def recordings(self, ids: Iterable[int] | None = None) -> Iterator[Recording]:
        """All recordings, or those of these ids, by root and path."""

    def of_sounds(self, sounds: Iterable[int]) -> Iterator[Recording]:
        """The recordings in which these sounds were heard, by root and path."""

    def at(self, place: Place) -> Iterator[Recording]:
        """The recording at a place, if it is known."""

    def sounds_of(self, recordings: Ids) -> Ids:
        """The sounds of these recordings, each once, in order of their ids."""

    def sound_of(self, digest: str) -> int | None:
        """The sound that was heard in these bytes, if they were heard."""

    def count(self) -> int:
        """How many recordings there are."""

    def status(self) -> Status:
        """How it stands."""

    # writing, inside `writing`

    def add(self, file: Found, digest: str, packed: Packed, seconds: float, said: Said) -> int:
        """Keep what was heard in a file, in place of what was known of this place: -> its id."""

    def share(self, file: Found, digest: str, said: Said) -> int:
        """Keep a file whose bytes were heard before: -> its id."""

    def fail(self, file: Found, digest: str, reason: str) -> int:
        """Keep that nothing could be heard in a file, and why: -> its id."""

    def move(self, recording: int, file: Found, said: Said | None = None) -> None:
        """Let a recording be at another place, or have another time, with the same bytes."""

    def remove(self, recordings: Sequence[int]) -> None:
        """Forget recordings; sounds that no recording has any more are dead then."""

    def relocate(self, old: Path, new: Path) -> int:
        """Let all recordings under a folder be under another: -> how many."""

    def compact(self) -> int:
        """Free the room of dead sounds: -> bytes."""

    # searching

    def nearest(self, query: Vector, *, limit: int | None, among: Ids | None = None) -> Near:
        """The sounds whose best moments are nearest: of all, or only among these sounds."""

    def moments(self, sound: int) -> tuple[Vectors, Times]:
        """All searched vectors of a sound: -> [m, width] from float16, [m, 2].

        Here and in `tokens`, `ForgottenError` says that there is no such sound any more.
        """

    def tokens(self, sound: int, start: float = 0.0, end: float = np.inf) -> Tokens | None:
        """The tokens whose centres lie in a part of a sound; None if none are kept."""

    def having(self, word: str) -> Ids:
        """Recordings with a word in path, tags or UCS; case, accents, endings do not matter."""

    def where(self, wanted: Filter) -> Ids:
        """Recordings that a filter lets through, in order of their ids."""

    def place_of(self, path: Path) -> Place | None:
        """Where a file of the library lies, or None if it is in none of its roots."""
