"""The one vector of each side that an index can hold, made of its tokens."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from earmark.lab.sides import Stream


def gist(tokens: Stream) -> Tensor:
    """Weighted mean at unit length; zero where nothing is real: [B, L, W] -> [B, W].

    The mean's divisor is left out, as the length takes it away: it would be 0 for a missing clip.
    """
    return F.normalize(torch.einsum("bl,blw->bw", weights(tokens), tokens.x), dim=1)


def weights(tokens: Stream) -> Tensor:
    """What each token counts, 0 on padding: -> [B, L]."""
    real = tokens.real.to(tokens.x.dtype)
    return real if tokens.weight is None else real * tokens.weight
