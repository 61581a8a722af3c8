from itertools import combinations
from math import comb

import numpy as np
import pytest

from earmark.score import NAMES, metric, rank
from earmark.score.ranking import Ranking

EXACT = [name for name in NAMES if name not in ("median rank", "geometric mean")]


def test_chance_by_hand():
    # Of 3 items 2 are right. The wrong one is first, second or last, and AP is
    # (1/2 + 2/3) / 2, (1 + 2/3) / 2 or 1; so 7/12, 10/12 and 12/12.
    assert at_chance("mAP", [2], items=3) == pytest.approx(29 / 36)
    assert at_chance("R@1", [2], items=3) == pytest.approx(2 / 3)
    assert at_chance("mean rank", [2], items=3) == pytest.approx(4 / 3)


def test_the_known_level_of_a_large_pool():
    assert at_chance("R@1", [1] * 9, items=1045) == pytest.approx(1 / 1045)
    assert at_chance("mAP@10", [1] * 9, items=1045) == pytest.approx(2.92897 / 1045, rel=1e-5)


def test_queries_with_more_right_answers_have_a_higher_level():
    some = (1 - comb(17, 5) / comb(20, 5) + 5 / 20) / 2

    assert at_chance("R@5", [3, 1], items=20) == pytest.approx(some)


@pytest.mark.parametrize("name", [*EXACT, "R@2", "mAP@2", "nDCG@3", "recall@3"])
@pytest.mark.parametrize(("items", "right"), [(1, 1), (5, 1), (6, 2), (7, 4), (4, 4)])
def test_chance_is_the_mean_over_all_orders(name, items, right):
    assert at_chance(name, [right], items=items) == pytest.approx(
        metric(name).of(orders(items, right))
    )


@pytest.mark.parametrize(
    ("counts", "items", "middle"),
    [([1], 5, 3), ([1], 4, 2.5), ([3], 9, 2), ([9, 9, 1], 9, 1), ([1], 1, 1)],
)
def test_the_median_rank_of_chance_is_the_middle_of_what_can_be(counts, items, middle):
    assert at_chance("median rank", counts, items=items) == middle


@pytest.mark.parametrize(("items", "right"), [(6, 1), (7, 2), (9, 4), (12, 1)])
def test_the_median_rank_of_chance_is_the_median_over_all_orders(items, right):
    assert at_chance("median rank", [right], items=items) == metric("median rank").of(
        orders(items, right)
    )


def test_the_geometric_mean_of_chance_is_that_of_its_parts():
    # 20 items, 1 right: 1/20, 5/20 and 10/20.
    assert at_chance("geometric mean", [1], items=20) == pytest.approx((50 / 8000) ** (1 / 3))


@pytest.fixture(scope="module")
def noise():
    match = np.arange(40) % 20 == np.arange(20_000)[:, None] % 20
    match[5_000:, :10] = False  # from here on half of the texts have one right answer
    return rank(np.random.default_rng(7).random(match.shape), match)


@pytest.mark.parametrize("name", NAMES)
def test_a_system_that_hears_nothing_is_at_chance(name, noise):
    assert metric(name).of(noise) == pytest.approx(metric(name).at_chance(noise), rel=0.1)


def at_chance(name, counts, *, items):
    counts = np.array(counts)
    return metric(name).at_chance(Ranking.of(np.ones(counts.sum(), dtype=int), counts, items))


def orders(items, right):
    """One query for each way in which the right answers can stand."""
    ways = list(combinations(range(1, items + 1), right))
    return Ranking.of(np.array(ways).ravel(), np.full(len(ways), right), items)
