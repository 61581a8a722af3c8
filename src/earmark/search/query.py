r"""What a person types, as a plan: what should be heard, what should not, and where to look.

    rain on a roof            words that stand together are one description
    rain + "tin roof"         both; quotes hold words together, and nothing in them is special
    rain - light music        without; a sign that stands alone reaches up to the next such sign
    rain -music on a roof     one that touches a word takes that word alone, or -"light music"
    2*rain + wind             rain counts twice; 2:rain is the same and safe in every shell
    @door.wav@3-5.5 + church  like a file, or like a part of it: @90- @1:02-1:10 @1h2m-1h2m30s
    ./my door.wav             any path is a file, too; a name ends with its suffix, or is quoted
    "a dog" then "a door" within 10s      in this order; while, without, 3 times: see `typed.py`
    in:field in:~/sfx         in any of these folders         ucs:AMBRain ucs:DOOR  any category
    tag:x tag:"hand held"     all of these words in tags      longer:5s shorter:1:30  whole files
    newer:2024-03-01          changed since then, or since newer:7d (h d w y) ago

Signs, weights, @ and filters count at the beginning of a word only: lo-fi, C++, A/B and -3dB are
words, and so is any other `name:`. All filters must let a recording through before it is ranked.
Arguments of a shell are put together with spaces, so `rain - "light music"` needs no more quotes;
of several arguments, one that begins with a filter or a sign glued to it is that as a whole, as
`in:"my field"` and `-"light music"` arrive without theirs.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path

from earmark.errors import UsageError
from earmark.library.store.contract import Filter
from earmark.search.course import Course
from earmark.search.filters import EXAMPLES, filter_of
from earmark.search.sentence import course_in
from earmark.search.times import SPAN, span_of, span_text
from earmark.search.tokens import Token, tokens_of
from earmark.search.typed import BETWEEN, as_typed, course_of, is_course

_WITH_PART = re.compile(rf"(.+)@({SPAN})", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that should be heard, or should not: words, or what sounds like a file."""

    weight: float
    words: str  # empty if it is an example
    example: Path | None = None
    start: float | None = None  # seconds: the part of the example that is meant
    end: float | None = None

    @property
    def name(self) -> str:
        """What to call it before people."""
        return self.words or f"{self.example}{span_text(self.start, self.end)}"


@dataclass(frozen=True, slots=True)
class Plan:
    """A query, understood."""

    wanted: tuple[Term, ...]  # one or more
    unwanted: tuple[Term, ...]
    filter: Filter
    text: str  # as it was typed
    course: Course[Term] | None = None  # what is wanted step by step, if there is more than one

    @property
    def read_as(self) -> str:
        """The order that was read out of a sentence, as it would be typed; empty if none was."""
        if self.course is None or self.course.is_typed:
            return ""
        return as_typed(self.course.told(lambda term: term.name))


def parse(words: Sequence[str] | str, *, now: float | None = None) -> Plan:
    """Understand a query: a line of text, or the arguments of a shell.

    `now` is what `newer:7d` counts from, in seconds since 1970; None is the present.
    """
    given = [words] if isinstance(words, str) else list(words)
    tokens = list(_tokens(given))
    filters = [(token.text, token.value) for token in tokens if token.kind == "filter"]
    wanted, unwanted, course = _said([token for token in tokens if token.kind != "filter"], tokens)
    text = " ".join(" ".join(given).split())
    plan = Plan(wanted, unwanted, filter_of(filters, now), text, course)
    if not wanted:
        raise _nothing_wanted(plan)
    return plan


def _tokens(given: Sequence[str]) -> Iterator[Token]:
    """Cut arguments; in `"a dog" then "a door"` a shell has taken the quotes away."""
    is_order = len(given) > 1 and any(one.lower() in BETWEEN for one in given)
    for one in given:
        tokens = list(tokens_of(one, alone=len(given) == 1))
        if is_order and len(tokens) > 1 and all(token.kind == "word" for token in tokens):
            tokens = [Token("quoted", " ".join(token.text for token in tokens))]
        yield from tokens


Terms = tuple[Term, ...]


def _said(words: list[Token], tokens: list[Token]) -> tuple[Terms, Terms, Course[Term] | None]:
    """Sort what is said into what is wanted and what is not, and find an order in it."""
    stop = next((n for n, token in enumerate(words) if token.kind in ("sign", "glued")), len(words))
    if is_course(words[:stop]):
        return _in_order(words, stop)
    wanted, unwanted = _terms(tokens)
    if len(wanted) != 1 or any(token.kind != "word" for token in words[:stop]):
        return wanted, unwanted, None
    found = course_in(wanted[0].words)
    told = None if found is None else found.told(lambda words: Term(1.0, words))
    return wanted, unwanted, told


def _in_order(words: list[Token], stop: int) -> tuple[Terms, Terms, Course[Term]]:
    """Read an order, and behind it what is unwanted in the whole recording."""
    course = course_of(words[:stop], lambda token: _term(token, 1.0))
    more, unwanted = _terms(words[stop:])
    if more:
        raise UsageError(
            f"an order in time, and {more[0].name!r} beside it",
            hint='put it into the order: "a dog" while "rain" then "a door"',
        )
    return tuple(step.what for step in course.steps), unwanted, course


