"""Where the sounds of a batch come from when both halves meet.

    Live    mixed anew each time, for ears that learn; both hear it, the student and its teacher
    Held    chosen from what ears that do not learn have heard once and for all (`kept`)

Both draw by a seed alone, and give the same kinds of sound.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from earmark.lab.carry import carried
from earmark.lab.experts import Heard
from earmark.lab.objectives.hear import Ears
from earmark.lab.objectives.teaching import MEL, Lessons, scores_of
from earmark.lab.sides import Stream
from earmark.lab.sounds.kept import BLOCK, Hear, Kept, keep
from earmark.lab.sounds.plan import MixPlan
from earmark.lab.sounds.spool import FULL, Spool
from earmark.lab.towers.cnn import FRAMES
from earmark.lab.towers.mel import TorchMel

SCENE_SECONDS = 20.48
KEPT = 11  # parts the seeds of kept mixtures from those of a step
Numbers = npt.NDArray[np.int64]
Seed = tuple[int, ...]
Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True, eq=False)
class Picked:
    """Mixtures that were drawn; nothing was heard yet."""

    sources: tuple[tuple[int, ...], ...]  # entries of the spool in each mixture
    plan: MixPlan | None = None  # for ears that learn
    numbers: Numbers | None = None  # of what was kept


class Mixed(NamedTuple):
    """Mixtures as both heard them."""

    stream: Stream  # tokens of the student
    scores: Tensor  # [mixtures, classes] of the teacher
    taught: Heard | None = None  # for ears that learn, all that the teacher says


class Listening(Protocol):
    """Draws and hears."""

    def draw(self, size: int, seed: Seed) -> Picked:
        """Draw mixtures from a seed; runs in a thread."""

    def mixtures(self, picked: Picked) -> Mixed:
        """Hear them."""

    def scenes(self, numbers: Numbers) -> Stream:
        """Hear scenes."""


class Scenes:
    """The sound of composed scenes, silence behind it."""

    def __init__(self, spool: Spool, device: torch.device) -> None:
        self._spool, self._device = spool, device
        self._mel = TorchMel([MEL]).to(device)

    def __len__(self) -> int:
        return len(self._spool.entries)

    @property
    def key(self) -> str:
        """What these scenes are known by."""
        return self._spool.key

    def logmel(self, numbers: Numbers | range) -> Tensor:
        """Give the log-mel of some scenes: -> [scenes, frames, bands]."""
        size = round(SCENE_SECONDS * self._spool.rate)
        out = torch.zeros(len(numbers), size)
        for row, number in zip(out, numbers, strict=True):
            entry = self._spool.entries[number]
            part = self._spool.samples[entry.first : entry.first + min(entry.length, size)]
            row[: len(part)] = torch.from_numpy(part.astype(np.float32)) / FULL
        logmel: Tensor = self._mel(carried(out, self._device))[0]
        return logmel


class Live:
    """Sounds are made for each step, and the ears learn."""

    def __init__(self, lessons: Lessons, ears: Ears, scenes: Scenes | None) -> None:
        self._lessons, self._ears, self._scenes = lessons, ears, scenes

    def draw(self, size: int, seed: Seed) -> Picked:
        """Draw mixtures from a seed; runs in a thread."""
        plan = self._lessons.draw(size, seed)
        return Picked(plan.sources, plan=plan)

    def mixtures(self, picked: Picked) -> Mixed:
        """Mix, and let both hear it."""
        taught, logmel = self._lessons.hear(_given(picked.plan))
        return Mixed(self._ears.tower(logmel), scores_of(taught), taught)

    def scenes(self, numbers: Numbers) -> Stream:
        """Hear scenes."""
        with torch.no_grad():
            logmel = _given(self._scenes).logmel(numbers)
        stream: Stream = self._ears.tower(logmel)
        return stream


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldWish:
    """What is heard once: how many mixtures, by whom, and where it is kept."""

    count: int
    seed: int
    about: str  # all else that mixtures depend on
    cache: Path
    watch: Callable[[str, float], None]


class Held:
    """Sounds are chosen from those that were heard once."""

    def __init__(self, lessons: Lessons, ears: Ears, scenes: Scenes | None, wish: HeldWish) -> None:
        self._lessons, self._ears, self._wish = lessons, ears.eval(), wish
        self._device = next(ears.parameters()).device
        self._who = _digest(ears)
        blocks = range(-(-wish.count // BLOCK))
        plans = [lessons.draw(BLOCK, (wish.seed, KEPT, block)) for block in blocks]
        self._sources = [one for plan in plans for one in plan.sources][: wish.count]
        self._mixtures = self._keep_mixtures(plans)
        self._scenes = self._keep_scenes(scenes) if scenes else None

    def _keep_mixtures(self, plans: Sequence[MixPlan]) -> Kept:
        def hear(numbers: range) -> tuple[Stream, Tensor]:
            taught, logmel = self._lessons.hear(plans[numbers.start // BLOCK])
            some = slice(len(numbers))  # the last block is drawn whole
            return self._ears.tower(logmel[some]), scores_of(taught)[some]

        with torch.no_grad():
            length = hear(range(1))[0].x.shape[1]
        classes = len(self._lessons.expert.names)
        return self._keep(self._wish.count, hear, length, classes, self._wish.about)

    def _keep_scenes(self, scenes: Scenes) -> Kept:
        def hear(numbers: range) -> tuple[Stream, Tensor]:
            stream = self._ears.tower(scenes.logmel(numbers))
            return stream, stream.x.new_zeros(len(numbers), 0)

        length = MEL.frames(round(SCENE_SECONDS * MEL.rate)) // FRAMES
        return self._keep(len(scenes), hear, length, 0, scenes.key)

    def _keep(self, count: int, hear: Hear, length: int, classes: int, about: str) -> Kept:
        shape = length, self._ears.classes.in_features, classes
        text = f"{self._who} {about} {self._wish.seed} {count} {shape}"
        return keep(
            count,
            hear,
            shape=shape,
            key=blake2b(text.encode(), digest_size=12).hexdigest(),
            cache=self._wish.cache,
            watch=partial(self._wish.watch, "hearing what is kept"),
        )

    def draw(self, size: int, seed: Seed) -> Picked:
        """Choose mixtures by a seed; runs in a thread."""
        numbers = np.random.default_rng(seed).choice(len(self._sources), size, replace=False)
        return Picked(tuple(self._sources[n] for n in numbers), numbers=numbers)

    def mixtures(self, picked: Picked) -> Mixed:
        """Give what was heard of them."""
        numbers = _given(picked.numbers)
        stream = self._mixtures.stream(numbers, self._device)
        return Mixed(stream, self._mixtures.classes(numbers, self._device))

    def scenes(self, numbers: Numbers) -> Stream:
        """Give what was heard of scenes."""
        return _given(self._scenes).stream(numbers, self._device)


def _digest(ears: Ears) -> str:
    """What these ears are known by."""
    digest = blake2b(digest_size=12)
    for name, value in ears.tower.state_dict().items():
        digest.update(name.encode() + value.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _given(what: Thing | None) -> Thing:
    if what is None:
        raise ValueError("this was not drawn for these ears")
    return what
