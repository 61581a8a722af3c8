"""Which recordings have all steps of a course, and where: of a library, or one recording alone.

How likely a step is heard in a recording at all is told by its best window, as for any query; and
where in it, by the match curve: at its peak as likely as in the whole, and less elsewhere. Steps
are looked for where they are told apart (`apart.py`); each reaches as far as its own curve stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from earmark.library.store.contract import Near, Store, Tokens
from earmark.model.pool import Times, Vectors
from earmark.search.apart import shares
from earmark.search.confidence import NAMED, Calibration, Floats, with_names
from earmark.search.course import LEAST, Course, Link, Place, Step, find
from earmark.search.moments import curve
from earmark.search.question import Asked, Question
from earmark.search.shortlist import SHORTLIST, Candidate, Shortlister, Sift
from earmark.search.wish import Wish

WHOLE = 0.25  # what a sentence as a whole counts, beside 1 for the steps that were read out of it
Usual = dict[Asked, tuple[tuple[float, float], int]]  # what is typical of each, of how many


@dataclass(frozen=True, slots=True)
class Heard:
    """What is known of one recording."""

    vectors: Vectors  # [m, width], of windows
    times: Times  # [m, 2]
    tokens: Tokens | None  # None where there are none: windows stand for them


class Follower:
    """Follows one course through recordings."""

    def __init__(self, course: Course[Asked], calibration: Calibration, usual: Usual) -> None:
        self.course = course
        self._odds = {
            one: calibration.log_odds(one.vector, *usual[one], one.kind)
            for one in dict.fromkeys(course.every)
        }

    def likely(self, vectors: Vectors) -> dict[Asked, float]:
        """Tell how likely each thing is heard somewhere, by its best window: [m, width]."""
        return {one: float(self._levels(one, vectors @ one.vector).max()) for one in self._odds}

    def follow(self, heard: Heard, most: int = 1) -> list[tuple[float, list[Place]]]:
        """Find it up to so often, each time elsewhere, the likeliest first."""
        levels, times = self._levels_at(heard)
        whole = self.likely(heard.vectors)
        lines = _scaled(levels, whole)
        part = shares(levels, self.course.steps)
        told = {one: line * part[one] for one, line in lines.items()}
        found: list[tuple[float, list[Place]]] = []
        while len(found) < most:
            likelihood, places = find(self._of(told), times, self._of(lines))
            if not places:
                break
            found.append((likelihood, places))
            told = _without(told, times, places)
        return found

    def _of(self, lines: dict[Asked, Floats]) -> tuple[Step[Floats], ...]:
        return self.course.told(lines.__getitem__).steps

    def product(self, likely: dict[Asked, float]) -> float:
        """What a recording can reach at most, wherever in it things are."""
        out = 1.0
        for step in self.course.steps:
            out *= likely[step.what]
            for one in step.without:
                out *= max(1 - likely[one], LEAST)
        return out

    def _levels_at(self, heard: Heard) -> tuple[dict[Asked, Floats], Times]:
        """Tell how likely each thing is heard at every token, or window: [T] each, [T, 2]."""
        tokens = heard.tokens
        if tokens is None or not len(tokens.tokens):
            each = {one: self._levels(one, heard.vectors @ one.vector) for one in self._odds}
            return each, heard.times
        each = {one: self._levels(one, curve(one.vector, tokens)) for one in self._odds}
        return each, tokens.times

    def _levels(self, one: Asked, scores: npt.NDArray[np.floating]) -> Floats:
        return with_names(self._odds[one](scores), np.zeros(len(scores)))


class Courses:
    """Finds the candidates of one course in a library."""

    def __init__(self, store: Store, shortlister: Shortlister, question: Question) -> None:
        if question.course is None:
            raise ValueError("a question without a course")
        self._store, self._shortlister, self._course = store, shortlister, question.course

    def candidates(self, sift: Sift, wish: Wish) -> list[Candidate]:
        """Everything that may be a hit, most likely first."""
        near = {one: self._near(one, sift) for one in dict.fromkeys(self._course.every)}
        usual = {one: (found.typical, found.among) for one, found in near.items()}
        follower = Follower(self._course, self._shortlister.calibration, usual)
        wanted = [near[step.what] for step in self._course.steps]
        found = self._shortlister.candidates(sift, wish, also=wanted)
        windows = {one.sound: self._store.moments(one.sound) for one in found}
        rough = [self._at_most(one, follower, windows[one.sound][0]) for one in found]
        rough.sort(key=lambda one: -one.confidence)
        fine = [self._placed(one, follower, *windows[one.sound]) for one in rough[:SHORTLIST]]
        fine.sort(key=lambda one: -one.confidence)
        least = fine[-1].confidence if fine else 0.0
        rest = [replace(one, confidence=min(one.confidence, least)) for one in rough[SHORTLIST:]]
        return fine + rest

    def _near(self, one: Asked, sift: Sift) -> Near:
        return self._store.nearest(one.vector, limit=SHORTLIST, among=sift.sounds)

    def _at_most(self, one: Candidate, follower: Follower, vectors: Vectors) -> Candidate:
        """How likely a recording has all of it, if it had it in order."""
        return self._judged(one, follower.product(follower.likely(vectors)))

    def _placed(
        self, one: Candidate, follower: Follower, vectors: Vectors, times: Times
    ) -> Candidate:
        """How likely it has it in order, and where."""
        heard = Heard(vectors, times, self._store.tokens(one.sound))
        found = follower.follow(heard)
        if not found:
            return self._judged(one, 0.0)
        likelihood, places = found[0]
        told = tuple(
            (step.what.name, place) for step, place in zip(self._course.steps, places, strict=True)
        )
        start, end = span(self._course.links, places)
        one = self._judged(one, likelihood)
        return replace(one, start=start, end=end, placed=True, why=replace(one.why, steps=told))

    def _judged(self, one: Candidate, likelihood: float) -> Candidate:
        """Put steps, the sentence as a whole, names and unwanted sounds together."""
        alone = likelihood
        if not self._course.is_typed:
            alone = blend(likelihood, one.why.alone)
        level = named(alone, one.why.evidence)
        left = self._shortlister.left(one.why.unwanted)
        return replace(one, confidence=level * left, why=replace(one.why, alone=alone))


def blend(steps: float, whole: float) -> float:
    """Weigh the likelihood of the steps with that of the sentence they were read out of."""
    logs = np.log(np.maximum([steps, whole], LEAST**2))
    return float(np.exp((logs[0] + WHOLE * logs[1]) / (1 + WHOLE)))


def named(likelihood: float, evidence: float) -> float:
    """Let names and tags make likely things likelier; by themselves they know of no order."""
    odds = likelihood * NAMED**evidence
    return odds / (odds + 1 - likelihood) if likelihood < 1 else 1.0


def span(links: Sequence[Link], places: Sequence[Place]) -> tuple[float, float]:
    """From the first to the last of some places, whose steps are linked in these ways.

    Of what is heard together, what goes on around another is left out: the moment of a dog barking
    in the rain is that of the dog.
    """
    together = list[list[Place]]()
    for link, place in zip(links, places, strict=True):
        if link == "then" or not together:
            together.append([])
        together[-1].append(place)
    kept = [one for some in together for one in some if not _is_around(one, some)]
    return min(one.start for one in kept), max(one.end for one in kept)


def _is_around(one: Place, others: Sequence[Place]) -> bool:
    """Whether a place is longer than another, and all about it."""
    return any(
        one.start <= other.start and other.end <= one.end and _length(other) < _length(one)
        for other in others
    )


def _length(place: Place) -> float:
    return place.end - place.start


def _scaled(levels: dict[Asked, Floats], whole: dict[Asked, float]) -> dict[Asked, Floats]:
    """Let everything be as likely at its best place as in the whole recording."""
    return {
        one: whole[one] * level / max(float(level.max()), LEAST) for one, level in levels.items()
    }


def _without(
    lines: dict[Asked, Floats], times: Times, places: Sequence[Place]
) -> dict[Asked, Floats]:
    """Lines that are nothing where the course was found already."""
    start, end = min(one.start for one in places), max(one.end for one in places)
    middles = times.mean(axis=1)
    there = (start <= middles) & (middles <= end)
    return {one: np.where(there, 0.0, line) for one, line in lines.items()}
