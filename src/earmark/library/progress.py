"""How far a run has come, also inside a file of many hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from earmark.library.hear import Hearing, Outcome
from earmark.library.nouns import Found


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far it has come."""

    files_done: int
    files_total: int
    seconds_done: float  # of sound that was heard
    seconds_total: float | None  # about: headers and sizes tell; None: nothing tells yet
    began: float  # as `perf_counter` counts
    took: float  # seconds since then

    @property
    def speed(self) -> float:
        """Seconds of sound in a second of time."""
        return self.seconds_done / self.took if self.took > 0 else 0.0

    @property
    def left(self) -> float | None:
        """Seconds of time until the end, about; None if nothing tells yet."""
        if self.files_done == self.files_total:
            return 0.0
        if self.seconds_total is None or not self.speed:
            return None
        return max(0.0, self.seconds_total - self.seconds_done) / self.speed


class Tally:
    """Counts for one thread: what is done, what is being heard, what is left."""

    def __init__(self, files: Sequence[Found]) -> None:
        self._total, self._done = len(files), 0  # files
        self._seconds, self._bytes = 0.0, 0  # of files that were heard
        self._left = sum(found.size for found in files)  # bytes
        self._open = dict[Found, Hearing]()
        self._began = perf_counter()

    @property
    def left(self) -> int:
        """How many files have no outcome yet."""
        return self._total - self._done

    def start(self, hearing: Hearing) -> None:
        """Note that a file is being heard."""
        self._open[hearing.looked.found] = hearing

    def finish(self, outcome: Outcome) -> None:
        """Note what became of a file."""
        self._done += 1
        self._left -= outcome.found.size
        self._open.pop(outcome.found, None)
        if outcome.packed is not None:
            self._seconds += outcome.seconds
            self._bytes += outcome.found.size

    def progress(self) -> Progress:
        """Tell how far it is now."""
        return Progress(
            files_done=self._done,
            files_total=self._total,
            seconds_done=self._seconds + sum(one.reached for one in self._open.values()),
            seconds_total=self._seconds_total(),
            began=self._began,
            took=perf_counter() - self._began,
        )

    def _seconds_total(self) -> float | None:
        """Tell it from the files whose length is known; the others are as long for their size."""
        seconds, size, left = self._seconds, self._bytes, self._left
        for found, hearing in self._open.items():
            if hearing.claimed is not None:
                seconds += max(hearing.claimed, hearing.reached)
                size += found.size
                left -= found.size
        return seconds * (1 + left / size) if size else None
