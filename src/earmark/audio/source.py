"""What every reader of sound files gives: facts, pieces with a place, and a journal of mishaps.

Places and lengths are counted in samples at the file's own rate. Sample 0 is where the file's
clock starts: the first sample of the sound or, in a video, the first picture if that is earlier.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple, Protocol

from earmark.types import Samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a file says about its sound."""

    container: str  # "wav", "mp4", "matroska" ...
    codec: str  # "pcm_s24le", "aac", "opus" ...
    rate: int  # Hz, as decoded
    channels: int
    bits: int | None  # of one sample, where the codec keeps every bit
    seconds: float | None  # as the header claims, or None where it only could be guessed


class Piece(NamedTuple):
    """Some sound, and where it belongs."""

    at: int | None  # place of the first sample; None: after the piece before, or the beginning
    wave: Samples
    torn: bool = False  # something before it could not be decoded


class Source(Protocol):
    """An open file, whatever library reads it."""

    facts: Facts
    tick: float  # seconds, the finest step of its clock
    length: int | None  # samples without the encoder's padding, where the file tells

    def pieces(self, start: int) -> Iterator[Piece]:
        """Yield the sound from sample `start` or somewhat before it, in order of time."""

    def close(self) -> None:
        """Let go of the file."""


class RefusedError(Exception):
    """A library makes nothing of a file; another one may."""


class Nameless:
    """The bytes of a file without its name, so that its kind is told by its content alone."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.read = file.read
        self.tell = file.tell

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to another place, or say -1 if a damaged header leads nowhere."""
        try:
            return self._file.seek(offset, whence)
        except (OSError, ValueError):
            return -1


@dataclass(slots=True)
class Journal:
    """Count what went wrong while a file was read, to be told in a few sentences."""

    remarks: list[str] = field(default_factory=list)
    lost: int = 0  # packets
    gaps: int = 0
    missing: float = 0.0  # seconds, in all gaps
    first_gap: float = 0.0  # seconds
    leaps: int = 0
    first_leap: str = ""
    not_numbers: int = 0  # samples

    def gap(self, seconds: float, at: float) -> None:
        """Note that so many seconds are missing from the time `at`."""
        if not self.gaps:
            self.first_gap = at
        self.gaps += 1
        self.missing += seconds

    def leap(self, seconds: float, at: float) -> None:
        """Note that the file's clock goes on from the time `at` somewhere else."""
        self.first_leap = self.first_leap or f"{seconds:.1f} s at {at:.1f} s"
        self.leaps += 1

    def remark(self, sentence: str) -> None:
        """Note something that is worth a sentence of its own, once."""
        if sentence not in self.remarks:
            self.remarks.append(sentence)

    def sentences(self) -> list[str]:
        """Tell everything noted so far, one plain sentence a kind."""
        found = list(self.remarks)
        if self.lost:
            found.append(f"damaged: {_count(self.lost, 'packet')} could not be decoded")
        if self.gaps:
            found.append(
                f"{_count(self.gaps, 'gap')}, {self.missing:.2f} s in all: "
                f"silence stands in the place of what is missing, first at {self.first_gap:.1f} s"
            )
        if self.leaps:
            times = _count(self.leaps, "time")
            found.append(f"its clock leaps {times}, not believed: first by {self.first_leap}")
        if self.not_numbers:
            found.append(f"{_count(self.not_numbers, 'sample')} not numbers, set to 0")
        return found


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
