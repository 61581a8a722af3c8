"""Words guide what is heard and sounds guide what is read, once or again and again.

Paper: Sun et al., "Language-based Audio Retrieval with Co-Attention Networks" (arXiv 2412.20914).
With SA a block of self-attention and GA the same block guided by another side:

    SA(x) = GA(x, x)
    GA(x, y): x = LN(x + MHA(x, y, y)),   x = LN(x + FFN(x))        FFN: W -> 4W -> W, ReLU

    none        T, A = SA(T), SA(A)
    single      then T, A = GA(T, A), GA(A, T), each by what the other was before
    stacking    all of this `depth` times, with weights of their own
    iterating   SA once, then GA `depth` times, with one set of weights (`shared`) or with several
    s = cos(AttFlat(T), AttFlat(A)),   AttFlat(x) = (sum_i softmax_i(MLP(x_i)) x_i) W_O

Where we differ from the paper, and why:
- of the paper the abstract, captions of figures and summaries could be read: widths, heads, depth,
  the order of the two directions, pooling, and whether iterations share weights are unknown. The
  blocks are those of MCAN, whose terms it uses, without biases in attention and without dropout
  inside of a block (`attention.py`);
- both directions start from the partner as it was, so that neither side comes first;
- all pairs of a batch are scored, wrong ones as right ones. If the paper compared vectors that had
  met only their own partner, its figures are of another, easier task;
- the gists, which make the shortlist, learn by a loss of their own. They are pooled by a weight a
  token (exp of w . tanh(V x), bounded) and not by AttFlat, whose last matrix would stand between a
  gist and the mean of stored tokens. `none` scores by them alone, so it is the first step of all
  other kinds, and separable;
- captions are not augmented here, and no places are learned: a token stands elsewhere in a stretch
  of a long recording than in the clip it was learned from. Texts have places from their tower.

What is stored are the tokens after the first SA: it is the same for all kinds, the gists of `none`
need it, and reranking then costs what depends on the pair and no more. So a token has looked at its
own stretch of 10 s where it looked at a clip of 5 to 30 s in training; attention is a mean and
knows no places, which leaves only how much there is to look at. Guided attention sees whatever
stretch of time is chosen, over the edges of stretches.

Shapes: T texts, A audios, n pairs, L word pieces, M tokens of sound, W width.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch.nn.functional as F
from torch import Tensor, nn

from earmark.lab.matchers import Widths
from earmark.lab.matchers.attention import (
    Attentive,
    AttFlat,
    Guided,
    ready,
    refuse_uneven,
    seen,
)
from earmark.lab.matchers.gist import Tokened, gist
from earmark.lab.matchers.pairs import each_pair
from earmark.lab.sides import Matched, Side, Stream
from earmark.lab.strict import unknown

KINDS = ("none", "single", "stacking", "iterating")


class Coattention(Tokened):
    """Score by the cosine of both sides once they have guided each other."""

    timed = True

    def __init__(  # noqa: PLR0913 - what decides the matcher, by keyword
        self,
        widths: Widths,
        *,
        width: int = 128,
        kind: str = "iterating",
        depth: int = 2,
        shared: bool = True,
        heads: int = 4,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        if kind not in KINDS:
            raise unknown(f"there is no co-attention of the kind {kind!r}", kind, list(KINDS))
        refuse_uneven(width, heads, dropout, depth=depth)
        self.width, self.separable = width, kind == "none"
        self.text = Half(widths.text["main"], width, heads, dropout)
        self.audio = Half(widths.audio["main"], width, heads, dropout)
        units, self.times = _plan(kind, depth, shared=shared)
        self.units = nn.ModuleList(Unit(width, heads, dropout, alone=own) for own in units)
        self.pools = nn.ModuleList(AttFlat(width) for _ in range(2 if units else 0))

    def text_tokens(self, side: Side) -> Stream:
        """Let the word pieces look at each other, and weigh them."""
        return self.text(side["main"])

    def audio_tokens(self, side: Side) -> Stream:
        """Let the tokens of sound look at each other, and weigh them."""
        return self.audio(side["main"])

    def forward(self, text: Side, audio: Side) -> Matched:
        """Score every text with every audio: -> [T, A]."""
        texts, audios = self.text_tokens(text), self.audio_tokens(audio)
        if self.separable:
            return Matched(gist(texts) @ gist(audios).T, terms={})
        return Matched(each_pair(self._meet, *self.units[0].ready(texts, audios)), terms={})

    def pair(
        self, text_tokens: Tensor, text_real: Tensor, audio_tokens: Tensor, audio_real: Tensor
    ) -> Tensor:
        """Score pair by pair from stored tokens: [n, L, W], [n, L], [n, M, W], [n, M] -> [n]."""
        if self.separable:
            text = self.text.weigh(text_tokens, text_real)
            return (gist(text) * gist(self.audio.weigh(audio_tokens, audio_real))).sum(dim=1)
        text, audio = Stream(text_tokens, text_real), Stream(audio_tokens, audio_real)
        return self._meet(*self.units[0].ready(text, audio))

    def _meet(self, text: Stream, audio: Stream) -> Tensor:
        """Score n texts with n audios, ready for the first unit: -> [n]."""
        text, audio = self.units[0](text, audio)
        for unit in self._later():
            text, audio = unit(*unit.ready(*unit.alone(text, audio)))
        one, other = self.pools[0](text.x, text.real), self.pools[1](audio.x, audio.real)
        return (F.normalize(one, dim=1) * F.normalize(other, dim=1)).sum(dim=1)

    def _later(self) -> Iterator[Unit]:
        """Give the units that come after the first one, in order."""
        for turn in range(1, self.times):
            yield self.units[turn % len(self.units)]


class Half(nn.Module):
    """What one side works out by itself: tokens that have seen each other, with weights."""

    def __init__(self, inputs: int, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.into = nn.Linear(inputs, width, bias=False)
        self.look = Guided(width, heads, dropout)
        self.weigh = Attentive(width)

    def forward(self, stream: Stream) -> Stream:
        """Look at oneself: [B, L, any] -> [B, L, W] with weights."""
        x = self.into(stream.x)
        return self.weigh(self.look(x, x, stream.real), stream.real)


class Unit(nn.Module):
    """Both sides guide each other once; in a stack each looks at itself before."""

    def __init__(self, width: int, heads: int, dropout: float, *, alone: bool) -> None:
        super().__init__()
        self.text, self.audio = (Guided(width, heads, dropout) for _ in range(2))
        own = 2 if alone else 0
        self.own = nn.ModuleList(Guided(width, heads, dropout) for _ in range(own))

    def alone(self, text: Stream, audio: Stream) -> tuple[Stream, Stream]:
        """Let each side look at itself, in a stack."""
        if not self.own:
            return text, audio
        look, listen = self.own
        text = text._replace(x=look(text.x, text.x, text.real))
        return text, audio._replace(x=listen(audio.x, audio.x, audio.real))

    def ready(self, text: Stream, audio: Stream) -> tuple[Stream, Stream]:
        """Work out what each side asks and answers, which no partner changes."""
        own, other = self.text.look, self.audio.look
        return ready(text, own, other), ready(audio, other, own)

    def forward(self, text: Stream, audio: Stream) -> tuple[Stream, Stream]:
        """Guide each by the other as it was, both of them ready."""
        told = self.text.after(text.x, seen(self.text.look, text, audio))
        heard = self.audio.after(audio.x, seen(self.audio.look, audio, text))
        return Stream(told, text.real), Stream(heard, audio.real)


def _plan(kind: str, depth: int, *, shared: bool) -> tuple[list[bool], int]:
    """Say of each unit whether it begins with self-attention, and how often units come in all.

    The first never does: a side does that by itself before it meets anyone.
    """
    if kind == "none":
        return [], 0
    if kind == "single":
        return [False], 1
    if kind == "stacking":
        return [number > 0 for number in range(depth)], depth
    return [False] * (1 if shared else depth), depth
