"""Many tokens to one vector: how they differ from a few centres, summed up centre by centre.

Papers: Arandjelovic et al., "NetVLAD" (2016), with ghosts by Zhong et al., "GhostVLAD" (2018), as
Oncescu et al., "Audio Retrieval with Natural Language Queries" (2021), use it.

    a_n = softmax(norm(x_n W)) over K centres and G ghosts; what the ghosts get is forgotten
    v_k = sum_n a_nk (x_n - c_k), brought to unit length
    out = v_1 .. v_K side by side, brought to unit length

Where we differ from the paper, and why:
- padding is left out of the sum and of the norm's statistics, so that a vector does not depend on
  the batch around it (the reference code masks neither sounds nor texts: its NetVLAD takes a mask
  and does not use it);
- where nothing is real it gives zeros.

A token's weight is not used, as the shares a_n and the ghosts say what a token counts.

Shapes: B rows, L tokens, D their width, K centres, G ghosts.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from earmark.lab.matchers.realnorm import RealNorm
from earmark.lab.sides import Stream


class NetVLAD(nn.Module):
    """A stream to one vector a row: [B, L, D] -> [B, K * D]."""

    def __init__(self, given: int, clusters: int, *, ghosts: int = 0) -> None:
        super().__init__()
        self.clusters = clusters
        self.width = clusters * given
        scale = given**-0.5
        self.assign = nn.Parameter(scale * torch.randn(given, clusters + ghosts))
        self.norm = RealNorm(clusters + ghosts)
        self.centres = nn.Parameter(scale * torch.randn(clusters, given))

    def forward(self, stream: Stream) -> Tensor:
        """Sum up what each centre has near it; zero where nothing is real."""
        share = self.norm(stream.x @ self.assign, stream.real).softmax(dim=2)
        share = share[..., : self.clusters] * stream.real[..., None]
        near = torch.einsum("blk,bld->bkd", share, stream.x)
        apart = near - share.sum(dim=1)[..., None] * self.centres
        return F.normalize(F.normalize(apart, dim=2).flatten(1), dim=1)
