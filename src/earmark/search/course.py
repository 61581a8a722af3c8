"""What should be heard in a recording step by step, and how likely a stretch of it has all of it.

A course is a list of steps. Of each step it is known at every token how likely its sound is heard
there; the likelihood of a course is the product over its steps, at the places where the product is
highest:

    then       the step begins after the one before it: at a later token, `within` so many seconds
    while      at the same time, give or take a second
    with       anywhere in the recording
    times      so many events of one sound, apart from each other, and not one more
    without    what is unwanted is not heard about that place
    then not   what is unwanted is not heard behind it

Shapes: T tokens in order of time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Link = Literal["then", "while", "with"]
What = TypeVar("What")
Other = TypeVar("Other")

APART = 0.5  # seconds: what comes then comes so much later
NEAR = 1.0  # seconds: what is heard at the same time lies no further away
ABOUT = 3.0  # seconds about a place in which an unwanted sound would be heard beside it
BETWEEN = 1.0  # seconds without a sound, between two events of it
MANY = 50  # events of one sound that are looked for
LEAST = 1e-9  # a likelihood
HALF = 0.5  # of the likelihood at its place, as far as a step reaches
NEVER = -np.inf


@dataclass(frozen=True, slots=True)
class Step(Generic[What]):
    """One thing that should be heard: a term of a query, its vector, or its likelihood."""

    what: What
    link: Link = "then"  # to the step before it
    within: float = np.inf  # seconds after that step; of an event that comes several times, in all
    times: int = 1
    without: tuple[What, ...] = ()  # not heard about it
    never: tuple[What, ...] = ()  # not heard behind it, within the seconds

    @property
    def every(self) -> tuple[What, ...]:
        """All that it speaks of, what is wanted first."""
        return self.what, *self.without, *self.never


@dataclass(frozen=True, slots=True)
class Course(Generic[What]):
    """Steps in order; the first of them has no step before it."""

    steps: tuple[Step[What], ...]
    is_typed: bool = True  # in so many words; or read out of a sentence, which is asked as well

    @property
    def every(self) -> tuple[What, ...]:
        """All that its steps speak of."""
        return tuple(one for step in self.steps for one in step.every)

    @property
    def links(self) -> tuple[Link, ...]:
        """How each step is linked to the one before it."""
        return tuple(step.link for step in self.steps)

    def told(self, make: Callable[[What], Other]) -> Course[Other]:
        """Put something else in place of all that its steps speak of."""
        return Course(tuple(_told(step, make) for step in self.steps), self.is_typed)


def _told(step: Step[What], make: Callable[[What], Other]) -> Step[Other]:
    return Step(
        make(step.what),
        step.link,
        step.within,
        step.times,
        tuple(make(one) for one in step.without),
        tuple(make(one) for one in step.never),
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a step was found."""

    start: float  # seconds
    end: float
    likelihood: float


def find(
    steps: Sequence[Step[Floats]], times: Floats, heard: Sequence[Step[Floats]] | None = None
) -> tuple[float, list[Place]]:
    """Find the places of a course: likelihoods [T] and times [T, 2] -> their product, the places.

    A place reaches as far as its step is `heard`, if that is told by other likelihoods. Where there
    is no way to have them in this order the product is 0, and there are no places.
    """
    middles = times.mean(axis=1)
    rows = list(_rows(steps, middles))
    total = rows[-1].total
    at = int(total.argmax())
    if not np.isfinite(total[at]):
        return 0.0, []
    tokens = [int(token) for token in _back(rows, at)]
    spans = [
        _span(step, row, token, times)
        for step, row, token in zip(heard or steps, rows, tokens, strict=True)
    ]
    product = float(np.exp(total[at]))
    return product, _around(steps, rows, times, spans)


@dataclass(frozen=True, slots=True)
class _Row:
    """A step at every token: the best product so far if it ends there, and how it came there."""

    total: Floats  # [T] of logarithms
    own: Floats  # [T] of the step alone
    here: Ints  # [T] the token of this step
    before: Ints  # [T] the token that the step before it ended with
    first: Ints  # [T] the first token of this step, where it comes several times


