"""The one place where a recording is described; the command, Python, REST and MCP all call it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from earmark.model.model import Model
from earmark.model.pool import Vectors
from earmark.search.confidence import Calibration, usual
from earmark.search.describe.events import Saying, events
from earmark.search.describe.likely import Asked, Floats, Heard, likely, scores
from earmark.search.describe.vocabulary import Bits, is_broader, vocabulary

ALIKE = 0.8  # cosine of two words for one sound
LEAST = 1e-3  # spread of scores


def describe(heard: Heard, seconds: float, model: Model) -> list[Saying]:
    """Say in plain words what is heard in a recording, and when; nothing where all is unlikely."""
    words, above = vocabulary(), _broader()
    asked = asked_of(model)
    if asked is None:
        asked = _guessed(heard, seconds, _vectors(model))
    found = likely(heard, seconds, asked)
    found[:, [not word.said for word in words]] = 0.0
    kin = above | above.T | (asked.vectors @ asked.vectors.T > ALIKE)
    return events(found, [word.text for word in words], seconds, kin, above.T)


@lru_cache(maxsize=1)
def asked_of(model: Model) -> Asked | None:
    """Read the vocabulary; None for a model that has no sounds that nobody asked for."""
    bank = Calibration.of(model).bank
    if bank is None:
        return None
    vectors = _vectors(model)
    means, spreads = np.array([usual(bank, vector) for vector in vectors]).T
    return Asked(vectors, means, spreads, _narrower())


@lru_cache(maxsize=1)
def _vectors(model: Model) -> Vectors:
    """The vocabulary as vectors; reading it takes longer than all else."""
    return model.embed_text([word.text for word in vocabulary()])


@lru_cache(maxsize=1)
def _broader() -> Bits:
    return is_broader(vocabulary())


def _narrower() -> Floats:
    """How many words are narrower than each: -> [q]."""
    return np.asarray(_broader().sum(axis=0), np.float64)


def _guessed(heard: Heard, seconds: float, vectors: Vectors) -> Asked:
    """Take what all words score in this recording for what is usual."""
    near = np.concatenate([near[there] for near, _, there in scores(heard, seconds, vectors)])
    same = np.ones(len(vectors))
    middle, spread = (float(near.mean()), float(near.std())) if len(near) else (0.0, 1.0)
    return Asked(vectors, middle * same, max(spread, LEAST) * same, _narrower())
