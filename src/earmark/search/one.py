"""One file and no library: the moments in it that fit words, and words for what is heard in it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from earmark.library.packed import Packed, pack, restore
from earmark.library.store.contract import Tokens
from earmark.model.model import Model
from earmark.search.confidence import Calibration
from earmark.search.moments import Run, best_moments
from earmark.search.query import parse
from earmark.search.question import Question, ask
from earmark.types import Hit

if TYPE_CHECKING:
    from earmark.search.describe import Saying

AnyPath = str | os.PathLike[str]


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
    line, times = model.hear(path), model.page.seconds
    packed = pack(line, times.window, times.hop)
    scores = np.asarray(packed.halves.astype(np.float32) @ question.vector, np.float32)
    calibration = Calibration.of(model)
    typical = (float(np.median(scores)), float(np.std(scores)))
    runs = _runs(packed, scores, question, calibration, limit, line.seconds)
    levels = calibration.confidence(
        np.array([run.score for run in runs], np.float32),
        query=question.vector,
        typical=typical,
        among=1,
        evidence=np.zeros(len(runs)),
        kind=question.kind,
    )
    hits = [
        Hit(
            rank=0,
            path=str(Path(path).resolve()),
            start=run.start,
            end=run.end,
            score=run.score,
            confidence=float(level),
            duration=line.seconds,
        )
        for run, level in zip(runs, levels, strict=True)
    ]
    least = 0.0 if unsure else calibration.line
    sure = sorted(
        (hit for hit in hits if hit.confidence >= least),
        key=lambda hit: (-hit.confidence, hit.start),
    )
    return [replace(hit, rank=n) for n, hit in enumerate(sure, start=1)]


def describe_file(path: AnyPath, model: Model) -> list[Saying]:
    """Say in plain words what is heard in a file, and when."""
    from earmark.search.describe import describe, vocabulary

    return describe(model.hear(path), model.embed_text, vocabulary(), Calibration.of(model))


def _runs(  # noqa: PLR0913 - what is known of a file
    packed: Packed,
    scores: npt.NDArray[np.float32],
    question: Question,
    calibration: Calibration,
    limit: int,
    seconds: float,
) -> list[Run]:
    tokens = restore(packed.tokens, packed.token_scales)
    middles = packed.token_times.mean(axis=1)

    def between(start: float, end: float) -> Tokens:
        low, high = np.searchsorted(middles, (start, end))
        at = slice(int(low), int(high))
        return Tokens(tokens[at], packed.weights[at], packed.token_times[at])

    return best_moments(
        between,
        (scores, packed.times),
        question.away(1.0),
        most=limit,
        seconds=seconds,
        typical=None if question.unwanted else calibration.elsewhere(question.vector),
        share=calibration.share,
    )
