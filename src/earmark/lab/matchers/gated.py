"""Units that let a vector decide which of its own numbers count.

Papers: Miech et al., "Learning a Text-Video Embedding from Incomplete and Heterogeneous Data"
(2018), and Liu et al., "Use What You Have: Video Retrieval Using Representations From Collaborative
Experts" (2019), from which Oncescu et al. (2021) took both.

    gate           x * sigmoid(norm(A x))
    gated unit     gate(y) for y = B x, brought to unit length
    advised gate   x * sigmoid(norm(r) + norm(A x)), r being what other experts say of x

Where we differ from the papers, and why: rows that are missing take no part in the norms, so that
one does not change what the others get, and a unit gives zeros for them.

Shapes: B rows, V width given, W width made.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from earmark.lab.matchers.realnorm import RealNorm


class GatedUnit(nn.Module):
    """Project, gate, and bring to unit length; zero where nothing is there."""

    def __init__(self, given: int, width: int) -> None:
        super().__init__()
        self.project = nn.Linear(given, width)
        self.gate = Gate(width)

    def forward(self, x: Tensor, there: Tensor) -> Tensor:
        """Make a vector of one width of another: [B, V], [B] -> [B, W]."""
        return unit(self.gate(self.project(x), there), there)


class Gate(nn.Module):
    """Context gating."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.ask = nn.Linear(width, width)
        self.norm = RealNorm(width)

    def forward(self, x: Tensor, there: Tensor) -> Tensor:
        """Turn down what does not count: [B, W], [B] -> [B, W]."""
        return x * self.norm(self.ask(x), there).sigmoid()


class AdvisedGate(nn.Module):
    """Context gating that listens to advice."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.ask = nn.Linear(width, width)
        self.norm = RealNorm(width)
        self.advice_norm = RealNorm(width)

    def forward(self, x: Tensor, advice: Tensor, there: Tensor) -> Tensor:
        """Turn down what does not count: [B, W], [B, W], [B] -> [B, W]."""
        told = self.advice_norm(advice, there) + self.norm(self.ask(x), there)
        return x * told.sigmoid()


def unit(x: Tensor, there: Tensor) -> Tensor:
    """Bring to unit length what is there, and the rest to zero: [..., W], [...] -> [..., W]."""
    return F.normalize(x, dim=-1) * there[..., None]
