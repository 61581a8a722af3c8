"""The exam on scenes: soundscapes found by what is true of them, in order, and the moment of one.

All three are asked of a model in a library, and of an expert wired to a sentence reader, in one
run. Captions are of the test grammar, whose words and rules training never has.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from earmark.audio.read import read
from earmark.audio.write import write
from earmark.lab.exam.hearing import Note, Wave, hear
from earmark.lab.exam.listeners import Listener, Scores
from earmark.lab.exam.questions import Asker, Embed, chance, figures, interval
from earmark.lab.exam.shelves import shelf
from earmark.model.model import Model
from earmark.scenes import Bank, Caption, Plan, Scene, draw_pool, draw_scene, moments, render
from earmark.scenes.grammar import new_grammar, to_words
from earmark.scenes.truth import Constraint
from earmark.score import Task, protocol
from earmark.search.one import moments_in
from earmark.types import Moment, Samples

POOL = Plan(split="test")
LONG = Plan(
    seconds=(120.0, 120.0),
    events=(1, 1),
    background=1.0,
    snr_db=(10.0, 10.0),
    distant=0.0,
    twins=0.0,
    split="test",
)
METRICS = ("R@1", "R@5", "R@10", "mAP")
COMPOSED = "composed"
WINDOW, HOP = 2.0, 1.0  # seconds in which an expert looks for a moment
ENOUGH = 0.5  # of the union that two stretches must share
LONG_SEED = 1_000_000  # apart from the seeds of pools
Find = Callable[[Path, str], Moment]  # a sound and what is asked for -> where it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be found out."""

    size: int = 500  # scenes of the pool
    long: int = 100  # scenes of two minutes
    seed: int = 0
    jobs: int = 2


class Scenery:
    """A bank, the model that is examined, and what it is compared with."""

    def __init__(
        self, bank: Bank, model: Model, listener: Listener, embed: Embed, wish: Wish
    ) -> None:
        self._bank, self._wish = bank, wish
        self._model, self._listener = model, listener
        self._asker = Asker.of(embed, listener)

    def run(self, note: Note) -> dict[str, Any]:
        """Compose, hear, ask."""
        wish = self._wish
        note(f"drawing {wish.size} scenes")
        pool = draw_pool(self._bank, POOL, size=wish.size, seed=wish.seed, test=True)
        task = protocol("scenes").task(pool)
        scores = self._answers(task, note)
        return {
            "right": protocol("scenes").right,
            "texts": len(task.texts),
            "scenes": len(pool),
            "chance": chance(task, scores[COMPOSED], METRICS),
            "systems": figures(task, scores, COMPOSED, METRICS),
            "order": {name: order(task, one) for name, one in scores.items()},
            "moments": self._moments(note),
        }

    def _answers(self, task: Task[Scene], note: Note) -> dict[str, Scores]:
        waves: list[Wave] = [partial(render, scene, self._bank) for scene in task.sounds]
        heard = hear(waves, [self._listener], jobs=self._wish.jobs, note=note)[0]
        with shelf(waves, self._model, note=note) as library:
            own = {name: answer(task.texts) for name, answer in library.systems.items()}
        return {**own, COMPOSED: self._asker.scores(task.texts, heard, "A")}

    def _moments(self, note: Note) -> dict[str, Any]:
        """Look for the one event of each long scene."""
        scenes = [self._long(number) for number in range(self._wish.long)]
        systems: dict[str, Find] = {self._model.name: self._own, COMPOSED: self._by_names}
        found: dict[str, list[bool]] = {name: [] for name in systems}
        with TemporaryDirectory(prefix="earmark-exam-") as folder:
            path = Path(folder) / "scene.wav"
            for number, (scene, caption) in enumerate(scenes, 1):
                wave = render(scene, self._bank, self._model.rate)
                write(path, wave, self._model.rate, subtype="float", overwrite=True)
                truth = moments(caption, scene)
                for name, find in systems.items():
                    best = find(path, caption.text)
                    found[name].append(max(shared(best, one) for one in truth) >= ENOUGH)
                note(f"looked into {number} of {len(scenes)} long scenes")
        names = [scene.id for scene, _ in scenes]
        right = {name: interval(np.array(one), names) for name, one in found.items()}
        return {"scenes": len(scenes), f"R1@{ENOUGH:g}": right}

    def _long(self, number: int) -> tuple[Scene, Caption]:
        """Compose two minutes with one event, and say what it is."""
        seed = LONG_SEED + 1000 * self._wish.seed + number
        scene = draw_scene(self._bank, LONG, seed=seed, name=f"{number:06d}")
        claims = (Constraint("heard", (scene.events[0].label,)),)
        grammar, rng = new_grammar(("one",), test=True), np.random.default_rng(seed)
        return scene, to_words("one", claims, grammar, self._bank, rng)

    def _own(self, path: Path, words: str) -> Moment:
        hit = moments_in(path, words, self._model, limit=1, unsure=True)[0]
        return Moment(hit.start, hit.end)

    def _by_names(self, path: Path, words: str) -> Moment:
        """The stretch that the expert, asked through names of classes, likes best."""
        wave = read(path, rate=self._listener.rate)
        starts = np.arange(0, len(wave) / self._listener.rate - WINDOW, HOP)
        parts = [self._part(wave, start) for start in starts]
        heard = np.concatenate([self._listener.hear(part)[:1] for part in parts])
        best = float(starts[int(self._asker.scores([words], heard, "A")[0].argmax())])
        return Moment(best, best + WINDOW)

    def _part(self, wave: Samples, start: float) -> Samples:
        first = round(start * self._listener.rate)
        return wave[first : first + round(WINDOW * self._listener.rate)]


def order(task: Task[Scene], scores: Scores) -> dict[str, Any]:
    """How often a caption that holds an order finds its scene before the one turned round."""
    both, names = turned_round(task, scores)
    right = (np.sign(both[:, 0] - both[:, 1]) + 1) / 2
    return {"pairs": len(right), **interval(right, names)} if names else {"pairs": 0}


def turned_round(task: Task[Scene], scores: Scores) -> tuple[Scores, list[str]]:
    """Scores of each caption's own scene and of the one turned round, and whose they are: [n, 2].

    Those two have the same sounds; only where the caption is right for one of them it is asked.
    """
    place = {scene.id: number for number, scene in enumerate(task.sounds)}
    both, names = list[tuple[float, float]](), list[str]()
    for row, match in zip(scores, task.match, strict=True):
        for own in np.flatnonzero(match):
            scene = task.sounds[own]
            other = place.get(scene.twin, -1)
            if other >= 0 and not match[other]:
                both.append((float(row[own]), float(row[other])))
                names.append(min(scene.id, scene.twin))
    return np.array(both).reshape(-1, 2), names


def shared(one: Moment, other: Moment) -> float:
    """What two stretches share, of all that either covers."""
    common = min(one.end, other.end) - max(one.start, other.start)
    return max(0.0, common) / (one.seconds + other.seconds - max(0.0, common))
