"""Collaborative experts: before they are compared with the text, experts advise each other.

Paper: Liu et al., "Use What You Have: Video Retrieval Using Representations From Collaborative
Experts" (2019), for sounds by Oncescu et al., "Audio Retrieval with Natural Language Queries"
(2021), in the form that they call "pairwise", an expert's pair with itself included.

    e_i  = A_i NetVLAD_i(what expert i heard), brought to unit length
    r_i  = mean over the experts j that are there of g([e_i ; e_j])
    psi_i = e_i * sigmoid(norm(r_i) + norm(B_i e_i)), brought to unit length

The text side and the score are those of `moee.py`. With one expert there is nobody to advise: g is
left out, and its gate listens to itself alone. That is the paper's form for single experts.

Where we differ from the paper, and why:
- all experts are advised by the experts as they were. The reference puts the gated one back before
  it turns to the next, so that its scores depend on the order in which experts are listed;
- the norms inside g see all pairs of a batch together, as the statistics of one pair after another
  would depend on that order as well;
- what `moee.py` says of padding, of what is missing, and of words.

Shapes: T texts, A audios, M experts, D width of an expert's space, W = M D.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from earmark.lab.matchers import Widths, refuse_impossible
from earmark.lab.matchers.gated import AdvisedGate, Gate, unit
from earmark.lab.matchers.mixture import (
    Asked,
    Asking,
    Heard,
    audio_gist,
    named,
    scored,
    text_gist,
    there_of,
)
from earmark.lab.matchers.netvlad import NetVLAD
from earmark.lab.matchers.realnorm import RealNorm
from earmark.lab.sides import Matched, Side
from earmark.lab.strict import refuse


class CE(nn.Module):
    """Score by the cosines of all experts, each gated by what the others heard."""

    separable, timed = True, False

    def __init__(  # noqa: PLR0913 - what decides the network, by keyword
        self,
        widths: Widths,
        *,
        width: int = 256,  # of an expert's space
        clusters: int = 8,
        text_clusters: int = 8,
        ghosts: int = 1,  # of the text
        depth: int = 3,  # layers of g
    ) -> None:
        super().__init__()
        refuse_impossible(width=width, clusters=clusters, text_clusters=text_clusters, depth=depth)
        refuse([(f"ghosts = {ghosts}", ghosts < 0)], "make it 0 or more")
        self.names = names = sorted(widths.audio)
        self.width = len(names) * width
        self.read = NetVLAD(widths.text["main"], text_clusters, ghosts=ghosts)
        self.ask = Asking(self.read.width, dict.fromkeys(names, width))
        self.pool = named({name: NetVLAD(widths.audio[name], clusters) for name in names})
        self.reduce = named(
            {name: nn.Linear(clusters * widths.audio[name], width) for name in names}
        )
        alone = len(names) == 1
        self.advise = None if alone else Advice(width, depth)
        self.gates = named({name: (Gate if alone else AdvisedGate)(width) for name in names})

    def text_gist(self, side: Side) -> Tensor:
        """Give each text one vector, of any length: -> [T, W]."""
        return text_gist(self._asked(side))

    def audio_gist(self, side: Side) -> Tensor:
        """Give each sound one vector: -> [A, W]."""
        return audio_gist(self._heard(side))

    def forward(self, text: Side, audio: Side) -> Matched:
        """Score every text with every audio: -> [T, A]."""
        return Matched(scored(self._asked(text), self._heard(audio)), terms={})

    def _asked(self, side: Side) -> Asked:
        words = side["main"]
        asked: Asked = self.ask(self.read(words), words.real.any(dim=1))
        return asked

    def _heard(self, side: Side) -> Heard:
        there = there_of(side, self.names)
        ways = zip(self.names, self.pool.values(), self.reduce.values(), strict=True)
        pooled = [reduce(pool(side[name])) for name, pool, reduce in ways]
        experts = unit(torch.stack(pooled, dim=1), there)  # [A, M, D]
        told = (experts,) if self.advise is None else (experts, self.advise(experts, there))
        gated = [
            gate(*(one[:, number] for one in told), there[:, number])
            for number, gate in enumerate(self.gates.values())
        ]
        return Heard(unit(torch.stack(gated, dim=1), there).flatten(1), there)


class Advice(nn.Module):
    """What each expert hears from all that are there, g in the paper: [A, M, D] -> [A, M, D]."""

    def __init__(self, width: int, depth: int) -> None:
        super().__init__()
        self.first = nn.Linear(2 * width, width)
        self.norms = nn.ModuleList(RealNorm(width) for _ in range(depth - 1))
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(depth - 1))
        self.bend = nn.Mish()

    def forward(self, experts: Tensor, there: Tensor) -> Tensor:
        """Mean over the others and itself; zero where nothing is there."""
        shape = (-1, there.shape[1], there.shape[1], -1)
        pairs = [experts[:, :, None].expand(shape), experts[:, None].expand(shape)]
        both = there[:, :, None] & there[:, None]  # [A, M, M]
        x = self.first(torch.cat(pairs, dim=3))
        for norm, layer in zip(self.norms, self.layers, strict=True):
            x = layer(self.bend(norm(x, both)))
        count = both.sum(dim=2).clamp(min=1)
        return (x * both[..., None]).sum(dim=2) / count[..., None]
