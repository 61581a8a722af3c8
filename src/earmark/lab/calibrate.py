"""Fit what turns scores into confidence, on the part of the data that training only looks at.

Libraries of many sizes are drawn from its clips, from mixes of two of them, and from scenes made by
code that training never heard; the largest are filled up with vectors put together from two of
these. Half of the libraries have a theme. In each every question is asked, once
with right recordings there and once without. The ten first hits of each are what a logistic
regression learns from; clips and scenes count the same, and so do all sizes. Slopes on scores are
not negative, so that order by confidence is order by score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from earmark.data import open_data
from earmark.data.rows import Row
from earmark.errors import DataError, UsageError
from earmark.lab.card import card
from earmark.lab.measured import told
from earmark.lab.recipe import parse_recipe
from earmark.model.background import background_bytes, read_background
from earmark.model.bundle import Bundle, read_bundle, refuse_old, write_bundle
from earmark.model.model import Model
from earmark.model.page import BACKGROUND, CARD
from earmark.model.pool import Vectors
from earmark.score.crowds import (
    Crowd,
    Moments,
    Note,
    by_sound,
    crowd_of_clips,
    crowd_of_scenes,
    crowd_of_takes,
    hear,
    quietly,
)
from earmark.score.questions import Questions
from earmark.score.refusal import Trial, draw_trials
from earmark.search.confidence import FEATURES, Fitted, Slopes, features, logit, usual

MANY = 1_500  # recordings that are heard of each crowd
SIZES = (30, 100, 300, 1_000, 10_000)  # of libraries
BANK = 512  # vectors that scores are put against
TAKES = 6  # of each sound made by code, where sounds are asked for by others
TAKE = 5_000  # the first take of each sound made by code: neither training nor testing draws it
REFUSED = 0.1  # share of the questions with a right hit among the ten that may be refused
SHARE = 0.5  # how far up a moment begins
SEED = 1
RIDGE = 1e-5
Floats = npt.NDArray[np.float64]
Calibrated = tuple[dict[str, Any], Vectors]
Part = tuple[Floats, Floats, npt.NDArray[np.bool_]]  # as in `Hits`, but for the weight


class NothingToFitError(UsageError):
    """No confidence can be fitted for this model on these rows."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A crowd, and vectors that ask for it."""

    questions: Questions
    vectors: Vectors  # [q, width]
    heard: Moments


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """What is known of the first hits of trials, and whether they are right."""

    features: Floats  # [all hits, 4]
    right: Floats  # [all hits], 0 or 1
    weight: Floats  # [all hits], with a sum of 1
    first: npt.NDArray[np.bool_]  # [all hits], the first of ten of which one is right


def calibrate(model: Model, rows: Sequence[Row], *, note: Note = quietly) -> Calibrated:
    """Fit the calibration of a model on rows it was not trained on: -> for its page, and its bank.

    The bank is one vector each of clips and of scenes, as many of either.
    """
    crowds = [
        crowd_of_clips(rows, MANY, seed=SEED, rate=model.rate),
        crowd_of_scenes(MANY, seed=SEED, rate=model.rate, first=TAKE, test=False),
        crowd_of_takes(TAKES, first=TAKE, rate=model.rate),
    ]
    heard = [hear(model, crowd, note=note) for crowd in crowds]
    return fit_all(model, crowds, heard)


def fit_all(model: Model, crowds: Sequence[Crowd], heard: Sequence[Moments]) -> Calibrated:
    """Fit on clips, scenes and takes that were heard."""
    content = background_bytes(bank_of([one.first for one in heard[:2]], BANK))
    bank = read_background(content, model.width)  # as search will read it
    by_words = [
        Asked(crowd.questions, model.embed_text(list(crowd.questions.texts)), one)
        for crowd, one in zip(crowds[:2], heard, strict=False)
        if model.page.text
    ]
    likes = [
        Asked(*by_sound(crowd, one))
        for crowd, one in ((crowds[0], heard[0]), (crowds[2], heard[2]))
    ]
    hits = {"words": gather(by_words, bank), "sounds": gather(likes, bank, larger=False)}
    slopes = {kind: fit(some) for kind, some in hits.items() if len(some.right)}
    main = "words" if "words" in slopes else "sounds"
    fitted = Fitted(
        words=slopes.get("words"),
        sounds=slopes.get("sounds"),
        line=line_of(hits[main], slopes[main]),
        share=SHARE,
        fitted={
            "clips": len(crowds[0].rows),
            "mixes": crowds[0].size - len(crowds[0].rows),
            "scenes": crowds[1].size,
            "takes": crowds[2].size,
            "questions in words": sum(len(one.vectors) for one in by_words),
            "questions by sound": sum(len(one.vectors) for one in likes),
            "libraries of": list(SIZES),
            "answered and refused": REFUSED,
        },
    )
    return asdict(fitted), bank


def grown(asked: Asked, size: int) -> Asked:
    """Add recordings whose vector is the mean of two others', as if both were heard at once.

    Hearing so many real mixes would take longer than training; what matters here is how scores
    crowd together where there are thousands.
    """
    count = len(asked.heard.counts)
    rng = np.random.default_rng(SEED)
    pairs = rng.integers(count, size=(max(0, size - count), 2))
    both = asked.heard.first[pairs].sum(axis=1)
    both /= np.maximum(np.linalg.norm(both, axis=1, keepdims=True), 1e-6)
    heard = Moments(
        np.concatenate([asked.heard.vectors, both.astype(np.float16)]),
        np.concatenate([asked.heard.counts, np.ones(len(pairs), np.int64)]),
    )
    parts = [*((place,) for place in range(count)), *(tuple(pair) for pair in pairs.tolist())]
    return Asked(asked.questions.heard_in(parts), asked.vectors, heard)


