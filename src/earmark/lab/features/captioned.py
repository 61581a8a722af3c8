"""What a captioner wrote of sounds, read by the tower that reads queries."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch

from earmark.lab.captioners import plain
from earmark.lab.captioners.written import NONE, Written
from earmark.lab.features.kept import Layered
from earmark.lab.sides import Stream

Numbers = npt.NDArray[np.int64]


class Captioned:
    """The captions of every sound of a set, and the tokens of each caption."""

    def __init__(self, written: Written, tokens: Layered, asked: Sequence[str]) -> None:
        self.of = written.of  # [sounds, count] numbers of captions, then NONE
        self._tokens = tokens
        number = {plain(text): place for place, text in enumerate(written.texts)}
        self._same = np.array([number.get(plain(text), NONE) for text in asked])

    @property
    def width(self) -> int:
        """How wide a token is."""
        return self._tokens.widths[0]

    def read(self, numbers: Numbers, device: torch.device) -> Stream:
        """Give some captions as sentences: [B] -> a stream."""
        return self._tokens.stream(numbers, device)

    def beside(self, shown: Numbers, device: torch.device) -> Stream:
        """Put the captions of each sound one behind the other: [B, count] -> a stream."""
        one = self._tokens.stream(np.maximum(shown, 0).ravel(), device)
        there = torch.from_numpy(shown != NONE).to(device)
        real = one.real & there.flatten()[:, None]
        longest = max(1, int(real.sum(dim=1).max()))  # what comes behind is padding everywhere
        x, real = (part[:, :longest].unflatten(0, there.shape) for part in (one.x, real))
        return Stream(x.flatten(1, 2), real.flatten(1, 2))

    def shown(self, sounds: Numbers, asked: Numbers, written: Numbers) -> Numbers:
        """Which captions sounds have while they are asked for by these sentences: -> [B, count].

        None has the sentence that it is asked with, for then nobody need listen; and one that is
        asked with a caption that was written for it has none at all, as those are all alike.
        """
        of, same = self.of[sounds], self._same[asked]
        return np.where((of == same[:, None]) | (written != NONE)[:, None], NONE, of)
