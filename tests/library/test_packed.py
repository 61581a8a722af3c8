"""A heard recording as it is stored."""

import numpy as np
import pytest

from earmark.library.packed import pack, quantise, restore, without_tokens
from earmark.model.pool import TimeLine, gist


def line_of(count=40, width=16, seconds=20.0, seed=3):
    rng = np.random.default_rng(seed)
    starts = np.arange(count) * (seconds / max(count, 1))
    return TimeLine(
        rng.normal(size=(count, width)).astype(np.float32),
        rng.uniform(0.5, 2, count).astype(np.float32),
        np.stack([starts, starts + seconds / max(count, 1)], axis=1),
        np.array([[0.0, seconds]]),
        np.zeros((1, 0), np.float32),
        seconds,
    )


def test_eight_bits_by_hand():
    small, scales = quantise(np.array([[0.0, -2.54, 1.27], [0.127, 0.0, 0.064]], np.float32))

    assert small.tolist() == [[0, -127, 64], [127, 0, 64]]
    assert scales == pytest.approx([0.02, 0.001])


def test_zeros_stay_zeros():
    small, scales = quantise(np.zeros((2, 3), np.float32))

    assert not small.any()
    assert np.isfinite(scales).all()
    assert not restore(small, scales).any()


def test_no_number_moves_by_more_than_half_a_step():
    vectors = np.random.default_rng(0).normal(size=(50, 16)).astype(np.float32)
    small, scales = quantise(vectors)

    off = np.abs(restore(small, scales) - vectors)
    assert (off <= scales[:, None] * 0.5001).all()


def test_gists_are_pooled_from_the_tokens_as_they_are_stored():
    packed = pack(line_of(), 5.0, 2.5)
    stored = restore(packed.tokens, packed.token_scales)

    centres = packed.token_times.mean(axis=1)
    inside = (centres >= packed.times[1, 0]) & (centres < packed.times[1, 1])
    exact = gist(stored[inside], packed.weights[inside])
    assert np.array_equal(packed.halves[1], exact.astype(np.float16))
    assert packed.times[1].tolist() == [2.5, 7.5]


def test_gists_have_unit_length():
    packed = pack(line_of(), 5.0, 2.5)

    lengths = np.linalg.norm(packed.halves.astype(np.float64), axis=1)
    assert lengths == pytest.approx(np.ones(len(lengths)), abs=1e-3)
    assert len(packed.gists) == 7


def test_a_sound_too_short_for_a_window_has_one_gist_all_the_same():
    line = line_of(count=1, seconds=0.05)
    far = TimeLine(
        line.tokens, line.weights, np.array([[0.4, 0.7]]), line.stretches, line.classes, 0.05
    )
    packed = pack(far, 5.0, 2.5)

    assert packed.times.tolist() == [[0.0, 0.05]]
    assert len(packed.gists) == 1


def test_leaving_the_tokens_out_changes_no_gist():
    packed = pack(line_of(), 5.0, 2.5)
    lean = without_tokens(packed)

    assert np.array_equal(lean.gists, packed.gists)
    assert len(lean.tokens) == len(lean.weights) == len(lean.token_times) == 0
