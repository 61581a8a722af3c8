"""Which sentences are near each other, by what the sentence model says of them.

A batch of sentences drawn at random holds hardly two that mean about the same, so how near those
two should be is seldom learned. Here every other one is a near one of another of the batch.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from earmark.lab import losses
from earmark.lab.words.corpus import Corpus, Meanings, Numbers

NEAREST = 8  # sentences, of which one comes along
TEMPERATURE = 0.05  # what cosines of texts are divided by
AT_ONCE = 1_024  # sentences whose near ones are looked for
NEVER = -1e4  # a score of what must not count
Places = npt.NDArray[np.int32]  # of sentences among those of training


@dataclass(frozen=True, slots=True, eq=False)
class Kin:
    """The sentences of training, and the nearest of each."""

    numbers: Numbers  # [N] in the corpus
    near: Places  # [N, NEAREST]

    @classmethod
    def of(cls, corpus: Corpus, cache: Path, watch: Callable[[float], None]) -> Kin:
        """Find them, or read what was found before."""
        path = cache / f"kin-{corpus.key}-{NEAREST}.npy"
        if not path.is_file():
            found = nearest(corpus.meanings[corpus.train], NEAREST, watch)
            part = path.with_suffix(f".part{os.getpid()}")
            with part.open("wb") as file:
                np.save(file, found)
            part.replace(path)
        return cls(corpus.train, np.load(path))

    def draw(self, count: int, rng: np.random.Generator) -> Numbers:
        """Draw half of them, and of each a near one: -> their numbers in the corpus."""
        some = rng.integers(len(self.numbers), size=count // 2)
        beside = self.near[some, rng.integers(self.near.shape[1], size=len(some))]
        chosen: Numbers = self.numbers[np.concatenate([some, beside])]
        return chosen


def kin(gists: Tensor, meanings: Tensor) -> Tensor:
    """Cross-entropy to who is near whom by their meanings, oneself left out: [B, W], [B, V]."""
    own, wanted = (F.normalize(x.float(), dim=1) for x in (gists, meanings))
    oneself = torch.eye(len(own), dtype=torch.bool, device=own.device)
    scores, near = ((x @ x.T).masked_fill(oneself, NEVER) for x in (own, wanted))
    return losses.soft_targets(scores, near, temperature=TEMPERATURE)


def nearest(meanings: Meanings, count: int, watch: Callable[[float], None]) -> Places:
    """Find the nearest others of each row by cosine, nearest first: [N, W] -> [N, count]."""
    unit = F.normalize(torch.from_numpy(meanings.astype(np.float32)), dim=1)
    found = []
    for first in range(0, len(unit), AT_ONCE):
        near = unit[first : first + AT_ONCE] @ unit.T
        near.diagonal(first).fill_(-torch.inf)
        found.append(near.topk(min(count, len(unit) - 1)).indices)
        watch((first + len(near)) / len(unit))
    return torch.cat(found).numpy().astype(np.int32)
