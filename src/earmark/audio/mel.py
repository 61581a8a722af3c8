"""Log-mel: the one front end of training and of search, so that a model hears the same in both.

Every number that decides the result stands in a `MelRule`, which a bundle carries with it. All
arithmetic is float32 with a real FFT, unless the rule says float64, a block of frames at a time, so
that memory stays small whatever the length of the wave.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from threading import local
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from earmark.errors import UsageError
from earmark.types import Frames, Samples

BLOCK = 256  # frames at once: 1 MB of windowed samples at 1024 points, which stays in cache
COMPLEX = {"float32": "complex64", "float64": "complex128"}
PADS: dict[str, Literal["reflect", "constant"]] = {"mirror": "reflect", "silence": "constant"}
Real = npt.NDArray[np.floating[Any]]  # in the rule's precision


@dataclass(frozen=True, slots=True, kw_only=True)
class MelRule:
    """Everything that decides a log-mel."""

    rate: int  # Hz
    fft: int  # points, even
    window: int  # samples, a Hann window in the middle of the FFT
    hop: int  # samples
    bands: int
    low: float  # Hz
    high: float  # Hz
    periodic: bool = True  # False: the symmetric Hann window
    scale: Literal["htk", "slaney"] = "htk"  # where the bands stand
    slopes: Literal["hz", "mel"] = "hz"  # in which unit the triangles are straight
    area: bool = False  # True: every triangle has area 1 in Hz (Slaney's norm)
    emphasis: float = 0.0  # y[t] = x[t + 1] - emphasis * x[t]; 0 leaves the wave alone
    log: Literal["ln", "db"] = "ln"  # ln(m + floor), or 10 log10(max(m, floor))
    floor: float = 1e-5
    shift: float = 0.0  # the last step: (log + shift) / divide
    divide: float = 1.0
    # Of the arithmetic; what of a pure tone reaches far bands is float32's own rounding.
    precision: Literal["float32", "float64"] = field(default="float32", metadata={"later": True})
    # What the bands are sums of, and what stands before the start and after the end of a wave.
    spectrum: Literal["power", "magnitude"] = field(default="power", metadata={"later": True})
    edges: Literal["mirror", "silence"] = field(default="mirror", metadata={"later": True})

    def __post_init__(self) -> None:
        wrong = _first_fault(self)
        if wrong:
            raise UsageError(f"this log-mel cannot be: {wrong}", hint="correct the front end")

    def frames(self, samples: int) -> int:
        """How many frames a wave of so many samples gives."""
        return 1 + (samples - bool(self.emphasis)) // self.hop


def log_mel(wave: Samples, rule: MelRule) -> Frames:
    """Log-mel, frames centred on multiples of the hop: [S] -> [frames, bands].

    What follows a frame's window never changes a bit of it.
    """
    if rule.emphasis:
        lowered = np.float32(rule.emphasis) * wave[:-1]
        wave = np.subtract(wave[1:], lowered, out=lowered)
    half = rule.fft // 2
    if len(wave) <= half:
        raise ValueError(f"{len(wave)} samples are too few to mirror {half} at an edge")
    padded = np.pad(wave.astype(rule.precision, copy=False), half, mode=PADS[rule.edges])
    frames = np.lib.stride_tricks.sliding_window_view(padded, rule.fft)[:: rule.hop]
    out = np.empty((len(frames), rule.bands), dtype=np.float32)
    window, triangles, scratch = _window(rule), _triangles(rule), _scratch(rule)
    for first in range(0, len(frames), BLOCK):
        power = scratch.power_of(frames[first : first + BLOCK], window)
        if rule.spectrum == "magnitude":
            np.sqrt(power, out=power)
        # Band by band, not as a product of matrices: that rounds by its shape and its threads.
        for band, (low, weights) in enumerate(triangles):
            bins = power[:, low : low + len(weights)]
            out[first : first + len(bins), band] = np.einsum("fb,b->f", bins, weights)
    return _log(out, rule)


def hz_of_bands(rule: MelRule) -> npt.NDArray[np.float64]:
    """Where the middle of each band stands: -> [bands] Hz."""
    ends = _to_mel(np.array([rule.low, rule.high]), rule)
    return _to_hertz(np.linspace(ends[0], ends[1], rule.bands + 2)[1:-1], rule)


class _Scratch:
    """Room for the steps of one block, used again and again.

    In a thread, room that is asked for anew comes as fresh pages, which took as long as the steps.
    """

    def __init__(self, fft: int, precision: str) -> None:
        bins = fft // 2 + 1
        self.fits = (fft, precision)
        self._waves = np.empty((BLOCK, fft), precision)
        self._spectrum: npt.NDArray[Any] = np.empty((BLOCK, bins), COMPLEX[precision])
        self._power = np.empty((2, BLOCK, bins), precision)

    def power_of(self, frames: Real, window: Real) -> Real:
        """Squared spectrum, good until the next block: [n, fft], [fft] -> [n, bins]."""
        n = len(frames)
        waves = np.multiply(frames, window, out=self._waves[:n])
        spectrum = np.fft.rfft(waves, axis=1, out=self._spectrum[:n])
        real, imaginary = self._power[:, :n]
        np.square(spectrum.real, out=real)
        np.square(spectrum.imag, out=imaginary)
        power: Real = np.add(real, imaginary, out=real)
        return power


_OF_THREAD = local()


def _scratch(rule: MelRule) -> _Scratch:
    """Give the room of this thread."""
    held: _Scratch | None = getattr(_OF_THREAD, "scratch", None)
    if held is None or held.fits != (rule.fft, rule.precision):
        held = _OF_THREAD.scratch = _Scratch(rule.fft, rule.precision)
    return held


def _log(mel: Frames, rule: MelRule) -> Frames:
    """Take the logarithm, shift and divide, in place."""
    floor = np.float32(rule.floor)
    if rule.log == "ln":
        np.log(np.add(mel, floor, out=mel), out=mel)
    else:
        np.multiply(np.log10(np.maximum(mel, floor, out=mel), out=mel), np.float32(10), out=mel)
    if rule.shift:
        mel += np.float32(rule.shift)
    if rule.divide != 1:
        mel /= np.float32(rule.divide)
    return mel


@cache
def _window(rule: MelRule) -> Real:
    """Hann window with zeros around it: -> [fft]."""
    turns = np.arange(rule.window) / (rule.window if rule.periodic else rule.window - 1)
    left = (rule.fft - rule.window) // 2
    around = (left, rule.fft - rule.window - left)
    return np.pad(0.5 - 0.5 * np.cos(2 * np.pi * turns), around).astype(rule.precision)


@cache
def _bank(rule: MelRule) -> Real:
    """Triangles, each from its left neighbour's peak to that of its right: -> [bins, bands]."""
    ends = _to_mel(np.array([rule.low, rule.high]), rule)
    mels = np.linspace(ends[0], ends[1], rule.bands + 2)
    hertz = np.arange(rule.fft // 2 + 1) * rule.rate / rule.fft
    peaks = _to_hertz(mels, rule)
    at, points = (hertz, peaks) if rule.slopes == "hz" else (_to_mel(hertz, rule), mels)
    left, middle, right = points[:-2], points[1:-1], points[2:]
    rise = (at[:, None] - left) / (middle - left)
    fall = (right - at[:, None]) / (right - middle)
    bank = np.maximum(0, np.minimum(rise, fall))
    if rule.area:
        bank *= 2 / (peaks[2:] - peaks[:-2])
    return bank.astype(rule.precision)


@cache
def _triangles(rule: MelRule) -> list[tuple[int, Real]]:
    """Each band's first bin, and its weights from there on to its last."""
    found = []
    for band in _bank(rule).T:
        inside = np.flatnonzero(band)
        low, high = (inside[0], inside[-1] + 1) if len(inside) else (0, 0)
        found.append((int(low), np.ascontiguousarray(band[low:high])))
    return found


# Slaney's scale is straight up to 1000 Hz (15 mels) and logarithmic above, 27 mels for 6.4 times.
_STRAIGHT, _KNEE, _STEP = 200 / 3, 1000.0, np.log(6.4) / 27


def _to_mel(hertz: npt.NDArray[np.float64], rule: MelRule) -> npt.NDArray[np.float64]:
    if rule.scale == "htk":
        return np.asarray(1127 * np.log1p(hertz / 700))
    above = _KNEE / _STRAIGHT + np.log(np.maximum(hertz, _KNEE) / _KNEE) / _STEP
    return np.where(hertz < _KNEE, hertz / _STRAIGHT, above)


def _to_hertz(mels: npt.NDArray[np.float64], rule: MelRule) -> npt.NDArray[np.float64]:
    if rule.scale == "htk":
        return np.asarray(700 * np.expm1(mels / 1127))
    above = _KNEE * np.exp(_STEP * (mels - _KNEE / _STRAIGHT))
    return np.where(mels < _KNEE / _STRAIGHT, mels * _STRAIGHT, above)


def _first_fault(rule: MelRule) -> str:
    """Say what is wrong with these numbers, or nothing."""
    faults = {
        f"an FFT of {rule.fft} points is not even": rule.fft < 2 or rule.fft % 2,
        f"a window of {rule.window} does not fit {rule.fft} points": not 2
        <= rule.window
        <= rule.fft,
        f"a hop of {rule.hop} samples goes nowhere": rule.hop < 1,
        f"{rule.bands} bands": rule.bands < 1,
        f"bands from {rule.low} to {rule.high} Hz at a rate of {rule.rate}": not (
            0 <= rule.low < rule.high <= rule.rate / 2
        ),
        f"a floor of {rule.floor}": rule.floor <= 0,
    }
    return next((fault for fault, is_so in faults.items() if is_so), "")
