"""Files as a scan would meet them, and what may be heard in them."""

from pathlib import Path

import numpy as np
import soundfile

from earmark.library.nouns import Found, Place
from earmark.model.pool import Heard
from earmark.synth import make
from earmark.types import Moment


def found(path: Path, root: Path | None = None) -> Found:
    """One file as it is now."""
    root, now = root or path.parent, path.stat()
    place = Place(root, path.relative_to(root).as_posix())
    return Found(place, now.st_size, now.st_mtime_ns)


def sound(
    path: Path, kind: str = "dog_bark", seconds: float = 3.0, seed: int = 1, rate: int = 8000
):
    """Write a sound, and meet it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, make(kind, seed, seconds=seconds, rate=rate), rate)
    return found(path)


def stretch(start, end, value):
    """A stretch of which one token a second was heard."""
    starts = np.arange(start, end, dtype=float)
    tokens = np.random.default_rng(value).normal(size=(len(starts), 6)).astype(np.float32)
    weights = np.full(len(starts), value, np.float32)
    times = np.stack([starts, starts + 1], axis=1)
    return Heard(Moment(start, end), tokens, weights, times, np.zeros(2, np.float32))
