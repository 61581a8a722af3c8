import numpy as np
import pytest

from earmark.score import ensemble, rank
from score.hand import MATCH, RANKS, SCORES

ONE = np.array([[0.0, 2.0], [2.0, 8.0]])  # mean 3, spread 3
OTHER = np.array([[5.0, 1.0], [1.0, 1.0]])  # mean 2, spread √3


def test_the_mean_of_standardised_scores_by_hand():
    root = 3**0.5
    one, other = [[-1, -1 / 3], [-1 / 3, 5 / 3]], [[root, -1 / root], [-1 / root, -1 / root]]

    np.testing.assert_allclose(ensemble([ONE, OTHER]), (np.array(one) + other) / 2)


def test_in_what_units_a_system_scores_does_not_matter():
    np.testing.assert_allclose(ensemble([70 * ONE - 9, OTHER]), ensemble([ONE, OTHER]))


def test_of_one_system_the_order_stays_in_both_directions():
    alone = ensemble([SCORES.astype(np.float32)])

    assert rank(alone, MATCH).ranks.tolist() == RANKS
    assert (alone.argsort(axis=0, kind="stable") == SCORES.argsort(axis=0, kind="stable")).all()


def test_a_system_that_says_nothing_changes_no_order():
    silent = np.full((3, 5), 0.1)

    assert rank(ensemble([SCORES, silent]), MATCH).ranks.tolist() == RANKS
    assert not ensemble([silent]).any()


def test_turning_all_turns_the_ensemble():
    np.testing.assert_allclose(ensemble([ONE[:1].T, OTHER[:1].T]), ensemble([ONE[:1], OTHER[:1]]).T)


@pytest.mark.parametrize("odd", [np.nan, -np.inf])
def test_a_score_that_is_no_number_is_refused(odd):
    broken = OTHER.copy()
    broken[1, 0] = odd

    with pytest.raises(ValueError, match="system 1 has scores that are no numbers"):
        ensemble([ONE, broken])


@pytest.mark.parametrize("systems", [[], [ONE, ONE[:1]]])
def test_systems_that_were_not_asked_the_same_are_refused(systems):
    with pytest.raises(ValueError, match="asked the same"):
        ensemble(systems)
