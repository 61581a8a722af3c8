"""Tells each token of a sound where in the sound it is, since a mean of tokens knows no places.

Behind the numbers of token i of n come sin(pi k u) and cos(pi k u) with u = (i + 1/2) / n, for
k = 1 to `count`. A place is one in this sound: in a stretch of a long recording it would be
another, so a matcher that was told of places is for the lab alone.
"""

from __future__ import annotations

import math

import torch

from earmark.lab.sides import Stream


def placed(stream: Stream, count: int) -> Stream:
    """Put places behind the numbers of each token: [B, M, W] -> [B, M, W + 2 count]."""
    if not count:
        return stream
    real = stream.real
    number = real.cumsum(dim=1) - 0.5
    share = number / real.sum(dim=1, keepdim=True).clamp(min=1)
    turns = math.pi * share[..., None] * torch.arange(1, count + 1, device=real.device)
    place = torch.cat([turns.sin(), turns.cos()], dim=2) * real[..., None]
    return stream._replace(x=torch.cat([stream.x, place.to(stream.x.dtype)], dim=2))
