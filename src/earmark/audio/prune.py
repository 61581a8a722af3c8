"""Keep only the sounding parts of a clip: the silence-aware chunks of the robust-retrieval paper.

Paper: "Robust Audio-Text Retrieval via Cross-Modal Attention and Hybrid Loss" (2026).

Where we differ: the paper does not print its rules, so the numbers are ours (docs/sound.md). They
are for clips, by a recipe's choice: thresholds come from the whole clip and short islands are
dropped, so on an archive they would lose quiet rain beside loud talk. There, use `chunk.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from earmark.audio.chunk import Stretch, quiet_below, runs, windows
from earmark.audio.levels import FRAME, Levels, frame_samples, loudness
from earmark.types import Samples

Spans = list[tuple[int, int]]  # frames, [first, one past last)


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneRule:
    """What is kept of a clip; all times in seconds."""

    shortest: float = 1.0
    longest: float = 10.0
    gap: float = 0.3  # a quiet gap shorter than this is kept
    island: float = 0.1  # a sound shorter than this is dropped
    pad: float = 0.1  # kept on each side
    most: int = 16  # chunks; beyond that the loudest stay


CLIPS = PruneRule()


def prune(wave: Samples, rate: int, rule: PruneRule = CLIPS) -> list[Stretch]:
    """Give the sounding chunks of a clip, at least one unless it is empty: [S] -> stretches."""
    level = loudness(wave, rate).level
    spans = _active(level, rule)
    if not spans:
        size = max(1, round(rule.longest * rate))
        return windows(len(wave), size=size, hop=size)
    spans = _loudest(_fit(spans, level, rule), level, rule.most)
    hop = frame_samples(rate)
    return [Stretch(low * hop, min(high * hop, len(wave))) for low, high in spans]


def _active(level: Levels, rule: PruneRule) -> Spans:
    """Where the clip sounds, with short gaps closed, islands dropped and edges padded."""
    spans = _close(runs(level > quiet_below(level)), round(rule.gap / FRAME))
    islands = round(rule.island / FRAME)
    pad = round(rule.pad / FRAME)
    kept = [(max(0, a - pad), min(len(level), b + pad)) for a, b in spans if b - a >= islands]
    return _close(kept, 1)


def _close(spans: Spans, gap: int) -> Spans:
    """Join neighbours that stand less than `gap` frames apart."""
    joined: Spans = []
    for low, high in spans:
        if joined and low - joined[-1][1] < gap:
            joined[-1] = (joined[-1][0], high)
        else:
            joined.append((low, high))
    return joined


def _fit(spans: Spans, level: Levels, rule: PruneRule) -> Spans:
    """Split what is too long at its deepest minimum, then join what is too short."""
    split = [piece for span in spans for piece in _split(span, level, rule)]
    shortest, longest = round(rule.shortest / FRAME), round(rule.longest / FRAME)
    joined: Spans = []
    for low, high in split:
        short = joined and min(high - low, joined[-1][1] - joined[-1][0]) < shortest
        if short and high - joined[-1][0] <= longest:
            joined[-1] = (joined[-1][0], high)
        else:
            joined.append((low, high))
    return joined


def _split(span: tuple[int, int], level: Levels, rule: PruneRule) -> Spans:
    shortest, longest = round(rule.shortest / FRAME), round(rule.longest / FRAME)
    cuts = [span[0]]
    while span[1] - cuts[-1] > longest:
        first = cuts[-1] + shortest
        last = min(cuts[-1] + longest, span[1] - shortest)
        cuts.append(first + int(level[first : last + 1].argmin()))
    return list(pairwise([*cuts, span[1]]))


def _loudest(spans: Spans, level: Levels, most: int) -> Spans:
    """The `most` loudest spans, in the order of time."""
    loud = sorted(spans, key=lambda span: -float(np.mean(level[slice(*span)])))
    return sorted(loud[:most])
