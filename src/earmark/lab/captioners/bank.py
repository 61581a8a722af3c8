"""The captions of train that lie nearest to a sound, by the gists of a run that has learned.

A sound of train is not given what was written for it: no sound of dev or test finds its own in
train either, and a matcher that had learned to trust its captions blindly would be let down. The
run has heard these sounds and read these captions, though, so what it finds for a sound of train is
somewhat nearer than what it finds for others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from earmark.errors import UsageError
from earmark.lab.captioners import Asked, Lesson, plain
from earmark.lab.checkpoint import RECIPE
from earmark.lab.features.featured import Numbers, heard_by, read_by
from earmark.lab.features.kept import Layered
from earmark.lab.features.towers import key_of
from earmark.lab.matchers import Widths, new_matcher
from earmark.lab.recipe import read_recipe
from earmark.lab.sides import Side
from earmark.lab.start import WEIGHTS, load_part

AT_ONCE = 128  # items of a side that are made together
CPU = torch.device("cpu")


class Bank:
    """Holds the gists of all captions of train."""

    def __init__(self, lesson: Lesson, *, run: str) -> None:
        folder = Path(run)
        self._lesson, self._folder = lesson, folder
        self._recipe, _ = read_recipe(folder / RECIPE)
        _refuse_other_data(run, self._recipe.data.train, lesson.recipe.data.train)
        known = (key_of(folder / WEIGHTS), lesson.train.sounds.key, lesson.train.task.texts)
        told = repr((*known, lesson.count)).encode()
        self.key = blake2b(told, digest_size=12).hexdigest()

    @torch.no_grad()
    def write(self, asked: Asked) -> Sequence[Sequence[str]]:
        """Find the nearest captions of every sound."""
        texts, count = self._lesson.train.task.texts, self._lesson.count
        heard = heard_by(self._recipe.features, asked.sounds, self._lesson.places)
        matcher, captions = self._matcher(heard), self._read
        side = partial(_side, {"main": captions})
        gists = _made(matcher.text_gist, side, len(texts))
        sounds = _made(matcher.audio_gist, partial(_side, heard), len(asked.names))
        scores = sounds @ gists.T
        if asked.sounds.key == self._lesson.train.sounds.key:
            scores[_own(self._lesson)] = -torch.inf
        nearest = scores.topk(min(count, len(texts)), dim=1)
        return [
            [texts[place] for place, score in zip(*row, strict=True) if np.isfinite(score)]
            for row in zip(nearest.indices.tolist(), nearest.values.tolist(), strict=True)
        ]

    @cached_property
    def _read(self) -> Layered:
        rule = self._recipe.features
        return read_by(rule, self._lesson.train.task.texts, self._lesson.places)

    def _matcher(self, heard: dict[str, Layered]) -> nn.Module:
        """Open the matcher of the run, for streams as wide as these."""
        rule, levels = self._recipe.matcher, heard["main"].widths[1:]
        text, *below = self._read.widths
        audio = {name: one.widths[0] for name, one in heard.items()}
        widths = Widths({"main": text}, audio, tuple(below), levels)
        made: nn.Module = new_matcher(rule.name, widths, width=rule.width, **rule.settings)
        load_part(made, self._folder, "matcher")
        return made.eval()


def _made(make: Callable[[Side], Tensor], side: Callable[[Numbers], Side], count: int) -> Tensor:
    """Make something of every item of a side, some at once: -> [count, ...]."""
    return torch.cat([make(side(some)) for some in _blocks(count)])


def _blocks(count: int) -> Iterator[Numbers]:
    for first in range(0, count, AT_ONCE):
        yield np.arange(first, min(first + AT_ONCE, count))


def _side(streams: dict[str, Layered], numbers: Numbers) -> Side:
    return {name: kept.stream(numbers, CPU) for name, kept in streams.items()}


def _own(lesson: Lesson) -> tuple[list[int], list[int]]:
    """Which captions were written for which sounds of train: numbers of sounds, of texts."""
    task, sounds = lesson.train.task, list[Any](lesson.train.task.sounds)
    number = {plain(text): place for place, text in enumerate(task.texts)}
    found = [
        (sound, number[plain(said)])
        for sound, one in enumerate(sounds)
        for said in (one if isinstance(one, str) else one.text for one in one.captions)
        if plain(said) in number
    ]
    return [sound for sound, _ in found], [text for _, text in found]


def _refuse_other_data(run: str, heard: tuple[str, ...], train: tuple[str, ...]) -> None:
    """Raise for a run that learned from anything but what this recipe does."""
    if heard != train:
        raise UsageError(
            f"the run {run} learned from {', '.join(heard)}, and this recipe from "
            f"{', '.join(train)}",
            hint="name a run of the same train data, or captions of a test could come in by it",
        )
