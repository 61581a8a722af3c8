"""Levels by hand, and told alike from blocks of any size."""

import numpy as np
import pytest

from earmark.audio.levels import Meter, frame_samples, loudness

RATE = 1000


def test_levels_by_hand():
    wave = np.concatenate([np.full(10, 0.5), np.tile([0.1, -0.1], 5), [1.0] * 4]).astype(np.float32)

    heard = loudness(wave, RATE)

    np.testing.assert_allclose(heard.level, [-6.0206, -20, 0], atol=1e-4)
    assert not heard.silent.any()


def test_digital_silence_is_not_the_same_as_quiet():
    wave = np.zeros(30, np.float32)
    wave[10:20] = 2**-23  # the last bit of a 24-bit file: -138 dB, under any hearing
    wave[20] = 2**-16  # half a step of a 16-bit file

    heard = loudness(wave, RATE)

    assert heard.silent.tolist() == [True, True, False]
    assert heard.level[0] == pytest.approx(-120)


@pytest.mark.parametrize("size", [1, 3, 10, 77])
def test_blocks_do_not_matter(size):
    wave = np.random.default_rng(0).standard_normal(503).astype(np.float32)
    meter = Meter(RATE)

    parts = [meter.push(wave[at : at + size]) for at in range(0, 503, size)] + [meter.finish()]

    whole = loudness(wave, RATE).level
    assert np.concatenate([part.level for part in parts]).tobytes() == whole.tobytes()


@pytest.mark.parametrize(("rate", "samples"), [(8000, 80), (44_100, 441), (22_050, 220), (50, 1)])
def test_a_frame_is_ten_milliseconds_in_whole_samples(rate, samples):
    assert frame_samples(rate) == samples
