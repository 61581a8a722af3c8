"""Many tokens of a sound to few, each the weighted mean of those it stands for.

    even      as many parts of one length as there may be tokens
    windows   pieces of five seconds, whatever sounds in them
    silence   the sounding chunks of the robust-retrieval paper (`audio/prune.py`)

To add one: write the function, add a row to `CUTS`.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from earmark.audio.chunk import Stretch, windows
from earmark.audio.prune import prune
from earmark.lab.features.towers import Floats, Tokens
from earmark.types import Samples

Cut = Callable[[Samples, int, int], list[Stretch]]  # wave, rate, most -> pieces in order
WINDOW = 5.0  # seconds
SILENT = 1e-6  # what a token counts at least, so that a mean of silence is one too


def even(wave: Samples, rate: int, most: int) -> list[Stretch]:  # noqa: ARG001 - as every cut
    """Parts of one length."""
    edges = np.linspace(0, len(wave), most + 1).round().astype(int)
    return [Stretch(int(a), int(b)) for a, b in pairwise(edges) if b > a]


def by_windows(wave: Samples, rate: int, most: int) -> list[Stretch]:
    """Windows of five seconds, or longer ones where there would be too many."""
    size = max(round(WINDOW * rate), -(-len(wave) // most))
    return windows(len(wave), size=size, hop=size)


def by_silence(wave: Samples, rate: int, most: int) -> list[Stretch]:
    """What sounds; of too many chunks the first ones stay, as `prune` has chosen the loudest."""
    return prune(wave, rate)[:most]


CUTS: dict[str, Cut] = {"even": even, "windows": by_windows, "silence": by_silence}


def fewer(tokens: Tokens, pieces: list[Stretch], rate: int) -> Tokens:
    """Give each piece the mean of the tokens whose middle is in it; one without any is left out."""
    first = np.array([piece.start for piece in pieces]) / rate
    end = np.array([piece.stop for piece in pieces]) / rate
    inside = (first[:, None] <= tokens.middle) & (tokens.middle < end[:, None])
    held = np.flatnonzero(inside.any(axis=1))
    if not len(held):  # of all pieces the one that lies nearest to a token has it
        gap = np.abs((first + end)[:, None] / 2 - tokens.middle)
        inside = gap == gap.min()
        held = np.flatnonzero(inside.any(axis=1))
    share = inside[held] * np.maximum(tokens.weight, SILENT)
    total: Floats = share.sum(axis=1)
    every = (share @ one / total[:, None] for one in (tokens.x, *tokens.levels))
    x, *levels = (one.astype(np.float32) for one in every)
    return Tokens(
        x,
        total.astype(np.float32),
        ((first + end) / 2)[held].astype(np.float32),
        tuple(levels),
    )
