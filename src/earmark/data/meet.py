"""Judge every likely meeting of two waves, and keep the best of each pair that is one recording."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from earmark.data.align import RATE, Likeness, compare
from earmark.data.likely import Likely
from earmark.data.spool import Spool

LEAST = RATE  # samples that two waves must share, or the whole of the shorter sound
MOST = 4 * RATE  # samples compared at once
SLACK = 240  # samples, 30 ms, that a likely place may be off
GRID = 80  # samples; places closer than this, and near in time, are one
GLANCE = 0.35  # correlation, plain or whitened, of a second that is worth a longer look


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two waves that are one recording from these samples on."""

    a: int
    b: int
    at_a: int
    at_b: int
    length: int
    likeness: Likeness


def meetings(
    a: Spool, b: Spool, likely: Sequence[Likely], tick: Callable[[float], None]
) -> list[Meeting]:
    """Return the best meeting of every pair that is one recording, in order of numbers.

    `tick` hears the share of the places judged.
    """
    best: dict[tuple[int, int], Meeting] = {}
    seen: set[tuple[int, int, int, int]] = set()
    for number, place in enumerate(likely, start=1):
        tick(number / len(likely))
        spot = (place.a, place.b, (place.at_a - place.at_b) // GRID, place.at_b // LEAST)
        if spot in seen:
            continue
        seen.add(spot)
        met = meet(a, b, place)
        if met is None or not met.likeness.same:
            continue
        known = best.get((met.a, met.b))
        if known is None or _strength(met) > _strength(known):
            best[met.a, met.b] = met
    return [best[pair] for pair in sorted(best)]


def meet(a: Spool, b: Spool, place: Likely) -> Meeting | None:
    """Compare the waves around one place: a second first, more when that is promising."""
    met = _compared(a, b, place, LEAST)
    if met is None or max(met.likeness.plain, met.likeness.whitened) < GLANCE:
        return None
    return _compared(a, b, place, MOST)


def _compared(a: Spool, b: Spool, place: Likely, most: int) -> Meeting | None:
    """Compare up to `most` samples around a place, or nothing when too little is shared."""
    shift = place.at_a - place.at_b
    (first_a, last_a), (first_b, last_b) = a.extents[place.a], b.extents[place.b]
    first, last = max(first_b, first_a - shift), min(last_b, last_a - shift)
    if last - first < min(LEAST, last_a - first_a, last_b - first_b) - SLACK:
        return None
    middle = min(max(place.at_b + place.span // 2, first + most // 2), last - most // 2)
    first, last = max(first, middle - most // 2), min(last, middle + most // 2)
    stretch = b.wave(place.b, first, last)
    track = a.wave(place.a, first + shift - SLACK, last + shift + SLACK)
    likeness = compare(track, stretch)
    return Meeting(place.a, place.b, first + shift, first, last - first, likeness)


def _strength(met: Meeting) -> tuple[float, float]:
    return max(met.likeness.plain, met.likeness.whitened), met.likeness.whitened_clear