def _rows(steps: Sequence[Step[Floats]], middles: Floats) -> Iterator[_Row]:
    row: _Row | None = None
    for step in steps:
        own, first = _alone(step, middles)
        row = (
            _first(own, first) if row is None else _LINKS[step.link](row, step, own, first, middles)
        )
        row = _never(row, step, middles)
        yield row


def _first(own: Floats, first: Ints) -> _Row:
    tokens = np.arange(len(own))
    return _Row(own, own, tokens, tokens, first)


def _then(row: _Row, step: Step[Floats], own: Floats, first: Ints, middles: Floats) -> _Row:
    """Come later than the step before, but not too late."""
    begins = middles[first]
    low = np.searchsorted(middles, begins - step.within, side="left")
    high = np.searchsorted(middles, begins - APART, side="right")
    best, at = range_max(row.total, low, high)
    return _Row(best + own, own, np.arange(len(own)), at, first)


def _while(row: _Row, _: Step[Floats], own: Floats, first: Ints, middles: Floats) -> _Row:
    """Be heard where the step before is heard."""
    low = np.searchsorted(middles, middles - NEAR, side="left")
    high = np.searchsorted(middles, middles + NEAR, side="right")
    best, at = range_max(own, low, high)
    return _Row(row.total + best, own, at, np.arange(len(own)), first[at])


def _with(row: _Row, _: Step[Floats], own: Floats, first: Ints, __: Floats) -> _Row:
    """Be heard anywhere."""
    at = int(own.argmax())
    here = np.full(len(own), at)
    return _Row(row.total + own[at], own, here, np.arange(len(own)), first[here])


_LINKS = {"then": _then, "while": _while, "with": _with}


def _alone(step: Step[Floats], middles: Floats) -> tuple[Floats, Ints]:
    """A step by itself at each token, as a logarithm, and where it begins if it ends there."""
    told = _log(step.what)
    tokens = np.arange(len(told))
    for other in step.without:
        low = np.searchsorted(middles, middles - ABOUT, side="left")
        high = np.searchsorted(middles, middles + ABOUT, side="right")
        told = told + _log(1 - range_max(other, low, high)[0])
    return (told, tokens) if step.times == 1 else _several(told, step, middles)


def _several(told: Floats, step: Step[Floats], middles: Floats) -> tuple[Floats, Ints]:
    """So many events: their mean at the token of the last of them, and not likely one more."""
    peaks = np.array(events(told, middles), np.int64)
    out, first = np.full(len(told), NEVER), np.arange(len(told))
    for last in range(step.times - 1, len(peaks)):
        some = peaks[: last + 1]
        some = some[middles[some] >= middles[peaks[last]] - step.within]
        if len(some) < step.times:
            continue
        earlier = some[:-1][np.argsort(-told[some[:-1]], kind="stable")]
        chosen = np.append(earlier[: step.times - 1], peaks[last])
        level = told[chosen].min()
        close = np.abs(middles[peaks] - middles[chosen.min()]) <= step.within
        others = np.setdiff1d(peaks[close], chosen)
        more = np.exp(told[others].max() - level) if len(others) else 0.0
        out[peaks[last]] = level + np.log(max(1 - min(more, 1.0), LEAST))
        first[peaks[last]] = chosen.min()
    return out, first


def events(told: Floats, middles: Floats) -> list[int]:
    """The peaks of a line of logarithms, each a second and a dip to a half of it from the next."""
    before, after = (np.concatenate(one) for one in (([NEVER], told[:-1]), (told[1:], [NEVER])))
    peaks = np.flatnonzero((told >= before) & (told >= after))
    found: list[int] = []
    for token in peaks[np.argsort(-told[peaks], kind="stable")][: 10 * MANY]:
        if all(_is_apart(int(token), other, told, middles) for other in found):
            found.append(int(token))
    return sorted(found[:MANY])


