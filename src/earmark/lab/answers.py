"""What a trained matcher answers: every text with every sound, as search would.

A matcher whose gists say it all ranks by them. One that must see both sides scores the first of
that ranking anew, and what it scored so stands before all else.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from earmark.lab.matchers.pairs import chosen, trimmed
from earmark.lab.sides import Side, Stream
from earmark.score.report import Direction

SHORTLIST = 100
AT_ONCE = 128  # items of a side that are made together
BELOW = 2.0  # scores of two gists are from -1 to 1


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that a matcher makes of the items of one side by themselves."""

    gist: Tensor  # [n, width]
    tokens: Stream | None  # where both sides must be seen

    def some(self, numbers: Tensor) -> tuple[Tensor, Tensor]:
        """Give tokens, as many as one of them needs, and which are real: -> [m, L, W], [m, L]."""
        if self.tokens is None:
            raise ValueError("a matcher whose gists say it all has nothing to see again")
        one = trimmed(chosen(self.tokens, numbers))
        return one.x, one.real

    def first(self, count: int) -> Prepared:
        """The first so many items."""
        numbers = torch.arange(min(count, len(self.gist)))
        tokens = None if self.tokens is None else chosen(self.tokens, numbers)
        return Prepared(self.gist[numbers], tokens)


@torch.no_grad()
def prepared(matcher: nn.Module, side: Side, *, is_text: bool) -> Prepared:
    """Let a matcher make gists, and tokens where it needs them, some items at once."""
    gists = matcher.text_gist if is_text else matcher.audio_gist
    count = len(next(iter(side.values())).x)
    parts = [
        {name: chosen(one, numbers) for name, one in side.items()}
        for numbers in torch.arange(count).split(AT_ONCE)
    ]
    gist = torch.cat([gists(part) for part in parts])
    if matcher.separable:
        return Prepared(gist, None)
    tokens = matcher.text_tokens if is_text else matcher.audio_tokens
    made = [tokens(part) for part in parts]
    x, real = torch.cat([one.x for one in made]), torch.cat([one.real for one in made])
    return Prepared(gist, Stream(x, real))


@torch.no_grad()
def answers(
    matcher: nn.Module,
    text: Prepared,
    audio: Prepared,
    *,
    direction: Direction = "text to audio",
    shortlist: int = SHORTLIST,
) -> Tensor:
    """Score every text with every sound; who asks chooses whom to see again: -> [T, A]."""
    by_text = direction == "text to audio"
    scores = text.gist @ audio.gist.T
    if matcher.separable:
        return scores
    asking = scores if by_text else scores.T
    out = asking - asking.amax(dim=1, keepdim=True) - BELOW
    for number, places in enumerate(asking.topk(min(shortlist, asking.shape[1])).indices):
        same = torch.full_like(places, number)
        texts, sounds = (same, places) if by_text else (places, same)
        out[number, places] = matcher.pair(*text.some(texts), *audio.some(sounds))
    return out if by_text else out.T
