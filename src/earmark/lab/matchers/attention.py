"""What co-attention, refinement and text-aware pooling are made of, written out plainly.

The quick paths of torch do not all survive the export to ONNX. What is not real is left out by -inf
under the softmax. Where nothing is real that would be NaN, so there it is taken over all, and what
comes out is put to zero; the matrices have no biases, so that zero stays zero. (The bias of a key
would change no softmax anyway.) Only what a block adds is dropped out at random, nothing inside of
it: on a CPU the random numbers for the inside of a pair took longer than its forward pass.

Shapes: B rows, L tokens that ask, M tokens that are asked, W width.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from earmark.errors import UsageError
from earmark.lab.matchers import refuse_impossible
from earmark.lab.sides import Stream

LIMIT = 8.0  # a weight is between e^-8 and e^8, so that half precision can store it


def share(logits: Tensor, real: Tensor) -> Tensor:
    """Softmax over the real ones of the last axis; zeros where there is none: -> [..., M]."""
    some = real.any(dim=-1, keepdim=True)
    return logits.masked_fill(some & ~real, -torch.inf).softmax(dim=-1) * some


class Attention(nn.Module):
    """Tokens ask, others answer, in several heads."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.ask = nn.Linear(width, width, bias=False)
        self.key = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(width, width, bias=False)
        self.answer = nn.Linear(width, width, bias=False)

    def forward(self, x: Tensor, other: Tensor, real: Tensor) -> Tensor:
        """Let x ask the real ones of the other: [B, L, W], [B, M, W], [B, M] -> [B, L, W]."""
        return self.look(self.ask(x), self.key(other), self.value(other), real)

    def look(self, asked: Tensor, key: Tensor, value: Tensor, real: Tensor) -> Tensor:
        """Give each question the mean of the answers that fit it, a head at a time."""
        q, k, v = (
            part.unflatten(2, (self.heads, -1)).transpose(1, 2) for part in (asked, key, value)
        )
        fit = q @ k.transpose(2, 3) * q.shape[-1] ** -0.5  # [B, heads, L, M]
        seen = share(fit, real[:, None, None]) @ v
        answer: Tensor = self.answer(seen.transpose(1, 2).flatten(2))
        return answer


class PreNorm(nn.Module):
    """Look at one's own tokens, then think; norms come before what they norm."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.look_norm, self.think_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.look = Attention(width, heads)
        self.think = new_thought(width, nn.GELU())
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor, real: Tensor) -> Tensor:
        """Add what is seen, and what is made of it: [B, L, W], [B, L] -> [B, L, W]."""
        own = self.look_norm(x)
        x = x + self.drop(self.look(own, own, real))
        thought: Tensor = x + self.drop(self.think(self.think_norm(x)))
        return thought


class Guided(nn.Module):
    """Look at those who guide, then think; norms come after. Self-attention is to guide oneself."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.look_norm, self.think_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.look = Attention(width, heads)
        self.think = new_thought(width, nn.ReLU())
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor, guide: Tensor, real: Tensor) -> Tensor:
        """Guide x by the real ones of the guide: [B, L, W], [B, M, W], [B, M] -> [B, L, W]."""
        return self.after(x, self.look(x, guide, real))

    def after(self, x: Tensor, seen: Tensor) -> Tensor:
        """Go on from what was seen: [B, L, W], [B, L, W] -> [B, L, W]."""
        x = self.look_norm(x + self.drop(seen))
        thought: Tensor = self.think_norm(x + self.drop(self.think(x)))
        return thought


def new_thought(width: int, bend: nn.Module) -> nn.Sequential:
    """Make the part of a block that works on each token alone."""
    return nn.Sequential(nn.Linear(width, 4 * width), bend, nn.Linear(4 * width, width))


def ready(stream: Stream, own: Attention, other: Attention) -> Stream:
    """Work out what a side asks and what it answers, before it meets anyone: as levels."""
    x = stream.x
    return stream._replace(levels=(own.ask(x), other.key(x), other.value(x)))


def seen(own: Attention, side: Stream, other: Stream) -> Tensor:
    """What a side sees in another, both of them ready: -> [B, L, W]."""
    return own.look(side.levels[0], other.levels[1], other.levels[2], other.real)


class Attentive(nn.Module):
    """What each token counts in a mean: exp(w . tanh(V x)), bounded, and 0 on padding."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.scale = nn.Sequential(nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 1))

    def forward(self, x: Tensor, real: Tensor) -> Stream:
        """Weigh tokens, so that their gist is an attentive pooling: [B, L, W], [B, L] -> stream."""
        logits = self.scale(F.layer_norm(x, x.shape[-1:]))[..., 0]
        return Stream(x, real, weight=(LIMIT * (logits / LIMIT).tanh()).exp() * real)


class AttFlat(nn.Module):
    """A weighted mean of tokens, by a softmax of what a small network says of each: -> [B, W]."""

    def __init__(self, width: int) -> None:
        super().__init__()
        last = nn.Linear(width, 1, bias=False)  # a softmax does not see a bias
        self.scale = nn.Sequential(nn.Linear(width, width), nn.ReLU(), last)
        self.merge = nn.Linear(width, width, bias=False)

    def forward(self, x: Tensor, real: Tensor) -> Tensor:
        """Pool the real ones: [B, L, W], [B, L] -> [B, W]."""
        pooled: Tensor = self.merge((share(self.scale(x)[..., 0], real)[:, None] @ x)[:, 0])
        return pooled


def refuse_uneven(width: int, heads: int, dropout: float, **numbers: int) -> None:
    """Raise for sizes of which there is no attention."""
    refuse_impossible(width=width, heads=heads, **numbers)
    if width % heads:
        raise UsageError(
            f"a matcher of width {width} cannot be shared by {heads} heads",
            hint="make the width a multiple of the heads",
        )
    refuse_dropout(dropout)


def refuse_dropout(dropout: float) -> None:
    """Raise for a chance that leaves nothing, or is none."""
    if not 0 <= dropout < 1:
        raise UsageError(
            f"a matcher cannot have dropout = {dropout}", hint="make it 0 or more, and under 1"
        )
