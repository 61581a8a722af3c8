"""The one vector of each side that an index can hold, made of its tokens."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from earmark.lab.sides import Side, Stream


class Tokened(nn.Module, ABC):
    """A matcher whose gists are the means of its tokens; it gives those, and scores."""

    @abstractmethod
    def text_tokens(self, side: Side) -> Stream:
        """Bring the tokens of texts into the gist's space: -> x [T, L, W]."""

    @abstractmethod
    def audio_tokens(self, side: Side) -> Stream:
        """Bring the tokens of sounds into it: -> x [A, M, W]."""

    def text_gist(self, side: Side) -> Tensor:
        """Give each text one vector: -> [T, W]."""
        return gist(self.text_tokens(side))

    def audio_gist(self, side: Side) -> Tensor:
        """Give each sound one vector: -> [A, W]."""
        return gist(self.audio_tokens(side))


def gist(tokens: Stream) -> Tensor:
    """Weighted mean at unit length; zero where nothing is real: [B, L, W] -> [B, W].

    The mean's divisor is left out, as the length takes it away: it would be 0 for a missing clip.
    """
    return F.normalize(torch.einsum("bl,blw->bw", weights(tokens), tokens.x), dim=1)


def weights(tokens: Stream) -> Tensor:
    """What each token counts, 0 on padding: -> [B, L]."""
    real = tokens.real.to(tokens.x.dtype)
    return real if tokens.weight is None else real * tokens.weight
