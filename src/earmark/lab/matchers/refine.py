"""Vectors of both sides refined, first by themselves and then by each other.

Paper: Liu et al., "Robust Audio-Text Retrieval via Cross-Modal Attention and Hybrid Loss" (arXiv
2604.23323), its refinement of embeddings: a transformer projection, a linear mapping, and attention
in both directions. With e the tokens of a side in a common width:

    h   = LN(W e + b + gamma * Transformer(e))                 gamma = 0.1 at first
    s1  = cos(pool(h_t), pool(h_a)),   pool(h) = sum_i softmax_i(w . tanh(V h_i)) h_i
    t|a = LN(h_t + MHA(h_t, h_a, h_a)),   a|t = LN(h_a + MHA(h_a, h_t, h_t))
    s2  = cos(pool(t|a), pool(a|t)),   s = (1 - w) s1 + w s2

Where we differ from the paper, and why:
- of the paper the abstract and the start of the introduction could be read. The equations, the
  widths, the depth, w and gamma are unknown; those above are ours;
- a matrix without bias brings each tower's tokens to the common width in every variant, and the
  mapping W starts as the identity: so a switch takes away its own part and never the way between
  the towers. Without both, h = LN(e);
- pooling is one pooling a side, for h and for what the partner made of it;
- pooling's logits are bounded, so that a weight can be stored in half precision;
- there are no learned places: a token stands elsewhere in a stretch of a long recording than in
  the clip it was learned from. Texts have places from their tower;
- a pair is never fed alone: s2 is worked out for all pairs, wrong ones as right ones.

What is stored is h: the gists are made of it, and that they are refined is the point. So a token
has looked at its own stretch of 10 s where it looked at a clip of 5 to 30 s in training; attention
is a mean and knows no places, which leaves only how much there is to look at. Attention to the
partner sees whatever stretch of time is chosen, over the edges of stretches.

Shapes: T texts, A audios, n pairs, L word pieces, M tokens of sound, W width.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from earmark.errors import UsageError
from earmark.lab.matchers import Widths
from earmark.lab.matchers.attention import (
    Attention,
    Attentive,
    PreNorm,
    ready,
    refuse_uneven,
    seen,
)
from earmark.lab.matchers.gist import Tokened, gist
from earmark.lab.matchers.pairs import each_pair
from earmark.lab.sides import Matched, Side, Stream

GAMMA = 0.1  # what the transformer adds at first


class Parts(NamedTuple):
    """What there is of the refinement of one side by itself."""

    projection: bool
    mapping: bool


class Refine(Tokened):
    """Score by the cosine of refined gists, and by that of both sides once they have met."""

    timed = True

    def __init__(  # noqa: PLR0913 - what decides the matcher, by keyword
        self,
        widths: Widths,
        *,
        width: int = 128,
        depth: int = 2,
        heads: int = 4,
        dropout: float = 0.1,
        projection: bool = True,
        mapping: bool = True,
        attention: bool = True,
        met: float = 0.5,
    ) -> None:
        super().__init__()
        refuse_uneven(width, heads, dropout, depth=depth)
        _refuse_share(met)
        self.width, self.met = width, met
        self.separable = not attention
        parts, blocks = Parts(projection, mapping), (depth, heads, dropout)
        self.text = Half(widths.text["main"], width, blocks, parts)
        self.audio = Half(widths.audio["main"], width, blocks, parts)
        self.partner: nn.Module = Partner(width, heads, dropout) if attention else nn.Identity()

    def text_tokens(self, side: Side) -> Stream:
        """Refine the word pieces and weigh them."""
        return self.text(side["main"])

    def audio_tokens(self, side: Side) -> Stream:
        """Refine the tokens of sound and weigh them; no text has a say."""
        return self.audio(side["main"])

    def forward(self, text: Side, audio: Side) -> Matched:
        """Score every text with every audio: -> [T, A]."""
        texts, audios = self.text_tokens(text), self.audio_tokens(audio)
        alone = gist(texts) @ gist(audios).T
        if self.separable:
            return Matched(alone, terms={})
        met = each_pair(self._meet, *self.partner.ready(texts, audios))
        return Matched(self._both(alone, met), terms={})

    def pair(
        self, text_tokens: Tensor, text_real: Tensor, audio_tokens: Tensor, audio_real: Tensor
    ) -> Tensor:
        """Score pair by pair from stored tokens: [n, L, W], [n, L], [n, M, W], [n, M] -> [n]."""
        text = self.text.weigh(text_tokens, text_real)
        audio = self.audio.weigh(audio_tokens, audio_real)
        alone = (gist(text) * gist(audio)).sum(dim=1)
        if self.separable:
            return alone
        return self._both(alone, self._meet(*self.partner.ready(text, audio)))

    def _meet(self, text: Stream, audio: Stream) -> Tensor:
        """Score n texts with n audios by what they make of each other: -> [n]."""
        told, heard = self.partner(text, audio)
        one, other = self.text.weigh(told, text.real), self.audio.weigh(heard, audio.real)
        return (gist(one) * gist(other)).sum(dim=1)

    def _both(self, alone: Tensor, met: Tensor) -> Tensor:
        return (1 - self.met) * alone + self.met * met


class Half(nn.Module):
    """What one side works out by itself: refined tokens, and what each counts."""

    def __init__(
        self, inputs: int, width: int, blocks: tuple[int, int, float], parts: Parts
    ) -> None:
        super().__init__()
        depth, heads, dropout = blocks
        self.into = nn.Linear(inputs, width, bias=False)
        self.mapping = _new_mapping(width) if parts.mapping else nn.Identity()
        depth = depth if parts.projection else 0
        self.blocks = nn.ModuleList(PreNorm(width, heads, dropout) for _ in range(depth))
        self.gamma = nn.Parameter(torch.tensor(GAMMA)) if parts.projection else None
        self.norm = nn.LayerNorm(width)
        self.weigh = Attentive(width)

    def forward(self, stream: Stream) -> Stream:
        """Refine and weigh: [B, L, any] -> [B, L, W] with weights."""
        x = self.into(stream.x)
        refined = self.mapping(x)
        if self.gamma is not None:
            for block in self.blocks:
                x = block(x, stream.real)
            refined = refined + self.gamma * x
        return self.weigh(self.norm(refined), stream.real)


class Partner(nn.Module):
    """Each side looks at the other, as it was before."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.text, self.audio = (Attention(width, heads) for _ in range(2))
        self.text_norm, self.audio_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.drop = nn.Dropout(dropout)

    def ready(self, text: Stream, audio: Stream) -> tuple[Stream, Stream]:
        """Work out what each side asks and answers, which no partner changes."""
        return ready(text, self.text, self.audio), ready(audio, self.audio, self.text)

    def forward(self, text: Stream, audio: Stream) -> tuple[Tensor, Tensor]:
        """Add to each what it sees in the other: -> [n, L, W], [n, M, W]."""
        told = self.text_norm(text.x + self.drop(seen(self.text, text, audio)))
        return told, self.audio_norm(audio.x + self.drop(seen(self.audio, audio, text)))


def _new_mapping(width: int) -> nn.Linear:
    mapping = nn.Linear(width, width)
    nn.init.eye_(mapping.weight)
    nn.init.zeros_(mapping.bias)
    return mapping


def _refuse_share(met: float) -> None:
    if not 0 < met <= 1:
        raise UsageError(
            f"the matcher 'refine' cannot have met = {met}",
            hint="make it over 0 and at most 1, or leave the attention out: attention = false",
        )
