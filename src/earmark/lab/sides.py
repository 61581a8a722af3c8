"""What towers give and matchers take: a side is a dictionary of named streams.

`main` is the stream of the tower that search runs; in the lab a side may also hold one stream per
expert and `captions`. An expert that is missing for a clip has no real position there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from earmark.lab.losses import Batch


class Stream(NamedTuple):
    """One sequence of vectors a clip, or a caption, padded to one length."""

    x: Tensor  # [batch, length, width]
    real: Tensor  # [batch, length] bool, False on padding
    levels: tuple[Tensor, ...] = ()  # earlier blocks of the same tower, each [batch, length, any]
    weight: Tensor | None = None  # [batch, length] >= 0: what a token counts in a mean; None: 1


Side = dict[str, Stream]


Term = Callable[[Batch], Tensor]  # a loss, as any other: it alone sees which pairs are right


class Matched(NamedTuple):
    """What a matcher says about every text with every audio."""

    scores: Tensor  # [text, audio], higher is better
    terms: Mapping[str, Term]  # losses its paper adds; the recipe weighs them


def mean(stream: Stream) -> Tensor:
    """Weighted mean over the real positions; zero where there is none: -> [batch, width]."""
    weight = stream.real.to(stream.x.dtype)
    if stream.weight is not None:
        weight = weight * stream.weight
    total = weight.sum(dim=1, keepdim=True)
    # Not clamped to the smallest number: its inverse overflows, and the gradient becomes NaN.
    return torch.einsum("bl,blw->bw", weight / total.masked_fill(total == 0, 1.0), stream.x)


def together(parts: Sequence[Stream], order: Tensor) -> Stream:
    """Pad streams to one length, and put all rows in this order; levels are left out."""
    longest = max(part.x.shape[1] for part in parts)

    def joined(tensors: Sequence[Tensor]) -> Tensor:
        padded = [
            F.pad(one, (0, 0) * (one.dim() - 2) + (0, longest - one.shape[1])) for one in tensors
        ]
        return torch.cat(padded)[order]

    weighed = [part.weight for part in parts if part.weight is not None]
    weight = joined(weighed) if len(weighed) == len(parts) else None
    return Stream(joined([p.x for p in parts]), joined([p.real for p in parts]), weight=weight)


def part(side: Side, first: int, last: int) -> Side:
    """Some rows of a side, with all that belongs to them."""
    return {
        name: Stream(
            stream.x[first:last],
            stream.real[first:last],
            tuple(level[first:last] for level in stream.levels),
            None if stream.weight is None else stream.weight[first:last],
        )
        for name, stream in side.items()
    }


def rows(stream: Stream, first: int) -> Stream:
    """The rows of a stream from `first` on; levels are left out."""
    weight = None if stream.weight is None else stream.weight[first:]
    return Stream(stream.x[first:], stream.real[first:], weight=weight)
