"""A picture's columns are right, few, and the same whatever the blocks."""

import numpy as np
import pytest

from earmark.audio.sketch import MOST, RULE, Sketch


def sketch_of(wave, size):
    sketch = Sketch()
    for first in range(0, len(wave), size):
        sketch.add(wave[first : first + size])
    sketch.finish()
    return sketch


def steps(columns):
    """Every column of 512 samples at a level of its own."""
    return np.repeat(np.linspace(-0.5, 0.9, columns), RULE.hop).astype(np.float32)


def test_columns_hold_the_extremes_by_hand():
    wave = np.zeros(2048, np.float32)
    wave[[3, 600, 2047]] = [0.5, -0.25, 0.125]

    sketch = sketch_of(wave, 2048)

    assert sketch.high.tolist() == [0.5, 0, 0, 0.125]
    assert sketch.low.tolist() == [0, -0.25, 0, 0]


@pytest.mark.parametrize("size", [100, 4096, 65_536])
def test_blocks_do_not_matter(size):
    wave = steps(3 * MOST)

    whole, parts = sketch_of(wave, len(wave)), sketch_of(wave, size)

    assert parts.high.tolist() == whole.high.tolist()
    assert parts.span == whole.span


def test_the_number_of_columns_is_bounded():
    sketch = sketch_of(steps(10 * MOST + 7), 1_000_000)

    assert len(sketch) < MOST
    assert sketch.span * len(sketch) >= 512 * (10 * MOST + 7)
    assert sketch.high.max() == pytest.approx(0.9)
    assert np.diff(sketch.high[:-1]).min() > 0  # the steps still rise
    each = sketch.span // 512
    assert sketch.low[5] == steps(10 * MOST + 7)[512 * 5 * each]


def test_a_tone_shows_in_the_mel_of_its_time():
    wave = np.zeros(64_000, np.float32)
    wave[32_000:] = 0.5 * np.sin(2 * np.pi * 2000 * np.arange(32_000) / 32_000)

    mel = sketch_of(wave, 5000).mel

    assert mel[:60].max() < 1e-3 < mel[66:120].max(axis=1).min()
