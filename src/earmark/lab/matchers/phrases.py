"""Every word looks for the moment that fits it best; the gists are those of `pooled`.

A sentence of several sounds has its mean between them, and so has a scene: neither says which
sounds they are. Taken by the word and by the moment they can still be told apart (`words.py` has
the formula and its paper). This matcher is for a model that searches with `pooled` already:

- a token is as long as it counts in its side's mean, so the gist is the sum of the tokens that are
  stored, at unit length; weights of `pooled` fit (`[start] matcher`), and its shortlist stays;
- for the interaction a token counts by its length too, times what its direction says; and each side
  is turned once more. Both begin as if they were not there: before it learns, it is `pooled` with
  the cosines of words and moments beside.

Shapes: T texts, A audios, L word pieces, M tokens of sound, N pairs, W width.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from earmark.lab.matchers import Widths
from earmark.lab.matchers.gist import gist, weights
from earmark.lab.matchers.pooled import Pooled
from earmark.lab.matchers.words import every, interact, new_scale, worth
from earmark.lab.sides import Matched, Side, Stream


class Phrases(Pooled):
    """Score by the cosines of all words with all moments, and by that of the gists."""

    separable = False

    def __init__(self, widths: Widths, *, width: int = 256) -> None:
        super().__init__(widths, width=width)
        self.look_text, self.look_audio = _Look(width), _Look(width)

    def text_tokens(self, side: Side) -> Stream:
        """Project the word pieces, each as long as it counts."""
        return _counted(super().text_tokens(side))

    def audio_tokens(self, side: Side) -> Stream:
        """Project the tokens of sound, each as long as it counts."""
        return _counted(super().audio_tokens(side))

    def forward(self, text: Side, audio: Side) -> Matched:
        """Score every text with every audio: -> [T, A]."""
        texts, audios = self.text_tokens(text), self.audio_tokens(audio)
        scores = every(self.look_text(texts), self.look_audio(audios))
        return Matched((scores + gist(texts) @ gist(audios).T) / 2, terms={})

    def pair(
        self, text_tokens: Tensor, text_real: Tensor, audio_tokens: Tensor, audio_real: Tensor
    ) -> Tensor:
        """Score pair by pair from stored tokens: [N, L, W], [N, L], [N, M, W], [N, M] -> [N]."""
        text, audio = Stream(text_tokens, text_real), Stream(audio_tokens, audio_real)
        words, moments = self.look_text(text), self.look_audio(audio)
        scores = interact(words.x @ moments.x.transpose(1, 2), words, moments)
        return (scores + (gist(text) * gist(audio)).sum(dim=1)) / 2


class _Look(nn.Module):
    """Tokens as they are compared one by one: of unit length, turned, and weighed."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.turn = nn.Linear(width, width, bias=False)
        self.weigh = new_scale(width)
        nn.init.eye_(self.turn.weight)
        nn.init.zeros_(self.weigh[-1].weight)
        nn.init.zeros_(self.weigh[-1].bias)

    def forward(self, tokens: Stream) -> Stream:
        """[B, L, W] -> [B, L, W] with weights."""
        unit = F.normalize(tokens.x, dim=-1)
        length = torch.linalg.vector_norm(tokens.x, dim=-1)
        weight = length * worth(unit, self.weigh) * weights(tokens)
        return Stream(F.normalize(self.turn(unit), dim=-1), tokens.real, weight=weight)


def _counted(tokens: Stream) -> Stream:
    """Let the length of a token say what it counts; so each weighs 1."""
    real = tokens.real.to(tokens.x.dtype)
    x = tokens.x if tokens.weight is None else tokens.x * tokens.weight[..., None]
    return Stream(x, tokens.real, weight=real)
