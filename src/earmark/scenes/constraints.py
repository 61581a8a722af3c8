"""What each claim of a caption means, exactly, on the truth of a scene.

Every relation has two readings. It *holds* when no careful listener would object; it is *allowed*
when some listener could agree: on the order of two sounds that overlap, or on a general word such
as "rain" for one of two kinds of rain. A scene in which only one of the two is so is in doubt, and
a caption with a scene in doubt never enters a scored pool.

The world is closed only for what a caption names: "a dog barking" holds in a scene with a dog and a
car, and only `without` and `only` claim that something is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise, product

from earmark.scenes.truth import GRID, Caption, Constraint, Event, Scene
from earmark.types import Moment

APART = 0.25  # s between two sounds that are clearly one after the other
PAUSE = 3.0  # s between two occurrences that are clearly separate
TOGETHER = 1.0  # s of overlap, and half of the shorter sound, that are clearly at the same time
LOUDER_DB = 6.0  # what is clearly louder
FAINT_DB = 3.0  # a sound at this SNR or below could be taken for a distant one


@dataclass(frozen=True, slots=True)
class Contents:
    """What a scene holds, by label or by group."""

    events: Mapping[str, tuple[Event, ...]]
    background: str
    whole: tuple[Moment, ...]  # the span of the background

    def heard(self, name: str) -> bool:
        """Tell whether it is there at all."""
        return name == self.background or name in self.events

    def of(self, name: str) -> tuple[Event, ...]:
        """Events of this name, in order of their start."""
        return self.events.get(name, ())

    def spans(self, name: str) -> Iterable[Event | Moment]:
        """Events of this name, and the whole scene where it is the background."""
        return (*self.of(name), *(self.whole if name == self.background else ()))

    def levels(self, name: str) -> list[float]:
        """Levels of this name against the bed, in decibels."""
        return [one.snr_db for one in self.of(name)] + [0.0] * (name == self.background)


def contents(scene: Scene, *, by_group: bool = False) -> Contents:
    """List a scene by label, or by group."""
    events: dict[str, tuple[Event, ...]] = {}
    for event in scene.events:
        name = event.group if by_group else event.label
        events[name] = (*events.get(name, ()), event)
    bed = scene.background
    background = "" if bed is None else (bed.group if by_group else bed.label)
    return Contents(events, background, (Moment(0.0, scene.seconds),))


def holds(caption: Caption, scene: Scene) -> bool:
    """Tell whether all that a caption claims is true of a scene."""
    inside = contents(scene)
    return all(is_held(one, inside) for one in caption.constraints)


def is_held(constraint: Constraint, inside: Contents) -> bool:
    """Tell whether one claim is true."""
    return RELATIONS[constraint.relation].holds(inside, constraint)


def is_allowed(constraint: Constraint, inside: Contents) -> bool:
    """Tell whether a listener could agree with one claim."""
    return RELATIONS[constraint.relation].allows(inside, constraint)


def moments(caption: Caption, scene: Scene) -> list[Moment]:
    """Find the moments a caption speaks of, the background and what it denies left out.

    One named sound: every occurrence. Several, or a count: one stretch from the first to the last.
    If it names nothing but the background, it speaks of the whole scene.
    """
    bed = scene.background.label if scene.background else ""
    named = {
        label
        for one in caption.constraints
        if one.relation not in ("background", "without", "only")
        for label in one.labels
    }
    if named == {bed}:
        return [Moment(0.0, scene.seconds)]
    named.discard(bed)
    found = [Moment(one.start, one.end) for one in scene.events if one.label in named]
    counted = any(one.relation == "count" for one in caption.constraints)
    if not found or (len(named) == 1 and not counted):
        return found
    return [Moment(found[0].start, max(one.end for one in found))]


def _heard(inside: Contents, claim: Constraint) -> bool:
    return inside.heard(claim.labels[0])


def _without(inside: Contents, claim: Constraint) -> bool:
    return not inside.heard(claim.labels[0])


def _only(inside: Contents, claim: Constraint) -> bool:
    return {*inside.events, inside.background} <= {*claim.labels, ""}


def _counted(inside: Contents, claim: Constraint) -> bool:
    found = inside.of(claim.labels[0])
    apart = all(_gap(one, later) >= PAUSE for one, later in pairwise(found))
    return len(found) == claim.count and apart and inside.background != claim.labels[0]


def _countable(inside: Contents, claim: Constraint) -> bool:
    found = inside.of(claim.labels[0])
    clear = sum(_gap(one, later) >= PAUSE for one, later in pairwise(found)) + 1
    fits = bool(found) and clear <= claim.count <= len(found)
    return fits and inside.background != claim.labels[0]


def _before(inside: Contents, claim: Constraint) -> bool:
    first, second = (inside.of(label) for label in claim.labels)
    if not first or not second or inside.background in claim.labels:
        return False
    return all(_gap(one, second[0]) >= APART for one in first)


def _maybe_before(inside: Contents, claim: Constraint) -> bool:
    if inside.background in claim.labels:
        return all(inside.heard(label) for label in claim.labels)
    first, second = (inside.of(label) for label in claim.labels)
    return bool(first and second) and first[0].start < second[-1].start + APART


def _gap(one: Event, later: Event) -> float:
    """Seconds from the end of one to the start of the other, on the grid of times."""
    return round(later.start - one.end, GRID)


def _while(inside: Contents, claim: Constraint) -> bool:
    return any(
        _overlap(one, other) >= max(TOGETHER, min(one.seconds, other.seconds) / 2)
        for one, other in product(*(inside.spans(label) for label in claim.labels))
    )


def _maybe_while(inside: Contents, claim: Constraint) -> bool:
    pairs = product(*(inside.spans(label) for label in claim.labels))
    return any(_overlap(one, other) > -APART for one, other in pairs)


def _overlap(one: Event | Moment, other: Event | Moment) -> float:
    """Seconds that two spans share; below zero, the gap between them."""
    return round(min(one.end, other.end) - max(one.start, other.start), GRID)


def _distant(inside: Contents, claim: Constraint) -> bool:
    found = inside.of(claim.labels[0])
    far = bool(found) and all(one.distant for one in found)
    return far and inside.background != claim.labels[0]


def _maybe_distant(inside: Contents, claim: Constraint) -> bool:
    faint = any(one.distant or one.snr_db <= FAINT_DB for one in inside.of(claim.labels[0]))
    return faint or inside.background == claim.labels[0]


def _background(inside: Contents, claim: Constraint) -> bool:
    return inside.background == claim.labels[0]


def _louder(inside: Contents, claim: Constraint) -> bool:
    loud, quiet = (inside.levels(label) for label in claim.labels)
    return bool(loud and quiet) and min(loud) - max(quiet) >= LOUDER_DB


def _maybe_louder(inside: Contents, claim: Constraint) -> bool:
    loud, quiet = (inside.levels(label) for label in claim.labels)
    return bool(loud and quiet) and max(loud) >= min(quiet)


Reading = Callable[[Contents, Constraint], bool]


@dataclass(frozen=True, slots=True)
class Relation:
    """The two readings of a claim, and its meaning in words for the documentation."""

    holds: Reading
    allows: Reading
    meaning: str


RELATIONS: dict[str, Relation] = {
    "heard": Relation(_heard, _heard, "A is an event or the background"),
    "without": Relation(_without, _without, "A is neither an event nor the background"),
    "only": Relation(_only, _only, "nothing but the named sounds is there"),
    "count": Relation(
        _counted,
        _countable,
        f"A occurs exactly n times, with at least {PAUSE} s between, and is not the background; "
        "in doubt when pauses are shorter and closing them would give n",
    ),
    "before": Relation(
        _before,
        _maybe_before,
        f"every A ends at least {APART} s before any B starts, neither is the background; "
        f"in doubt when some A starts before (or within {APART} s after) some B does, or one of "
        "the two is the background",
    ),
    "while": Relation(
        _while,
        _maybe_while,
        f"an A and a B share at least {TOGETHER} s and half of the shorter one (a background "
        f"shares all); in doubt when they share less, or are under {APART} s apart",
    ),
    "distant": Relation(
        _distant,
        _maybe_distant,
        f"every A is distant; in doubt when only some are, when an A lies at {FAINT_DB} dB SNR or "
        "below, or when A is the background",
    ),
    "background": Relation(
        _background, _heard, "A is the background; in doubt when A is an event only"
    ),
    "louder": Relation(
        _louder,
        _maybe_louder,
        f"every A is at least {LOUDER_DB} dB above every B in SNR (a background lies at 0 dB); "
        "in doubt when some A is not below some B",
    ),
}
