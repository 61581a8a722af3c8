"""The mean of channels, worked by hand for every kind of sample."""

import numpy as np
import pytest

from earmark.audio.downmix import mean

# Two channels, three samples. Full scale of 16 bits is 32768: (16384 - 8192) / 2 / 32768 = 0.125.
LOPSIDED = [[0.5, 1.0, -0.25], [-0.25, 0.5, -0.75]]
MEANS = [0.125, 0.75, -0.5]


@pytest.mark.parametrize(
    ("kind", "scale", "zero"),
    [("u1", 128, 128), ("i2", 2**15, 0), ("i4", 2**31, 0), ("f4", 1, 0), ("f8", 1, 0)],
)
def test_channels_of_every_kind_average_to_the_same(kind, scale, zero):
    top = np.iinfo(kind).max if kind[0] in "ui" else np.inf
    channels = np.minimum(np.array(LOPSIDED) * scale + zero, top).astype(kind)

    wave, wrong = mean(channels)

    assert wave.dtype == np.float32
    assert wave == pytest.approx(MEANS, abs=0.5 / 128)
    assert wrong == 0


def test_24_bits_are_kept_whole():
    samples = np.array([[1, -1, 2**23 - 1, -(2**23)]], dtype=np.int32) * 256

    wave, _ = mean(samples)

    assert np.array_equal(wave * 2**23, [1, -1, 2**23 - 1, -(2**23)])


def test_float_samples_beyond_full_scale_are_not_clipped():
    wave, wrong = mean(np.array([[3.5, -7.0]], dtype=np.float32))

    assert wave.tolist() == [3.5, -7.0]
    assert wrong == 0


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 3e38])
@pytest.mark.parametrize("kind", ["f4", "f8"])
def test_what_is_no_number_is_silent_and_counted_on_its_channel_alone(bad, kind):
    channels = np.array([[0.5, bad, 0.25], [0.5, 0.5, bad]], dtype=kind)

    wave, wrong = mean(channels)

    assert wave.tolist() == [0.5, 0.25, 0.125]
    assert wrong == 2


def test_eight_channels_at_full_scale_stay_at_full_scale():
    wave, _ = mean(np.ones((8, 4), dtype=np.float32))

    assert wave.tolist() == [1.0] * 4
