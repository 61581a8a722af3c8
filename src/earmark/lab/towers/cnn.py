"""A compact audio network on log-mel: dense 3x3 convolutions that train fast on a few CPU cores.

A patch stem of 4 x 4, three stages of residual blocks (each stage but the first halves time and
bands), then the bands that are left are folded into one vector a token, and a few residual
convolutions over time let tokens look at their neighbours. One token stands for 16 frames.

Depthwise convolutions, the usual choice for small networks, were several times slower to train on
a CPU at the same size (docs/methods/earmark-small.md).
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from earmark.errors import UsageError
from earmark.lab.sides import Stream

PATCH = 4  # frames
COLUMNS = 16  # that the bands are cut into by the stem; two stages halve them twice
FRAMES = 16  # of the log-mel in a token


class ConvTower(nn.Module):
    """Log-mel to tokens: [B, frames, bands] -> a stream of frames / 16 tokens."""

    def __init__(  # noqa: PLR0913 - its sizes, by keyword
        self,
        *,
        bands: int = 128,
        frame_seconds: float = 0.02,
        widths: tuple[int, ...] = (48, 96, 192),
        depths: tuple[int, ...] = (1, 2, 2),
        width: int = 384,
        looks: int = 2,
    ) -> None:
        super().__init__()
        _refuse_impossible(bands, widths, depths, width, looks)
        self.width = width
        self.token_seconds = FRAMES * frame_seconds
        patch = high, wide = PATCH, bands // COLUMNS
        self.stem = nn.Sequential(
            # A patch and half of each neighbour: edges between patches are seen whole.
            nn.Conv2d(
                1, widths[0], (2 * high, 2 * wide), patch, (high // 2, wide // 2), bias=False
            ),
            nn.BatchNorm2d(widths[0]),
            nn.ReLU(inplace=True),
        )
        blocks, before = list[nn.Module](), widths[0]
        for stage, (after, depth) in enumerate(zip(widths, depths, strict=True)):
            for turn in range(depth):
                blocks.append(Residual(before, after, stride=2 if stage and not turn else 1))
                before = after
        self.blocks = nn.Sequential(*blocks)
        self.fold = nn.Linear(before * COLUMNS // 4, width)
        self.looks = nn.ModuleList(Look(width) for _ in range(looks))
        self.norm = nn.LayerNorm(width)
        self.weigh = nn.Linear(width, 1)
        self.to(memory_format=torch.channels_last)  # a fifth quicker to train on a CPU

    def inner_weights(self) -> Iterator[nn.Parameter]:
        """Give the matrices between the stem and the tokens."""
        for block in self.blocks.children():
            if isinstance(block, Residual):
                yield from (block.first.weight, block.second.weight)
        yield self.fold.weight

    def forward(self, logmel: Tensor) -> Stream:
        """Hear a batch of log-mels; what is left over behind the last whole token is not heard."""
        whole = logmel[:, : logmel.shape[1] // FRAMES * FRAMES]
        grid = self.blocks(self.stem(whole[:, None]))  # [B, channels, tokens, bands / 16]
        x = self.fold(grid.permute(0, 2, 1, 3).flatten(2))
        levels = [x]
        for look in self.looks:
            x = look(x)
            levels.append(x)
        x = self.norm(x)
        real = torch.ones(x.shape[:2], dtype=torch.bool, device=x.device)
        return Stream(x, real, tuple(levels), F.softplus(self.weigh(x)[..., 0]))


class Residual(nn.Module):
    """Two 3 x 3 convolutions beside a way around them: [B, C, T, F] -> [B, C', T', F']."""

    def __init__(self, before: int, after: int, *, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(after)
        self.second = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(after)
        way: list[nn.Module] = [nn.AvgPool2d(stride)] if stride > 1 else []
        if before != after:
            way.append(nn.Conv2d(before, after, 1, bias=False))
        self.around = nn.Sequential(*way)

    def forward(self, x: Tensor) -> Tensor:
        """Add what two convolutions find."""
        found = F.relu(self.first_norm(self.first(x)), inplace=True)
        found = self.second_norm(self.second(found))
        return F.relu(found + self.around(x), inplace=True)


class Look(nn.Module):
    """Look at the tokens before and after: [B, T, D] -> [B, T, D]."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.near = nn.Conv1d(width, width, 3, padding=1)
        self.mix = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Add what a convolution over time finds."""
        near = self.near(self.norm(x).transpose(1, 2)).transpose(1, 2)
        mixed: Tensor = x + self.mix(F.gelu(near))
        return mixed


def _refuse_impossible(
    bands: int, widths: tuple[int, ...], depths: tuple[int, ...], width: int, looks: int
) -> None:
    if len(widths) != 3 or len(depths) != 3 or min(*widths, *depths, width) < 1 or looks < 0:
        raise UsageError(
            f"an audio network of widths {list(widths)}, depths {list(depths)}, tokens of {width} "
            f"and {looks} looks",
            hint="three stages, each with a width and a depth of 1 or more; tokens of 1 or more",
        )
    if bands < 2 * COLUMNS or bands % (2 * COLUMNS):
        raise UsageError(
            f"{bands} bands cannot be cut into patches", hint=f"use a multiple of {2 * COLUMNS}"
        )
