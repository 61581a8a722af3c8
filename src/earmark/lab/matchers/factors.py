"""A text hears a sound in its own way; both are cut into factors, and each is trusted by itself.

Paper: Xin et al., "Audio-text Retrieval with Transformer-based Hierarchical Alignment and
Disentangled Cross-modal Representation" (arXiv 2409.09256), its disentangled representation with
confidence. With c a text's vector and y_f the tokens of a sound, both made of the last layer as in
`hierarchy.py`:

    g = softmax_f(<c, y_f> / temperature),   v = sum_f g_f y_f       for every pair
    c_k, v_k: K pieces of each, d = W / K numbers long
    w_k = MLP([c_k ; v_k]),   MLP 2d -> 4d -> 1, ReLU,   s = sum_k w_k cos(c_k, v_k) / sum_k |w_k|
    C_kl = mean over right pairs of the correlation of c_k and v_l over their d numbers

Losses that a recipe can weigh: `align` = sum_k (C_kk - 1)^2, `disentangle` = sum_k!=l C_kl^2.

With `levels` the earlier ones of both towers are aligned beside it, as in `hierarchy.py`: s then is
the top of their weighted mean, and the loss `levels` is there too.

Where we differ from the paper, and why:
- of the paper the abstract, the start and summaries could be read. The formulas are those of
  DiCoSA, whose terms it uses; that its two losses are the two parts of DiCoSA's is our guess;
- there the mask comes after the softmax, so padding takes a part of it: here before, by -inf;
- there the weights w sum to anything. Here their sizes sum to 1, so that a score is at most 1 as
  that of any matcher, and a pair cannot be sure as a whole. `softplus` keeps them above 0, `free`
  does not, `uniform` has no MLP; all of them begin uniform;
- there a correlation is divided by the number of words, so that a perfect one is 2: here by d;
- c is the text's gist, a mean of its tokens by learned weights, not a first token: so `pair` finds
  it again from stored tokens;
- the gists, which make the shortlist, learn by a loss of their own.

What is stored are tokens of all levels side by side, after their norms and weighed by the last
layer's pooling; `pair` pools the other levels anew. Bundles do not tell earlier layers of their
towers, so with `levels` this matcher is for the lab alone.

Shapes: T texts, A audios, n pairs, L word pieces, M tokens of sound, H levels with the last layer,
W width of each, K factors, d width of a factor.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from earmark.errors import UsageError
from earmark.lab.losses import Batch
from earmark.lab.matchers import Widths, refuse_impossible
from earmark.lab.matchers.attention import share
from earmark.lab.matchers.gist import Tokened
from earmark.lab.matchers.hierarchy import Levels, Shares, both_sides, by_level
from earmark.lab.matchers.pairs import chosen, each_pair
from earmark.lab.sides import Matched, Side, Stream, Term
from earmark.lab.strict import unknown

CONFIDENCE: dict[str, Callable[[Tensor], Tensor]] = {
    "softplus": F.softplus,
    "free": lambda judged: judged,
}
UNIFORM = "uniform"


class Factors(Tokened):
    """Score by the factors of the last layers, and by the cosines of what is below them."""

    separable, timed = False, True

    def __init__(  # noqa: PLR0913 - what decides the matcher, by keyword
        self,
        widths: Widths,
        *,
        width: int = 128,
        factors: int = 8,
        confidence: str = "softplus",
        temperature: float = 3.0,
        levels: int = 0,
    ) -> None:
        super().__init__()
        refuse_impossible(width=width, factors=factors)
        _refuse_uneven(width, factors, temperature)
        self.width, self.factors, self.temperature = (levels + 1) * width, factors, temperature
        self.text, self.audio = both_sides("factors", widths, levels, width)
        self.shares = Shares(levels)
        self.trust = _new_trust(width // factors, confidence)

    def text_tokens(self, side: Side) -> Stream:
        """Put the levels of the word pieces side by side, and weigh them."""
        return _beside(self.text, side["main"])

    def audio_tokens(self, side: Side) -> Stream:
        """Put the levels of the tokens of sound side by side, and weigh them."""
        return _beside(self.audio, side["main"])

    def forward(self, text: Side, audio: Side) -> Matched:
        """Score every text with every audio: -> [T, A]."""
        asking = self._asking(self.text_tokens(text))
        asked = self._asked(self.audio_tokens(audio))
        top = each_pair(self._meet, asking, asked)[..., None]
        below = torch.einsum("thw,ahw->tah", asking.levels[0], asked.levels[0])
        each = torch.cat([below, top], dim=2)
        terms = {"levels": by_level(each), **self._crossings(asking, asked)}
        return Matched(each @ self.shares(), terms)

    def pair(
        self, text_tokens: Tensor, text_real: Tensor, audio_tokens: Tensor, audio_real: Tensor
    ) -> Tensor:
        """Score pair by pair: [n, L, H W], [n, L], [n, M, H W], [n, M] -> [n]."""
        asking = self._asking(Stream(text_tokens, text_real))
        asked = self._asked(Stream(audio_tokens, audio_real))
        below = (asking.levels[0] * asked.levels[0]).sum(dim=2)
        each = torch.cat([below, self._meet(asking, asked)[:, None]], dim=1)
        return each @ self.shares()

    def _asking(self, tokens: Stream) -> Stream:
        """Make of each text its vector, one token long, and what its lower levels say."""
        gists = self.text.gists(self._apart(tokens.x), tokens.real)
        return Stream(gists[:, -1:], tokens.real.any(dim=1, keepdim=True), (gists[:, :-1],))

    def _asked(self, tokens: Stream) -> Stream:
        """Leave the tokens of each sound as they are, with what its lower levels say."""
        apart = self._apart(tokens.x)
        gists = self.audio.gists(apart, tokens.real)
        return Stream(apart[:, :, -1], tokens.real, (gists[:, :-1],))

    def _apart(self, tokens: Tensor) -> Tensor:
        """Part the levels: [B, L, H W] -> [B, L, H, W]."""
        return tokens.unflatten(2, (len(self.text.into), -1))

    def _meet(self, text: Stream, audio: Stream) -> Tensor:
        """Score n texts with n audios by their factors: -> [n]."""
        said, heard = self._parts(text, audio)
        cosines = (F.normalize(said, dim=2) * F.normalize(heard, dim=2)).sum(dim=2)
        return (self.trust(said, heard) * cosines).sum(dim=1)

    def _parts(self, text: Stream, audio: Stream) -> tuple[Tensor, Tensor]:
        """Give the factors of what is said, and of what is heard by it: -> [n, K, d] each."""
        fit = text.x @ audio.x.transpose(1, 2) / self.temperature  # [n, 1, M]
        heard = share(fit, audio.real[:, None]) @ audio.x
        said = text.x * text.x.shape[2] ** 0.5  # numbers of about 1, as those that are heard
        size = (self.factors, -1)
        return said[:, 0].unflatten(1, size), heard[:, 0].unflatten(1, size)

    def _crossings(self, asking: Stream, asked: Stream) -> dict[str, Term]:
        """What the right pairs of a batch cost by how their factors go together."""

        def crossed_by(batch: Batch) -> Tensor:
            texts, audios = batch.match.nonzero(as_tuple=True)
            return crossed(*self._parts(chosen(asking, texts), chosen(asked, audios)))

        return {
            "align": lambda batch: align(crossed_by(batch)),
            "disentangle": lambda batch: disentangle(crossed_by(batch)),
        }


class Trust(nn.Module):
    """What each factor of a pair counts; the sizes sum to 1, and at first all are alike."""

    def __init__(self, size: int, bound: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.bound = bound
        last = nn.Linear(4 * size, 1)
        nn.init.zeros_(last.weight)
        nn.init.ones_(last.bias)
        self.judge = nn.Sequential(nn.Linear(2 * size, 4 * size), nn.ReLU(), last)

    def forward(self, said: Tensor, heard: Tensor) -> Tensor:
        """Judge each factor by both sides: [n, K, d], [n, K, d] -> [n, K]."""
        sure = self.bound(self.judge(torch.cat([said, heard], dim=2))[..., 0])
        return F.normalize(sure, p=1, dim=1)


class Uniform(nn.Module):
    """Every factor counts alike."""

    def forward(self, said: Tensor, heard: Tensor) -> Tensor:  # noqa: ARG002 - as of any trust
        """Judge nothing: [n, K, d], [n, K, d] -> [n, K]."""
        return torch.full_like(said[..., 0], 1 / said.shape[1])


def crossed(said: Tensor, heard: Tensor) -> Tensor:
    """Correlate the factors of one side with those of the other, mean over pairs: -> [K, K]."""
    one, other = (F.normalize(x - x.mean(dim=2, keepdim=True), dim=2) for x in (said, heard))
    return torch.einsum("nkd,nld->kl", one, other) / max(1, len(one))


def align(crossings: Tensor) -> Tensor:
    """What factors of one place lack of going together: [K, K] -> scalar."""
    return (crossings.diagonal() - 1).square().sum()


def disentangle(crossings: Tensor) -> Tensor:
    """How much factors of different places go together: [K, K] -> scalar."""
    return (crossings - crossings.diagonal().diag()).square().sum()


def _beside(levels: Levels, stream: Stream) -> Stream:
    """Put the tokens of all levels side by side, weighed as those of the last: [B, L, H W]."""
    tokens = levels.tokens(stream)
    weighed: Stream = levels.weigh[-1](tokens[:, :, -1], stream.real)
    return weighed._replace(x=tokens.flatten(2))


def _new_trust(size: int, confidence: str) -> nn.Module:
    if confidence == UNIFORM:
        return Uniform()
    if confidence not in CONFIDENCE:
        known = [*CONFIDENCE, UNIFORM]
        raise unknown(f"there is no confidence {confidence!r}", confidence, known)
    return Trust(size, CONFIDENCE[confidence])


def _refuse_uneven(width: int, factors: int, temperature: float) -> None:
    if width % factors:
        raise UsageError(
            f"a matcher of width {width} cannot be cut into {factors} factors",
            hint="make the width a multiple of the factors",
        )
    if not 0 < temperature < math.inf:
        raise UsageError(
            f"a matcher cannot have temperature = {temperature}", hint="make it more than 0"
        )
