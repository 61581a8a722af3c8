"""The last seconds of a sound that goes on for hours, in room that is taken once."""

from __future__ import annotations

import numpy as np

from earmark.types import Samples


class Ring:
    """Keeps the last so many samples; before the first one lies silence."""

    def __init__(self, samples: int) -> None:
        self._wave = np.zeros(samples, np.float32)
        self.end = 0  # samples so far

    @property
    def start(self) -> int:
        """The first sample that is still known; below 0 in the silence before the sound."""
        return self.end - len(self._wave)

    def add(self, block: Samples) -> None:
        """Go on with a block of any size: [S]."""
        kept = block[-len(self._wave) :] if len(block) else block
        at = (self.end + len(block) - len(kept)) % len(self._wave)
        first = min(len(kept), len(self._wave) - at)
        self._wave[at : at + first] = kept[:first]
        self._wave[: len(kept) - first] = kept[first:]
        self.end += len(block)

    def read(self, start: int, stop: int) -> Samples:
        """Copy a part of what is known: -> [stop - start]."""
        if not self.start <= start <= stop <= self.end:
            known = f"{self.start} to {self.end}"
            raise ValueError(f"samples {start} to {stop}, where {known} are known")
        at = start % len(self._wave)
        first = min(stop - start, len(self._wave) - at)
        return np.concatenate([self._wave[at : at + first], self._wave[: stop - start - first]])
