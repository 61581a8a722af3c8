"""The exam on order in time: scenes that stand there in both orders, and captions that tell one.

A sentence is asked as search reads it, and left whole, in one run: how often the right order comes
before the swapped one, how often the scene is found, and how well the stretch in it. Where both
sounds are found by themselves, what is left to get wrong is the order: a sound is found if its
scene stands among as many as have that sound.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

from earmark.audio.write import write
from earmark.lab.benchmarks import LONG, ORDER
from earmark.lab.exam.hearing import Note, Wave
from earmark.lab.exam.listeners import Scores
from earmark.lab.exam.questions import figures, interval
from earmark.lab.exam.scenery import order, shared
from earmark.lab.exam.shelves import WHOLE, left_whole, shelf
from earmark.model.model import Model
from earmark.scenes import Bank, Caption, Plan, Scene, draw_pool, moments, render
from earmark.score import Task, protocol
from earmark.search.confidence import Calibration
from earmark.search.one import Known, moments_of
from earmark.search.query import Plan as Query
from earmark.search.query import parse
from earmark.search.question import ask
from earmark.types import Moment

METRICS = ("R@1", "R@5", "R@10", "mAP")
ENOUGH = (0.5, 0.7)  # of the union that two stretches share
READINGS: dict[str, Callable[[str], Query]] = {"read": parse, WHOLE: left_whole}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be found out."""

    size: int = 400  # scenes of the pool; half as many are long
    seed: int = 0


class Ordered:
    """A bank and the model that is examined."""

    def __init__(self, bank: Bank, model: Model, wish: Wish) -> None:
        self._bank, self._model, self._wish = bank, model, wish

    def run(self, note: Note) -> dict[str, Any]:
        """Compose, index, ask."""
        wish = self._wish
        note(f"drawing {wish.size} scenes")
        pool = self._pool(ORDER, wish.size)
        task = protocol("scenes").task(pool)
        waves: list[Wave] = [partial(render, scene, self._bank) for scene in task.sounds]
        with shelf(waves, self._model, note=note) as library:
            scores = {name: answer(task.texts) for name, answer in library.systems.items()}
            alone = self._alone(task, library.answers)
        asked = ordered(task)
        return {
            "scenes": len(task.sounds),
            "texts": len(task.texts),
            "systems": figures(task, scores, WHOLE, METRICS),
            "order": {name: order(task, one) for name, one in scores.items()},
            "order, both sounds found": {
                name: order(of_texts(task, alone & asked), one[alone & asked])
                for name, one in scores.items()
            },
            "moments": {
                "order": self._moments(pool, note),
                "long": self._moments(self._pool(LONG, wish.size // 2), note),
            },
        }

    def _pool(self, plan: Plan, size: int) -> list[Scene]:
        return draw_pool(self._bank, plan, size=size, seed=self._wish.seed, test=True)

    def _alone(
        self, task: Task[Scene], answers: Callable[[Sequence[str]], Scores]
    ) -> npt.NDArray[np.bool_]:
        """Tell of each text whether every sound it puts in order is found by itself: -> [texts]."""
        said = {one.text: one for scene in task.sounds for one in scene.captions}
        labels = [in_order(said[text]) for text in task.texts]
        every = sorted({label for some in labels for label in some})
        phrases = [self._bank.phrases(label, test=True)[0] for label in every]
        held = np.array([[holds(scene, one) for scene in task.sounds] for one in every])
        scores = answers(phrases)
        place = np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1)
        found = dict(zip(every, place < held.sum(axis=1, keepdims=True), strict=True))
        own = task.match.argmax(axis=1)
        return np.array(
            [
                all(found[one][sound] for one in some)
                for some, sound in zip(labels, own, strict=True)
            ]
        )

    def _moments(self, scenes: Sequence[Scene], note: Note) -> dict[str, Any]:
        """Look for what each caption says in its own scene, read and left whole."""
        found: dict[str, list[float]] = {name: [] for name in READINGS}
        names = list[str]()
        with TemporaryDirectory(prefix="earmark-exam-") as folder:
            path = Path(folder) / "scene.wav"
            for number, scene in enumerate(scenes, 1):
                wave = render(scene, self._bank, self._model.rate)
                write(path, wave, self._model.rate, subtype="float", overwrite=True)
                known = Known.of(str(path), self._model.hear(path), self._model)
                for caption in scene.captions:
                    truth = moments(caption, scene)
                    names.append(scene.id)
                    for name, read in READINGS.items():
                        best = self._best(known, read(caption.text))
                        found[name].append(max(shared(best, one) for one in truth))
                note(f"looked into {number} of {len(scenes)} scenes")
        return {
            "scenes": len(scenes),
            **{
                f"R1@{level:g}": {
                    name: interval(np.array(one) >= level, names) for name, one in found.items()
                }
                for level in ENOUGH
            },
        }

    def _best(self, known: Known, query: Query) -> Moment:
        question = ask(query, self._model, None)
        calibration = Calibration.of(self._model)
        hits = moments_of(known, question, calibration, limit=1, unsure=True)
        return Moment(hits[0].start, hits[0].end) if hits else Moment(0.0, 0.0)


def in_order(caption: Caption) -> tuple[str, ...]:
    """The sounds that a caption puts in order."""
    told = (one.labels for one in caption.constraints if one.relation == "before")
    return tuple(dict.fromkeys(label for some in told for label in some))


def ordered(task: Task[Scene]) -> npt.NDArray[np.bool_]:
    """Which texts hold an order: -> [texts]."""
    said = {one.text: one for scene in task.sounds for one in scene.captions}
    return np.array([bool(in_order(said[text])) for text in task.texts])


def holds(scene: Scene, label: str) -> bool:
    """Tell whether a scene has a sound."""
    bed = scene.background.label if scene.background else ""
    return label == bed or any(one.label == label for one in scene.events)


def of_texts(task: Task[Scene], kept: npt.NDArray[np.bool_]) -> Task[Scene]:
    """The same task with some of its texts."""
    rows = np.flatnonzero(kept)
    return Task(
        texts=tuple(task.texts[row] for row in rows),
        sounds=task.sounds,
        match=task.match[rows],
        homes=tuple(task.homes[row] for row in rows),
        recordings=task.recordings,
        drawn=task.drawn,
    )
