"""Every level of both towers says how well a text fits a sound; the score is their weighted mean.

Paper: Xin et al., "Audio-text Retrieval with Transformer-based Hierarchical Alignment and
Disentangled Cross-modal Representation" (arXiv 2409.09256), its hierarchical alignment; the other
half of it is `factors.py`. With x_h the tokens of level h of a side, the last layer on top:

    y_h = LN(P_h x_h),   t_h, a_h = sum_i exp(v_h . tanh(V_h y_hi)) y_hi  at unit length
    s   = sum_h softmax_h(b) <t_h, a_h>,   b_h = h at first: each level counts e times the one below
    `levels`: mean over h of the NT-Xent of <t_h, a_h> alone; a loss that a recipe can weigh

Where we differ from the paper, and why:
- of the paper the abstract, the start and summaries could be read: it aligns blocks of BERT with
  stages of HTSAT. Which ones, widths, pooling, b and the losses are unknown; those above are ours;
- the towers are frozen. Their earlier layers are features (`levels` in a recipe), averaged over
  bands and time to the places of the tokens, and only what stands on top of them learns;
- tokens are pooled by a weight each, also those of texts, and no first token stands for a sentence.

A gist has the levels side by side, each at unit length times the root of its share, so the products
of gists are the scores. It is no mean of tokens: a length is taken away from every level, where a
mean of stored tokens has one length in all, by which a level would count as much as its tokens
agree, and not its share. So `timed` is False. Nor could a library use more: bundles do not tell
earlier layers of their towers. This matcher is for the lab alone.

Shapes: T texts, A audios, L tokens of a side, H levels with the last layer, W width of each.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from earmark.errors import UsageError
from earmark.lab.losses import Batch
from earmark.lab.matchers import Widths, refuse_impossible
from earmark.lab.matchers.attention import Attentive
from earmark.lab.matchers.gist import gist
from earmark.lab.sides import Matched, Side, Stream, Term


class Hierarchy(nn.Module):
    """Score by the cosines of all levels; with `levels = 0` by that of the last layers alone."""

    separable, timed = True, False

    def __init__(self, widths: Widths, *, width: int = 128, levels: int = 2) -> None:
        super().__init__()
        refuse_impossible(width=width)
        self.width = (levels + 1) * width
        self.text, self.audio = both_sides("hierarchy", widths, levels, width)
        self.shares = Shares(levels)

    def text_gist(self, side: Side) -> Tensor:
        """Give each text one vector: -> [T, H W]."""
        return self._beside(self.text(side["main"]))

    def audio_gist(self, side: Side) -> Tensor:
        """Give each sound one vector: -> [A, H W]."""
        return self._beside(self.audio(side["main"]))

    def forward(self, text: Side, audio: Side) -> Matched:
        """Score every text with every audio: -> [T, A]."""
        each = torch.einsum("thw,ahw->tah", self.text(text["main"]), self.audio(audio["main"]))
        return Matched(each @ self.shares(), terms={"levels": by_level(each)})

    def _beside(self, levels: Tensor) -> Tensor:
        """Put levels side by side, each as long as its share wants: [B, H, W] -> [B, H W]."""
        return (levels * self.shares().sqrt()[:, None]).flatten(1)


class Levels(nn.Module):
    """What one side's levels say, each in a space of its own; the last layer comes last."""

    def __init__(self, inputs: Sequence[int], width: int) -> None:
        super().__init__()
        self.into = nn.ModuleList(nn.Linear(one, width, bias=False) for one in inputs)
        self.norm = nn.ModuleList(nn.LayerNorm(width) for _ in inputs)
        self.weigh = nn.ModuleList(Attentive(width) for _ in inputs)

    def forward(self, stream: Stream) -> Tensor:
        """Give each level a vector of unit length: -> [B, H, W]."""
        return self.gists(self.tokens(stream), stream.real)

    def tokens(self, stream: Stream) -> Tensor:
        """Bring the tokens of every level into its space: -> [B, L, H, W]."""
        levels = (*stream.levels, stream.x)[-len(self.into) :]
        parts = zip(self.into, self.norm, levels, strict=True)
        return torch.stack([norm(into(x)) for into, norm, x in parts], dim=2)

    def gists(self, tokens: Tensor, real: Tensor) -> Tensor:
        """Pool every level: [B, L, H, W], [B, L] -> [B, H, W]."""
        parts = zip(self.weigh, tokens.unbind(2), strict=True)
        return torch.stack([gist(weigh(x, real)) for weigh, x in parts], dim=1)


class Shares(nn.Module):
    """What each level counts; they sum to 1, and learn where there are several."""

    def __init__(self, levels: int) -> None:
        super().__init__()
        logits = torch.arange(levels + 1.0)
        self.logits = nn.Parameter(logits) if levels else nn.Buffer(logits)

    def forward(self) -> Tensor:
        """Give the shares, that of the last layer at the end: -> [H]."""
        return self.logits.softmax(dim=0)


def by_level(each: Tensor) -> Term:
    """Let every level learn by itself: [T, A, H] -> a loss."""

    def loss(batch: Batch) -> Tensor:
        return torch.stack([batch.nt_xent(scores) for scores in each.unbind(2)]).mean()

    return loss


def both_sides(name: str, widths: Widths, levels: int, width: int) -> tuple[Levels, Levels]:
    """Make what a matcher aligns, of texts and of sounds, or raise where there is less."""
    there = min(len(widths.text_levels), len(widths.audio_levels))
    if levels < 0:
        raise UsageError(f"a matcher cannot have levels = {levels}", hint="make it 0 or more")
    if levels > there:
        raise UsageError(
            f"the matcher {name!r} is to align levels = {levels}, and the features have {there}",
            hint=f"say levels = {levels} in [features] too, or levels = {there} in [matcher]",
        )
    text = (*widths.text_levels, widths.text["main"])[-levels - 1 :]
    audio = (*widths.audio_levels, widths.audio["main"])[-levels - 1 :]
    return Levels(text, width), Levels(audio, width)
