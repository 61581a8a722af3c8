"""The tokens of a part of a recording: from the library, or heard again where it keeps none.

Heard again is at most a minute, and only if the file is there as it was indexed. Its stretches are
cut anew, so that these tokens may differ a little from those of an index run.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from earmark.errors import AudioError
from earmark.library.nouns import Recording
from earmark.library.store.contract import Store, Tokens
from earmark.model.model import Model

LONGEST = 60.0  # seconds heard again around one moment


class Listener:
    """Gives tokens of one store's sounds."""

    def __init__(self, store: Store, model: Model) -> None:
        self._store, self._model = store, model
        self._again = lru_cache(maxsize=64)(self._hear)

    def tokens(
        self, sound: int, files: Sequence[Recording], start: float, end: float
    ) -> Tokens | None:
        """Tokens between two times, or None where they cannot be had."""
        if self._store.keeps_tokens:
            return self._store.tokens(sound, start, end)
        file = next((one for one in files if is_as_indexed(one)), None)
        if file is None:
            return None
        middle, half = (start + end) / 2, min(end - start, LONGEST) / 2
        low, high = max(0.0, middle - half), min(file.seconds, middle + half)
        return self._again(str(file.place.full), round(low, 2), round(high, 2))

    def _hear(self, path: str, start: float, end: float) -> Tokens | None:
        from earmark.audio.read import read  # here: most searches need no decoder

        try:
            wave = read(path, rate=self._model.rate, start=start, end=end)
        except AudioError:
            return None
        if len(wave) < self._model.rate * self._model.page.seconds.token:
            return None
        line = self._model.hear_wave(wave, rate=self._model.rate)
        return Tokens(line.tokens, line.weights, line.times + start)


def is_as_indexed(recording: Recording) -> bool:
    """Whether a file is there, with the size and time that it was indexed with."""
    from earmark.library.scan import mtime_of  # here: most searches look at no file

    try:
        found = recording.place.full.stat()
    except OSError:
        return False
    return (found.st_size, mtime_of(found)) == (recording.size, recording.mtime)
