"""What tells the steps of a course apart: where one is heard rather than those before and after it.

Two sounds of one recording often rise at the same places: where anything is heard, or where they
are alike. So of every place a step gets a share, by how far it stands above what is usual for it in
this recording, beside how far its rivals do. With p how likely a step is heard at each token,

    o = log(p / (1 - p))
    n = o - median of o
    share = 1 / (1 + exp(-TELLS (n - max of its rivals' n)))

Rivals are what the course puts before or after a step; what is heard together with it is none, nor
is the same sound once more, nor what may be heard anywhere. Where nothing tells two sounds apart,
each has a half.

Shapes: T tokens in order of time.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from earmark.search.course import LEAST, Step

Floats = npt.NDArray[np.float64]
What = TypeVar("What", bound=Hashable)
TELLS = 4.0  # how much of what is between a step and its rivals gives one of them nearly all


def shares(levels: Mapping[What, Floats], steps: Sequence[Step[What]]) -> dict[What, Floats]:
    """Tell what share each thing has of every place, beside its rivals: [T] each -> [T] each."""
    above = {one: _above(level) for one, level in levels.items()}
    out = {one: np.ones(len(level)) for one, level in levels.items()}
    for one, others in rivals(steps).items():
        if others:
            told = above[one] - np.max([above[other] for other in others], axis=0)
            out[one] = 1 / (1 + np.exp(-TELLS * told))
    return out


def rivals(steps: Sequence[Step[What]]) -> dict[What, tuple[What, ...]]:
    """What is asked for before or after each thing, and never at the same time."""
    turns: list[list[What]] = []
    for step in steps:
        if step.link == "then" or not turns:
            turns.append([])
        if step.link != "with":
            turns[-1].append(step.what)
    return {one: _others(one, turns) for turn in turns for one in turn}


def _others(one: What, turns: Sequence[Sequence[What]]) -> tuple[What, ...]:
    beside = {other for turn in turns if one in turn for other in turn}
    return tuple(dict.fromkeys(o for turn in turns for o in turn if o not in beside))


def _above(level: Floats) -> Floats:
    """How far a line of likelihoods is above its median, in logarithms of odds."""
    odds = np.log(np.maximum(level, LEAST)) - np.log(np.maximum(1 - level, LEAST))
    return np.asarray(odds - np.median(odds))
