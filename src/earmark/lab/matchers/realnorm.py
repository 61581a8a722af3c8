"""Batch norm that padding, and what is missing, take no part in.

torch's own counts every row: what lies behind a short clip would move the scores of all others.

Shapes: W width; dots are any leading axes.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn


class RealNorm(nn.Module):
    """Bring each number of the real rows to mean 0 and spread 1: [..., W], [...] -> [..., W].

    What it gives for rows that are not real means nothing.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(width)

    def forward(self, x: Tensor, real: Tensor) -> Tensor:
        """Norm by this batch while learning, and by what was learned from then on."""
        if not self.training:
            return self._as_learned(x)
        rows = x[real]
        if len(rows) < 2:  # too few to have a spread
            return self._as_learned(x)
        found: Tensor = self.norm(rows)
        return found.new_zeros(x.shape).masked_scatter(real[..., None], found)

    def _as_learned(self, x: Tensor) -> Tensor:
        norm = self.norm
        rows = F.batch_norm(
            x.flatten(0, -2),
            norm.running_mean,
            norm.running_var,
            norm.weight,
            norm.bias,
            eps=norm.eps,
        )
        return rows.view(x.shape)
