"""Sound that goes on, heard again and again over its last seconds.

Every 0.64 s (`STEP`, in whole tokens) the network hears as much as it takes at once, up to the very
last sample: tokens come out right half a second before that. Older ones stay as they were heard
last, for as long as `search/moments.py` would look back. Steps stand at fixed samples of the
model's rate, so that nothing depends on the blocks in which the sound comes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from earmark.audio.chunk import Stretch
from earmark.audio.resample import new_stream
from earmark.audio.ring import Ring
from earmark.library.store.contract import Tokens
from earmark.model.model import Model
from earmark.model.pool import gist
from earmark.model.stretches import Plan, Window
from earmark.search.live.track import Latest, Told, Tracker
from earmark.search.moments import AROUND
from earmark.types import Samples

STEP = 0.64  # seconds, about


class Listening:
    """Takes mono blocks of any size, gives moments soon after they have ended."""

    def __init__(self, model: Model, trackers: Sequence[Tracker], *, rate: int) -> None:
        self._model, self._trackers, self._plan = model, trackers, Plan.of(model.page)
        self._stream = None if rate == model.rate else new_stream(rate, model.rate)
        times = model.page.seconds
        self._window, self._least = times.window, times.window - times.hop  # seconds
        self._history = times.window + 2 * AROUND
        self._step = max(1, round(STEP / times.token)) * self._plan.token
        self._ring = Ring(self._plan.samples)
        self._recent = _none(model.width)

    @property
    def seconds(self) -> float:
        """How much was heard."""
        return self._ring.end / self._plan.rate

    def push(self, block: Samples) -> list[Told]:
        """Take the next block: [S] -> the moments that are over, in the order of queries."""
        return self._take(block if self._stream is None else self._stream.resample_chunk(block))

    def finish(self) -> list[Told]:
        """Take the end of the sound: what goes on ends with it."""
        found: list[Told] = []
        if self._stream is not None:
            found = self._take(self._stream.resample_chunk(np.zeros(0, np.float32), last=True))
        return [*found, *self._hear(ended=True)] if self._ring.end else found

    def _take(self, wave: Samples) -> list[Told]:
        found: list[Told] = []
        while len(wave):
            room = self._step - self._ring.end % self._step
            self._ring.add(wave[:room])
            if self._ring.end % self._step == 0:
                found += self._hear()
            wave = wave[room:]
        return found

    def _hear(self, *, ended: bool = False) -> list[Told]:
        """Hear the last seconds and ask every query about them."""
        self._recent = self._joined()
        now, centres = self.seconds, self._recent.times.mean(axis=1)
        if now < self._least and not ended:
            return []
        start = max(0.0, now - self._window)
        inside = centres >= start
        vector = gist(self._recent.tokens[inside], self._recent.weights[inside])
        latest = Latest(vector, start, now)
        found = (one.look(self._recent, latest, ended=ended) for one in self._trackers)
        return [told for told in found if told]

    def _joined(self) -> Tokens:
        """Put what is heard now behind what was heard before it."""
        end = self._ring.end
        first = end - self._plan.samples
        stretch = Stretch(first + self._plan.before, end)
        heard = self._model.hear_window(Window(stretch, self._ring.read(first, end)))
        new = _part(Tokens(heard.tokens, heard.weights, heard.times), heard.times[:, 1] > 0)
        old, ends = self._recent, self._recent.times[:, 1]
        kept = (ends <= new.times[0, 0]) & (ends > self.seconds - self._history)
        old = _part(old, kept)
        return Tokens(
            np.concatenate([old.tokens, new.tokens]),
            np.concatenate([old.weights, new.weights]),
            np.concatenate([old.times, new.times]).clip(0.0, None),
        )


def _none(width: int) -> Tokens:
    return Tokens(np.zeros((0, width), np.float32), np.zeros(0, np.float32), np.zeros((0, 2)))


def _part(tokens: Tokens, kept: npt.NDArray[np.bool_]) -> Tokens:
    return Tokens(tokens.tokens[kept], tokens.weights[kept], tokens.times[kept])
