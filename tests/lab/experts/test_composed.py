import math

import numpy as np
import pytest

from earmark.lab.experts.composed import by_meaning, by_names, over_windows

NAMES = np.array([[1.0, 0.0], [0.6, 0.8]], np.float32)  # two classes
TEXTS = np.array(
    [[1.0, 0.0], [0.8, 0.6], [0.0, 1.0]], np.float32
)  # cosines 1, 0.6; 0.8, 0.96; 0, 0.8
SCORES = np.array([[0.5, 0.1], [0.2, 0.4]], np.float32)  # two recordings


def test_windows_are_summed_up_half_by_mean_half_by_maximum():
    scores = np.array([[0.1, 0.8], [0.3, 0.0], [0.2, 0.1]], np.float32)

    # Means 0.2 and 0.3, maxima 0.3 and 0.8.
    np.testing.assert_allclose(over_windows(scores), [0.25, 0.55], rtol=1e-6)


def test_by_names_by_hand():
    # Cosines over 0.05 differ by 8 for the first text: its first name weighs 1 / (1 + e^-8).
    first = 1 / (1 + math.exp(-8))
    # ... by -3.2 for the second, and by -16 for the third.
    second, third = 1 / (1 + math.exp(3.2)), 1 / (1 + math.exp(16))

    found = by_names(TEXTS, NAMES, SCORES)

    expected = [
        [w * math.log(0.5) + (1 - w) * math.log(0.1), w * math.log(0.2) + (1 - w) * math.log(0.4)]
        for w in (first, second, third)
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_by_meaning_by_hand():
    # 0.5 (1, 0) + 0.1 (0.6, 0.8) = (0.56, 0.08); 0.2 (1, 0) + 0.4 (0.6, 0.8) = (0.44, 0.32).
    lengths = math.hypot(0.56, 0.08), math.hypot(0.44, 0.32)

    found = by_meaning(TEXTS, NAMES, SCORES)

    expected = [
        [0.56 / lengths[0], 0.44 / lengths[1]],
        [(0.8 * 0.56 + 0.6 * 0.08) / lengths[0], (0.8 * 0.44 + 0.6 * 0.32) / lengths[1]],
        [0.08 / lengths[0], 0.32 / lengths[1]],
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize("way", [by_names, by_meaning])
def test_an_expert_that_hears_nothing_gives_finite_scores(way):
    assert np.isfinite(way(TEXTS, NAMES, np.zeros((1, 2), np.float32))).all()


def test_by_meaning_does_not_care_how_loud_an_expert_is():
    np.testing.assert_allclose(
        by_meaning(TEXTS, NAMES, SCORES), by_meaning(TEXTS, NAMES, SCORES / 100), rtol=1e-5
    )
