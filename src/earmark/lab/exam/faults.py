"""What is wrong with descriptions: what is said and not right, and what is heard and not named.

Both in segments of one second, as everything in this exam. A word that is not right is, in this
order, a second word for a sound that has one, in doubt, right at another time of the scene, or for
nothing that is in it. A sound is told by whether it goes on all through the scene or is an event,
and by whether another is heard in the same second.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from earmark.score.segments import Judge, Part, pairs, segments

if TYPE_CHECKING:
    from earmark.lab.exam.describing import Told

RIGHT = "right"
SECOND = "a second word for a sound"
DOUBT = "in doubt"
LATER = "at the wrong time"
NOTHING = "nothing of the kind in the scene"
SAID = (RIGHT, SECOND, DOUBT, LATER, NOTHING)


def of_words(told: Iterable[Told], judge: Judge) -> dict[str, int]:
    """Tell for how many seconds words are right, or wrong in each way."""
    out = Counter(dict.fromkeys(SAID, 0))
    for one in told:
        every = {part.name for part in one.heard}
        for words, labels in _both(one):
            named = set(pairs(words, labels, judge.right).values())
            out.update(_fault(word, named, labels, every, judge) for word in words)
    return dict(out)


def of_sounds(told: Iterable[Told], judge: Judge) -> dict[str, list[int]]:
    """Tell for how many seconds sounds are named, of those in which they are heard."""
    out: dict[str, list[int]] = {}
    for one in told:
        through = {part.name for part in one.heard if _is_through(part, one.seconds)}
        for words, labels in _both(one):
            named = pairs(words, labels, judge.right)
            for label in labels:
                what = "all through" if label in through else "an event"
                beside = "alone" if len(labels) == 1 else "beside others"
                count = out.setdefault(f"{what}, {beside}", [0, 0])
                count[0] += label in named
                count[1] += 1
    return dict(sorted(out.items()))


def _fault(word: str, named: set[str], labels: set[str], every: Iterable[str], judge: Judge) -> str:
    if word in named:
        return RIGHT
    if judge.is_right(word, labels):
        return SECOND
    if judge.is_allowed(word, labels):
        return DOUBT
    return LATER if judge.is_right(word, every) else NOTHING


def _both(one: Told) -> Sequence[tuple[set[str], set[str]]]:
    """What is said and what is heard in every segment."""
    said, heard = (segments(parts, one.seconds) for parts in (one.said, one.heard))
    return list(zip(said, heard, strict=True))


def _is_through(part: Part, seconds: float) -> bool:
    return part.start <= 0.0 and part.end >= seconds
