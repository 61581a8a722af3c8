"""Describe every moment of a sound by a short vector, so that products find likely copies.

A vector stands for a patch of coarse spectrum: powers in bands, compressed, with the average of
each band taken away and the rest turned into slow waves over time and bands (a cosine transform),
each weighed against the slowness of ordinary sound, and scaled to length 1. Gain drops out; a shift
of half a hop, another codec or some noise turns it little. Whether a likely pair is one recording
is for `align` to say.

Two grains are used: LONG patches for stretches of a second and more, SHORT ones for sounds that are
over before that.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from earmark.data.align import RATE
from earmark.types import Frames, Samples

LOW, HIGH = 80.0, 3_800.0  # Hz, the range of the bands
COMPRESS = 0.3  # exponent of the power; 0.25 to 0.4 find equally much, 0.15 less
STEADY = 1e-3  # a patch that moves less than this, of its level, has nothing to be found by

Vectors = npt.NDArray[np.float32]  # [moments, width]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grain:
    """How fine the patches are."""

    fft: int  # samples
    hop: int  # samples between moments
    frames: int  # in a patch
    bands: int
    waves: int  # over time, the average not counted
    ripples: int  # over the bands, the average counted

    @property
    def width(self) -> int:
        """Numbers in a vector."""
        return self.waves * self.ripples

    @property
    def span(self) -> int:
        """Samples that a patch looks at."""
        return self.fft + (self.frames - 1) * self.hop


LONG = Grain(fft=512, hop=160, frames=30, bands=24, waves=10, ripples=9)  # 0.64 s every 20 ms
SHORT = Grain(fft=256, hop=64, frames=20, bands=24, waves=8, ripples=10)  # 0.18 s every 8 ms


def describe(wave: Samples, grain: Grain) -> Vectors:
    """Describe the patches that start every hop; steady ones are zero: [S] -> [M, width]."""
    if len(wave) < grain.span:
        wave = np.pad(wave, (0, grain.span - len(wave)))
    bands = _bands(wave, grain)
    patches = np.lib.stride_tricks.sliding_window_view(bands, grain.frames, axis=0)
    flat = np.ascontiguousarray(patches).reshape(len(patches), -1)
    vectors = flat @ _basis(grain)
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    level = np.linalg.norm(flat, axis=1, keepdims=True)
    vectors[length[:, 0] <= STEADY * level[:, 0]] = 0
    return np.asarray(vectors / np.maximum(length, 1e-20), dtype=np.float32)


def _bands(wave: Samples, grain: Grain) -> Frames:
    """Compressed powers: [S] -> [frames, bands]."""
    frames = np.lib.stride_tricks.sliding_window_view(wave, grain.fft)[:: grain.hop]
    spectrum = np.fft.rfft(frames * np.hanning(grain.fft).astype(np.float32), axis=1)
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    return np.asarray((power @ _bank(grain)) ** COMPRESS, dtype=np.float32)


@cache
def _bank(grain: Grain) -> Frames:
    """Overlapping triangles, even on the mel scale: -> [bins, bands]."""
    mels = np.linspace(np.log1p(LOW / 700), np.log1p(HIGH / 700), grain.bands + 2)
    points = 700 * np.expm1(mels) * grain.fft / RATE
    points = np.maximum.accumulate(points + 1e-3 * np.arange(len(points)))
    bins = np.arange(grain.fft // 2 + 1)[:, None]
    rise = (bins - points[:-2]) / np.maximum(points[1:-1] - points[:-2], 1)
    fall = (points[2:] - bins) / np.maximum(points[2:] - points[1:-1], 1)
    return np.asarray(np.maximum(0, np.minimum(rise, fall)), dtype=np.float32)


@cache
def _basis(grain: Grain) -> Frames:
    """Slow waves over time (none constant) times ripples over bands: -> [bands * frames, width]."""
    time = (np.arange(grain.frames) + 0.5) / grain.frames
    place = (np.arange(grain.bands) + 0.5) / grain.bands
    waves = np.cos(np.pi * np.arange(1, grain.waves + 1)[:, None] * time)
    ripples = np.cos(np.pi * np.arange(grain.ripples)[:, None] * place)
    weight = np.sqrt(np.arange(1, grain.waves + 1) * (1 + 2 * np.arange(grain.ripples)[:, None]))
    both = ripples[:, None, :, None] * waves[None, :, None, :]  # [ripples, waves, bands, frames]
    both *= weight[:, :, None, None]
    return both.reshape(grain.width, -1).T.astype(np.float32)
