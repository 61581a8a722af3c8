"""The tokens of a recording on its time line, and the gist of any part of it.

A token belongs to the moments that hold its centre. A gist is the weighted mean of tokens, brought
to unit length; sums are in double precision and in one order, so that they never differ by a bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from earmark.types import Moment

Vectors = npt.NDArray[np.float32]  # [any, width]
Weights = npt.NDArray[np.float32]  # [any], positive
Times = npt.NDArray[np.float64]  # [any, 2], start and end in seconds


@dataclass(frozen=True, slots=True)
class Heard:
    """What the network made of one stretch."""

    moment: Moment
    tokens: Vectors  # [k, width]
    weights: Weights  # [k]
    times: Times  # [k, 2], inside the moment
    classes: npt.NDArray[np.float32]  # [C], a probability each; [0] where the model names none


@dataclass(frozen=True, slots=True)
class TimeLine:
    """All tokens of a recording in order of time."""

    tokens: Vectors  # [m, width]
    weights: Weights  # [m]
    times: Times  # [m, 2]
    stretches: Times  # [s, 2]
    classes: npt.NDArray[np.float32]  # [s, C], of each stretch
    seconds: float  # how long the recording is

    def gist(self) -> Vectors:
        """Give the one vector of the whole: -> [width], unit length."""
        return gist(self.tokens, self.weights)

    def windows(self, window: float, hop: float) -> tuple[Vectors, Times]:
        """Gists of `window` seconds every `hop`, but where there is nothing: -> [n, width], [n, 2].

        The last one ends with the recording, so it may be shorter, though never under
        `window - hop` unless the recording is.
        """
        parts, times = windows_among(self.times, self.seconds, window, hop)
        made = [gist(self.tokens[part], self.weights[part]) for part in parts]
        return np.array(made, np.float32).reshape(len(made), self.tokens.shape[1]), times


def line_up(heard: Sequence[Heard], seconds: float) -> TimeLine:
    """Join the stretches of a recording that lasts so many seconds; there must be one."""
    return TimeLine(
        np.concatenate([one.tokens for one in heard]),
        np.concatenate([one.weights for one in heard]),
        np.concatenate([one.times for one in heard]),
        np.array([(one.moment.start, one.moment.end) for one in heard]),
        np.stack([one.classes for one in heard]),
        seconds,
    )


def gist(tokens: Vectors, weights: Weights) -> Vectors:
    """Weighted mean of tokens at unit length: [m, width], [m] -> [width]."""
    # einsum adds the tokens one after another; a product of matrices may cut the sum in other ways.
    total = np.einsum("m,mw->w", weights, tokens, dtype=np.float64)
    length = np.sqrt(np.square(total).sum())
    unit: Vectors = (total / max(length, np.finfo(np.float64).tiny)).astype(np.float32)
    return unit


def windows_among(
    tokens: Times, seconds: float, window: float, hop: float
) -> tuple[list[slice], Times]:
    """Tell which tokens belong to each window that has any: [m, 2] -> n slices, times [n, 2]."""
    centres = tokens.mean(axis=1)
    spans = np.array(_spans(seconds, window, hop))
    firsts, lasts = np.searchsorted(centres, spans.T)
    some = firsts < lasts
    bounds = zip(firsts[some].tolist(), lasts[some].tolist(), strict=True)
    return [slice(first, last) for first, last in bounds], spans[some]


def _spans(seconds: float, window: float, hop: float) -> list[tuple[float, float]]:
    """Where the windows of a recording lie; multiples of the hop, told without adding up errors."""
    count = 1 + max(0, int(np.ceil((seconds - window) / hop - 1e-9)))
    return [(n * hop, min(n * hop + window, seconds)) for n in range(count)]
