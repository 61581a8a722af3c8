"""An hour of rain fits into memory and never comes round again."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from earmark.synth import RATE, make

RAIN_SECONDS = 60


@pytest.fixture(scope="module")
def rain():
    return make("heavy_rain", 8, seconds=RAIN_SECONDS)


def test_a_texture_never_comes_round_again(rain):
    size = 2 * len(rain)
    past = np.fft.irfft(np.abs(np.fft.rfft(rain, size)) ** 2, size)

    assert np.abs(past[RATE : len(rain)]).max() / past[0] < 0.02


def test_the_seams_of_a_texture_are_level(rain):
    tenths = np.square(rain).reshape(-1, RATE // 10).mean(axis=1)
    level = 10 * np.log10(tenths[1:-1])

    assert level.std() < 1.5
    assert np.abs(np.diff(level)).max() < 4


def test_a_long_texture_needs_little_more_memory_than_itself():
    tracemalloc.start()
    wave = make("white_noise", 1, seconds=600)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(wave) == 600 * RATE
    assert peak < 400e6
