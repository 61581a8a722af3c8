"""Mixture of embedding experts: each expert has a space of its own, and the text weighs them.

Paper: Miech et al., "Learning a Text-Video Embedding from Incomplete and Heterogeneous Data"
(2018), for sounds by Oncescu et al., "Audio Retrieval with Natural Language Queries" (2021).

    text    t = NetVLAD(words), phi_e = gated unit_e(t), w = softmax(B t)
    audio   psi_e = gated unit_e(NetVLAD_e(what expert e heard))
    score   the mean of <phi_e, psi_e> by w over the experts that are there (`mixture.py`)

Every audio stream is an expert, `main` too; words are the tokens of the text's `main`.

Where we differ from the paper, and why: padding and what is missing are left out of every sum and
every norm (`netvlad.py`, `gated.py`); words are not word2vec but those of the recipe's text tower.

Shapes: T texts, A audios, M experts, W the sum of their widths.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from earmark.lab.matchers import Widths, refuse_impossible
from earmark.lab.matchers.gated import GatedUnit
from earmark.lab.matchers.mixture import (
    Asked,
    Asking,
    Heard,
    audio_gist,
    each,
    named,
    scored,
    text_gist,
    there_of,
)
from earmark.lab.matchers.netvlad import NetVLAD
from earmark.lab.sides import Matched, Side
from earmark.lab.strict import refuse

ALL_ALIKE: dict[str, int] = {}


class MoEE(nn.Module):
    """Score by the cosines of all experts, as much as the text trusts each."""

    separable, timed = True, False

    def __init__(  # noqa: PLR0913 - what decides the network, by keyword
        self,
        widths: Widths,
        *,
        width: int = 256,  # of an expert's space
        expert_widths: dict[str, int] = ALL_ALIKE,  # of those that differ
        clusters: int = 8,
        text_clusters: int = 8,
        ghosts: int = 1,  # of the text
    ) -> None:
        super().__init__()
        refuse_impossible(width=width, clusters=clusters, text_clusters=text_clusters)
        refuse([(f"ghosts = {ghosts}", ghosts < 0)], "make it 0 or more")
        made = each(sorted(widths.audio), expert_widths, width, "expert_widths")
        refuse_impossible(**{f"expert_widths.{name}": out for name, out in made.items()})
        self.width = sum(made.values())
        self.read = NetVLAD(widths.text["main"], text_clusters, ghosts=ghosts)
        self.ask = Asking(self.read.width, made)
        self.names = list(made)
        self.pool = named({name: NetVLAD(widths.audio[name], clusters) for name in made})
        self.units = named(
            {name: GatedUnit(clusters * widths.audio[name], out) for name, out in made.items()}
        )

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
        ways = zip(self.names, self.pool.values(), self.units.values(), strict=True)
        parts = [
            unit(pool(side[name]), there[:, number])
            for number, (name, pool, unit) in enumerate(ways)
        ]
        return Heard(torch.cat(parts, dim=1), there)
