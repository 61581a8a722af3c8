"""A question set: texts, sounds, which pairs are right, and what the bootstrap draws.

The bootstrap asks how figures would move with other recordings, and what hangs together with a
recording is drawn with it. Of texts that were each written for some recording, the texts are drawn,
each with the recording it was written for, its *home*, and all sounds stay. Of texts that name
kinds ("a dog barking", right for forty recordings) all stay, and the sounds are drawn; to draw the
kinds would tell how other kinds would do. From audio to text the sounds ask, so they are drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

import numpy as np

from earmark.score.ranking import Match, Scores, turned
from earmark.score.report import Direction

Item = TypeVar("Item")
Axis = Literal["queries", "items"]


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """One system, asked in one direction, with the recordings of the axis that is drawn."""

    scores: Scores  # [queries, items]
    match: Match  # [queries, items]
    drawn: Axis
    recordings: tuple[str, ...]  # [queries] or [items], as `drawn` says

    def __post_init__(self) -> None:
        shape = {"queries": self.match.shape[0], "items": self.match.shape[1]}
        if self.scores.shape != self.match.shape or len(self.recordings) != shape[self.drawn]:
            raise ValueError(
                f"scores are {self.scores.shape}, match is {self.match.shape}, and there are "
                f"{len(self.recordings)} recordings of {self.drawn}"
            )


@dataclass(frozen=True, slots=True, eq=False)
class Task(Generic[Item]):
    """What a protocol asks of every system alike; a system answers with `scores[text, sound]`."""

    texts: tuple[str, ...]
    sounds: tuple[Item, ...]
    match: Match  # [texts, sounds]
    homes: tuple[str, ...]  # [texts]: the recording that each was written for
    recordings: tuple[str, ...]  # [sounds]
    drawn: Axis = "queries"  # from text to audio

    def asked(self, scores: Scores, direction: Direction = "text to audio") -> Asked:
        """Take a system's scores as its answers in one direction: [texts, sounds] -> Asked."""
        if scores.shape != self.match.shape:
            raise ValueError(f"scores are {scores.shape}, but the task is {self.match.shape}")
        if direction == "text to audio":
            named = self.homes if self.drawn == "queries" else self.recordings
            return Asked(scores, self.match, self.drawn, named)
        asking = np.flatnonzero(self.match.any(axis=0))
        names = tuple(self.recordings[sound] for sound in asking)
        return Asked(*turned(scores, self.match), "queries", names)
