"""What the scores of a batch of texts with its mixtures should be, and how far they are from it.

The same is wanted of a matcher's scores and of those of its gists, where these are others.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from earmark.lab import losses
from earmark.lab.objectives import Places
from earmark.lab.objectives.read import meanings_of
from earmark.lab.recipe import Recipe
from earmark.lab.sounds.spool import Spool

TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Targets:
    """For captions, phrases and free sentences, in this order."""

    parts: tuple[int, int, int]  # how many there are of each
    alike: Tensor  # [captions, mixtures]
    named: Tensor  # [phrases, mixtures]
    composed: Tensor  # [sentences, mixtures]

    def losses(self, scores: Tensor, temperature: Tensor) -> dict[str, Tensor]:
        """Compare; soft targets are chances at a temperature of their own, which ours leaves."""
        own, heard, free = scores.split(list(self.parts))
        still = temperature.detach()
        soft = partial(losses.soft_targets, temperature=temperature)
        out = {"soft": soft(free, self.composed * still)}
        if len(own):
            out["pairs"] = soft(own, self.alike * still)
        if len(heard):
            out["named"] = losses.nt_xent(heard, self.named, temperature=temperature)
        return out


def expected(near: Tensor, scores: Tensor) -> Tensor:
    """Expected log score of the classes that sentences mean: [S, C], [B, C] -> [S, B]."""
    return near @ scores.clamp(min=1e-5).log().T


def meant_by(
    sounds: Spool, recipe: Recipe, places: Places, device: torch.device
) -> npt.NDArray[np.float32]:
    """What the captions of each sound mean, their mean: -> [sounds, width], 0 without any."""
    texts = sorted({text for entry in sounds.entries for text in entry.captions})
    known = meanings_of(texts, recipe, places, device)
    place = {text: number for number, text in enumerate(texts)}
    out = np.zeros((len(sounds.entries), known.shape[1]), np.float32)
    for row, entry in zip(out, sounds.entries, strict=True):
        for text in entry.captions:
            row += known[place[text]]
    return out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), TINY)
