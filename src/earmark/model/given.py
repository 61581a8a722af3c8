"""What callers give, checked at the door: waves, their rate, texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from earmark.errors import UsageError
from earmark.types import Samples

BLOCK = 65_536
LOUDEST = 100.0  # times full scale; beyond it are integers that somebody turned into floats

Waves = npt.NDArray[np.floating] | Sequence[npt.ArrayLike]


def as_waves(waves: Waves) -> list[Samples]:
    """Check one wave, or each of several: -> [S] of float32 each."""
    if not isinstance(waves, Sequence):  # an array of any kind
        return [as_wave(waves)]
    return [as_wave(wave, f"wave {number}") for number, wave in enumerate(waves)]


def as_wave(wave: npt.ArrayLike, name: str = "the wave") -> Samples:
    """Check that this is one mono wave: [S] -> [S] of float32."""
    found = np.asarray(wave)
    problem, hint = _fault(found)
    if problem:
        raise UsageError(f"{name} {problem}", hint=hint)
    return found.astype(np.float32, copy=False)


def as_texts(texts: str | Iterable[str]) -> list[str]:
    """Check one text, or each of several."""
    found = [texts] if isinstance(texts, str) else list(texts)
    for number, text in enumerate(found):
        if not isinstance(text, str):
            raise UsageError(
                f"text {number} is a {type(text).__name__}, not text", hint="give a list of str"
            )
        if not text.strip():
            raise UsageError(f"text {number} is empty", hint="describe a sound, or leave it out")
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            raise UsageError(
                f"text {number} holds half a letter (a lone surrogate)",
                hint="decode it as what it was encoded as, probably UTF-16 or file names",
            )
    return found


def check_rate(rate: float) -> int:
    """Check that a rate is a whole number of Hz."""
    if not 1 <= rate < 1e9 or rate != int(rate):
        raise UsageError(
            f"a rate of {rate} Hz", hint="give the samples a second of the wave, such as 48000"
        )
    return int(rate)


def blocks_of(wave: Samples, old: int, new: int) -> Iterator[Samples]:
    """Cut a wave into blocks and bring them to another rate, as `open_sound` does with a file's."""
    from earmark.audio.resample import resample  # here: who only reads words needs no resampler

    pieces = (wave[first : first + BLOCK] for first in range(0, len(wave), BLOCK))
    return resample(pieces, old, new)


def _fault(wave: npt.NDArray[np.generic]) -> tuple[str, str]:
    """Say what is wrong with a wave and what to do, or nothing."""
    if wave.ndim != 1:
        return f"has the shape {wave.shape}, and one row of samples was expected", _flatten(wave)
    if not wave.size:
        return "has no samples", "leave it out"
    if wave.dtype.kind == "i":
        scale = 2 ** (8 * wave.dtype.itemsize - 1)
        return f"holds {wave.dtype}", f"full scale is -1 to 1: divide it by {scale}"
    if wave.dtype.kind != "f":
        return f"holds {wave.dtype}", "give floats, with a full scale of -1 to 1"
    peak = max(float(wave.max()), -float(wave.min()))
    if not np.isfinite(peak):
        return "holds NaN or infinity", "set those samples to 0, or find out where they come from"
    if peak > LOUDEST:
        return f"reaches {peak:.0f}, and full scale is 1", "divide it by its full scale, say 32768"
    return "", ""


def _flatten(wave: npt.NDArray[np.generic]) -> str:
    """Say how to come to one row of samples."""
    if wave.ndim != 2:
        return "give one array of samples, or a list of such arrays"
    axis = int(np.argmin(wave.shape))
    return f"average its channels: wave.mean(axis={axis}); several waves go into a list"
