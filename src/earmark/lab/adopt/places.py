"""Places in time of a foreign network as a bundle's tokens, so that their mean stays what it was.

A network may tell a place every 40 ms; a bundle keeps ten as one. It drops a token whose centre
lies behind the end of the sound, so the others speak for it: all are moved alike.
"""

from __future__ import annotations

import torch
from torch import Tensor

TOGETHER = 10  # places that are kept as one
NOTHING = 1e-6  # the weight of what stands behind the end


def as_tokens(places: Tensor, real: Tensor, around: Tensor) -> tuple[Tensor, Tensor]:
    """Tokens whose mean has unit length and points where the sum of all places and `around` does.

    `around` is what counts and has no time of its own: [n, S, width], [n, S], [n, width] ->
    [n, T, width], [n, T].
    """
    sums, counts = _together(places * real[:, :, None]), _together(real[:, :, None])
    mean = (sums.sum(dim=1) + around) / real.sum(dim=1)[:, None]
    first = torch.arange(sums.shape[1], device=sums.device)[:, None] == 0
    whole = (counts > TOGETHER / 2) | first
    kept = (sums * whole).sum(dim=1) / (counts * whole).sum(dim=1)
    tokens = sums / counts.clamp(min=1) + (mean - kept)[:, None]
    weight = torch.where(whole, counts / TOGETHER, torch.full_like(counts, NOTHING))
    return tokens / mean.norm(dim=1)[:, None, None], weight[:, :, 0]


def _together(x: Tensor) -> Tensor:
    """Sums of some places each: [n, S, width] -> [n, T, width]."""
    n, _, width = x.shape
    return x.float().view(n, -1, TOGETHER, width).sum(dim=2)
