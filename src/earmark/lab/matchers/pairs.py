"""Every text with every audio, for matchers that must see both to say anything of either.

All pairs are scored, wrong ones as right ones, so no vector that knows its partner is ever compared
with another pair's. What a side can work out by itself is worked out once, before, and padding that
no pair of a block needs is left out of it. While learning, what a block of a large batch went
through is worked out again for its gradient, not kept; of a small one it is kept, which takes a
third less time.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from earmark.lab.sides import Stream

AT_ONCE = 1 << 14  # pairs of tokens that a block holds at most
KEPT = 1 << 20  # pairs of tokens of a batch up to which all is kept for its gradient
Meet = Callable[[Stream, Stream], Tensor]  # n texts beside n audios -> [n]


def each_pair(meet: Meet, text: Stream, audio: Stream) -> Tensor:
    """Score every text with every audio, some pairs at once: -> [T, A]."""
    texts, audios = len(text.x), len(audio.x)
    each = max(1, text.real.shape[1] * audio.real.shape[1])
    numbers = torch.arange(texts * audios, device=text.x.device)
    block = _kept if texts * audios * each <= KEPT or not torch.is_grad_enabled() else _again
    scores = [block(meet, text, audio, some) for some in numbers.split(max(1, AT_ONCE // each))]
    return torch.cat(scores).unflatten(0, (texts, audios))


def _kept(meet: Meet, text: Stream, audio: Stream, numbers: Tensor) -> Tensor:
    """Score the pairs of these numbers, counted along the audios: -> [n]."""
    beside = numbers // len(audio.x), numbers % len(audio.x)
    return meet(trimmed(chosen(text, beside[0])), trimmed(chosen(audio, beside[1])))


def _again(meet: Meet, text: Stream, audio: Stream, numbers: Tensor) -> Tensor:
    """The same, whose way is worked out again for its gradient."""
    scores: Tensor = checkpoint(
        lambda text, audio: _kept(meet, text, audio, numbers), text, audio, use_reentrant=False
    )
    return scores


def chosen(stream: Stream, rows: Tensor) -> Stream:
    """Give these rows of a stream, in this order; a row may come again."""
    weight = None if stream.weight is None else stream.weight[rows]
    levels = tuple(level[rows] for level in stream.levels)
    return Stream(stream.x[rows], stream.real[rows], levels, weight)


def trimmed(stream: Stream) -> Stream:
    """Leave out the end at which no row has anything real; one token stays at least."""
    last = stream.real.any(dim=0).nonzero()
    end = int(last[-1]) + 1 if len(last) else 1
    weight = None if stream.weight is None else stream.weight[:, :end]
    levels = tuple(level[:, :end] for level in stream.levels)
    return Stream(stream.x[:, :end], stream.real[:, :end], levels, weight)