def example(text: str) -> tuple[Path, float | None, float | None]:
    """Read `FILE` or `FILE@START-END`: -> the file; seconds, or None where nothing is said.

    A file that has just this name is meant as a whole.
    """
    found, whole = _WITH_PART.fullmatch(text), _path(text)
    if found is None or _is_there(whole):
        return whole, None, None
    return _path(found[1]), *span_of(found[2])


def _terms(tokens: Iterable[Token]) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """Sort tokens into what is wanted and what is not."""
    reader = _Reader()
    for token in tokens:
        reader.take(token)
    reader.finish()
    return tuple(reader.terms["+"]), tuple(reader.terms["-"])


@dataclass(slots=True)
class _Reader:
    """What has been read of a query so far."""

    terms: dict[str, list[Term]] = field(default_factory=lambda: {"+": [], "-": []})
    sign: str = "+"  # that stands alone
    glued: str = ""  # that touches what comes next
    weight: str = ""  # of what comes next
    run: list[str] = field(default_factory=list)  # words that stand together
    run_weight: str = ""
    run_place: int = 0  # among the terms of its sign
    waits: str = ""  # what was typed last and needs something behind it

    def take(self, token: Token) -> None:
        """Go on by one token."""
        if token.kind == "filter":
            self._take_filter(token)
        elif token.kind in ("sign", "glued"):
            self._take_sign(token)
        elif token.kind == "weight":
            self._take_weight(token)
        else:
            self._take_item(token)

    def finish(self) -> None:
        """Make a term of the last words; raise if something is still to come."""
        if self.waits:
            raise _nothing_after(self.waits)
        self._end_run()

    def _take_filter(self, token: Token) -> None:
        """A filter stands outside of the sentence; only a sign before it would mean something."""
        if "-" in (self.glued, self.waits):
            raise UsageError(
                f"filters cannot be turned round: -{token.text}:",
                hint=f"say what should be let through: {EXAMPLES[token.text]}",
            )
        if self.waits.endswith("*"):
            raise _nothing_after(self.waits)
        self.glued = self.waits = ""

    def _take_sign(self, token: Token) -> None:
        if self.waits:
            raise _nothing_after(self.waits)
        self.waits = token.text
        if token.kind == "glued":
            self.glued = token.text
            return
        self._end_run()
        self.sign = token.text

    def _take_weight(self, token: Token) -> None:
        if self.weight:
            raise _nothing_after(self.waits)
        self.weight = token.text
        self.waits = f"{self.glued}{token.text}*"

    def _take_item(self, token: Token) -> None:
        self.waits = ""
        if token.kind == "word" and not self.glued:
            self._take_word(token)
            return
        if not self.glued:
            self._end_run()
        self.terms[self.glued or self.sign].append(_term(token, _weight(self.weight)))
        self.glued = self.weight = ""

    def _take_word(self, token: Token) -> None:
        if self.weight:
            self._end_run()
        if not self.run:
            self.run_weight, self.weight = self.weight, ""
            self.run_place = len(self.terms[self.sign])
        self.run.append(token.text)

    def _end_run(self) -> None:
        if self.run:
            term = _term(Token("quoted", " ".join(self.run)), _weight(self.run_weight))
            self.terms[self.sign].insert(self.run_place, term)
        self.run = []


def _term(token: Token, weight: float) -> Term:
    if token.kind == "file":
        return Term(weight, "", *example(token.text))
    if token.kind == "quoted file":
        return Term(weight, "", _path(token.text), *span_of(token.value))
    if not any(letter.isalnum() for letter in token.text):
        raise UsageError(
            f"{token.text!r} has no words in it", hint="say what should be heard: rain on a roof"
        )
    return Term(weight, token.text)


def _is_there(path: Path) -> bool:
    """Whether there is a file; a name that is too long to be one is none."""
    try:
        return path.exists()
    except OSError:
        return False


def _path(text: str) -> Path:
    return Path(os.path.expanduser(text))  # noqa: PTH111 - pathlib raises for ~odd.wav


def _weight(text: str) -> float:
    weight = float(text or 1)
    if not (isfinite(weight) and weight > 0):
        raise UsageError(
            f"a weight of {text}",
            hint="weigh with a number above 0, as in 0.5*rain; without is: - music",
        )
    return weight


def _nothing_after(what: str) -> UsageError:
    return UsageError(
        f"nothing stands after {what}",
        hint='write what is meant there, as in: rain - music; or quote it: "a - b"',
    )


def _nothing_wanted(plan: Plan) -> UsageError:
    """Say that nothing is wanted, and how it would be said."""
    if plan.unwanted:
        names = ", ".join(repr(term.name) for term in plan.unwanted)
        return UsageError(
            f"only what should not be heard is said: {names}",
            hint="say what should be heard first, as in: rain - music",
        )
    problem = "filters alone find no sound" if plan.filter else "the query is empty"
    return UsageError(problem, hint="say what should be heard, as in: rain on a roof in:field")
