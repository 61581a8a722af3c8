"""Condensed lists: worked out by hand, with lopsided sets of judgements."""

from itertools import permutations

import numpy as np
import pytest

from earmark.score.condensed import FIGURES, Listed, chance_of, difference, interval, values_of

R, W = True, False
RNG = np.random.default_rng(7)
LISTS = [
    Listed((R, W, R), wanted=3, judged=5),  # one that is right was never given, nor one wrong
    Listed((W, W, W, R), wanted=1, judged=4),
    Listed((), wanted=1, judged=2),
    Listed((R, R), wanted=2, judged=2),  # whatever the order
]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("mAP@10", [(1 + 2 / 3) / 3, 1 / 4, 0, 1]),
        ("R@1", [1, 0, 0, 1]),
        ("R@10", [1, 1, 0, 1]),
        ("precision@10", [2 / 5, 1 / 4, 0, 1]),
    ],
)
def test_figures_by_hand(name, values):
    assert values_of(LISTS, name) == pytest.approx(values)


def test_what_stands_behind_the_tenth_judged_hit_counts_nothing():
    one = Listed((R, *[W] * 9, R, R), wanted=3, judged=14)

    assert values_of([one], "mAP@10") == pytest.approx([1 / 3])
    assert values_of([one], "precision@10") == pytest.approx([1 / 10])
    assert values_of([Listed((*[W] * 10, R), wanted=1, judged=11)], "R@10") == [0]


def test_what_is_never_given_is_no_hit_however_few_were_judged():
    assert values_of([Listed((W,), wanted=1, judged=2)], "R@10") == [0]


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize(("right", "judged"), [(1, 2), (2, 3), (3, 5), (2, 7), (4, 4)])
def test_chance_is_the_mean_over_all_orders(name, right, judged):
    orders = set(permutations([R] * right + [W] * (judged - right)))
    lists = [Listed(order, wanted=right, judged=judged) for order in orders]

    assert chance_of(lists, name) == pytest.approx(values_of(lists, name).mean())


def test_chance_is_that_of_the_judged_ones_of_each_query():
    assert chance_of(LISTS, "R@1") == pytest.approx((3 / 5 + 1 / 4 + 1 / 2 + 1) / 4)
    assert chance_of(LISTS, "precision@10") == pytest.approx((3 / 5 + 1 / 4 + 1 / 2 + 1) / 4)


@pytest.mark.parametrize(
    ("right", "wanted", "judged"), [((R, R), 1, 3), ((R,), 3, 2), ((W,), 0, 1), ((), 0, 0)]
)
def test_counts_that_cannot_be_are_refused(right, wanted, judged):
    with pytest.raises(ValueError, match="right hits"):
        Listed(right, wanted, judged)


def test_an_interval_is_that_of_the_mean():
    values = RNG.normal(0.5, 0.2, 100)

    found = interval(values, "mAP@10")

    error = values.std(ddof=1) / 10
    assert found.value == pytest.approx(values.mean())
    assert found.high - found.low == pytest.approx(2 * 1.96 * error, rel=0.1)


def test_a_difference_is_new_minus_old_on_the_same_draws():
    old = RNG.uniform(0, 1, 30)

    found = difference(old + 0.1, old, "R@1")

    assert (found.value, found.low, found.high) == pytest.approx((0.1, 0.1, 0.1))
    assert difference(old, old + 0.1, "R@1").value == pytest.approx(-0.1)
    assert difference(old, old, "R@1").p == 1


def test_one_query_alone_has_no_interval():
    with pytest.raises(ValueError, match="only one"):
        interval(np.array([1.0]), "R@1")
