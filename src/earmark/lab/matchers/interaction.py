"""Sounds and sentences compared whole, by their parts, and by every word and moment.

Paper: Xin and Zou, "Improving Audio-Text Retrieval via Hierarchical Cross-Modal Interaction and
Auxiliary Captions" (arXiv 2307.15344), its hierarchical interaction. With X the word pieces and Y
the tokens of sound of a pair, each after one transformer layer:

    sentence   s_1 = cos(gist(X), gist(Y))
    phrase     s_2 = inter(P X, S Y),   P X = softmax_l(Q X^T / sqrt(W)) X      Q: queries it learns
    word       s_3 = inter(X, Y)
    inter(X, Y) = 1/2 [ sum_i u_i max_j <x_i, y_j> + sum_j v_j max_i <x_i, y_j> ]    unit vectors
    s = sum_n softmax_n(w) s_n,   over the levels up to the one that is named

Where we differ from the paper, and why:
- of the paper the abstract, the headings and summaries could be read. One layer and the queries are
  a plan of ours (`docs/methods/interaction.md`); inter is that of Cap4Video, as in `words.py`;
- a gist is pooled from the tokens by a weight each, not from the segments: a library pools any
  stretch of time, and a segment belongs to one;
- a recipe can learn from s, from every level by itself (`levels`, the mean of their losses), or
  from both; the weights of the levels learn from s alone;
- there are no learned places: a token stands elsewhere in a stretch of a long recording than in
  the clip it was learned from. Texts have places from their tower.

What is stored are the tokens after the layer, which has looked at its own stretch of 10 s. Segments
are made of whatever tokens a pair is asked with: four of a minute are longer than four of a clip.

Shapes: T texts, A audios, n pairs, L word pieces, M tokens of sound, K queries, W width.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from earmark.lab.matchers import Widths
from earmark.lab.matchers.attention import Attentive, PreNorm, refuse_uneven, share
from earmark.lab.matchers.gist import Tokened, gist
from earmark.lab.matchers.hierarchy import by_level
from earmark.lab.matchers.words import every, interact, new_scale, worth
from earmark.lab.sides import Matched, Side, Stream
from earmark.lab.strict import unknown

LEVELS = ("sentence", "phrase", "word")  # each with all before it


class Interaction(Tokened):
    """Score by the cosine of the gists, and by how well parts and tokens find each other."""

    timed = True

    def __init__(  # noqa: PLR0913 - what decides the matcher, by keyword
        self,
        widths: Widths,
        *,
        width: int = 128,
        levels: str = "word",
        segments: int = 4,
        phrases: int = 4,
        heads: int = 4,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        if levels not in LEVELS:
            raise unknown(f"there is no level {levels!r} of interaction", levels, list(LEVELS))
        refuse_uneven(width, heads, dropout, segments=segments, phrases=phrases)
        self.width, self.separable = width, levels == LEVELS[0]
        self.text = Half(widths.text["main"], width, heads, dropout)
        self.audio = Half(widths.audio["main"], width, heads, dropout)
        finer = [(Clusters(width, phrases), Clusters(width, segments)), (Look(width), Look(width))]
        chosen = finer[: LEVELS.index(levels)]
        self.words = nn.ModuleList(words for words, _ in chosen)
        self.moments = nn.ModuleList(moments for _, moments in chosen)
        self.mix = nn.Parameter(torch.zeros(1 + len(chosen))) if chosen else None

    def text_tokens(self, side: Side) -> Stream:
        """Let the word pieces look at each other, and weigh them."""
        return self.text(side["main"])

    def audio_tokens(self, side: Side) -> Stream:
        """Let the tokens of sound look at each other, and weigh them."""
        return self.audio(side["main"])

    def forward(self, text: Side, audio: Side) -> Matched:
        """Score every text with every audio: -> [T, A]."""
        texts, audios = self.text_tokens(text), self.audio_tokens(audio)
        finer = [every(*level) for level in self._finer(texts, audios)]
        each = torch.stack([gist(texts) @ gist(audios).T, *finer], dim=2)
        return Matched(self._mixed(each), terms={"levels": by_level(each)})

    def pair(
        self, text_tokens: Tensor, text_real: Tensor, audio_tokens: Tensor, audio_real: Tensor
    ) -> Tensor:
        """Score pair by pair from stored tokens: [n, L, W], [n, L], [n, M, W], [n, M] -> [n]."""
        text = self.text.weigh(text_tokens, text_real)
        audio = self.audio.weigh(audio_tokens, audio_real)
        finer = [interact(x.x @ y.x.transpose(1, 2), x, y) for x, y in self._finer(text, audio)]
        return self._mixed(torch.stack([(gist(text) * gist(audio)).sum(dim=1), *finer], dim=1))

    def _finer(self, text: Stream, audio: Stream) -> list[tuple[Stream, Stream]]:
        """What is compared at each level below the sentence, of unit length and weighed."""
        levels = zip(self.words, self.moments, strict=True)
        return [(words(text), moments(audio)) for words, moments in levels]

    def _mixed(self, each: Tensor) -> Tensor:
        """Mean over the levels by the weights that they learned: [..., levels] -> [...]."""
        return each[..., 0] if self.mix is None else each @ self.mix.softmax(dim=0)


class Half(nn.Module):
    """What one side works out by itself: tokens that have seen each other, with weights."""

    def __init__(self, inputs: int, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.into = nn.Linear(inputs, width, bias=False)
        self.look = PreNorm(width, heads, dropout)
        self.norm = nn.LayerNorm(width)
        self.weigh = Attentive(width)

    def forward(self, stream: Stream) -> Stream:
        """Look at oneself: [B, L, any] -> [B, L, W] with weights."""
        x = self.norm(self.look(self.into(stream.x), stream.real))
        return self.weigh(x, stream.real)


class Look(nn.Module):
    """Tokens as they are compared one by one: of unit length, and weighed by their direction."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weigh = new_scale(width)

    def forward(self, tokens: Stream) -> Stream:
        """[B, L, W] -> [B, L, W] with weights."""
        x = F.normalize(tokens.x, dim=-1)
        return Stream(x, tokens.real, weight=worth(x, self.weigh) * tokens.real)


class Clusters(Look):
    """Phrases or segments in place of tokens: each the mean of the tokens that its query fits."""

    def __init__(self, width: int, count: int) -> None:
        super().__init__(width)
        self.queries = nn.Parameter(torch.randn(count, width))

    def forward(self, tokens: Stream) -> Stream:
        """[B, L, W] -> [B, K, W] with weights; nothing is real where no token is."""
        fit = self.queries @ tokens.x.transpose(1, 2) * tokens.x.shape[2] ** -0.5  # [B, K, L]
        x = share(fit, tokens.real[:, None]) @ tokens.x
        real = tokens.real.any(dim=1, keepdim=True).expand(-1, x.shape[1])
        return super().forward(Stream(x, real))
