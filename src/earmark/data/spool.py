"""Keep the sound of many rows at a low rate in one temporary file: 58 MB an hour."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from types import TracebackType
from typing import Self

import numpy as np

from earmark.data.align import RATE
from earmark.types import Samples

FULL = 32_767.0  # of 16 bits
QUIET = 32  # of FULL, -60 dBFS: what never gets louder at an end of a file is not part of its sound


class Spool:
    """Waves by number, in the order they were added; a context manager."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (closed by __exit__)
        self._firsts: list[int] = []  # samples into the file
        self.lengths: list[int] = []  # samples
        self.extents: list[tuple[int, int]] = []  # first sample of the sound, and the one after it

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def seconds(self) -> float:
        """How long all of it is."""
        return sum(self.lengths) / RATE

    def add(self, blocks: Iterable[Samples]) -> None:
        """Append one wave, a block at a time."""
        self._file.seek(0, 2)
        start, length, loud = self._file.tell() // 2, 0, (0, 0)
        for block in blocks:
            whole = np.clip(np.rint(block * FULL), -FULL, FULL).astype(np.int16)
            heard = np.flatnonzero(np.abs(whole) >= QUIET)
            if len(heard):
                loud = (loud[0] if loud[1] else length + int(heard[0]), length + int(heard[-1]) + 1)
            self._file.write(whole.tobytes())
            length += len(whole)
        self._firsts.append(start)
        self.lengths.append(length)
        self.extents.append(loud)

    def wave(self, number: int, first: int = 0, last: int | None = None) -> Samples:
        """Samples `first` to `last` of a wave, silence where they reach beyond its ends."""
        last = self.lengths[number] if last is None else last
        inside = max(first, 0), min(last, self.lengths[number])
        if inside[1] <= inside[0]:
            return np.zeros(last - first, dtype=np.float32)
        self._file.seek(2 * (self._firsts[number] + inside[0]))
        raw = self._file.read(2 * (inside[1] - inside[0]))
        wave = np.frombuffer(raw, dtype=np.int16).astype(np.float32) / np.float32(FULL)
        return np.pad(wave, (inside[0] - first, last - inside[1]))
