"""Draw rare kinds of sound more often: a sound weighs as much as its rarest class is rare.

Which classes a sound has is what an expert hears in it, since labels of many sources do not agree.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from earmark.lab.experts import AudioExpert
from earmark.lab.sounds.spool import FULL, Spool, Watch, part_of

POWER = 0.75  # of how often a class is expected, by which its sounds weigh less
SPREAD = 25.0  # the heaviest sound against the lightest
WINDOW = 5.12  # seconds that the expert hears at once
BATCH = 32
Scores = npt.NDArray[np.float32]


@torch.no_grad()
def heard_in(
    spool: Spool,
    expert: AudioExpert,
    cache: Path,
    *,
    device: torch.device | None = None,
    watch: Watch = lambda share: None,  # noqa: ARG005 - told to nobody
) -> Scores:
    """Let the expert hear every sound, the most of each class over windows: -> [sounds, classes].

    Kept in a file beside the spool: it takes minutes for ten thousand clips.
    """
    if cache.is_file():
        known: Scores = np.load(cache)
        if known.shape == (len(spool.entries), len(expert.names)):
            return known
    size = round(WINDOW * spool.rate)
    pieces = _pieces(spool, size)
    found = np.zeros((len(spool.entries), len(expert.names)), np.float32)
    for at in range(0, len(pieces), BATCH):
        some = pieces[at : at + BATCH]
        waves = np.zeros((len(some), size), np.float32)
        for row, (_, first, length) in zip(waves, some, strict=True):
            row[:length] = spool.samples[first : first + length].astype(np.float32) / FULL
        scores = expert.hear(torch.from_numpy(waves).to(device)).scores
        if scores is None:
            raise ValueError("an expert without classes cannot balance")
        np.maximum.at(found, [number for number, _, _ in some], scores.cpu().numpy())
        watch((at + len(some)) / len(pieces))
    cache.parent.mkdir(parents=True, exist_ok=True)
    with part_of(cache) as part, part.open("wb") as file:
        np.save(file, found)
    return found


def _pieces(spool: Spool, size: int) -> list[tuple[int, int, int]]:
    """Windows of all sounds, as (sound, first sample, length); a short rest at an end is left."""
    return [
        (number, entry.first + skip, min(size, entry.length - skip))
        for number, entry in enumerate(spool.entries)
        for skip in range(0, max(entry.length - size // 2, 1), size)
    ]


def weights(scores: Scores) -> npt.NDArray[np.float64]:
    """What each sound weighs when one is drawn: [sounds, classes] -> [sounds]."""
    expected = scores.sum(axis=0, dtype=np.float64)
    raw = (scores / np.maximum(expected, 1e-9) ** POWER).max(axis=1)
    middle = float(np.median(raw))
    half = np.sqrt(SPREAD)
    limited: npt.NDArray[np.float64] = np.clip(raw, middle / half, middle * half)
    return limited
