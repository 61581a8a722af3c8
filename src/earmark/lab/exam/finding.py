"""The exam of a model in a library: it finds clips by words, beside an expert wired to a reader.

Every set of clips is a library of its own. Both systems are asked the same in one run: the
captions, free queries that were written for this exam, queries with slips, in capitals and in other
words, and the noisy set once more under noise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from earmark.data.rows import Row
from earmark.lab.exam.exam import NOISY, sets_of
from earmark.lab.exam.hearing import Alter, Note, as_it_is, hear, noises, waves_of
from earmark.lab.exam.listeners import Listener, Scores
from earmark.lab.exam.questions import (
    Asker,
    Embed,
    by_text,
    chance,
    figures,
    interval,
    mean_average_precision,
    precisions,
)
from earmark.lab.exam.shelves import Answer, files_of, shelf
from earmark.lab.exam.wording import PLAIN, Reworded, free_queries, variants
from earmark.model.model import Model
from earmark.score import Task, protocol

Systems = dict[str, Answer]
COMPOSED = "composed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be found out."""

    snrs: Sequence[float] = (5.0,)  # dB of a clip over noise
    by_text: str = ""  # a set of which every text is told by itself
    seed: int = 0
    jobs: int = 2


class Finding:
    """Rows, the model that is examined, and what it is compared with."""

    def __init__(
        self, rows: Sequence[Row], model: Model, listener: Listener, embed: Embed, wish: Wish
    ) -> None:
        self._rows, self._wish = list(rows), wish
        self._model, self._listener = model, listener
        self._asker = Asker.of(embed, listener)
        self._sets = sets_of(self._rows, wish.by_text)

    def run(self, note: Note) -> dict[str, Any]:
        """Index and hear every set, ask everything."""
        out: dict[str, Any] = {"sets": {}}
        put = Variants()
        for name, way, task in self._sets:
            with self._asked(task, way, None, note) as who:
                out["sets"][name] = {"way": way, **_set(name, task, who)}
                put.ask(name, task, who)
                if name == self._wish.by_text:
                    out["texts"] = {
                        one: by_text(task, answer(task.texts)) for one, answer in who.items()
                    }
            if name == NOISY:
                out["noise"] = self._noise(name, way, task, note)
        return {**out, "variants": put.told()}

    @contextmanager
    def _asked(
        self, task: Task[Row], way: str, alter: Alter | None, note: Note
    ) -> Iterator[Systems]:
        """Let both hear the sounds of a set: one in a library, one through names of classes."""
        heard = hear(
            waves_of(task.sounds),
            [self._listener],
            alter=alter or as_it_is,
            jobs=self._wish.jobs,
            note=note,
        )[0]
        with shelf(files_of(task.sounds), self._model, alter=alter, note=note) as library:
            yield {
                **library.systems,
                COMPOSED: lambda texts: self._asker.scores(texts, heard, way),
            }

    def _noise(self, name: str, way: str, task: Task[Row], note: Note) -> dict[str, Any]:
        """Find the clips of a set by their captions once more, each under noise."""
        kinds = noises(task.sounds, self._rows, self._wish.seed)
        out: dict[str, Any] = {"set": name}
        for kind, make in kinds.items():
            out[kind] = {
                f"{snr:g}": self._again(task, way, make(snr), note) for snr in self._wish.snrs
            }
        return out

    def _again(self, task: Task[Row], way: str, alter: Alter, note: Note) -> dict[str, float]:
        with self._asked(task, way, alter, note) as who:
            return {
                name: mean_average_precision(task, answer(task.texts))
                for name, answer in who.items()
            }


def _set(name: str, task: Task[Row], who: Systems) -> dict[str, Any]:
    """Everything that is asked of one set."""
    scores = {one: answer(task.texts) for one, answer in who.items()}
    free = free_queries(name, task)
    return {
        "right": protocol(name).right,
        "texts": len(task.texts),
        "clips": len(task.sounds),
        "chance": chance(task, scores[COMPOSED]),
        "systems": figures(task, scores, COMPOSED),
        "free": _free(free, who) if free else None,
    }


def _free(free: Reworded, who: Systems) -> dict[str, Any]:
    """Figures of the free queries, and the caption whose queries do worst."""
    scores = {one: answer(free.task.texts) for one, answer in who.items()}
    return {
        "queries": len(free.task.texts),
        "captions": len(set(free.captions)),
        "systems": figures(free.task, scores, COMPOSED),
        "worst": {name: _worst(free, found) for name, found in scores.items()},
    }


def _worst(free: Reworded, scores: Scores) -> dict[str, Any]:
    """The caption whose free queries find least, on average over them."""
    found = precisions(free.task, scores)
    means = {
        caption: float(found[np.array([one == caption for one in free.captions])].mean())
        for caption in dict.fromkeys(free.captions)
    }
    caption = min(means, key=lambda one: means[one])
    return {"caption": caption, "precision": means[caption]}


class Variants:
    """Precision of each query in every way of putting it, over all sets."""

    def __init__(self) -> None:
        self._found: dict[str, dict[str, list[float]]] = {}
        self._captions: list[str] = []

    def ask(self, name: str, task: Task[Row], who: Systems) -> None:
        """Ask the queries of a set."""
        asked = variants(name, task)
        for way, one in asked.items():
            for system, answer in who.items():
                known = self._found.setdefault(way, {}).setdefault(system, [])
                known += precisions(one.task, answer(one.task.texts)).tolist()
        self._captions += asked[PLAIN].captions if asked else ()

    def told(self) -> dict[str, Any]:
        """Give the mean of every way with its interval, and what is left of the plain one."""
        ways = {
            way: {system: self._mean(way, system) for system in found}
            for way, found in self._found.items()
        }
        return {"queries": len(self._captions), "ways": ways}

    def _mean(self, way: str, system: str) -> dict[str, float]:
        plain, found = (np.array(self._found[one][system]) for one in (PLAIN, way))
        left = float(found.mean() / max(plain.mean(), 1e-12))
        return {**interval(found, self._captions), "of plain": left}
