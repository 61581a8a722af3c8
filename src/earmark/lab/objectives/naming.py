"""What classes of sound are called: phrases for those that are heard, and what a sentence names.

A class has a name, and phrases that people use for it. So a mixture in which the expert clearly
hears a class is described by one of its phrases, and any sentence means the classes whose names and
phrases are near to it, and those that people have labelled it with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from earmark.lab.experts import open_expert
from earmark.lab.objectives import Places
from earmark.lab.recipe import Recipe
from earmark.lab.words.labels import Labels, labels_of
from earmark.lab.words.sources import phrases

CLEAR, HEARD = 0.4, 0.2  # what the expert says of a class that is named, and that is there
TEMPERATURE = 0.05  # of a sentence over the names of classes
LABELLED = 0.5  # what the labels of a caption count beside its nearness to names


@dataclass(frozen=True, slots=True)
class Naming:
    """Phrases of each class, what it means, and the captions that are labelled with it."""

    phrases: list[list[str]]
    meanings: Tensor  # [classes, width] of unit length
    labels: Labels

    def phrases_for(
        self, scores: Tensor, rng: np.random.Generator
    ) -> tuple[tuple[str, ...], Tensor]:
        """Say what is clearly heard, a class a mixture: [B, classes] -> texts, [texts, B]."""
        texts, classes = list[str](), list[int]()
        for row in scores.cpu().numpy():
            clear = [n for n in np.flatnonzero(row > CLEAR) if self.phrases[n]]
            if clear:
                one = int(rng.choice(clear))
                texts.append(str(rng.choice(self.phrases[one])))
                classes.append(one)
        return tuple(texts), scores.T[classes] > HEARD

    def classes_of(self, texts: Sequence[str], meanings: Tensor) -> Tensor:
        """How much sentences mean each class, 1 in all: -> [sentences, classes]."""
        unit = nn.functional.normalize(meanings, dim=1)
        near = (unit @ self.meanings.T / TEMPERATURE).softmax(dim=1)
        labels = torch.from_numpy(self.labels.of(texts)).to(near)
        told = labels.sum(dim=1, keepdim=True) > 0
        return torch.where(told, LABELLED * labels + (1 - LABELLED) * near, near)


def naming_of(recipe: Recipe, places: Places, names: Sequence[str], device: torch.device) -> Naming:
    """Look up what classes of these names are called."""
    known = phrases()
    told = [known.get(name, []) for name in names]
    meanings = _meanings(recipe.teachers["words"], names, told, places.cache)
    return Naming(told, meanings.to(device), labels_of(recipe.data.sentences, places.data, names))


def _meanings(
    reader: str, names: Sequence[str], told: Sequence[Sequence[str]], cache: Path
) -> Tensor:
    """What each class means: the mean of its name and its phrases: -> [classes, width]."""
    path = cache / "class-meanings.npy"
    if not path.is_file():
        expert = open_expert(reader)
        both = zip(names, told, strict=True)
        rows = [expert.embed([name, *some]).mean(dim=0) for name, some in both]
        np.save(path, torch.stack(rows).numpy())
    return nn.functional.normalize(torch.from_numpy(np.load(path)), dim=1)
