"""A heard recording as it is stored: int8 with a scale each, and gists in float16 beside them.

A gist is pooled from the tokens as they are stored, so that it can be made again from them, bit for
bit. A vector x becomes q = round(x / scale) with scale = max|x| / 127.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from earmark.model.pool import Heard, TimeLine, Times, Vectors, Weights, gist, windows_among

Small = npt.NDArray[np.int8]  # [any, width]
Halves = npt.NDArray[np.float16]  # [any, width]
Scales = npt.NDArray[np.float32]  # [any]


@dataclass(frozen=True, slots=True)
class Packed:
    """Moments and tokens of one recording."""

    gists: Small  # [m, width]
    scales: Scales  # [m], of the gists
    halves: Halves  # [m, width], the gists for rescoring
    times: Times  # [m, 2]
    tokens: Small  # [t, width]; t may be 0 where a library keeps none
    token_scales: Scales  # [t]
    weights: Weights  # [t]
    token_times: Times  # [t, 2]


@dataclass(frozen=True, slots=True)
class Part:
    """Some tokens of a recording that follow each other, as they are stored."""

    tokens: Small  # [k, width]
    scales: Scales  # [k]
    weights: Weights  # [k]
    times: Times  # [k, 2]

    @classmethod
    def of(cls, heard: Heard | TimeLine) -> Part:
        """Bring the tokens of a stretch, or of a whole recording, to 8 bits."""
        small, scales = quantise(heard.tokens)
        return cls(small, scales, heard.weights.astype(np.float32), heard.times)


def pack(line: TimeLine, window: float, hop: float) -> Packed:
    """Pack a time line: tokens first, then gists of `window` seconds every `hop` from them."""
    return pack_parts([Part.of(line)], line.seconds, window, hop)


def pack_parts(parts: Sequence[Part], seconds: float, window: float, hop: float) -> Packed:
    """Pack a recording whose parts, in order of time, are 8 bits already: the same, bit for bit."""
    whole = _joined(parts)
    pieces, times = windows_among(whole.times, seconds, window, hop)
    if not pieces:  # too short for a token's centre: the gist of what there is
        pieces, times = [slice(None)], np.array([[0.0, seconds]])
    vectors = np.stack([_gist(whole, piece) for piece in pieces])
    gists, scales = quantise(vectors)
    return Packed(
        gists,
        scales,
        vectors.astype(np.float16),
        times,
        whole.tokens,
        whole.scales,
        whole.weights,
        whole.times,
    )


def _joined(parts: Sequence[Part]) -> Part:
    return Part(
        np.concatenate([part.tokens for part in parts]),
        np.concatenate([part.scales for part in parts]),
        np.concatenate([part.weights for part in parts]),
        np.concatenate([part.times for part in parts]),
    )


def _gist(whole: Part, piece: slice) -> Vectors:
    """Pool some of the tokens, of which only these are brought back to float32: -> [width]."""
    return gist(restore(whole.tokens[piece], whole.scales[piece]), whole.weights[piece])


def quantise(vectors: Vectors) -> tuple[Small, Scales]:
    """Bring vectors to 8 bits, each with its own scale: [n, width] -> [n, width], [n]."""
    largest = np.abs(vectors).max(axis=1, initial=0.0)
    scales = (np.maximum(largest, np.finfo(np.float32).tiny * 127) / 127).astype(np.float32)
    small = np.rint(vectors / scales[:, None]).astype(np.int8)
    return small, scales


def restore(small: Small, scales: Scales) -> Vectors:
    """Undo `quantise` as far as 8 bits allow: [n, width], [n] -> [n, width]."""
    vectors: Vectors = small.astype(np.float32) * scales[:, None]
    return vectors


def without_tokens(packed: Packed) -> Packed:
    """Leave the tokens out."""
    return replace(
        packed,
        tokens=packed.tokens[:0],
        token_scales=packed.token_scales[:0],
        weights=packed.weights[:0],
        token_times=packed.token_times[:0],
    )
