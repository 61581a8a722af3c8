"""The nouns that travel between rooms; this file imports nothing of ours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]  # [samples], mono, full scale is -1..1
Frames = npt.NDArray[np.float32]  # [frames, bands]


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """A stretch of a recording, `[start, end)`, in seconds from the start of the file."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.end - self.start