def bank_of(groups: Sequence[Vectors], most: int) -> Vectors:
    """Draw as many vectors from each group: -> [most, width] at most."""
    rng = np.random.default_rng(SEED)
    each = -(-most // len(groups))
    drawn = [group[np.sort(rng.permutation(len(group))[:each])] for group in groups]
    return np.concatenate(drawn)[:most].astype(np.float32)


def gather(asked: Sequence[Asked], bank: Vectors, *, larger: bool = True) -> Hits:
    """Ask in libraries of all sizes; every crowd and size weighs the same.

    Those larger than a crowd are drawn from what it can be grown to, or left out.
    """
    found = [part for one in asked for part in _hits(one, bank, larger=larger)]
    if not found:
        nothing = np.zeros(0)
        return Hits(np.zeros((0, len(FEATURES))), nothing, nothing, nothing.astype(np.bool_))
    weights = [np.full(len(right), 1 / len(right) / len(found)) for _, right, _ in found]
    made, right, first = (np.concatenate(some) for some in zip(*found, strict=True))
    return Hits(made, right, np.concatenate(weights), first)


def _hits(asked: Asked, bank: Vectors, *, larger: bool) -> list[Part]:
    seen = [usual(bank, vector) for vector in asked.vectors]
    out: list[Part] = []
    if not seen:
        return out
    for number, size in enumerate(SIZES):
        if size > len(asked.heard.counts):
            if not larger:
                break
            asked = grown(asked, size)
        scores = asked.heard.best(asked.vectors)
        for like in (None, asked.heard.first):
            drawn = draw_trials(scores, asked.questions, size, seed=SEED + number, like=like)
            trials = list(drawn)
            if trials:
                out.append(_hits_of(trials, seen))
    return out


def _hits_of(trials: Sequence[Trial], seen: Sequence[tuple[float, float]]) -> Part:
    made = [features(t.scores, seen[t.question], t.typical, t.among) for t in trials]
    first = [np.arange(len(t.scores)) == (0 if t.right.any() else -1) for t in trials]
    right = np.concatenate([t.right for t in trials]).astype(np.float64)
    return np.concatenate(made), right, np.concatenate(first)


def fit(hits: Hits) -> Slopes:
    """Fit a logistic regression; a slope on scores that would be negative is 0 instead."""
    free = list(range(len(FEATURES)))
    while True:
        base, slopes = _logistic(hits.features[:, free], hits.right, hits.weight)
        named = {FEATURES[n]: float(slope) for n, slope in zip(free, slopes, strict=True)}
        falling = [name for name, slope in named.items() if name != "size" and slope < 0]
        if not falling:
            break
        free.remove(FEATURES.index(min(falling, key=lambda name: named[name])))
    told = Slopes(base=base, **(dict.fromkeys(FEATURES, 0.0) | named))
    if not told.rises:
        raise NothingToFitError(
            "on these rows a better score does not mean a better hit",
            hint="train longer, or name another dev part",
        )
    return told


def _logistic(x: Floats, y: Floats, weight: Floats) -> tuple[float, Floats]:
    """Newton's method with a small ridge on standardised columns: [n, k], [n] -> base, [k]."""
    middle, spread = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-9)
    columns = np.column_stack([np.ones(len(x)), (x - middle) / spread])
    ridge = RIDGE * np.diag([0.0, *np.ones(x.shape[1])])
    at = np.zeros(columns.shape[1])
    for _ in range(100):
        told = 1 / (1 + np.exp(-np.clip(columns @ at, -500, 500)))
        bend = (columns * (weight * told * (1 - told))[:, None]).T @ columns + ridge
        step = np.linalg.solve(bend, columns.T @ (weight * (y - told)) - ridge @ at)
        at = at + step
        if np.abs(step).max() < 1e-10:
            break
    slopes = at[1:] / spread
    return float(at[0] - slopes @ middle), slopes


def line_of(hits: Hits, slopes: Slopes) -> float:
    """Find the highest confidence that refuses at most so many questions that were answered."""
    best = 1 / (1 + np.exp(-logit(hits.features[hits.first], slopes)))
    order, weight = np.argsort(best), hits.weight[hits.first]
    below = np.cumsum(weight[order]) - weight[order]  # what a line at each refuses
    kept = np.flatnonzero(below <= REFUSED * weight.sum())
    return float(best[order[kept[-1]]])


def dev_rows(recipe: str, data: Path) -> list[Row]:
    """Read the dev part that a recipe's text names; raise if there is none or it is not there."""
    specs = parse_recipe(recipe, "the recipe").data.dev
    if not specs:
        raise DataError("the recipe names no dev part", hint="name one in it, and train by it")
    return [row for spec in specs for row in open_data(spec.replace("{data}", str(data)))]


def recalibrate(
    bundle: Path,
    folder: Path,
    rows: Sequence[Row],
    *,
    results: Sequence[Mapping[str, Any]] = (),
    note: Note = quietly,
) -> Bundle:
    """Write a bundle anew with its confidence fitted on these rows; its networks stay.

    Results take the places of those that its card had under the same names.
    """
    refuse_old(folder)
    old = read_bundle(bundle)
    measured = {**old.page.results, **told(results)}
    fitted, bank = calibrate(Model(old.page, old.content), rows, note=note)
    page = replace(old.page, calibration=fitted, results=measured)
    kept = {name: old.content(name) for name in old.page.files}
    made = {BACKGROUND: background_bytes(bank), CARD: card(page).encode()}
    return write_bundle(folder, page, kept | made)
