"""How many more queries decide: the formula by hand, and drawn data that come out as it says."""

import numpy as np
import pytest

from earmark.score.condensed import difference
from earmark.score.decide import FEWEST, outlook, queries_needed


def told(apart):
    apart = np.asarray(apart, float)
    return outlook(apart, difference(apart, np.zeros(len(apart)), "mAP@10", draws=500))


def lumpy(rng, shape, better=0.35, worse=0.15):
    """Differences as queries have them: most find the same, some more, fewer less."""
    kind = rng.random(shape)
    size = rng.beta(2, 5, shape)
    return np.where(kind < better, size, np.where(kind < better + worse, -size, 0.0))


def whole(apart, queries=30):
    """Queries in all, told from so many, with the mean and the spread of the differences given."""
    more = queries_needed(float(apart.mean()), float(apart.std(ddof=1)), queries)
    return np.inf if more is None else more + queries


def test_the_number_by_hand():
    # (1.96 + 0.8416)^2 = 7.849; s/d = 3, so 70.64; and 1.92 for s itself: 72.56, 73 in all.
    assert queries_needed(0.1, 0.3, 20) == 73 - 20
    assert queries_needed(-0.1, 0.3, 20) == 73 - 20
    assert queries_needed(0.1, 0.3, 73) == queries_needed(0.1, 0.3, 200) == 1


def test_twice_the_difference_needs_about_a_quarter():
    few, many = (queries_needed(d, 1.0, 400) + 400 for d in (0.1, 0.05))

    assert many / few == pytest.approx(4, rel=0.01)


def test_about_nothing_is_no_number():
    assert queries_needed(0.0, 0.3, 20) is None
    assert queries_needed(0.033, 0.3, 20) is None  # half of 0.3 / sqrt(20) is 0.0335
    assert queries_needed(0.034, 0.3, 20) is not None
    assert queries_needed(0.0, 0.0, 20) is None
    assert queries_needed(0.5, 0.3, FEWEST - 1) is None


def test_equal_systems_cannot_be_told_apart_ever():
    assert told(np.zeros(40)) == outlook(np.zeros(40), difference(np.zeros(40), np.zeros(40), "x"))
    assert (told(np.zeros(40)).verdict, told(np.zeros(40)).more) == ("untold", None)


def test_a_clear_difference_is_decided():
    found = told([0.2, 0.3, 0.1, 0.25, 0.0, 0.3, 0.2, 0.1, 0.3, 0.2])

    assert (found.verdict, found.more) == ("decided", 0)


def test_a_handful_of_queries_decides_nothing():
    assert told([0.2] * (FEWEST - 1)).verdict == "untold"


def test_a_difference_that_may_be_chance_needs_more():
    found = told([0.5, -0.4, 0.3, 0.0, -0.2, 0.4, 0.1, 0.2, -0.3, 0.1])

    assert found.verdict == "open"
    assert 50 < found.more < 200


@pytest.mark.parametrize(("better", "worse"), [(0.35, 0.15), (0.3, 0.2), (0.5, 0.1)])
def test_of_drawn_systems_four_in_five_are_decided_by_as_many_queries_as_are_told(better, worse):
    rng = np.random.default_rng(11)
    needed = whole(lumpy(rng, 400_000, better, worse))  # 124, 510, 33

    drawn = lumpy(rng, (400, needed), better, worse)

    decided = np.mean([told(one).verdict == "decided" for one in drawn])
    assert 0.72 < decided < 0.88


def test_from_forty_queries_the_number_is_about_right():
    # It is told from a difference that is itself uncertain: over 600 draws the middle one is 111
    # where 124 is true, and half of them lie between 60 and 345.
    rng = np.random.default_rng(5)
    true = whole(lumpy(rng, 400_000))

    found = np.array([whole(one, 40) for one in lumpy(rng, (600, 40))])

    assert true / 1.5 < np.median(found) < 1.5 * true
    assert np.mean((true / 3 < found) & (found < 3 * true)) > 0.6


@pytest.mark.parametrize("queries", [10, 20, 60])
def test_equal_systems_are_seldom_told_apart(queries):
    drawn = lumpy(np.random.default_rng(3), (400, queries), 0.25, 0.25)

    # Percentiles are too narrow for few queries: 0.12 of 10, 0.09 of 20, 0.06 of 60.
    assert np.mean([told(one).verdict == "decided" for one in drawn]) < 0.15
