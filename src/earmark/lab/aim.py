"""A space in which the classes that ears know have places, so that words can be pointed at them.

To trained ears a class is a direction among their tokens. What all classes have in common says only
how much there is to hear, and is taken away; the strongest directions of the rest make the space. A
sound's gist there says which classes it holds, and a sentence that means some of the classes lies
between their places. So both sides meet before they have learned a single pair.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from earmark.errors import UsageError


class Aim(NamedTuple):
    """The way into the space, and where the classes are in it."""

    audio: Tensor  # [W, D] takes a token of the ears there
    places: Tensor  # [C, W]


def aim_of(classes: Tensor, width: int) -> Aim:
    """Make the space of the weights that tell classes: [C, D] -> W numbers wide."""
    most = min(classes.shape)
    if width > most:
        raise UsageError(
            f"a matcher of width {width} cannot be aimed: the ears have {most} directions",
            hint=f"give it a width of {most} or less, or leave `aimed` out",
        )
    apart = classes.detach() - classes.detach().mean(dim=0)
    left, size, right = torch.linalg.svd(apart, full_matrices=False)
    return Aim(size[:width, None] * right[:width], left[:, :width])


def point(matcher: nn.Module, aim: Aim) -> None:
    """Let the audio side of a matcher begin with the way into the space."""
    audio = getattr(matcher, "audio", None)
    if not isinstance(audio, nn.Linear) or audio.weight.shape != aim.audio.shape:
        raise UsageError(
            "this matcher cannot be aimed: its audio side is more than one matrix",
            hint="take 'pooled', 'words', 'phrases' or 'tap' under [matcher], or leave `aimed` out",
        )
    with torch.no_grad():
        audio.weight.copy_(aim.audio)
