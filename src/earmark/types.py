"""The nouns that travel between rooms; this file imports nothing of ours."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One answer of a search: a recording, and the moment in it."""

    rank: int  # from 1
    path: str  # of the file, absolute
    start: float  # seconds from the start of the file
    end: float
    score: float  # how near query and moment are, -1 to 1
    confidence: float  # how likely the answer is right, 0 to 1; hits are ordered by it
    duration: float  # seconds, of the whole file
    tags: dict[str, str] = field(default_factory=dict)
    away: bool = False  # the drive that it lies on is not there now
    copies: tuple[str, ...] = ()  # other files with the same sound, folded into this hit
    why: object = field(default=None, compare=False, repr=False)  # see `Library.explain`

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain JSON values; what is told of every hit comes first."""
        out: dict[str, Any] = {
            "rank": self.rank,
            "path": self.path,
            "start": round(self.start, 2),
            "end": round(self.end, 2),
            "score": round(self.score, 4),
            "confidence": round(self.confidence, 4),
            "duration": round(self.duration, 2),
            "tags": self.tags,
        }
        if self.away:
            out["away"] = True
        if self.copies:
            out["copies"] = list(self.copies)
        return out