def _is_apart(token: int, other: int, told: Floats, middles: Floats) -> bool:
    low, high = sorted((token, other))
    dip = told[low : high + 1].min()
    level = min(told[token], told[other])
    return bool(middles[high] - middles[low] >= BETWEEN and dip <= level + np.log(HALF))


def _never(row: _Row, step: Step[Floats], middles: Floats) -> _Row:
    """Let what is unwanted not be heard behind a step."""
    total = row.total
    for other in step.never:
        low = np.searchsorted(middles, middles + APART, side="left")
        high = np.searchsorted(middles, middles + step.within, side="right")
        best, _ = range_max(other, low, high, nothing=0.0)
        total = total + _log(1 - best)
    return _Row(total, row.own, row.here, row.before, row.first)


def _back(rows: Sequence[_Row], at: int) -> list[int]:
    """The token of each step, from where the last one ended."""
    out = []
    for row in reversed(rows):
        out.append(row.here[at])
        at = int(row.before[at])
    return out[::-1]


def _around(
    steps: Sequence[Step[Floats]], rows: Sequence[_Row], times: Floats, places: Sequence[Place]
) -> list[Place]:
    """Let what may be heard anywhere reach as far as it is heard, if that is all about the rarest.

    A background is likeliest somewhere, and hardly less likely elsewhere: the moment is that of
    what it is the background of. What has a place in an order stays where it is.
    """
    levels = [np.log(place.likelihood) + np.log(HALF) for place in places]
    heard = [np.flatnonzero(row.own >= one) for row, one in zip(rows, levels, strict=True)]
    if any(step.link == "then" for step in steps[1:]):
        rarest, free = 0, [place for place, step in enumerate(steps) if step.link == "with"]
    else:
        rarest = min(range(len(steps)), key=lambda place: len(heard[place]))
        free = [place for place in range(len(steps)) if place != rarest]
    out, inner = list(places), places[rarest]
    for place in free:
        start, end = float(times[heard[place][0], 0]), float(times[heard[place][-1], 1])
        if start <= inner.start and inner.end <= end:
            out[place] = Place(start, end, places[place].likelihood)
    return out


def _span(step: Step[Floats], row: _Row, token: int, times: Floats) -> Place:
    """As far about its place as a step stays half as likely."""
    level = step.what[token] * HALF
    low, high = int(row.first[token]), token
    while low > 0 and step.what[low - 1] >= level and times[low, 0] - times[low - 1, 1] < HALF:
        low -= 1
    last = len(times) - 1
    while (
        high < last and step.what[high + 1] >= level and times[high + 1, 0] - times[high, 1] < HALF
    ):
        high += 1
    return Place(float(times[low, 0]), float(times[high, 1]), float(np.exp(row.own[token])))


def range_max(
    values: Floats, low: Ints, high: Ints, *, nothing: float = NEVER
) -> tuple[Floats, Ints]:
    """The highest value from low up to high, and where it is; `nothing` in an empty range.

    Every range is two ranges of a power of two, whose highest are worked out once for all.
    """
    count = len(values)
    size = high - low
    best = [np.arange(count)]
    while (1 << len(best)) <= max(int(size.max(initial=0)), 1):
        half = 1 << (len(best) - 1)
        left, right = best[-1][:-half], best[-1][half:]
        best.append(np.where(values[left] >= values[right], left, right))
    out, at = np.full(len(low), nothing), np.zeros(len(low), np.int64)
    level = np.frexp(np.maximum(size, 1))[1] - 1  # the largest power of two in a range
    for power in np.unique(level[size > 0]):
        some = np.flatnonzero((size > 0) & (level == power))
        left, right = best[power][low[some]], best[power][high[some] - (1 << int(power))]
        at[some] = np.where(values[left] >= values[right], left, right)
        out[some] = values[at[some]]
    return out, at


def _log(likelihood: Floats) -> Floats:
    return np.log(np.maximum(likelihood, LEAST))
