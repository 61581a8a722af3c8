"""What captions are worth, measured: by those that are true, those of others, and those of nothing.

None of them can hear. `true` is a ceiling, what somebody would write who hears everything; what is
left of the gain with `shuffled` came from weights and words, not from what they tell of the sound.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from earmark.lab.captioners import Asked, Lesson, distinct

SEED = 11  # of who gets whose captions
SENTENCE = "a sound that nobody has listened to yet is somewhere in this recording"


class Retold:
    """Says anew what is true, where that is known."""

    def __init__(self, lesson: Lesson) -> None:
        self._count = lesson.count
        self.key = f"true {lesson.count}"

    def write(self, asked: Asked) -> Sequence[Sequence[str]]:
        """Tell what is true of every sound."""
        numbers = range(len(asked.names))
        # Twice as many, as some may be alike.
        return [distinct(asked.retell(number, 2 * self._count), self._count) for number in numbers]


class Shuffled:
    """Deals what is true to other sounds: each has what is true of another one of the set."""

    def __init__(self, lesson: Lesson) -> None:
        self._true = Retold(lesson)
        self.key = f"shuffled {lesson.count}"

    def write(self, asked: Asked) -> Sequence[Sequence[str]]:
        """Tell of every sound what is true of another; a sound that is alone has none."""
        rows = self._true.write(asked)
        order = np.random.default_rng(SEED).permutation(len(rows))
        dealt: list[Sequence[str]] = [[]] * len(rows)
        for own, other in zip(order, np.roll(order, 1), strict=True):
            dealt[own] = rows[other] if other != own else []
        return dealt


class Blank:
    """Tells the same of every sound."""

    def __init__(self, lesson: Lesson) -> None:  # noqa: ARG002 - it needs to know nothing
        self.key = "blank"

    def write(self, asked: Asked) -> Sequence[Sequence[str]]:
        """Tell nothing."""
        return [[SENTENCE]] * len(asked.names)
