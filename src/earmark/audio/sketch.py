"""What is kept of a recording for a picture of it: few columns, whatever its length.

When the columns become too many, neighbours are joined, so that three hours take as much memory
as three minutes. `picture.py` draws them.
"""

from __future__ import annotations

import numpy as np

from earmark.audio.mel import MelRule, log_mel
from earmark.types import Frames, Samples

RULE = MelRule(rate=32_000, fft=1024, window=1024, hop=512, bands=96, low=40, high=16_000)
MOST = 2400  # columns


class Sketch:
    """Listens to a wave at 32 kHz that comes in blocks of any size."""

    def __init__(self) -> None:
        self.span = RULE.hop  # samples a column
        self.low = np.zeros(0, np.float32)  # [columns]
        self.high = np.zeros(0, np.float32)  # [columns]
        self.mel: Frames = np.zeros((0, RULE.bands), np.float32)  # mean power, [columns, bands]
        self._rest = np.zeros(0, np.float32)

    def __len__(self) -> int:
        return len(self.low)

    def add(self, block: Samples) -> None:
        """Take the next block: [S]."""
        self._rest = np.concatenate([self._rest, block])
        while len(self._rest) >= (piece := max(self.span, RULE.fft)):
            room = (MOST - len(self)) * self.span
            take = min(len(self._rest) // piece * piece, room)
            self._draw(self._rest[:take])
            self._rest = self._rest[take:]

    def finish(self) -> None:
        """Draw what is left, filled up with silence."""
        short = -len(self._rest) % max(self.span, RULE.fft)
        self.add(np.zeros(short, np.float32))

    def _draw(self, wave: Samples) -> None:
        columns = wave.reshape(-1, self.span)
        frames = log_mel(wave, RULE)[: len(wave) // RULE.hop]
        power = np.exp(frames).reshape(len(columns), -1, RULE.bands).mean(axis=1)
        self.low = np.concatenate([self.low, columns.min(axis=1)])
        self.high = np.concatenate([self.high, columns.max(axis=1)])
        self.mel = np.concatenate([self.mel, power])
        if len(self) == MOST:
            self._join()

    def _join(self) -> None:
        """Make one column of every two."""
        self.low = self.low.reshape(-1, 2).min(axis=1)
        self.high = self.high.reshape(-1, 2).max(axis=1)
        self.mel = self.mel.reshape(-1, 2, RULE.bands).mean(axis=1)
        self.span *= 2
