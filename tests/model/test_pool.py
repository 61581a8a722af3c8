"""Gists by hand, and the windows of a recording."""

import numpy as np
import pytest

from earmark.model.pool import Heard, TimeLine, gist, line_up
from earmark.types import Moment


def line(spans, seconds, weights=None):
    """One token a span, each along an axis of its own."""
    tokens = np.eye(len(spans), dtype=np.float32)
    times = np.array(spans, np.float64)
    weights = np.ones(len(spans), np.float32) if weights is None else np.array(weights, np.float32)
    return TimeLine(tokens, weights, times, times, np.zeros((len(spans), 0), np.float32), seconds)


def test_a_gist_is_the_weighted_mean_at_unit_length():
    tokens = np.array([[3, 0], [1, 4]], np.float32)
    weights = np.array([1, 3], np.float32)

    # 1 * (3, 0) + 3 * (1, 4) = (6, 12), of length sqrt(180).
    np.testing.assert_allclose(gist(tokens, weights), np.array([6, 12]) / np.sqrt(180), rtol=1e-6)


def test_a_gist_of_nothing_is_zero_and_not_a_nan():
    assert gist(np.zeros((2, 3), np.float32), np.ones(2, np.float32)).tolist() == [0, 0, 0]


def test_a_scale_of_all_weights_changes_nothing():
    rng = np.random.default_rng(0)
    tokens, weights = rng.normal(size=(9, 4)).astype(np.float32), rng.uniform(0, 1, 9)

    scaled = gist(tokens, (8 * weights).astype(np.float32))

    assert np.array_equal(scaled, gist(tokens, weights.astype(np.float32)))


def test_a_token_belongs_to_the_windows_that_hold_its_centre():
    spans = [(0, 0.6), (0.6, 1.2), (1.2, 1.8), (1.8, 2.4), (2.4, 3.0)]  # centres 0.3, 0.9 ... 2.7

    vectors, times = line(spans, 3.0).windows(2.0, 1.0)

    assert times.tolist() == [[0, 2], [1, 3]]
    assert (vectors > 0).tolist() == [
        [True, True, True, False, False],
        [False, False, True, True, True],
    ]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (5.0, [(0, 5)]),
        (4.9, [(0, 4.9)]),
        (5.1, [(0, 5), (2.5, 5.1)]),
        (7.5, [(0, 5), (2.5, 7.5)]),
        (7.6, [(0, 5), (2.5, 7.5), (5, 7.6)]),
        (0.02, [(0, 0.02)]),
    ],
)
def test_windows_cover_a_recording_and_end_with_it(seconds, expected):
    starts = np.arange(0, seconds, 0.5)
    spans = [(start, min(start + 0.5, seconds)) for start in starts]

    assert line(spans, seconds).windows(5.0, 2.5)[1].tolist() == [list(one) for one in expected]


def test_steps_that_do_not_fit_binary_numbers_add_no_window():
    # (0.9 - 0.3) / 0.1 is a little more than 6 in a computer.
    spans = [(n / 10, (n + 1) / 10) for n in range(9)]

    times = line(spans, 0.9).windows(0.3, 0.1)[1]

    assert len(times) == 7
    assert times[-1] == pytest.approx([0.6, 0.9])


def test_a_window_without_sound_is_left_out():
    spans = [(0, 1), (1, 2), (20, 21), (21, 22)]

    times = line(spans, 22.0).windows(5.0, 2.5)[1]

    assert times.tolist() == [[0, 5], [17.5, 22]]


def test_a_weight_tells_how_much_a_token_counts():
    vectors, _ = line([(0, 1), (1, 2)], 2.0, weights=[1, 3]).windows(2.0, 1.0)

    np.testing.assert_allclose(vectors, [np.array([1, 3]) / np.sqrt(10)], rtol=1e-6)


def test_stretches_are_lined_up_in_order():
    heard = [
        Heard(
            Moment(at, at + 2),
            np.full((2, 3), at, np.float32),
            np.full(2, 1 + at, np.float32),
            np.array([(at, at + 1), (at + 1, at + 2)], np.float64),
            np.array([at / 10], np.float32),
        )
        for at in (0, 5)
    ]

    joined = line_up(heard, 9.0)

    assert joined.tokens[:, 0].tolist() == [0, 0, 5, 5]
    assert joined.weights.tolist() == [1, 1, 6, 6]
    assert joined.times.tolist() == [[0, 1], [1, 2], [5, 6], [6, 7]]
    assert joined.stretches.tolist() == [[0, 2], [5, 7]]
    assert joined.classes[:, 0].tolist() == pytest.approx([0, 0.5])
    assert joined.seconds == 9.0
