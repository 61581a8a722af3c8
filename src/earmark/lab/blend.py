"""One network from two that began as one: their weights in shares.

Two runs that go on from the same weights lie in one valley, and between them lies a network that
often hears better than either. It costs as much as one of them, unlike an ensemble.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from earmark.lab.grow import Weights, grown


def blended(one: Mapping[str, Tensor], other: Mapping[str, Tensor], share: float) -> Weights:
    """Weigh `one` by 1 - share and `other` by share; `one` may be narrower and is grown first."""
    grown_one = grown(one, other)
    return {name: _between(grown_one[name], value, share) for name, value in other.items()}


def _between(one: Tensor, other: Tensor, share: float) -> Tensor:
    """Counts are no measurements: they stay those of the other."""
    return one.lerp(other, share) if other.is_floating_point() else other.clone()
