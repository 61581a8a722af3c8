"""Sounds and sentences, and which belong together: what a system is trained and asked on.

From a part of a benchmark (`scenes-v1#train`) what is right follows from the truth of its scenes;
from any data spec, a sentence is right for every clip that has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from earmark.data import Row, open_data
from earmark.errors import UsageError
from earmark.lab.benchmarks import BENCHMARKS, Pools, digest, part_of
from earmark.lab.exam.hearing import wave_of
from earmark.lab.features.kept import Sounds, Wave
from earmark.lab.objectives import Places
from earmark.scenes import Scene, render
from earmark.scenes.matching import doubts
from earmark.score import Task, protocol

Match = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Sounds to hear, and a task that says which sentence is right for which."""

    sounds: Sounds
    task: Task[Row] | Task[Scene]
    doubt: Match  # [texts, sounds] neither right nor wrong

    def told(self, sound: int) -> npt.NDArray[np.int64]:
        """Which sentences are right for a sound."""
        return np.flatnonzero(self.task.match[:, sound])


@dataclass(frozen=True, slots=True)
class Opener:
    """Opens specs; a benchmark's sounds are opened once for all of its parts."""

    places: Places
    pools: dict[str, Pools]

    def open(self, spec: str) -> Pairs:
        """Open a part of a benchmark, or a data set."""
        name, _, part = spec.partition("#")
        if name not in BENCHMARKS:
            return _of_rows(open_data(spec.replace("{data}", str(self.places.data))), spec)
        if name not in self.pools:
            self.pools[name] = Pools(name, self.places)
        pools, rule = self.pools[name], part_of(name, part)
        scenes, bank = pools.draw(rule), pools.bank(rule.split)
        waves: list[Wave] = [partial(render, scene, bank) for scene in scenes]
        return of_scenes(scenes, waves)


def of_scenes(scenes: Sequence[Scene], waves: Sequence[Wave]) -> Pairs:
    """Pair scenes with all that is said of any of them."""
    task = protocol("scenes").task(scenes)
    by_text = {caption.text: caption for scene in scenes for caption in scene.captions}
    doubt = doubts([by_text[text] for text in task.texts], scenes) & ~task.match
    return Pairs(Sounds(waves=waves, key=digest(scenes)), task, doubt)


def _of_rows(rows: Sequence[Row], spec: str) -> Pairs:
    """Pair clips with their captions."""
    told = [row for row in rows if row.captions]
    if not told:
        raise UsageError(f"{spec} holds no captions", hint="name a data set that has them")
    task = protocol("captions").task(told)
    waves: list[Wave] = [partial(wave_of, row) for row in task.sounds]
    return Pairs(Sounds(waves=waves, key=_key_of(task.sounds)), task, np.zeros_like(task.match))


def _key_of(rows: Sequence[Row]) -> str:
    """What rows are known by: their bytes, and which stretch of them."""
    digest = blake2b(digest_size=16)
    for row in rows:
        digest.update(row.audio.read_bytes() + f"{row.start} {row.end}".encode())
    return digest.hexdigest()
