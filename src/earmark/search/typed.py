"""An order in time as it is typed: quoted things, and small words between them.

    "a dog" then "a door" within 10s     the second begins after the first, in ten seconds
    "a man talking" while "rain"         at the same time
    "a man talking" with "rain"          both, at any time
    "rain" without "thunder"             no thunder about the rain; `not` is the same
    "a door" then not "footsteps"        none behind the door, in ten seconds if nothing is said
    "a bell" 3 times within 30s          three bells and no fourth, all in half a minute

A word is one of these where something in quotes, or a file, stands beside it; else it is a word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

import numpy as np

from earmark.errors import UsageError
from earmark.search.course import Course, Link, Step
from earmark.search.times import seconds_of
from earmark.search.tokens import Token

Term = TypeVar("Term")
LINKS: tuple[Link, ...] = ("then", "while", "with")
AGAINST = ("without", "not")
BETWEEN = (*LINKS, *AGAINST)
SOON = 10.0  # seconds in which something should not follow
TIMES = {"twice": 2, "thrice": 3}
MOST = 20  # times
THINGS = ("quoted", "file", "quoted file")
_EXAMPLE = 'as in: "a dog barking" then "a door slamming" within 10s'


def is_course(tokens: Sequence[Token]) -> bool:
    """Whether a query says an order: one of the small words beside a thing."""
    for place, token in enumerate(tokens):
        before = tokens[place - 1] if place else None
        after = tokens[place + 1] if place + 1 < len(tokens) else None
        beside = any(one is not None and one.kind in THINGS for one in (before, after))
        if beside and (_is(token, *BETWEEN) or (before is not None and _is_count(tokens[place:]))):
            return True
    return False


def course_of(tokens: Sequence[Token], term: Callable[[Token], Term]) -> Course[Term]:
    """Read an order; `term` makes of a quoted thing what is asked for."""
    return _Reader(list(tokens), term).course()


@dataclass(slots=True)
class _Reader(Generic[Term]):
    """What is still to be read, and the steps so far."""

    left: list[Token]
    term: Callable[[Token], Term]
    steps: list[Step[Term]] = field(default_factory=list)

    def course(self) -> Course[Term]:
        """Read all of it."""
        self.steps = [self._counted(Step(self._thing("")))]
        while self.left:
            self._go_on()
        return Course(tuple(self.steps))

    def _go_on(self) -> None:
        """Read a small word, and what stands behind it."""
        token = self.left.pop(0)
        if not _is(token, *BETWEEN):
            raise UsageError(
                f"{token.text!r} stands where then, while, with, without or within is expected",
                hint=_EXAMPLE,
            )
        word = token.text.lower()
        if word == "then" and self.left and _is(self.left[0], "not"):
            self.left.pop(0)
            unwanted = self._thing("then not")
            self._amend(never=(*self.steps[-1].never, unwanted), within=self._within(SOON))
        elif word in AGAINST:
            self._amend(without=(*self.steps[-1].without, self._thing(word)))
        else:
            link = next(link for link in LINKS if link == word)
            step = self._counted(Step(self._thing(word), link))
            self.steps.append(replace(step, within=self._within(step.within)))

    def _amend(self, **changes: Any) -> None:  # noqa: ANN401 - fields of a step
        self.steps[-1] = replace(self.steps[-1], **changes)

    def _thing(self, behind: str) -> Term:
        """Read what is in quotes, or words up to the next small word."""
        if self.left and self.left[0].kind in THINGS:
            return self.term(self.left.pop(0))
        words = []
        while self.left and self.left[0].kind == "word" and not self._ends():
            words.append(self.left.pop(0).text)
        if not words:
            gap = f"behind {behind}" if behind else f"before {self.left[0].text}"
            raise UsageError(f"nothing stands {gap}", hint=f"say what is heard there, {_EXAMPLE}")
        return self.term(Token("quoted", " ".join(words)))

    def _ends(self) -> bool:
        return _is(self.left[0], *BETWEEN, "within") or _is_count(self.left)

    def _counted(self, step: Step[Term]) -> Step[Term]:
        """Read how often, and in how much time."""
        if not _is_count(self.left):
            return step
        number = self.left.pop(0).text.lower()
        if number not in TIMES:
            self.left.pop(0)
        times = TIMES.get(number) or int(number)
        if not 1 <= times <= MOST:
            raise UsageError(f"{times} times", hint=f"count from 1 to {MOST}")
        return replace(step, times=times, within=self._within(np.inf))

    def _within(self, usual: float) -> float:
        """Read in how much time, if that is said."""
        if not (self.left and _is(self.left[0], "within")):
            return usual
        self.left.pop(0)
        told = self.left.pop(0).text if self.left else ""
        seconds = seconds_of(told)
        if not seconds:
            raise UsageError(
                f"{told!r} is no length of time" if told else "nothing stands behind within",
                hint="give seconds or more, as in: within 10s, within 1:30",
            )
        return seconds


def _is(token: Token, *words: str) -> bool:
    return token.kind == "word" and token.text.lower() in words


def _is_count(tokens: Sequence[Token]) -> bool:
    """Whether a number of times comes next: `3 times`, `twice`."""
    if not tokens or tokens[0].kind != "word":
        return False
    first = tokens[0].text.lower()
    if first in TIMES:
        return True
    return (
        bool(re.fullmatch(r"\d{1,3}", first))
        and len(tokens) > 1
        and _is(tokens[1], "times", "time")
    )


def as_typed(course: Course[str]) -> str:
    """Write a course as it would be typed."""
    return " ".join(
        word for n, step in enumerate(course.steps) for word in _words(step, first=not n)
    )


def _words(step: Step[str], *, first: bool) -> Iterator[str]:
    if not first:
        yield step.link
    yield f'"{step.what}"'
    if step.times > 1:
        yield f"{step.times} times"
    for one in step.without:
        yield f'without "{one}"'
    for one in step.never:
        yield f'then not "{one}"'
    if np.isfinite(step.within):
        yield f"within {step.within:g}s"
