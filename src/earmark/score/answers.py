"""A model's answers: how well every sound fits every text, as a search would rank recordings.

A sound is as good as its best moment. If the model reranks, the best of a text are then scored by
the network that sees both sides, on the tokens of that moment's surroundings; what is not reranked
comes behind, in its old order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from earmark.model.model import Model
from earmark.model.pool import TimeLine, Vectors

Scores = npt.NDArray[np.float32]  # [texts, sounds]
SHORTLIST = 100


@dataclass(frozen=True, slots=True)
class Sounds:
    """What was heard of each sound."""

    moments: Vectors  # [all moments, width]
    owner: npt.NDArray[np.int64]  # [all moments], the sound that each is of
    lines: tuple[TimeLine, ...]

    @classmethod
    def of(cls, lines: Sequence[TimeLine], window: float, hop: float) -> Sounds:
        """Cut the time line of each sound into the moments that are searched."""
        parts = [line.windows(window, hop)[0] for line in lines]
        # A sound too short for a token in its window still has the gist of what there is.
        parts = [p if len(p) else line.gist()[None] for p, line in zip(parts, lines, strict=True)]
        owner = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        return cls(np.concatenate(parts), owner, tuple(lines))


def answers(model: Model, texts: Sequence[str], sounds: Sounds) -> Scores:
    """Score every text with every sound: -> [texts, sounds]."""
    near = model.embed_text(list(texts)) @ sounds.moments.T
    starts = np.searchsorted(sounds.owner, np.arange(len(sounds.lines)))
    best: Scores = np.maximum.reduceat(near, starts, axis=1)
    if model.page.rerank is None:
        return best
    return np.stack([_reranked(model, t, row, sounds) for t, row in zip(texts, best, strict=True)])


def _reranked(model: Model, text: str, row: Scores, sounds: Sounds) -> Scores:
    """Score the first of a row anew, above all others: [sounds] -> [sounds]."""
    first = np.argsort(-row, kind="stable")[:SHORTLIST]
    out: Scores = row - row.max() - 2  # scores are from -1 to 1, so these are all below
    out[first] = model.judge(text, [sounds.lines[place] for place in first])
    return out
