"""Every word looks for the moment that fits it best, and every moment for its word.

Paper: Xin and Zou, "Improving Audio-Text Retrieval via Hierarchical Cross-Modal Interaction and
Auxiliary Captions", its frame-word level, as the weighted interaction of tokens:

    s = 1/2 [ sum_i u_i max_j <x_i, y_j> + sum_j v_j max_i <x_i, y_j> ]

Where we differ from the paper, and why:
- the score is the mean of s and of the cosine of two gists, which is the paper's clip-sentence
  level: so the gists that make the shortlist learn from the same loss as the score that counts;
- a gist is the mean of its tokens under the same u and v, not a pooling of its own: so `pair` finds
  it again from stored tokens, without their weights;
- the logits of u and v are bounded, so that a weight can be stored in half precision;
- the segment-phrase level is left out; segments need a matcher of their own.

Shapes: T texts, A audios, L word pieces, M tokens of sound, W width; dots are any leading axes.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from earmark.lab.matchers import Widths, refuse_impossible
from earmark.lab.matchers.gist import Tokened, gist, weights
from earmark.lab.sides import Matched, Side, Stream

AT_ONCE = 1 << 24  # cosines of tokens with tokens, 64 MB
LIMIT = 8.0  # a weight is between e^-8 and e^8


class Words(Tokened):
    """Score by the cosines of all words with all moments, and by that of the gists."""

    separable, timed = False, True

    def __init__(self, widths: Widths, *, width: int = 256) -> None:
        super().__init__()
        refuse_impossible(width=width)
        self.width = width
        self.text = nn.Linear(widths.text["main"], width, bias=False)
        self.audio = nn.Linear(widths.audio["main"], width, bias=False)
        self.weigh_text = new_scale(width)
        self.weigh_audio = new_scale(width)

    def text_tokens(self, side: Side) -> Stream:
        """Bring the word pieces to unit length and weigh them anew."""
        return _weighed(self.text(side["main"].x), side["main"].real, self.weigh_text)

    def audio_tokens(self, side: Side) -> Stream:
        """Bring the tokens of sound to unit length and weigh them anew."""
        return _weighed(self.audio(side["main"].x), side["main"].real, self.weigh_audio)

    def forward(self, text: Side, audio: Side) -> Matched:
        """Score every text with every audio, some texts at once: -> [T, A]."""
        texts, audios = self.text_tokens(text), self.audio_tokens(audio)
        return Matched((every(texts, audios) + gist(texts) @ gist(audios).T) / 2, terms={})

    def pair(
        self, text_tokens: Tensor, text_real: Tensor, audio_tokens: Tensor, audio_real: Tensor
    ) -> Tensor:
        """Score pair by pair from stored tokens: [N, L, W], [N, L], [N, M, W], [N, M] -> [N]."""
        text = _weighed(text_tokens, text_real, self.weigh_text)
        audio = _weighed(audio_tokens, audio_real, self.weigh_audio)
        scores = interact(text.x @ audio.x.transpose(1, 2), text, audio)
        return (scores + (gist(text) * gist(audio)).sum(dim=1)) / 2


def every(text: Stream, audio: Stream) -> Tensor:
    """Let every text interact with every audio, some texts at once; unit tokens: -> [T, A]."""
    size = max(1, AT_ONCE // max(1, audio.real.numel() * text.real.shape[1]))
    parts = [slice(first, first + size) for first in range(0, len(text.x), size)]
    some = [Stream(text.x[n], text.real[n], (), weights(text)[n]) for n in parts]
    return torch.cat([_some(one, audio) for one in some])


def _some(text: Stream, audio: Stream) -> Tensor:
    """These texts with every audio, by one product of matrices: -> [T, A]."""
    cosines = torch.einsum("tlw,amw->talm", text.x, audio.x)
    beside = Stream(text.x[:, None], text.real[:, None], (), weights(text)[:, None])
    return interact(cosines, beside, audio)


def interact(cosines: Tensor, text: Stream, audio: Stream) -> Tensor:
    """Weighted mean of what fits each token best: [..., L, M] -> [...]."""
    to_sound = _best(cosines, audio.real[..., None, :], axis=-1)
    to_words = _best(cosines, text.real[..., None], axis=-2)
    return ((share(text) * to_sound).sum(-1) + (share(audio) * to_words).sum(-1)) / 2


def _best(cosines: Tensor, real: Tensor, *, axis: int) -> Tensor:
    """Highest cosine among the real ones; 0 where there is none."""
    best = cosines.masked_fill(~real, -torch.inf).amax(axis)
    return best.masked_fill(~real.any(axis), 0.0)


def _weighed(x: Tensor, real: Tensor, scale: nn.Module) -> Stream:
    """Unit tokens and their weights, the exponentials of what the scale says."""
    x = F.normalize(x, dim=-1)
    return Stream(x, real, weight=worth(x, scale) * real)


def worth(x: Tensor, scale: nn.Module) -> Tensor:
    """What unit tokens count by their direction, within limits: [..., W] -> [...]."""
    logits = scale(x * x.shape[-1] ** 0.5)[..., 0]  # numbers of about 1, as layers like them
    return (LIMIT * (logits / LIMIT).tanh()).exp()


def share(tokens: Stream) -> Tensor:
    """Softmax over the real tokens, as weights are exponentials; 0 where there is none."""
    weight = weights(tokens)
    total = weight.sum(dim=-1, keepdim=True)
    return weight / total.masked_fill(total == 0, 1.0)


def new_scale(width: int) -> nn.Sequential:
    """Make what weighs tokens: [..., W] -> [..., 1]."""
    return nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 1))
