"""Whether the vectors of one sound are those that were written, and fit together.

The sum of all its rows tells the first. The second needs no sum: the gists are pooled from the
tokens as they are stored, so they can be made again and compared, or put in place of damaged ones.
"""

from __future__ import annotations

from enum import Enum, auto

import numpy as np

from earmark.library.nouns import Identity
from earmark.library.packed import Packed, Part, pack_parts, restore
from earmark.library.store.rows import Spot
from earmark.library.store.volume import checksum
from earmark.model.pool import Times, Vectors

LONGEST = 1e7  # seconds; nothing that lasts longer is a recording
EDGE = 1e-6  # seconds that a time may lie beyond the end by rounding
APART = 0.014  # distance of unit vectors whose cosine is 0.9999: what machines may differ by
ROUGH = 1e-3  # how far float16 is from the true value, at most


class Health(Enum):
    """How a sound is."""

    WHOLE = auto()
    ROUNDED = auto()  # whole; the gists of its tokens come out otherwise here, in the last bits
    MENDABLE = auto()  # its gists are damaged, its tokens are not
    LOST = auto()
    ODD = auto()  # as it was written, but no such sound can be
    UNLIKE = auto()  # as it was written, but its gists are not those of its tokens


def health_of(packed: Packed, spot: Spot, identity: Identity) -> Health:
    """Tell how a sound is by its rows."""
    with np.errstate(all="ignore"):  # damaged numbers may be any
        if not 0 <= spot.seconds <= LONGEST:
            return Health.ODD
        again = remade(packed, spot.seconds, identity)
        if checksum(packed) != spot.crc:
            return Health.MENDABLE if checksum(again) == spot.crc else Health.LOST
        if not is_sane(packed, spot.seconds):
            return Health.ODD
        return _kinship(packed, again)


def remade(packed: Packed, seconds: float, identity: Identity) -> Packed:
    """Make the gists of a sound again from its tokens, if it has any."""
    if not len(packed.tokens):
        return packed
    tokens = Part(packed.tokens, packed.token_scales, packed.weights, packed.token_times)
    return pack_parts([tokens], seconds, identity.window, identity.hop)


def is_sane(packed: Packed, seconds: float) -> bool:
    """Whether scales, weights, times and vectors are such as a sound can have."""
    numbers = (packed.scales, packed.halves, packed.token_scales, packed.weights)
    return (
        all(bool(np.isfinite(one).all()) for one in numbers)
        and bool((packed.scales > 0).all() and (packed.token_scales > 0).all())
        and bool((packed.weights >= 0).all())
        and _in_order(packed.times, seconds)
        and _in_order(packed.token_times, seconds)
        and _agree(packed)
    )


def _in_order(times: Times, seconds: float) -> bool:
    """Whether stretches begin one after another, end after they begin, and lie in the sound."""
    starts, ends = times.T
    inside = (starts >= 0) & (starts <= ends) & (ends <= seconds + EDGE)  # false for not a number
    return bool(inside.all() and (np.diff(starts) >= 0).all())


def _agree(packed: Packed) -> bool:
    """Whether the vectors that are searched are those that are scored."""
    off = np.abs(restore(packed.gists, packed.scales) - packed.halves.astype(np.float32))
    return bool((off <= 0.51 * packed.scales[:, None] + ROUGH).all())


def _kinship(packed: Packed, again: Packed) -> Health:
    if checksum(packed) == checksum(again):
        return Health.WHOLE
    if not np.array_equal(packed.times, again.times):
        return Health.UNLIKE
    near = _apart(packed.halves.astype(np.float32), again.halves.astype(np.float32)) <= APART
    return Health.ROUNDED if near else Health.UNLIKE


def _apart(one: Vectors, other: Vectors) -> float:
    """The largest distance between vectors of the same place."""
    return float(np.linalg.norm(one - other, axis=1).max(initial=0.0))
