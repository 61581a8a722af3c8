"""Pieces with places to one wave without holes or overlaps, so that times stay true after damage.

A hole is filled with silence. What overlaps is dropped. A clock that starts over (chained streams),
runs backwards or leaps beyond reason is not believed: the sound goes on where it was.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from earmark.audio.source import Journal, Piece
from earmark.types import Samples

LOOSE, TIGHT = 0.015, 0.001  # seconds a place may be off: usually, and where something was lost
BACK = 2.0  # seconds: an overlap longer than this is a clock that was set back
LEAP, LONGEST_LEAP = 60.0, 3600.0  # seconds of silence believed: always, and if the header allows
SILENCE = 65_536  # samples of silence at once


class Timeline:
    """Where the next sample belongs, in samples at `rate`."""

    def __init__(self, rate: int, tick: float, claim: float | None, journal: Journal) -> None:
        self.rate = rate
        self.tick = tick  # seconds, the finest step of the file's clock
        self.claim = claim  # seconds the file says it lasts
        self.end = 0  # samples, after the last piece
        self._journal = journal
        self._shift = 0

    def lay(self, pieces: Iterator[Piece], start: int) -> Iterator[Samples]:
        """Yield everything from sample `start` on, as one wave in pieces."""
        self.end, opening = start, True
        for piece in pieces:
            if opening:
                self.end = min(start, piece.at or 0)
            slack = 0.0 if opening else (TIGHT if piece.torn else LOOSE) + 2 * self.tick
            at = self._place(piece, slack * self.rate)
            missing = range(max(self.end, start), at)
            if missing and not opening:
                self._journal.gap(len(missing) / self.rate, missing.start / self.rate)
            yield from _silence(len(missing))
            told = max(self.end, start) if not missing else at
            self.end, opening = max(self.end, at + len(piece.wave)), False
            if self.end > told:
                yield piece.wave[max(0, told - at) :]

    def _place(self, piece: Piece, slack: float) -> int:
        """Say where a piece goes, believing its clock as far as that is wise."""
        if piece.at is None:
            return self.end
        at = piece.at + self._shift
        off = at - self.end
        if abs(off) <= slack:
            return self.end
        starts_over = off < 0 and piece.at < self.rate // 10
        if off > self._believed() or off < -BACK * self.rate or starts_over:
            self._shift -= off
            self._journal.leap(off / self.rate, self.end / self.rate)
            return self.end
        return at

    def _believed(self) -> float:
        """The longest hole that is filled, in samples."""
        ahead = (self.claim or 0.0) * self.rate - self.end
        return min(max(ahead, LEAP * self.rate), LONGEST_LEAP * self.rate)


def _silence(samples: int) -> Iterator[Samples]:
    for at in range(0, samples, SILENCE):
        yield np.zeros(min(SILENCE, samples - at), dtype=np.float32)


def without_padding(waves: Iterator[Samples], length: int, most: int) -> Iterator[Samples]:
    """Drop what follows `length` samples if it is no more than `most`: the encoder's last frame."""
    told, held = 0, list[Samples]()
    for wave in waves:
        room = max(0, length - told)
        told += len(wave)
        if room:
            yield wave[:room]
        if len(wave) > room:
            held.append(wave[room:])
        if told - length > most:
            yield from held
            yield from waves
            return
