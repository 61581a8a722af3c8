"""Whether confidence means something: libraries that hold an answer against those that hold none.

Every question is asked twice of libraries of some size, drawn from a crowd of recordings: once of
one with right recordings in it, once of one in which nothing is heard of what is asked for. The
ten first hits of each are looked at:

    refused   the first hit's confidence lies below the line: a search says "nothing here matches"
    AUROC     a library with an answer has a first hit of higher confidence than one without
    ECE       mean difference of confidence and share of right hits, in ten bins of as many hits
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from earmark.score.questions import Questions
from earmark.score.ranking import Match, Scores

FIRST = 10  # hits of a question
BINS = 10
DRAWS = 500
MIDDLE = 0.95
Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Likeness = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """One question asked of one library."""

    question: int
    present: bool
    scores: Floats  # [k] of the first hits, best first
    right: Match  # [k]
    typical: tuple[float, float]
    among: int


Judge = Callable[[Trial], Floats]  # confidence of the hits: -> [k]


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What was said in all trials."""

    home: Whole  # [t], what hangs together
    present: Match  # [t]
    best: Floats  # [t], confidence of the first hit
    owner: Whole  # [all hits], the trial of each
    confidence: Floats  # [all hits]
    right: Match  # [all hits]


@dataclass(frozen=True, slots=True)
class Bin:
    """Some hits of like confidence."""

    confidence: float  # mean
    right: float  # share
    hits: int


def draw_trials(
    scores: Scores, questions: Questions, size: int, *, seed: int, like: Likeness | None = None
) -> Iterator[Trial]:
    """Ask every question of a library with and of one without an answer: [q, n] -> trials.

    With one vector a recording ([n, width]) each library has a theme, as many people's have: it is
    drawn from what is most like some recording.
    """
    rng = np.random.default_rng(seed)
    asked = questions.right, ~questions.doubt, ~(questions.right | questions.doubt | questions.near)
    for number, (row, right, sure, gone) in enumerate(zip(scores, *asked, strict=True)):
        for present in (True, False):
            fitting = np.flatnonzero(sure if present else gone)
            library = _library(fitting, size, like, rng)
            if len(library) < FIRST:
                continue
            if present and not right[library].any():  # an answer takes a place
                library[-1] = rng.choice(np.flatnonzero(right))
            found = np.asarray(row[library], np.float64)
            first = np.argsort(-found, kind="stable")[:FIRST]
            hits = right[library[first]]
            yield Trial(number, present, found[first], hits, typical(found), len(library))


def typical(scores: Floats) -> tuple[float, float]:
    """Median and spread (of a normal distribution with these quartiles' distance) of scores."""
    low, middle, high = np.quantile(scores, (0.25, 0.5, 0.75))
    return float(middle), float((high - low) / 1.349)


def _library(fitting: Whole, size: int, like: Likeness | None, rng: np.random.Generator) -> Whole:
    """Draw recordings, in random order."""
    if like is None:
        return rng.permutation(fitting)[:size]
    theme = like[rng.integers(len(like))]
    return rng.permutation(fitting[np.argsort(-(like[fitting] @ theme), kind="stable")[:size]])


def tell(trials: Sequence[Trial], judge: Judge, homes: Sequence[str]) -> Told:
    """Let confidence be told of the hits of all trials."""
    told = [judge(trial) for trial in trials]
    _, numbers = np.unique(np.array(homes), return_inverse=True)
    return Told(
        home=numbers[[trial.question for trial in trials]],
        present=np.array([trial.present for trial in trials]),
        best=np.array([one[0] for one in told]),
        owner=np.repeat(np.arange(len(trials)), [len(one) for one in told]),
        confidence=np.concatenate(told),
        right=np.concatenate([trial.right for trial in trials]),
    )


def figures(told: Told, line: float) -> dict[str, float]:
    """Work the figures out."""
    there, gone = told.best[told.present], told.best[~told.present]
    return {
        "absent refused": float((gone < line).mean()),
        "present refused": float((there < line).mean()),
        "AUROC": auroc(there, gone),
        "ECE": ece(bins(told.confidence, told.right)),
    }


def found(told: Told) -> dict[str, float]:
    """Share of the libraries with an answer in which it is the first hit, and among the ten."""
    starts = np.searchsorted(told.owner, np.arange(len(told.best)))
    ten = np.logical_or.reduceat(told.right, starts)
    return {
        "first": float(told.right[starts][told.present].mean()),
        "among ten": float(ten[told.present].mean()),
    }


def intervals(told: Told, line: float, *, seed: int = 0) -> Mapping[str, dict[str, float]]:
    """Work the figures out, and between what values they move with other questions."""
    drawn = [figures(one, line) for one in _redrawn(told, seed)]
    out = {}
    for name, value in figures(told, line).items():
        ends = np.quantile([one[name] for one in drawn], [(1 - MIDDLE) / 2, (1 + MIDDLE) / 2])
        out[name] = {"value": value, "low": float(ends[0]), "high": float(ends[1])}
    return out


def auroc(above: Floats, below: Floats) -> float:
    """Chance that one of the first is larger than one of the second; a tie is half."""
    ordered = np.sort(below)
    less = np.searchsorted(ordered, above, side="left")
    upto = np.searchsorted(ordered, above, side="right")
    return float((less + upto).mean() / 2 / len(below))


def bins(confidence: Floats, right: Match) -> list[Bin]:
    """Part hits into bins of equally many, by confidence."""
    parts = np.array_split(np.argsort(confidence, kind="stable"), min(BINS, len(confidence)))
    return [
        Bin(float(confidence[part].mean()), float(right[part].mean()), len(part)) for part in parts
    ]


def ece(parts: Sequence[Bin]) -> float:
    """Mean difference of confidence and share of right ones, by hits."""
    hits = sum(part.hits for part in parts)
    return sum(part.hits * abs(part.confidence - part.right) for part in parts) / hits


def curve(told: Told, points: int = 41) -> list[dict[str, Any]]:
    """What any other line would refuse: -> a point each, from low to high."""
    lines = np.quantile(told.best, np.linspace(0, 1, points))
    there, gone = told.best[told.present], told.best[~told.present]
    return [
        {
            "line": round(float(line), 4),
            "absent refused": round(float((gone < line).mean()), 4),
            "present refused": round(float((there < line).mean()), 4),
        }
        for line in lines
    ]


def _redrawn(told: Told, seed: int) -> Iterator[Told]:
    """Draw homes with replacement, with all that was asked of them."""
    rng = np.random.default_rng(seed)
    homes = int(told.home.max()) + 1
    starts = np.searchsorted(told.owner, np.arange(len(told.home) + 1))
    trials = [np.flatnonzero(told.home == home) for home in range(homes)]
    hits = [
        np.concatenate([np.arange(starts[t], starts[t + 1]) for t in some]) if len(some) else some
        for some in trials
    ]
    for _ in range(DRAWS):
        drawn = rng.integers(homes, size=homes)
        t, h = (np.concatenate([some[n] for n in drawn]) for some in (trials, hits))
        if told.present[t].all() or not told.present[t].any():
            continue
        yield Told(
            told.home[t],
            told.present[t],
            told.best[t],
            told.owner[h],
            told.confidence[h],
            told.right[h],
        )
