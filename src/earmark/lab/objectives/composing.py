"""Composed scenes to learn from, of sounds made by code and of the clips of train.

A batch is of one bank: what two banks call their sounds tells nothing of each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

import numpy as np

from earmark.lab.objectives import Places
from earmark.lab.objectives.teaching import MEL
from earmark.lab.recipe import Recipe
from earmark.lab.sounds.scenes import draw_scenes, scene_takes
from earmark.lab.sounds.spool import Spool, Take, spool
from earmark.scenes import Bank, Scene, matches
from earmark.scenes.matching import doubts

Banks = Mapping[str, Callable[[], Bank]]
COUNTS = {"code": "scenes", "clips": "clip_scenes"}  # keys of [data]: how many of each bank


class Composed(NamedTuple):
    """A batch of scenes with their captions."""

    places: np.ndarray  # [scenes]
    captions: tuple[str, ...]
    match: np.ndarray  # [captions, scenes]
    doubt: np.ndarray  # [captions, scenes] neither right nor wrong


class Scenery:
    """All scenes of a recipe: their truth by bank, and their sound one after the other."""

    def __init__(self, by_bank: Mapping[str, Mapping[str, Scene]], sound: Spool) -> None:
        self.sound = sound
        self.scenes = tuple(
            scene
            for entry in sound.entries  # a silent one was left out
            for known in by_bank.values()
            if (scene := known.get(entry.name))
        )
        self.places = {
            name: np.array([n for n, entry in enumerate(sound.entries) if entry.name in known])
            for name, known in by_bank.items()
        }

    def draw(self, most: int, rng: np.random.Generator) -> Composed:
        """Draw scenes of one bank with a caption each."""
        names = list(self.places)
        sizes = np.array([len(self.places[name]) for name in names])
        places = self.places[names[int(rng.choice(len(names), p=sizes / sizes.sum()))]]
        picked = rng.choice(places, min(most, len(places)), replace=False)
        chosen = [self.scenes[place] for place in picked]
        told = [scene.captions[int(rng.integers(len(scene.captions)))] for scene in chosen]
        texts = tuple(one.text for one in told)
        return Composed(picked, texts, matches(told, chosen), doubts(told, chosen))


def compose(recipe: Recipe, banks: Banks, places: Places) -> Scenery | None:
    """Draw the scenes that a recipe wants of each bank, and make their sound; None without any."""
    takes, by_bank = list[Take](), dict[str, dict[str, Scene]]()
    for name, make in banks.items():
        count = int(getattr(recipe.data, COUNTS[name]))
        if count:
            bank = make()
            scenes = draw_scenes(bank, count, recipe.seed)
            made = scene_takes(scenes, bank, recipe.seed)
            by_bank[name] = {take.name: scene for take, scene in zip(made, scenes, strict=True)}
            takes += made
    if not takes:
        return None
    watch = partial(places.watch, "composing scenes")
    return Scenery(by_bank, spool(takes, MEL.rate, places.cache, watch=watch))
