"""Composed soundscapes with captions to learn from: many scenes of few sounds, each made once.

Captions are drawn as they come, each true of its scene; which other scenes of a batch it is true of
as well, the constraints tell. (Fair pools, which evaluations use, take far longer to draw.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
from hashlib import blake2b

import numpy as np

from earmark.lab.sounds.spool import Take
from earmark.lab.sounds.synthetic import FIRST_SEED
from earmark.scenes import Bank, Plan, Scene, bank_from_kinds, draw_scene, render
from earmark.scenes.bank import Load
from earmark.scenes.draw import seed_of
from earmark.scenes.grammar import claims_of, new_grammar, to_words
from earmark.scenes.truth import to_line
from earmark.types import Samples

TAKES = 3  # of every kind
CAPTIONS = 4  # of every scene
LONGEST = 20.0  # seconds, of a scene and of any sound in it


def draw_scenes(bank: Bank, count: int, seed: int) -> list[Scene]:
    """Draw so many scenes with captions in the words of training."""
    plan, grammar = Plan(seconds=(8.0, LONGEST), captions=CAPTIONS, split="train"), new_grammar()
    labels = list(bank.by_label)
    scenes = []
    for number in range(count):
        scene = draw_scene(bank, plan, seed=seed_of(seed, number), name=f"{number:06d}")
        rng = np.random.default_rng(seed_of(seed, number, 1))
        claims = list(claims_of(scene, grammar, labels, rng))[:CAPTIONS]
        told = (to_words(name, claim, grammar, bank, rng) for name, claim in claims)
        scenes.append(replace(scene, captions=tuple(told)))
    return [scene for scene in scenes if scene.captions]


def scene_takes(scenes: Sequence[Scene], bank: Bank, seed: int) -> list[Take]:
    """Turn scenes into sounds that a spool can hold, named by all that is true of them."""
    return [
        Take(f"scene:{seed}/{scene.id}-{_digest(scene)}", partial(render, scene, bank))
        for scene in scenes
    ]


def _digest(scene: Scene) -> str:
    return blake2b(to_line(scene).encode(), digest_size=6).hexdigest()


@cache
def training_bank() -> Bank:
    """A bank whose sounds are made once and kept: making them costs more than mixing them."""
    bank = bank_from_kinds(takes=TAKES, first=FIRST_SEED)
    return Bank(
        tuple(replace(one, load=_kept(one.load, texture=one.texture)) for one in bank.sounds)
    )


def _kept(load: Load, *, texture: bool) -> Load:
    """Keep what a sound gave; a texture is made long, and its beginning is given."""
    made: dict[int, Samples] = {}

    def again(seconds: float | None, rate: int) -> Samples:
        if rate not in made:
            made[rate] = load(LONGEST if texture else None, rate)
        wave = made[rate]
        return wave.copy() if seconds is None else wave[: round(seconds * rate)].copy()

    return again
