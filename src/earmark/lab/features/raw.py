"""Features of towers that are to learn: pieces of log-mel, and numbers of word pieces.

A number is told as two, as half precision knows whole numbers up to 2,048 only.
"""

from __future__ import annotations

import numpy as np
from tokenizers import Tokenizer

from earmark.audio.mel import log_mel
from earmark.lab.features.readers import PIECES, in_order
from earmark.lab.features.towers import LOGMEL, Tokens
from earmark.lab.objectives.teaching import MEL
from earmark.lab.towers.cnn import FRAMES
from earmark.model.bundle import read_bundle
from earmark.model.find import DEFAULT, find_bundle
from earmark.model.page import TOKENIZER
from earmark.types import Samples

HALF = 128  # word piece n is told as n // HALF and n % HALF


class LogMelTower:
    """What the ears of earmark-small are given, as many frames a piece as they have in a token."""

    def __init__(self) -> None:
        self.name, self.rate, self.key = LOGMEL, MEL.rate, f"{LOGMEL} {MEL} {FRAMES}"

    def hear(self, wave: Samples) -> Tokens:
        """Cut the log-mel of a wave: [samples] -> pieces [T, frames * bands]."""
        piece = FRAMES * MEL.hop
        count = max(1, round(len(wave) / piece))
        whole = np.zeros(count * piece, np.float32)
        whole[: len(wave)] = wave[: len(whole)]
        frames = log_mel(whole, MEL)[: count * FRAMES]
        middle = (np.arange(count) + 0.5) * piece / MEL.rate
        weight = np.ones(count, np.float32)
        return Tokens(frames.reshape(count, -1), weight, middle.astype(np.float32))


class PieceReader:
    """The tokenizer of earmark-small."""

    def __init__(self) -> None:
        bundle = read_bundle(find_bundle(DEFAULT))
        self.name, self.key = PIECES, f"{PIECES} {bundle.page.files[TOKENIZER]}"
        self._tokenizer = Tokenizer.from_buffer(bundle.content(TOKENIZER))

    def read(self, sentence: str) -> Tokens:
        """Number the word pieces: -> [L, 2]."""
        ids = np.array(self._tokenizer.encode(sentence).ids)
        return in_order(np.stack([ids // HALF, ids % HALF], axis=1).astype(np.float32))
