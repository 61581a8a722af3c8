"""Several systems as one: the mean of their scores, each brought to mean 0 and spread 1 before.

A matrix is standardised as a whole, so that neither queries nor items change places with each other
and the same ensemble answers in both directions. A system that gives every pair the same score says
nothing, and counts as zeros. What a system leaves out has no place here (minus infinity, say, for
items off a shortlist): it would decide the mean of all.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from earmark.score.ranking import Scores


def ensemble(systems: Sequence[Scores]) -> Scores:
    """Put the scores of systems that were asked the same together: [queries, items] each."""
    shapes = {scores.shape for scores in systems}
    if len(shapes) != 1:
        raise ValueError(f"systems must be asked the same, but their scores are {sorted(shapes)}")
    total = np.zeros(shapes.pop())
    for number, scores in enumerate(systems):
        if not np.isfinite(scores).all():
            raise ValueError(f"system {number} has scores that are no numbers, or without end")
        total += _standardised(scores)
    return np.asarray(total / len(systems))


def _standardised(scores: Scores) -> Scores:
    if np.ptp(scores) == 0:  # its spread may be a rounding error and no zero
        return np.zeros(scores.shape)
    exact = scores.astype(np.float64)
    return np.asarray((exact - exact.mean()) / exact.std())
