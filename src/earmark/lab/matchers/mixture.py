"""What all mixtures of experts share: a vector for each expert, and trust that the text alone says.

    s(t, a) = sum_e w_e(t) <phi_e(t), psi_e(a)> / sum_e w_e(t),    over the experts e that a has

phi_e and psi_e are of unit length and w is a softmax over all experts, so a score is a weighted
mean of cosines. With these gists it is their product wherever no expert is missing (m is how many
there are, and how many a has):

    text    sqrt(m) w_e phi_e, side by side          audio    psi_e / sqrt(m), side by side

Where we differ from the papers, and why: a clip without any expert scores 0 (the reference divides
0 by 0), and so does a text without words. Experts stand in the order of their names, so it does
not matter in which order a recipe lists them.

Shapes: T texts, A audios, M experts, W the sum of their widths, V width of a text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

import torch
from torch import Tensor, nn

from earmark.lab.matchers.gated import GatedUnit
from earmark.lab.sides import Side
from earmark.lab.strict import unknown

Value = TypeVar("Value")


class Asked(NamedTuple):
    """What texts look for in each expert, times their trust in it."""

    x: Tensor  # [T, W]
    trust: Tensor  # [T, M], its sum is 1


class Heard(NamedTuple):
    """What each expert says of sounds, zero where it is missing."""

    x: Tensor  # [A, W]
    there: Tensor  # [A, M] bool


class Asking(nn.Module):
    """From a vector of the text to what it looks for in each expert."""

    def __init__(self, given: int, widths: Mapping[str, int], *, dropout: float = 0.0) -> None:
        super().__init__()
        self.units = named({name: GatedUnit(given, width) for name, width in widths.items()})
        self.drop = nn.Dropout(dropout)
        self.trust = nn.Linear(given, len(widths))

    def forward(self, text: Tensor, there: Tensor) -> Asked:
        """Ask every expert: [T, V], [T] -> Asked."""
        trust = self.trust(self.drop(text)).softmax(dim=1)
        parts = [unit(text, there) for unit in self.units.values()]
        weighed = [
            part * share[:, None] for part, share in zip(parts, trust.unbind(1), strict=True)
        ]
        return Asked(torch.cat(weighed, dim=1), trust)


def scored(asked: Asked, heard: Heard) -> Tensor:
    """Mean of the cosines of the experts that are there, by trust: -> [T, A]."""
    total = asked.trust @ heard.there.to(asked.trust.dtype).T
    return asked.x @ heard.x.T / total.masked_fill(total == 0, 1.0)


def text_gist(asked: Asked) -> Tensor:
    """Put what is looked for side by side, of any length: -> [T, W]."""
    return asked.x * asked.trust.shape[1] ** 0.5


def audio_gist(heard: Heard) -> Tensor:
    """Put what the experts say side by side, at unit length; zero if none is there: -> [A, W]."""
    count = heard.there.sum(dim=1, keepdim=True)
    return heard.x / count.clamp(min=1).sqrt()


def there_of(side: Side, names: Sequence[str]) -> Tensor:
    """Which experts heard anything of which clip: -> [A, M]."""
    return torch.stack([side[name].real.any(dim=1) for name in names], dim=1)


def named(parts: Mapping[str, nn.Module]) -> nn.ModuleDict:
    """Keep a part of each expert by its name, without the dots that torch wants for itself."""
    return nn.ModuleDict({name.replace(".", "_"): part for name, part in parts.items()})


def each(
    names: Sequence[str], told: Mapping[str, Value], otherwise: Value, setting: str
) -> dict[str, Value]:
    """What a setting says of each expert, in their order; a misspelt one is refused."""
    for name in told:
        if name not in names:
            raise unknown(f"{setting}: there is no audio stream {name!r}", name, list(names))
    return {name: told.get(name, otherwise) for name in names}
