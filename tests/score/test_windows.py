"""Stretches that were found against right ones: by hand, and against a plain second reckoning."""

import random

import numpy as np
import pytest

from earmark.score.windows import LEAST, MOST, Window, figures, first, overlaps, precision, values
from earmark.types import Moment


def windows(*some):
    return [Window(*one) for one in some]


def moments(*some):
    return [Moment(*one) for one in some]


def test_what_two_stretches_share_by_hand():
    found = windows((0, 10, 1), (4, 6, 1), (7, 7, 1))

    shared = overlaps(found, moments((5, 10), (20, 21)))

    # 5 of 10; 1 of 6; a stretch without length shares nothing.
    np.testing.assert_allclose(shared, [[1 / 2, 0], [1 / 6, 0], [0, 0]])


@pytest.mark.parametrize(
    ("answer", "share"),
    [
        (windows((0, 10, 0.1), (22, 40, 0.9)), 0.5),  # the first counts, not the surest
        (windows((22, 40, 0.1)), 0.9),  # 18 of 20 with the second of two
        (windows((12, 20, 0.9)), 0.0),
        ([], 0.0),
    ],
)
def test_the_first_stretch_is_held_against_the_nearest(answer, share):
    assert first(answer, moments((5, 10), (20, 40))) == pytest.approx(share)


def test_average_precision_of_two_right_stretches_by_hand():
    right = moments((0, 10), (20, 40))
    found = windows((50, 60, 0.9), (0, 10, 0.8), (0, 9, 0.7), (22, 40, 0.6))

    # Wrong, right, taken already, right: 1/2 at the second and 2/4 at the fourth.
    assert precision(found, right, 0.5) == pytest.approx((1 / 2 + 2 / 4) / 2)
    # 18 of 20 are not enough: only the second is a hit.
    assert precision(found, right, 0.95) == pytest.approx((1 / 2) / 2)


def test_precision_is_the_best_that_is_reached_further_down():
    right = moments((0, 10), (20, 30), (40, 50))
    found = windows((60, 70, 0.9), (0, 10, 0.8), (20, 30, 0.7), (40, 50, 0.6))

    # 1/2, 2/3, 3/4 on the way down: interpolated, all three count 3/4.
    assert precision(found, right, 0.5) == pytest.approx(3 / 4)


def test_stretches_of_equal_score_stay_as_they_stand():
    right = moments((0, 10))

    assert precision(windows((50, 60, 0.5), (0, 10, 0.5)), right, 0.5) == 0.5
    assert precision(windows((0, 10, 0.5), (50, 60, 0.5)), right, 0.5) == 1.0


def test_ten_stretches_count_as_they_stand_and_not_by_score():
    wrong = [(50 + place, 51 + place, 0.1) for place in range(MOST)]

    assert precision(windows(*wrong, (0, 10, 0.9)), moments((0, 10)), 0.5) == 0.0
    assert precision(windows(*wrong[1:], (0, 10, 0.9)), moments((0, 10)), 0.5) == 1.0


def test_as_much_as_is_asked_for_is_enough():
    told = values(windows((0, 7, 1.0)), moments((0, 10)))

    assert (told["R1@0.5"], told["R1@0.7"]) == (1.0, 1.0)
    assert (told["mAP@0.5"], told["mAP@0.75"]) == (1.0, 0.0)
    assert told["mAP"] == pytest.approx(5 / 10)  # at 0.5, 0.55, 0.6, 0.65 and 0.7


def test_an_empty_answer_finds_nothing():
    assert set(values([], moments((0, 10))).values()) == {0.0}


def test_figures_are_means_over_captions_drawn_by_recording():
    each = [{"mAP": 1.0}, {"mAP": 0.5}, {"mAP": 0.0}]

    told = figures(each, ["a", "a", "b"])["mAP"]

    # Draws of two recordings: both b gives 0, both a 3/4.
    assert told == {"value": 0.5, "low": 0.0, "high": 0.75}


def plain_precision(found, right, least):
    """The same by the book: a curve of recall and precision, summed where recall grows."""
    left, curve, hits = list(right), [(0.0, 0.0)], 0
    for rank, one in enumerate(sorted(found[:10], key=lambda one: one.score, reverse=True), 1):
        best, shared = None, least
        for other in left:
            both = max(0.0, min(one.end, other.end) - max(one.start, other.start))
            share = both / ((one.end - one.start) + (other.end - other.start) - both)
            if share >= shared:
                best, shared = other, share
        if best is not None:
            left.remove(best)
            hits += 1
        curve.append((hits / len(right), hits / rank))
    area = 0.0
    for place in range(1, len(curve)):
        step = curve[place][0] - curve[place - 1][0]
        area += step * max(height for _, height in curve[place:])
    return area


def test_precision_agrees_with_a_plain_reckoning_of_random_answers():
    rng = random.Random(3)
    reached = set()
    for _ in range(400):
        right = moments(*((s, s + rng.randint(1, 12)) for s in rng.sample(range(60), 4)))
        found = windows(
            *(
                (max(0, one.start + rng.randint(-1, 1)), one.end + rng.randint(0, 2), rng.random())
                for one in rng.choices(right, k=rng.randint(0, 13))
            )
        )
        for least in LEAST:
            told = precision(found, right, least)
            assert told == pytest.approx(plain_precision(found, right, least))
            reached.add(round(told, 3))
    assert len(reached) > 50
