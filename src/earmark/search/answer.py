"""What a search gives back, for whoever shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from earmark.types import Hit


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The hits of one query."""

    query: str  # as it was typed
    model: str  # its name
    hits: list[Hit]  # best first
    took_ms: float
    read_as: str = ""  # the order in time that was read out of a sentence; typed, it asks the same
    calibrated: bool = True  # whether confidence is a measured probability, or a rough guess

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain JSON values, the same from every face of earmark."""
        return {
            "query": self.query,
            **({"read_as": self.read_as} if self.read_as else {}),
            "model": self.model,
            "hits": [hit.as_dict() for hit in self.hits],
            "took_ms": self.took_ms,
        }
