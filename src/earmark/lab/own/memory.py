"""Own captions, where their sounds lie, and how a query near to them is turned there.

    z_j = (<g, key_j> - reach) / SHARP
    a_j = e^z_j / (1 + sum_i e^z_i)
    g'  = g + STRENGTH sum_j a_j value_j, at unit length

g is the gist of a query. A key is the gist of an own caption, a value the direction in which its
sounds lie apart from all others. A query that is no nearer than `reach` to any key keeps its gist.
Attention over stored pairs of an example and its answer is how Tip-Adapter (Zhang et al., 2022)
tells new classes; there the keys are the examples, here they are what is asked for.

Shapes: n queries, k own captions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from earmark.model.pool import Vectors

SHARP = 0.02  # of a cosine: so much nearer, and a key counts e times as much
STRENGTH = 2.0  # of an own sound against the words: a third of the words is left
SAY = 0.2  # from which share on an own caption has a say in a query
MOVED = 0.01  # share of general phrases in which own captions may have a say
REACHES = np.arange(0.60, 0.99, 0.01)  # cosines


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """What is kept of own clips."""

    keys: Vectors  # [k, width]
    values: Vectors  # [k, width]
    reach: float  # a cosine

    def turn(self, gists: Vectors) -> Vectors:
        """Turn the gists of queries to their own sounds: [n, width] -> [n, width]."""
        return unit(gists + STRENGTH * self.share(gists) @ self.values)

    def share(self, gists: Vectors) -> Vectors:
        """How much each own caption has to say in a query: [n, width] -> [n, k]."""
        raised = raised_of(gists @ self.keys.T, self.reach)
        said: Vectors = raised / (1 + raised.sum(axis=1, keepdims=True))
        return said


def reach_of(keys: Vectors, phrases: Vectors) -> float:
    """Find how far keys may reach without a say in more than a few general phrases."""
    near = phrases @ keys.T
    for reach in REACHES:
        raised = raised_of(near, reach).sum(axis=1)
        if (raised / (1 + raised) > SAY).mean() <= MOVED:
            return float(reach)
    return float(REACHES[-1])


def raised_of(near: Vectors, reach: float) -> Vectors:
    """What keys count before they share: cosines [n, k] -> [n, k]."""
    raised: Vectors = np.exp((near - np.float32(reach)) / np.float32(SHARP))
    return raised


def unit(vectors: npt.NDArray[np.floating[Any]]) -> Vectors:
    """Bring rows to unit length: [n, width] -> [n, width]."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), np.float32)
