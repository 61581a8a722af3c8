"""The exam on depth: what it brings, and costs, to rerank more or fewer of a shortlist.

One library is asked the same by models that differ in how many they rerank. Sentences are left
whole, since what is read as an order in time is followed step by step and not reranked at all.
Times are of whole searches for twenty hits, of all depths in turn, after one that does not count;
a shortlist of 200 is only made for as many hits, which costs more as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from earmark.data.kinds import bank_of_kinds
from earmark.data.rows import Row
from earmark.errors import UsageError
from earmark.lab.benchmarks import PARTS, draw_part
from earmark.lab.exam.exam import sets_of
from earmark.lab.exam.hearing import Note, Wave
from earmark.lab.exam.listeners import Scores
from earmark.lab.exam.questions import figures
from earmark.lab.exam.shelves import Shelf, files_of, shelf
from earmark.model.model import Model
from earmark.scenes import render
from earmark.score import Task, protocol
from earmark.search.shortlist import SHORTLIST

DEPTHS = (25, 50, 100, 200)
ALONE = "none"  # reranked: the shortlist as it is
METRICS = ("R@1", "R@5", "R@10", "mAP@10")
HITS = 20  # that are asked for; no figure looks further


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be found out."""

    size: int = 1000  # scenes of the test part of scenes-v1; all of them, or fewer


class Depths:
    """Rows and the model that is examined, at every depth."""

    def __init__(self, rows: Sequence[Row], model: Model, wish: Wish) -> None:
        if model.page.rerank is None:
            raise UsageError(
                f"the model {model.name!r} does not rerank", hint="name one that does: --model"
            )
        self._rows, self._model, self._wish = list(rows), model, wish
        self._models = {ALONE: model.reranking(0)} | {
            str(depth): model.reranking(depth) for depth in DEPTHS
        }

    def run(self, note: Note) -> dict[str, Any]:
        """Index scenes and every set of clips, and ask everything."""
        out = {"scenes-v1": self._set(*self._scenes(), note)}
        for name, _, task in sets_of(self._rows):
            out[name] = self._set(files_of(task.sounds), task, note)
        return {"sets": out}

    def _scenes(self) -> tuple[list[Path | Wave], Task[Any]]:
        bank = bank_of_kinds(self._rows)
        part = replace(PARTS["test"], size=self._wish.size)
        task = protocol("scenes").task(draw_part(bank, part))
        return [partial(render, scene, bank) for scene in task.sounds], task

    def _set(self, sounds: Sequence[Path | Wave], task: Task[Any], note: Note) -> dict[str, Any]:
        with shelf(sounds, self._model, note=note) as library:
            found, took = asked(library, list(self._models.values()), task.texts, note)
        scores = dict(zip(self._models, found, strict=True))
        return {
            "texts": len(task.texts),
            "sounds": len(task.sounds),
            "systems": figures(task, scores, ALONE, METRICS),
            "ms": dict(zip(self._models, np.median(1000 * took, axis=0).tolist(), strict=True)),
            "times of none": dict(zip(self._models, _ratios(took), strict=True)),
        }


def asked(
    library: Shelf, models: Sequence[Model], texts: Sequence[str], note: Note
) -> tuple[list[Scores], npt.NDArray[np.float64]]:
    """Ask every text of all models in turn: -> scores of each, seconds [texts, models]."""
    answers = [library.answers_of(model, hits_for(model)) for model in models]
    for answer in answers:
        answer(texts[:1])
    found: list[list[Scores]] = [[] for _ in models]
    took = np.zeros((len(texts), len(models)))
    for row, text in enumerate(texts):
        for place in range(len(models)):
            column = (place + row) % len(models)  # none is always the first
            began = perf_counter()
            found[column].append(answers[column]([text]))
            took[row, column] = perf_counter() - began
        note(f"asked {row + 1:,} of {len(texts):,} sentences")
    return [np.concatenate(some) for some in found], took


def hits_for(model: Model) -> int:
    """How many hits are asked for; a longer shortlist than usual is made for a long list alone."""
    depth = model.page.rerank.candidates if model.page.rerank else 0
    return depth if depth > SHORTLIST else HITS


def _ratios(took: npt.NDArray[np.float64]) -> list[float]:
    """How many times as long as with the first model: [texts, models] -> [models]."""
    ratios: list[float] = np.median(took / took[:, :1], axis=0).tolist()
    return ratios
