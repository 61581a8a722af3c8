"""Text-aware attention pooling: a sentence looks where in the sound it is answered.

Paper: Xin, Yang and Zou, "Improving Text-Audio Retrieval by Text-aware Attention Pooling and Prior
Matrix Revised Loss" (arXiv 2303.05681), its pooling. With c_t the vector of a text and c_a those of
the tokens of a sound:

    Q = LN(c_t) W_Q,  K = LN(c_a) W_K,  V = LN(c_a) W_V
    z = LN(softmax(Q K^T / sqrt(D)) V W_O),   s = cos(c_t, z)

Where we differ from the paper, and why:
- we know it by a re-implementation alone (`docs/methods/tap.md`): the official widths and figures
  are unknown. There one LN serves at all places and the matrices have biases; the formula says
  neither, and here are three norms and no biases;
- c_t is the text's gist, a mean of its tokens by learned weights, not the first token: so `pair`
  finds it again from stored tokens;
- the gists, which make the shortlist, learn by a loss of their own; that of a sound is the plain
  mean of `pooled`, so what this pooling brings can be seen;
- W_V W_O is worked out once for each token of sound, as a mean of products is the product of the
  mean: all that is left for a pair is a softmax, a mean and a norm;
- the prior-matrix loss is a loss, and not here.

What is stored are the tokens as they are projected, before any norm: nothing in them depends on
how long the sound was that they were cut from.

Shapes: T texts, A audios, n pairs, L word pieces, M tokens of sound, W width, D inner width.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from earmark.lab.matchers import Widths, refuse_impossible
from earmark.lab.matchers.attention import Attentive, refuse_dropout, share
from earmark.lab.matchers.gist import Tokened, gist
from earmark.lab.matchers.pairs import each_pair
from earmark.lab.sides import Matched, Side, Stream


class Tap(Tokened):
    """Score by the cosine of a text's gist and of the sound as that text sees it."""

    separable, timed = False, True

    def __init__(
        self, widths: Widths, *, width: int = 128, inner: int = 256, dropout: float = 0.1
    ) -> None:
        super().__init__()
        refuse_impossible(width=width, inner=inner)
        refuse_dropout(dropout)
        self.width = width
        self.text = nn.Linear(widths.text["main"], width, bias=False)
        self.audio = nn.Linear(widths.audio["main"], width, bias=False)
        self.weigh = Attentive(width)
        self.text_norm, self.audio_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.ask = nn.Linear(width, inner, bias=False)
        self.key = nn.Linear(width, inner, bias=False)
        self.value = nn.Linear(width, inner, bias=False)
        self.out = nn.Linear(inner, width, bias=False)
        self.out_norm = nn.LayerNorm(width)
        self.drop = nn.Dropout(dropout)

    def text_tokens(self, side: Side) -> Stream:
        """Project the word pieces and weigh them anew."""
        return self.weigh(self.text(side["main"].x), side["main"].real)

    def audio_tokens(self, side: Side) -> Stream:
        """Project the tokens of sound; the tower's weights stay."""
        main = side["main"]
        return Stream(self.audio(main.x), main.real, weight=main.weight)

    def forward(self, text: Side, audio: Side) -> Matched:
        """Score every text with every audio: -> [T, A]."""
        asking = self._asking(self.text_tokens(text))
        return Matched(each_pair(self._meet, asking, self._asked(self.audio_tokens(audio))), {})

    def pair(
        self, text_tokens: Tensor, text_real: Tensor, audio_tokens: Tensor, audio_real: Tensor
    ) -> Tensor:
        """Score pair by pair from stored tokens: [n, L, W], [n, L], [n, M, W], [n, M] -> [n]."""
        asking = self._asking(self.weigh(text_tokens, text_real))
        return self._meet(asking, self._asked(Stream(audio_tokens, audio_real)))

    def _asking(self, tokens: Stream) -> Stream:
        """Make of each text its gist and its question, one token long."""
        said = gist(tokens)[:, None]
        question = self.ask(self.text_norm(said))
        return Stream(said, tokens.real.any(dim=1, keepdim=True), (question,))

    def _asked(self, tokens: Stream) -> Stream:
        """Make of each token of sound a key, and what it answers."""
        x = self.audio_norm(tokens.x)
        return Stream(self.key(x), tokens.real, (self.out(self.value(x)),))

    def _meet(self, text: Stream, audio: Stream) -> Tensor:
        """Score n texts with n audios: -> [n]."""
        question, answers = text.levels[0], audio.levels[0]
        fit = question @ audio.x.transpose(1, 2) * question.shape[-1] ** -0.5  # [n, 1, M]
        heard = self.out_norm(self.drop(share(fit, audio.real[:, None])) @ answers)
        cosine: Tensor = (text.x * F.normalize(heard, dim=2)).sum(dim=(1, 2))
        return cosine * audio.real.any(dim=1)
