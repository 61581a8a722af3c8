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
    """Sums the power of frames by column."""

    def __init__(self, rule: MelRule, total: int, width: int) -> None:
        self._rule, self._total = rule, total
        self._power = np.zeros((width, rule.bands), np.float64)
        self._count = np.zeros(width, np.int64)
        self._rest, self._at = np.zeros(0, np.float32), 0

    def add(self, block: Samples) -> None:
        """Take the next block: [S]."""
        self._rest = np.concatenate([self._rest, block])
        piece = PIECE * self._rule.fft
        take = len(self._rest) // piece * piece
        if take:
            self._draw(self._rest[:take])
            self._rest = self._rest[take:]

    def finish(self) -> Frames:
        """Draw what is left, filled up with silence: -> mean power, [width, bands]."""
        if len(self._rest) or not self._at:
            short = max(0, self._rule.fft - len(self._rest)) + -len(self._rest) % self._rule.hop
            self._draw(np.pad(self._rest, (0, short)))
        filled = np.flatnonzero(self._count)
        near = filled[
            np.clip(np.searchsorted(filled, np.arange(len(self._count))), 0, len(filled) - 1)
        ]
        return np.asarray(self._power[near] / self._count[near, None], np.float32)

    def _draw(self, wave: Samples) -> None:
        frames = log_mel(wave, self._rule)[: max(1, len(wave) // self._rule.hop)]
        places = self._at + np.arange(len(frames)) * self._rule.hop
        inside = places < self._total
        columns = places[inside] * len(self._count) // self._total
        np.add.at(self._power, columns, np.exp(frames[inside], dtype=np.float64))
        np.add.at(self._count, columns, 1)
        self._at += len(wave)


def _shades(power: Frames) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """Bright where it is loud: [width, bands] -> [bands, width]."""
    level = 10 * np.log10(np.maximum(power, FLOOR)).T[::-1]
    shade = (level - level.max()) / DARKEST + 1
    return np.asarray(np.clip(shade * 255, 0, 255), np.uint8)
