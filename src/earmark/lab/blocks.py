"""All pairs of a batch that is too large for one memory: some of it at a time, or a part a process.

A score is of its own pair alone, so a matrix of scores can be put together from blocks of sounds.
What a block went through is forgotten and worked out again for its gradient (`at_once`); the
processes of a crew (`spread`) each score a share of the sounds with all sentences, and all of them
see the whole matrix. Both give the losses and gradients of one large batch, but for rounding, drawn
dropout, and batch norms, which see the block.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from earmark.errors import UsageError
from earmark.lab.crew import ALONE, Crew
from earmark.lab.sides import Matched, Side, part

Make = Callable[[Side], Tensor]  # of some rows of a side


@dataclass(frozen=True, slots=True)
class Blocks:
    """How a batch is cut."""

    at_once: int = 0  # rows of a side; 0: all of them
    crew: Crew = ALONE  # of which each process takes a share of the rows

    @property
    def whole(self) -> bool:
        """Whether nothing is cut."""
        return not self.at_once and self.crew.size == 1

    def score(self, matcher: nn.Module, text: Side, audio: Side) -> Matched:
        """Score all sentences with all sounds: -> [T, A]."""
        if self.whole:
            matched: Matched = matcher(text, audio)
            return matched
        columns = self._each(audio, lambda some: _alone(matcher(text, some)).T)
        return Matched(columns.T, terms={})

    def gists(self, matcher: nn.Module, text: Side, audio: Side) -> tuple[Tensor, Tensor]:
        """Give each side its gists: -> [T, W], [A, W]."""
        if self.whole:
            return matcher.text_gist(text), matcher.audio_gist(audio)
        return self._each(text, matcher.text_gist), self._each(audio, matcher.audio_gist)

    def _each(self, side: Side, make: Make) -> Tensor:
        """Make something of every row of a side, block by block: -> [rows, ...]."""
        count = next(iter(side.values())).x.shape[0]
        if count < self.crew.size:  # all raise, so that none waits for another
            raise UsageError(
                f"{count} rows cannot be spread over {self.crew.size} processes",
                hint="make the batch larger, or start fewer processes",
            )
        ends = [count * place // self.crew.size for place in range(self.crew.size + 1)]
        shares = [range(*ends[place : place + 2]) for place in range(self.crew.size)]
        own = shares[self.crew.place]
        blocks = _cut(own, self.at_once or len(own))
        made = [
            checkpoint(make, part(side, block.start, block.stop), use_reentrant=False)
            for block in blocks
        ]
        if self.crew.size == 1:
            return torch.cat(made)
        gathered: Tensor = _Gathered.apply(
            torch.cat(made), [len(one) for one in shares], self.crew.place
        )
        return gathered


class _Gathered(torch.autograd.Function):
    """Rows of all processes in order; each gets the gradient of its own."""

    @staticmethod
    def forward(ctx: Any, own: Tensor, sizes: Sequence[int], place: int) -> Tensor:  # noqa: ANN401
        """Fetch what the others made."""
        ctx.first, ctx.size, ctx.crew = sum(sizes[:place]), sizes[place], len(sizes)
        rows = [own.new_empty((size, *own.shape[1:])) for size in sizes]
        for source, row in enumerate(rows):
            if source == place:
                row.copy_(own)
            dist.broadcast(row, source)
        return torch.cat(rows)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:  # noqa: ANN401
        """Take the own part, as often as gradients are averaged over the crew afterwards."""
        own = grad[ctx.first : ctx.first + ctx.size]
        return own * ctx.crew, None, None


def _cut(rows: range, size: int) -> list[range]:
    return [rows[at : at + size] for at in range(0, len(rows), size)]


def _alone(matched: Matched) -> Tensor:
    """The scores, of a matcher that asks for nothing beside them."""
    if matched.terms:
        raise UsageError(
            f"this matcher has losses of its own ({', '.join(matched.terms)}), and they want "
            "the whole batch",
            hint="leave at_once and spread out of [train]",
        )
    return matched.scores
