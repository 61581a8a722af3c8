"""A transformer over the tokens of all experts at once, one of which per expert gathers the rest.

Paper: Gabeur et al., "Multi-modal Transformer for Video Retrieval" (2020), for sounds by Koepke et
al., "Audio Retrieval with Natural Language Queries: A Benchmark Study" (2022).

    sequence   [CLS], and for each expert e one [AGG_e] and the tokens that e heard
    a token    A_e x at unit length + what expert it is of + what second it is in
    [AGG_e]    the same of the highest of each number over the tokens of e; it is in no second
    psi_e      what the transformer makes of [AGG_e], brought to unit length
    text       phi_e = gated unit_e(t), w = softmax(B t)

The score is that of `mixture.py`. Every audio stream is an expert, `main` too.

Where we differ from the paper, and why:
- t is the weighted mean of the text's `main` stream, not BERT's first token: our word tower has no
  such token and learns how much each piece counts. With BERT as `main` it is the mean of its
  tokens. The tower is trained elsewhere, or not at all;
- an expert that is missing is left out of a score, where the reference gives it its full weight;
- tokens have no times of their own here: a setting says how many seconds one of a stream lasts;
- no dropout on the shares of attention, as the export's plain attention has none;
- no limit on how many tokens an expert has, where the reference draws 32 of them: that belongs to
  the data.

Shapes: T texts, A audios, M experts, N tokens in all, D width of an expert's space, W = M D.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from earmark.lab.matchers import Widths, refuse_impossible
from earmark.lab.matchers.gated import unit
from earmark.lab.matchers.mixture import (
    Asked,
    Asking,
    Heard,
    audio_gist,
    each,
    named,
    scored,
    text_gist,
    there_of,
)
from earmark.lab.sides import Matched, Side, Stream, mean
from earmark.lab.strict import refuse
from earmark.lab.towers.transformer import Attention

ALL_ALIKE: dict[str, float] = {}
NOWHERE = 0  # the place of what is in no second


class MMT(nn.Module):
    """Score by the cosines of all experts, each seen among the others."""

    separable, timed = True, False

    def __init__(  # noqa: PLR0913 - what decides the network, by keyword
        self,
        widths: Widths,
        *,
        width: int = 256,  # of an expert's space
        depth: int = 2,
        heads: int = 4,
        inner: int = 4,  # how much wider a layer is inside
        dropout: float = 0.1,
        longest: int = 102,  # places, the first of them for what is in no second
        seconds: dict[str, float] = ALL_ALIKE,  # that a token of a stream lasts; 1 if untold
    ) -> None:
        super().__init__()
        refuse_impossible(width=width, depth=depth, heads=heads, inner=inner, longest=longest)
        self.names = names = sorted(widths.audio)
        self.seconds = each(names, seconds, 1.0, "seconds")
        _refuse(width, heads, dropout, self.seconds)
        self.width = len(names) * width
        self.ask = Asking(widths.text["main"], dict.fromkeys(names, width), dropout=dropout)
        self.reduce = named({name: nn.Linear(widths.audio[name], width) for name in names})
        self.kinds = nn.Embedding(1 + len(names), width)
        self.places = nn.Embedding(longest, width)
        self.norm = nn.LayerNorm(width)
        self.drop = nn.Dropout(dropout)
        self.layers = nn.ModuleList(Layer(width, heads, inner, dropout) for _ in range(depth))
        for part in (self.kinds, self.places, *self.layers.modules()):
            if isinstance(part, nn.Linear | nn.Embedding):
                nn.init.normal_(part.weight, std=0.02)

    def text_gist(self, side: Side) -> Tensor:
        """Give each text one vector, of any length: -> [T, W]."""
        return text_gist(self._asked(side))

    def audio_gist(self, side: Side) -> Tensor:
        """Give each sound one vector: -> [A, W]."""
        return audio_gist(self._heard(side))

    def forward(self, text: Side, audio: Side) -> Matched:
        """Score every text with every audio: -> [T, A]."""
        return Matched(scored(self._asked(text), self._heard(audio)), terms={})

    def _asked(self, side: Side) -> Asked:
        words = side["main"]
        asked: Asked = self.ask(mean(words), words.real.any(dim=1))
        return asked

    def _heard(self, side: Side) -> Heard:
        there = there_of(side, self.names)
        x, real = self._sequence(side, there)
        x = self.drop(self.norm(x))
        for layer in self.layers:
            x = layer(x, real)
        gathered = x[:, 1 : 1 + there.shape[1]]
        return Heard(unit(gathered, there).flatten(1), there)

    def _sequence(self, side: Side, there: Tensor) -> tuple[Tensor, Tensor]:
        """Put [CLS], all [AGG_e] and all tokens in one row: -> [A, N, D], [A, N]."""
        begins = (self.kinds.weight[0] + self.places.weight[NOWHERE]).expand(len(there), 1, -1)
        gathering, tokens = [], []
        for number, (name, reduce) in enumerate(zip(self.names, self.reduce.values(), strict=True)):
            stream, kind = side[name], self.kinds.weight[1 + number]
            best = F.normalize(reduce(_highest(stream)[:, None]), dim=2)
            gathering.append(best + kind + self.places.weight[NOWHERE])
            brought = F.normalize(reduce(stream.x), dim=2)
            tokens.append(brought + kind + self.places(self._where(name, stream)))
        real = [torch.ones_like(there[:, :1]), there, *(side[name].real for name in self.names)]
        return torch.cat([begins, *gathering, *tokens], dim=1), torch.cat(real, dim=1)

    def _where(self, name: str, stream: Stream) -> Tensor:
        """Tell the second that the middle of each token is in, from 1 on: -> [L]."""
        number = torch.arange(stream.x.shape[1], device=stream.x.device)
        second = ((number + 0.5) * self.seconds[name]).long()
        return (1 + second).clamp(max=self.places.num_embeddings - 1)


class Layer(nn.Module):
    """Look at all tokens, then think; norms come after, as in BERT: [A, N, D] -> [A, N, D]."""

    def __init__(self, width: int, heads: int, inner: int, dropout: float) -> None:
        super().__init__()
        self.look = Attention(width, heads)
        self.look_norm = nn.LayerNorm(width)
        self.think = nn.Sequential(
            nn.Linear(width, inner * width), nn.GELU(), nn.Linear(inner * width, width)
        )
        self.think_norm = nn.LayerNorm(width)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor, real: Tensor) -> Tensor:
        """Add what is seen, and what is made of it."""
        x = self.look_norm(x + self.drop(self.look(x, real)))
        thought: Tensor = self.think_norm(x + self.drop(self.think(x)))
        return thought


def _highest(stream: Stream) -> Tensor:
    """Highest of each number over the real tokens; zero where there is none: -> [A, width]."""
    best = stream.x.masked_fill(~stream.real[..., None], -torch.inf).amax(dim=1)
    return best.masked_fill(~stream.real.any(dim=1, keepdim=True), 0.0)


def _refuse(width: int, heads: int, dropout: float, seconds: dict[str, float]) -> None:
    refuse(
        [
            (f"a width of {width} shared by {heads} heads", width % heads != 0),
            (f"dropout = {dropout}", not 0 <= dropout < 1),
            *(
                (f"a token of {name} that lasts {s} s", not 0 < s < math.inf)
                for name, s in seconds.items()
            ),
        ],
        "make the width a multiple of the heads, dropout 0 to under 1, and seconds more than 0",
    )
