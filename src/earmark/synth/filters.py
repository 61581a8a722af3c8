"""Filters made of FFTs: a fixed curve, an echo, a room, and a spectrum that moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from earmark.synth.kind import RATE
from earmark.synth.noise import Curve, Floats, fast_length, gain, shaped
from earmark.types import Samples

_FRAME, _HOP = 1024, 256  # samples of a moving spectrum: 21 ms, four deep
_BLOCK = 1 << 20  # samples convolved at once

Gain = Callable[[Floats, Floats], Floats]  # times [frames, 1], hertz [bins] -> [frames, bins]


def shape(wave: Samples, curve: Curve) -> Samples:
    """Filter by a curve without moving anything in time: [n] -> [n]."""
    size = fast_length(len(wave) + 2048)
    spectrum = np.fft.rfft(wave, size)
    spectrum *= gain(curve, np.fft.rfftfreq(size, 1 / RATE))
    return np.fft.irfft(spectrum, size)[: len(wave)].astype(np.float32)


def convolve(wave: Samples, response: Samples) -> Samples:
    """Convolve, keeping the length of the wave: [n], [m] -> [n]."""
    tail = len(response) - 1
    size = fast_length(min(len(wave), _BLOCK) + tail)
    spectrum = np.fft.rfft(response, size)
    out = np.zeros(len(wave) + tail, dtype=np.float32)
    for first in range(0, len(wave), _BLOCK):
        block = wave[first : first + _BLOCK]
        echo = np.fft.irfft(np.fft.rfft(block, size) * spectrum, size)
        out[first : first + len(block) + tail] += echo[: len(block) + tail]
    return out[: len(wave)]


def room(rng: np.random.Generator, wave: Samples, seconds: float, wet: float) -> Samples:
    """Reverberate for so many seconds, `wet` of the level reflected: [n] -> [n]."""
    n = max(int(seconds * RATE), 64)
    at = np.arange(n, dtype=np.float32) / n
    tail = shaped(rng, n, [(100, -3), (1000, 0), (4000, -6), (16000, -24)])
    tail *= np.exp(-6.9 * at)
    delay = int(rng.uniform(0.002, 0.012) * RATE)
    tail[delay:] = tail[: n - delay].copy()
    tail[:delay] = 0
    tail *= np.float32(wet) / np.sqrt(np.sum(np.square(tail)))
    tail[0] += 1
    return convolve(wave, tail)


def sculpt(wave: Samples, moving: Gain) -> Samples:
    """Filter by a spectrum that moves with time: [n] -> [n]."""
    window = np.sqrt(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_FRAME) / _FRAME)).astype(np.float32)
    padded = np.pad(wave, (_FRAME, 2 * _FRAME))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[::_HOP]
    times = (np.arange(len(frames), dtype=np.float32) * _HOP - _FRAME // 2)[:, None] / RATE
    hertz = np.fft.rfftfreq(_FRAME, 1 / RATE).astype(np.float32)
    spectra = np.fft.rfft(frames * window, axis=1)
    spectra *= moving(times, hertz).astype(np.float32)
    pieces: Samples = np.fft.irfft(spectra, axis=1).astype(np.float32) * window
    return _overlap(pieces)[_FRAME : _FRAME + len(wave)] * np.float32(0.5)


def _overlap(pieces: Samples) -> Samples:
    """Add frames a hop apart: [frames, frame] -> [samples]."""
    depth = _FRAME // _HOP
    rows = np.zeros((len(pieces) + depth - 1, _HOP), dtype=np.float32)
    for part in range(depth):
        rows[part : part + len(pieces)] += pieces[:, part * _HOP : (part + 1) * _HOP]
    return rows.ravel()


def track(points: Sequence[tuple[float, float]], times: Floats) -> Floats:
    """Read a value that moves along (seconds, value) points: [frames, 1] -> [frames, 1]."""
    return np.asarray(np.interp(times, [at for at, _ in points], [value for _, value in points]))


def peak(hertz: Floats, centre: Floats | float, width: Floats | float) -> Floats:
    """Read the gain of one resonance, 1 at its centre: -> [frames, bins]."""
    return np.asarray(1 / np.sqrt(1 + np.square((hertz - centre) / (np.asarray(width) / 2))))
