"""Libraries with and without an answer, and what confidence is worth, by hand."""

import numpy as np
import pytest

from earmark.score.questions import Questions
from earmark.score.refusal import (
    Told,
    auroc,
    bins,
    curve,
    draw_trials,
    ece,
    figures,
    found,
    intervals,
    tell,
    typical,
)

MANY = 40


def questions(right, doubt=(), near=()):
    masks = [np.zeros((1, MANY), bool) for _ in range(3)]
    for mask, places in zip(masks, (right, doubt, near), strict=True):
        mask[0, list(places)] = True
    return Questions(("a dog",), ("home",), *masks)


def scores():
    return np.arange(MANY, dtype=np.float32)[None] / 100


def test_every_question_is_asked_of_a_library_with_an_answer_and_of_one_without():
    there, gone = draw_trials(scores(), questions([39, 3]), MANY, seed=1)

    assert there.present
    assert not gone.present
    assert (there.among, gone.among) == (40, 38)
    np.testing.assert_allclose(there.scores, np.arange(39, 29, -1) / 100, rtol=1e-6)
    np.testing.assert_array_equal(there.right, [True] + [False] * 9)
    assert not gone.right.any()


def test_what_is_in_doubt_stands_in_neither_and_what_is_near_only_where_an_answer_is():
    there, gone = draw_trials(scores(), questions([39], [38, 37], [36]), MANY, seed=1)

    assert (there.among, gone.among) == (38, 37 - 1)
    assert there.scores[1] == pytest.approx(0.36)
    assert gone.scores[0] == pytest.approx(0.35)


@pytest.mark.parametrize("seed", range(5))
def test_a_small_library_still_holds_an_answer(seed):
    there, gone = draw_trials(scores(), questions([0]), 12, seed=seed)

    assert (there.among, gone.among) == (12, 12)
    # The answer has the lowest score of all, so it is a hit only where it is among the ten best.
    assert not there.right[:9].any()


def test_a_library_with_a_theme_holds_what_is_alike():
    angles = np.linspace(0, np.pi, MANY)
    like = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)

    _, gone = draw_trials(scores(), questions([39]), 12, seed=3, like=like)

    told = np.sort(gone.scores * 100)
    assert told[-1] - told[0] < 15  # ten of twelve neighbours


def test_what_is_typical_of_a_normal_distribution_is_its_mean_and_deviation():
    middle, spread = typical(np.random.default_rng(1).normal(0.2, 0.05, 100_000))

    assert (middle, spread) == pytest.approx((0.2, 0.05), abs=5e-4)


def told():
    """Two homes, each asked twice; three hits each."""
    return Told(
        home=np.array([0, 0, 1, 1]),
        present=np.array([True, False, True, False]),
        best=np.array([0.8, 0.5, 0.4, 0.1]),
        owner=np.repeat(np.arange(4), 3),
        confidence=np.array([0.8, 0.3, 0.2, 0.5, 0.4, 0.3, 0.4, 0.4, 0.1, 0.1, 0.1, 0.0]),
        right=np.array([1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0], bool),
    )


def test_figures_can_be_worked_out_by_hand():
    found = figures(told(), line=0.45)

    assert found["absent refused"] == 0.5
    assert found["present refused"] == 0.5
    assert found["AUROC"] == 0.75  # of four pairs, 0.4 lies below 0.5


def test_an_answer_is_the_first_hit_or_among_the_ten():
    told_so = told()
    told_so.right[[0, 2]] = False, True  # the first library's answer comes third

    assert found(told_so) == {"first": 0.5, "among ten": 1.0}


def test_a_tie_is_half():
    assert auroc(np.array([0.5]), np.array([0.5, 0.2])) == 0.75


def test_the_calibration_error_is_the_mean_gap_of_ten_bins():
    confidence = np.repeat(np.arange(10) / 10, 3)
    right = np.zeros(30, bool)
    right[27:] = True  # of the last bin all, at 0.9

    parts = bins(confidence, right)

    assert [one.hits for one in parts] == [3] * 10
    assert ece(parts) == pytest.approx((sum(range(9)) / 10 + 0.1) / 10)


def test_homes_are_drawn_together():
    found = intervals(told(), 0.45)

    # Home 0 alone, home 1 alone, or both: 0 or 1 or a half is refused.
    assert (found["absent refused"]["low"], found["absent refused"]["high"]) == (0, 1)
    assert found["AUROC"]["value"] == 0.75
    assert found["AUROC"]["high"] == 1


def test_a_curve_goes_from_nothing_refused_upwards():
    points = curve(told(), points=5)

    assert points[0]["absent refused"] == points[0]["present refused"] == 0
    assert [one["line"] for one in points] == sorted(one["line"] for one in points)
    assert points[-1]["absent refused"] == 1


def test_the_judge_sees_each_trial():
    trials = list(draw_trials(scores(), questions([39]), MANY, seed=1))

    found = tell(trials, lambda trial: trial.scores / 2, ["home"])

    assert found.best[0] == pytest.approx(0.195)
    assert len(found.confidence) == 20
    np.testing.assert_array_equal(found.owner, np.repeat([0, 1], 10))
    np.testing.assert_array_equal(found.home, [0, 0])
