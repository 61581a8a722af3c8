"""One file and no library: the moments in it that fit words, and words for what is heard in it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from earmark.library.packed import pack, restore
from earmark.library.store.contract import Tokens
from earmark.model.model import Model
from earmark.model.pool import TimeLine, Times, Vectors
from earmark.search.confidence import Calibration
from earmark.search.course import Course
from earmark.search.courses import Follower, Heard, span
from earmark.search.moments import Run, best_moments
from earmark.search.query import parse
from earmark.search.question import Asked, Question, ask
from earmark.types import Hit

if TYPE_CHECKING:
    from earmark.search.describe.events import Saying

AnyPath = str | os.PathLike[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What was heard in one file: now, or when it was indexed."""

    path: str
    seconds: float
    vectors: Vectors  # [m, width], of windows, from float16
    times: Times  # [m, 2]
    tokens: Tokens | None  # None where a library keeps none
    tags: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, path: str, line: TimeLine, model: Model) -> Self:
        """Keep a time line as a library would."""
        packed = pack(line, model.page.seconds.window, model.page.seconds.hop)
        tokens = restore(packed.tokens, packed.token_scales)
        return cls(
            path=path,
            seconds=line.seconds,
            vectors=packed.halves.astype(np.float32),
            times=packed.times,
            tokens=Tokens(tokens, packed.weights, packed.token_times),
        )

    def between(self, start: float, end: float) -> Tokens | None:
        """Tokens whose centres lie between two times."""
        if self.tokens is None:
            return None
        low, high = np.searchsorted(self.tokens.times.mean(axis=1), (start, end))
        at = slice(int(low), int(high))
        return Tokens(self.tokens.tokens[at], self.tokens.weights[at], self.tokens.times[at])


def moments_in(
    path: AnyPath,
    words: str | Sequence[str],
    model: Model,
    *,
    limit: int = 10,
    unsure: bool = False,
) -> list[Hit]:
    """Find moments in one file, most likely first; `unsure` gives those below the line as well."""
    question = ask(parse(words), model, None)
    known = Known.of(str(Path(path).resolve()), model.hear(path), model)
    return moments_of(known, question, Calibration.of(model), limit=limit, unsure=unsure)


def moments_of(
    known: Known, question: Question, calibration: Calibration, *, limit: int, unsure: bool
) -> list[Hit]:
    """Find the moments of what was heard in one file."""
    if question.course is not None:
        return _orders_of(known, question.course, calibration, limit=limit, unsure=unsure)
    scores = np.asarray(known.vectors @ question.vector, np.float32)
    typical = (float(np.median(scores)), float(np.std(scores)))
    runs = _runs(known, scores, question, calibration, limit)
    levels = calibration.confidence(
        np.array([run.score for run in runs], np.float32),
        query=question.vector,
        typical=typical,
        among=1,
        evidence=np.zeros(len(runs)),
        kind=question.kind,
    )
    hits = [_hit(known, run, float(level)) for run, level in zip(runs, levels, strict=True)]
    least = 0.0 if unsure else calibration.line
    sure = sorted(
        (hit for hit in hits if hit.confidence >= least),
        key=lambda hit: (-hit.confidence, hit.start),
    )
    return [replace(hit, rank=n) for n, hit in enumerate(sure, start=1)]


def _orders_of(
    known: Known, course: Course[Asked], calibration: Calibration, *, limit: int, unsure: bool
) -> list[Hit]:
    """Find where a file has all steps of a course; its own windows say what is typical."""
    every = {one: known.vectors @ one.vector for one in dict.fromkeys(course.every)}
    usual = {one: ((float(np.median(s)), float(np.std(s))), 1) for one, s in every.items()}
    follower = Follower(course, calibration, usual)
    found = follower.follow(Heard(known.vectors, known.times, known.tokens), limit)
    least = 0.0 if unsure else calibration.line
    sure = [
        (likelihood, span(course.links, places))
        for likelihood, places in found
        if likelihood >= least
    ]
    return [
        _hit(known, Run(start, end, peak=start, score=likelihood), likelihood, rank)
        for rank, (likelihood, (start, end)) in enumerate(sure, start=1)
    ]


def describe_file(path: AnyPath, model: Model) -> list[Saying]:
    """Say in plain words what is heard in a file, and when."""
    return describe_known(Known.of(str(Path(path).resolve()), model.hear(path), model), model)


def describe_known(known: Known, model: Model) -> list[Saying]:
    """Say in plain words what was heard in a file; nothing where no tokens were kept."""
    from earmark.search.describe.finder import describe

    return [] if known.tokens is None else describe(known.tokens, known.seconds, model)


def _hit(known: Known, run: Run, confidence: float, rank: int = 0) -> Hit:
    return Hit(
        rank=rank,
        path=known.path,
        start=run.start,
        end=run.end,
        score=run.score,
        confidence=confidence,
        duration=known.seconds,
        tags=known.tags,
    )


def _runs(
    known: Known,
    scores: npt.NDArray[np.float32],
    question: Question,
    calibration: Calibration,
    limit: int,
) -> list[Run]:
    return best_moments(
        known.between,
        (scores, known.times),
        question.away(1.0),
        most=limit,
        seconds=known.seconds,
        typical=None if question.unwanted else calibration.elsewhere(question.vector),
        share=calibration.share,
    )
