"""The plain one: a vector a side, and their cosine. Search ends at the shortlist.

Both projections are linear and have no bias, so that a mean of projected tokens is the projected
mean, and a token of sound can be compared with a sentence by itself. The temperature is the loss's.

Shapes: T texts, A audios.
"""

from __future__ import annotations

from torch import nn

from earmark.lab.matchers import Widths, refuse_impossible
from earmark.lab.matchers.gist import Tokened
from earmark.lab.sides import Matched, Side, Stream


class Pooled(Tokened):
    """Score by the cosine of the weighted means of both sides' tokens."""

    separable, timed = True, True

    def __init__(self, widths: Widths, *, width: int = 256) -> None:
        super().__init__()
        refuse_impossible(width=width)
        self.width = width
        self.text = nn.Linear(widths.text["main"], width, bias=False)
        self.audio = nn.Linear(widths.audio["main"], width, bias=False)

    def text_tokens(self, side: Side) -> Stream:
        """Project the word pieces; the tower's weights stay."""
        return _project(self.text, side["main"])

    def audio_tokens(self, side: Side) -> Stream:
        """Project the tokens of sound; the tower's weights stay."""
        return _project(self.audio, side["main"])

    def forward(self, text: Side, audio: Side) -> Matched:
        """Cosine of every text with every audio: -> [T, A]."""
        return Matched(self.text_gist(text) @ self.audio_gist(audio).T, terms={})


def _project(into: nn.Module, stream: Stream) -> Stream:
    return Stream(into(stream.x), stream.real, weight=stream.weight)
