"""How likely each word of a vocabulary is right at each moment of a recording.

A word is held against the mean of the tokens near a moment, and of those farther about it: what is
heard now, and what has been going on. With n and w for the two scores, a and d for mean and spread
of what the word gets from sounds that nobody asked for, all in the same unit, and k for how many
words of the vocabulary are narrower than it,

    odds = exp(base + near n + wide w + usual a + spread d + broad ln(1 + k))

The unit is the mean over all words of those spreads, above the mean of those means, so that models
with other scores are told apart alike. The six numbers were fitted for the packaged model on scenes
of dev clips (`tools/describe_table.py`); for other models they are a guess.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from earmark.model.pool import Times, Vectors, Weights

STEP = 0.5  # seconds from one moment to the next
NEAR, FAR = 1.0, 10.0  # seconds to both sides at which a token counts no more
BLOCK = 240  # moments that are worked out together

Floats = npt.NDArray[np.floating]
Likely = npt.NDArray[np.float32]  # [t, q]
Scores = tuple[Floats, Floats, npt.NDArray[np.bool_]]  # near, wide [t, q]; is anything heard [t]


class Heard(Protocol):
    """The tokens of a recording."""

    @property
    def tokens(self) -> Vectors:
        """Vectors in order of time: [m, width]."""

    @property
    def weights(self) -> Weights:
        """What each counts in a mean: [m]."""

    @property
    def times(self) -> Times:
        """What each stands for: [m, 2]."""


@dataclass(frozen=True, slots=True)
class Odds:
    """What was fitted."""

    base: float
    near: float
    wide: float
    usual: float
    spread: float
    broad: float


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """The words of a vocabulary as a model reads them, and what they usually score."""

    vectors: Vectors  # [q, width]
    means: Floats  # [q], of what they get from any sound
    spreads: Floats  # [q]
    narrower: Floats  # [q], how many words are narrower

    @property
    def unit(self) -> tuple[float, float]:
        """Middle and unit in which all scores are told."""
        return float(self.means.mean()), float(self.spreads.mean())


ODDS = Odds(base=-2.731, near=0.534, wide=0.528, usual=-0.339, spread=-2.232, broad=0.648)


def steps(seconds: float) -> Floats:
    """The moments of a recording that are asked about, one at least: -> [t] in seconds."""
    return STEP * (np.arange(max(1, round(seconds / STEP))) + 0.5)


def likely(heard: Heard, seconds: float, asked: Asked, odds: Odds = ODDS) -> Likely:
    """Tell how likely each word is right at each moment: -> [t, q]; 0 where nothing is heard."""
    parts = scores(heard, seconds, asked.vectors)
    made = [odds_to_likely(near, wide, asked, odds) * there[:, None] for near, wide, there in parts]
    return np.concatenate(made)


def odds_to_likely(near: Floats, wide: Floats, asked: Asked, odds: Odds) -> Likely:
    """Put scores near and wide together: [t, q] twice -> [t, q]."""
    middle, unit = asked.unit
    near, wide, means = ((one - middle) / unit for one in (near, wide, asked.means))
    by_word = odds.base + odds.usual * means + odds.spread * asked.spreads / unit
    by_word = by_word + odds.broad * np.log1p(asked.narrower)
    found = by_word + odds.near * near + odds.wide * wide
    return np.asarray(1 / (1 + np.exp(-np.clip(found, -50, 50))), np.float32)


def scores(heard: Heard, seconds: float, words: Vectors) -> Iterator[Scores]:
    """Hold words against what is near each moment and about it, and tell where anything is heard.

    In digital silence nothing is. In blocks, since a recording may last for hours.
    """
    centres = heard.times.mean(axis=1)
    every = steps(seconds)
    for first in range(0, len(every), BLOCK):
        at = every[first : first + BLOCK]
        part = slice(*np.searchsorted(centres, (at[0] - FAR, at[-1] + FAR)))
        apart = np.abs(at[:, None] - centres[None, part])
        near, wide = (
            _pooled(np.maximum(0.0, 1 - apart / far) * heard.weights[part], heard.tokens[part])
            for far in (NEAR, FAR)
        )
        yield near @ words.T, wide @ words.T, (apart < STEP).any(axis=1)


def _pooled(shares: Floats, tokens: Vectors) -> Floats:
    """Means of tokens at unit length: [t, m], [m, width] -> [t, width]."""
    total = shares @ tokens
    lengths = np.linalg.norm(total, axis=1, keepdims=True)
    return np.asarray(total / np.maximum(lengths, np.finfo(np.float32).tiny))
