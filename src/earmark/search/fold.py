"""Whether two recordings are one sound that was saved twice: in another format, louder, softer.

Their bytes differ, and their vectors a little; another take of the same thing may have vectors
as near. What tells them apart is how a recording changes on its way: in a copy it does so at the
same times. So they must last equally long, agree on the whole, and change alike. One that is too
short to change, or never does, must agree more closely. Two takes of what goes on evenly, like a
hum, may pass for copies; a hit tells what was folded into it, so nothing is lost.
`tools/fold_table.py` measures the thresholds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from earmark.model.pool import Times, Vectors

SECONDS, SHARE = 0.3, 0.01  # lengths may differ by one of these
BRIEFLY = 0.06  # seconds, where there is one moment: as much as encoders add
AGREE = 0.95  # mean cosine of moments at the same time
CHANGE = 0.85  # correlation of how they differ from the mean over the recording
CLOSELY = 0.99  # mean cosine of those that do not change
STILL = 1e-3  # mean square of the change of those


@dataclass(frozen=True, slots=True)
class Sketch:
    """As much of a recording as tells whether it is a copy."""

    seconds: float
    vectors: Vectors  # [m, width], searched ones
    times: Times  # [m, 2]


def are_as_long(one: float, other: float) -> bool:
    """Whether two recordings last so equally long that one may be a copy of the other."""
    return abs(one - other) <= max(SECONDS, SHARE * max(one, other))


def is_near_copy(one: Sketch, other: Sketch) -> bool:
    """Whether two recordings hold the same sound."""
    if not are_as_long(one.seconds, other.seconds):
        return False
    apart = abs(one.seconds - other.seconds)
    first, second = _aligned(one, other)
    if 2 * len(first) <= max(len(one.vectors), len(other.vectors)):
        return False
    if len(first) == 1 and apart > BRIEFLY:
        return False
    agreement, change = likeness(first, second)
    return agreement >= CLOSELY if change is None else agreement >= AGREE and change >= CHANGE


def likeness(first: Vectors, second: Vectors) -> tuple[float, float | None]:
    """Compare moments at the same times: mean cosine, and how alike they change if they do.

    [m, width] twice, with one moment at least.
    """
    one, other = _unit(first), _unit(second)
    agreement = float(np.einsum("mw,mw->m", one, other).mean())
    one, other = one - one.mean(axis=0), other - other.mean(axis=0)
    changes = [float(np.square(each).sum(axis=1).mean()) for each in (one, other)]
    if min(changes) < STILL:
        return agreement, None
    return agreement, float((one * other).sum(axis=1).mean() / np.sqrt(changes[0] * changes[1]))


def _aligned(one: Sketch, other: Sketch) -> tuple[Vectors, Vectors]:
    """Take the moments that begin at the same times: -> [m, width] twice."""
    first, second = (np.round(each.times[:, 0], 2) for each in (one, other))
    _, here, there = np.intersect1d(first, second, assume_unique=True, return_indices=True)
    return one.vectors[here], other.vectors[there]


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, np.finfo(np.float32).tiny), np.float32)
