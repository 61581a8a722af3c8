"""Sounds helped by captions that nobody asked for: somebody wrote them for the sound (captioners).

Paper: Xin and Zou, "Improving Audio-Text Retrieval via Hierarchical Cross-Modal Interaction and
Auxiliary Captions" (arXiv 2307.15344), two of its three uses; the third, more pairs to learn from,
is the `share` of a recipe's [captions]. Y are the tokens of a sound, C those of its captions, q the
words that are asked:

    interaction   Y' = LN(Z + FFN(Z)),  Z = LN(A Y + MHA(A Y, B C, B C))      FFN: W -> W -> W, GELU
                  and a matcher within compares the text with Y' in place of Y
    branch        s = (1 - w) s_within + w cos(mean(P q), mean(layers(P C)))    w is learned
    both          the branch beside a matcher that has Y'

Where we differ from the paper, and why:
- of the paper the abstract, the headings and summaries could be read. The block and the branch are
  those of Cap4Video (its FFN is not widened); padding is left out under the softmax, and so is the
  half of its block that changes the captions, as nobody looks at them again;
- the branch reads the word pieces of all captions through its two layers, not one vector of each;
- P is one matrix for both, since one tower read both: before it learns, like words are alike;
- Cap4Video trains both apart and fuses by 0.73 and 0.27. Here the branch can have a loss of its own
  (`branch`), both learn from s too, and so does w, which begins at 0.27.

Captions belong to the sound, so all of this is once a sound: no score knows its partner. A gist of
the branch is both vectors side by side, of lengths sqrt(1 - w) and sqrt(w), so that a product of
gists is s. Its token is that of the matcher within with the captions beside it, as long as makes
the mean come out so: every moment has the captions of the whole clip. A sound without captions has
zeros there and a gist of unit length all the same: its s is sqrt(1 - w) s_within.

Shapes: T texts, A audios, n pairs, L word pieces, M tokens of sound, C of captions, W width.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from earmark.errors import UsageError
from earmark.lab.matchers import Widths, new_matcher
from earmark.lab.matchers.attention import Guided, PreNorm, refuse_uneven
from earmark.lab.matchers.gist import gist
from earmark.lab.sides import Matched, Side, Stream, mean
from earmark.lab.strict import unknown

CAPTIONS = "captions"  # the stream of a sound that has the tokens of all that was written for it
INNERS = ("pooled", "interaction")
FIRST = 0.27  # what the branch counts before it learns
DEPTH = 2  # layers of the branch


class Enhanced(nn.Module):
    """Compare as the matcher within does, but a sound has looked at its captions before."""

    timed = True

    def __init__(
        self,
        widths: Widths,
        *,
        width: int = 128,
        inner: str = "pooled",
        heads: int = 4,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        refuse_uneven(width, heads, dropout)
        self.audio = nn.Linear(widths.audio["main"], width, bias=False)
        self.captions = nn.Linear(_captions_of(widths), width, bias=False)
        self.look = Beside(width, heads, dropout)
        self.inner = _new_inner(inner, Widths(widths.text, {"main": width}), width)
        self.width, self.separable = self.inner.width, self.inner.separable

    def text_tokens(self, side: Side) -> Stream:
        """Leave texts to the matcher within."""
        return self.inner.text_tokens(side)

    def audio_tokens(self, side: Side) -> Stream:
        """Let the tokens of sound look at the captions."""
        return self.inner.audio_tokens(self._told(side))

    def text_gist(self, side: Side) -> Tensor:
        """Give each text one vector: -> [T, W]."""
        return self.inner.text_gist(side)

    def audio_gist(self, side: Side) -> Tensor:
        """Give each sound one vector: -> [A, W]."""
        return self.inner.audio_gist(self._told(side))

    def forward(self, text: Side, audio: Side) -> Matched:
        """Score every text with every audio: -> [T, A]."""
        return Matched(self.inner(text, self._told(audio)).scores, terms={})

    def pair(
        self, text_tokens: Tensor, text_real: Tensor, audio_tokens: Tensor, audio_real: Tensor
    ) -> Tensor:
        """Score pair by pair from stored tokens: [n, L, W], [n, L], [n, M, W], [n, M] -> [n]."""
        return self.inner.pair(text_tokens, text_real, audio_tokens, audio_real)

    def _told(self, side: Side) -> Side:
        main, captions = side["main"], side[CAPTIONS]
        x = self.look(self.audio(main.x), self.captions(captions.x), captions.real)
        return {"main": Stream(x, main.real, weight=main.weight)}


class Branched(nn.Module):
    """Compare as the matcher within does, and the text with the captions beside it."""

    timed = True

    def __init__(
        self,
        widths: Widths,
        *,
        width: int = 128,
        inner: str = "pooled",
        heads: int = 4,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        refuse_uneven(width, heads, dropout)
        self.read = nn.Linear(_captions_of(widths), width, bias=False)
        self.layers = nn.ModuleList(PreNorm(width, heads, dropout) for _ in range(DEPTH))
        self.inner = self._within(widths, width=width, inner=inner, heads=heads, dropout=dropout)
        self.logit = nn.Parameter(torch.tensor(FIRST).logit())
        self.separable = self.inner.separable
        self.width = self.inner.width + width

    @staticmethod
    def _within(widths: Widths, *, width: int, inner: str, heads: int, dropout: float) -> nn.Module:  # noqa: ARG004 - as that of `Both`
        return _new_inner(inner, widths, width)

    @property
    def share(self) -> Tensor:
        """What the branch counts, w."""
        return self.logit.sigmoid()

    def text_tokens(self, side: Side) -> Stream:
        """Put what the branch reads beside what the matcher within does: -> [T, L, W + W]."""
        told = self.inner.text_tokens(side)
        return Stream(
            torch.cat([told.x, self.read(side["main"].x)], dim=2), told.real, weight=told.weight
        )

    def audio_tokens(self, side: Side) -> Stream:
        """Put the captions of the sound beside each of its tokens: -> [A, M, W + W]."""
        heard = self.inner.audio_tokens(side)
        length = torch.linalg.vector_norm(mean(heard), dim=1) * self._odds().sqrt()
        captions = (length[:, None] * self._captions(side))[:, None]
        beside = captions.expand(-1, heard.x.shape[1], -1)
        return Stream(torch.cat([heard.x, beside], dim=2), heard.real, weight=heard.weight)

    def text_gist(self, side: Side) -> Tensor:
        """Give each text one vector: -> [T, W + W]."""
        own, asked = self.inner.text_gist(side), self._asked(side["main"])
        return torch.cat([(1 - self.share).sqrt() * own, self.share.sqrt() * asked], dim=1)

    def audio_gist(self, side: Side) -> Tensor:
        """Give each sound one vector: -> [A, W + W]."""
        return gist(self.audio_tokens(side))

    def forward(self, text: Side, audio: Side) -> Matched:
        """Score every text with every audio: -> [T, A]."""
        captions = self._captions(audio)
        alone = self.inner(text, audio).scores
        met = self._asked(text["main"]) @ captions.T
        scores = self._fused(alone, met, captions.any(dim=1))
        return Matched(scores, terms={"branch": lambda batch: batch.nt_xent(met)})

    def pair(
        self, text_tokens: Tensor, text_real: Tensor, audio_tokens: Tensor, audio_real: Tensor
    ) -> Tensor:
        """Score pair by pair from stored tokens: [n, L, 2W], [n, L], [n, M, 2W], [n, M] -> [n]."""
        width = self.inner.width
        own, asked = text_tokens[..., :width], text_tokens[..., width:]
        heard, beside = audio_tokens[..., :width], audio_tokens[..., width:]
        alone = self.inner.pair(own, text_real, heard, audio_real)
        captions = gist(Stream(beside, audio_real))  # every token has the same ones
        met = (gist(Stream(asked, text_real)) * captions).sum(dim=1)
        return self._fused(alone, met, captions.any(dim=1))

    def _asked(self, words: Stream) -> Tensor:
        """What the branch takes a text for: -> [T, W]."""
        return gist(Stream(self.read(words.x), words.real))

    def _captions(self, side: Side) -> Tensor:
        """What the branch takes a sound for; zero without captions, or without a sound: [A, W]."""
        captions = side[CAPTIONS]
        x = self.read(captions.x)
        for layer in self.layers:
            x = layer(x, captions.real)
        return gist(Stream(x, captions.real)) * side["main"].real.any(dim=1, keepdim=True)

    def _fused(self, alone: Tensor, met: Tensor, told: Tensor) -> Tensor:
        """Bring both together, where a sound has captions: [..., A] each -> [..., A]."""
        own = torch.where(told, 1 - self.share, (1 - self.share).sqrt())
        return own * alone + self.share * met

    def _odds(self) -> Tensor:
        """Give w / (1 - w)."""
        return self.logit.exp()


class Both(Branched):
    """The branch, beside a matcher for which the sound has looked at its captions."""

    @staticmethod
    def _within(widths: Widths, *, width: int, inner: str, heads: int, dropout: float) -> nn.Module:
        return Enhanced(widths, width=width, inner=inner, heads=heads, dropout=dropout)


class Beside(Guided):
    """Look at the captions, then think; what thinks is not widened."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__(width, heads, dropout)
        self.think = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Linear(width, width))


def _captions_of(widths: Widths) -> int:
    """How wide captions are; raise where there are none."""
    if CAPTIONS not in widths.audio:
        raise UsageError(
            "a matcher that reads captions has none to read",
            hint='say in the recipe who writes them: [captions] with captioner = "bank"; a model '
            "for search holds no other, and the task 'tune' has none",
        )
    return widths.audio[CAPTIONS]


def _new_inner(name: str, widths: Widths, width: int) -> nn.Module:
    if name not in INNERS:
        raise unknown(f"there is no {name!r} to compare within", name, list(INNERS))
    made: nn.Module = new_matcher(name, widths, width=width)
    return made
