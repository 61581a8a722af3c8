"""A spectrogram of a stretch as a PNG: log-mel over time, low sounds at the bottom.

A column is the mean power of the frames in it, so that an hour takes as much memory as a second.
The picture goes from the loudest place to 80 dB below it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from earmark.audio.mel import MelRule, log_mel
from earmark.audio.png import png
from earmark.types import Frames, Samples

RULE = MelRule(rate=32_000, fft=1024, window=1024, hop=512, bands=96, low=40, high=16_000)
DARKEST = 80.0  # dB under the loudest
FLOOR = 1e-12
FINEST = 64  # samples from frame to frame, at least
PIECE = 64  # frames that are drawn at once, at least


def spectrogram(
    blocks: Iterable[Samples],
    *,
    seconds: float,
    width: int,
    height: int,
    check: Callable[[], None],
) -> bytes:
    """Draw mono blocks at the rule's rate; `check` is called at each and may raise to end it."""
    total = max(1, round(seconds * RULE.rate))
    hop = int(np.clip(total // width, FINEST, RULE.hop))
    rule = replace(RULE, hop=hop, bands=height)
    canvas = _Canvas(rule, total, width)
    for block in blocks:
        check()
        canvas.add(block)
    return png(_shades(canvas.finish()))


class _Canvas:
    """Sums the power of frames by column; pieces overlap, so that no frame meets an edge of one."""

    def __init__(self, rule: MelRule, total: int, width: int) -> None:
        self._rule, self._total = rule, total
        self._power = np.zeros((width, rule.bands), np.float64)
        self._count = np.zeros(width, np.int64)
        self._margin = -(-rule.fft // 2 // rule.hop)  # frames that are drawn with the piece before
        self._held, self._at = np.zeros(0, np.float32), 0  # what is held, and its first frame
        self._next = 0  # frame to be drawn

    def add(self, block: Samples) -> None:
        """Take the next block: [S]."""
        self._held = np.concatenate([self._held, block])
        if len(self._held) >= PIECE * self._rule.fft:
            self._draw(self._at + len(self._held) // self._rule.hop - self._margin)

    def finish(self) -> Frames:
        """Draw what is left: -> mean power, [width, bands]."""
        short = max(0, self._rule.fft - len(self._held))
        self._held = np.pad(self._held, (0, short))
        self._draw(-(-self._total // self._rule.hop))
        filled = np.flatnonzero(self._count)
        near = np.searchsorted(filled, np.arange(len(self._count)))
        owner = filled[np.minimum(near, len(filled) - 1)]
        return np.asarray(self._power[owner] / self._count[owner, None], np.float32)

    def _draw(self, end: int) -> None:
        """Draw the frames up to one, as far as there are any, and drop what is not needed more."""
        hop = self._rule.hop
        frames = log_mel(self._held, self._rule)[self._next - self._at : end - self._at]
        places = (self._next + np.arange(len(frames))) * hop
        inside = places < self._total
        columns = places[inside] * len(self._count) // self._total
        np.add.at(self._power, columns, np.exp(frames[inside], dtype=np.float64))
        np.add.at(self._count, columns, 1)
        self._next = max(self._next, end)
        drop = max(0, self._next - self._margin - self._at)
        self._held, self._at = self._held[drop * hop :], self._at + drop


def _shades(power: Frames) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """Bright where it is loud: [width, bands] -> [bands, width]."""
    level = 10 * np.log10(np.maximum(power, FLOOR)).T[::-1]
    shade = (level - level.max()) / DARKEST + 1
    return np.asarray(np.clip(shade * 255, 0, 255), np.uint8)
