"""A compact network on word pieces: a transformer whose every block looks at the whole sentence.

Norms come before what they norm, so that it trains without tricks; places are learned. Attention is
written plainly, as the quick paths of torch do not all survive the export to ONNX.

Shapes: B sentences, L word pieces, H heads, D width.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from earmark.errors import UsageError
from earmark.lab.sides import Stream


class TextTower(nn.Module):
    """Word pieces to tokens: [B, L], [B, L] -> a stream of L tokens, L at most `longest`."""

    def __init__(  # noqa: PLR0913 - what decides the network, by keyword
        self,
        *,
        vocabulary: int,
        longest: int = 64,
        width: int = 256,
        depth: int = 4,
        heads: int = 4,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        sizes = {"vocabulary": vocabulary, "longest": longest, "depth": depth}
        _refuse_impossible(sizes, width, heads, dropout)
        self.width = width
        self.longest = longest
        self.pieces = nn.Embedding(vocabulary, width)
        self.places = nn.Embedding(longest, width)
        for table in (self.pieces, self.places):
            nn.init.normal_(table.weight, std=0.02)
        self.drop = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(Block(width, heads, dropout) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        self.weigh = nn.Linear(width, 1)

    def inner_weights(self) -> Iterator[nn.Parameter]:
        """Give the matrices inside the blocks."""
        for block in self.blocks.children():
            yield from (layer.weight for layer in block.modules() if isinstance(layer, nn.Linear))

    def forward(self, ids: Tensor, mask: Tensor) -> Stream:
        """Read a batch of sentences; the levels are what the blocks before the last one give."""
        places = torch.arange(ids.shape[1], device=ids.device)
        x = self.drop(self.pieces(ids) + self.places(places))
        levels = []
        for block in self.blocks:
            x = block(x, mask)
            levels.append(x)
        x = self.norm(x)
        weight = F.softplus(self.weigh(x)[..., 0]) * mask
        return Stream(x, mask, tuple(levels[:-1]), weight)


class Block(nn.Module):
    """Look at the sentence, then think: [B, L, D] -> [B, L, D]."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.look_norm = nn.LayerNorm(width)
        self.look = Attention(width, heads)
        self.think_norm = nn.LayerNorm(width)
        self.think = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor, real: Tensor) -> Tensor:
        """Add what is seen, and what is made of it."""
        x = x + self.drop(self.look(self.look_norm(x), real))
        thought: Tensor = x + self.drop(self.think(self.think_norm(x)))
        return thought


class Attention(nn.Module):
    """Every token asks every real one: [B, L, D] -> [B, L, D]."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.ask = nn.Linear(width, 3 * width)
        self.answer = nn.Linear(width, width)

    def forward(self, x: Tensor, real: Tensor) -> Tensor:
        """Give each token the mean of what it asked for."""
        query, key, value = self.ask(x).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        fit = query @ key.transpose(2, 3) * query.shape[-1] ** -0.5  # [B, H, L, L]
        # The lowest number and not -inf: a row of nothing but padding would be NaN.
        share = fit.masked_fill(~real[:, None, None], torch.finfo(fit.dtype).min).softmax(dim=3)
        answer: Tensor = self.answer((share @ value).transpose(1, 2).flatten(2))
        return answer


def _refuse_impossible(sizes: dict[str, int], width: int, heads: int, dropout: float) -> None:
    sizes = sizes | {"width": width, "heads": heads}
    wrong = [f"{name} {size}" for name, size in sizes.items() if size < 1]
    wrong += [] if 0 <= dropout < 1 else [f"dropout {dropout}"]
    if wrong:
        raise UsageError(
            f"there is no text network of {', '.join(wrong)}",
            hint="sizes are 1 or more, and dropout is from 0 to under 1",
        )
    if width % heads:
        raise UsageError(
            f"a text network of width {width} cannot be shared by {heads} heads",
            hint="make the width a multiple of the heads",
        )
