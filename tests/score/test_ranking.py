import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from earmark.score import join, rank
from earmark.score.ranking import turned
from score.hand import MATCH, RANKS, SCORES, TURNED_RANKS


@st.composite
def questions(draw):
    """Few values, so that there are many ties; whole numbers, so that sums are exact."""
    shape = draw(array_shapes(min_dims=2, max_dims=2, max_side=8))
    match = draw(arrays(bool, shape))
    match[
        np.arange(shape[0]), draw(arrays(int, shape[0], elements=st.integers(0, shape[1] - 1)))
    ] = 1
    return draw(arrays(float, shape, elements=st.integers(-3, 3))), match


def plain_ranks(scores, match):
    ranks = []
    for row, right in zip(scores, match, strict=True):
        order = sorted(range(len(row)), key=lambda item: (-row[item], right[item]))
        ranks += [place for place, item in enumerate(order, start=1) if right[item]]
    return ranks


def test_ranks_by_hand():
    ranking = rank(SCORES, MATCH)

    assert ranking.ranks.tolist() == RANKS
    assert ranking.counts.tolist() == [2, 1, 3]
    assert ranking.items == 5
    assert ranking.best.tolist() == [3, 1, 1]
    assert ranking.places.tolist() == [1, 2, 1, 1, 2, 3]


def test_ranks_by_hand_the_other_way():
    ranking = rank(*turned(SCORES, MATCH))

    assert ranking.ranks.tolist() == TURNED_RANKS
    assert ranking.counts.tolist() == [1, 3, 2]
    assert ranking.items == 3


def test_equal_scores_give_the_worst_ranks():
    match = np.array([[True, False, False, True, False]])

    assert rank(np.zeros((1, 5)), match).ranks.tolist() == [4, 5]


@settings(max_examples=60, deadline=None)
@given(questions())
def test_the_quick_way_ranks_as_the_plain_way(asked):
    assert rank(*asked).ranks.tolist() == plain_ranks(*asked)


@settings(max_examples=60, deadline=None)
@given(questions(), st.randoms())
def test_the_order_of_the_items_does_not_matter(asked, random):
    scores, match = asked
    order = list(range(scores.shape[1]))
    random.shuffle(order)

    found = rank(scores[:, order], match[:, order])

    assert found.ranks.tolist() == rank(scores, match).ranks.tolist()


@settings(max_examples=60, deadline=None)
@given(questions(), st.integers(-50, 50), st.integers(1, 9))
def test_a_constant_and_a_positive_factor_do_not_matter(asked, constant, factor):
    scores, match = asked

    found = rank(factor * scores + constant, match)

    assert found.ranks.tolist() == rank(scores, match).ranks.tolist()


def test_blocks_join_to_the_whole(monkeypatch):
    monkeypatch.setattr("earmark.score.ranking._BLOCK", 10)  # two queries at a time

    whole = rank(SCORES, MATCH)
    joined = join([rank(SCORES[:2], MATCH[:2]), rank(SCORES[2:], MATCH[2:])])

    assert whole.ranks.tolist() == joined.ranks.tolist() == RANKS
    assert joined.counts.tolist() == [2, 1, 3]
    assert joined.items == 5


def test_blocks_over_other_items_are_refused():
    with pytest.raises(ValueError, match=r"\[3, 5\] items"):
        join([rank(SCORES, MATCH), rank(*turned(SCORES, MATCH))])


def test_what_was_not_scored_may_be_minus_infinity():
    scores = np.array([[-np.inf, 0.2, -np.inf]])

    assert rank(scores, np.array([[True, False, False]])).ranks.tolist() == [3]
    assert rank(scores, np.array([[False, True, False]])).ranks.tolist() == [1]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.int64])
def test_scores_may_be_numbers_of_any_kind(dtype):
    assert rank((10 * SCORES).astype(dtype), MATCH).ranks.tolist() == RANKS


@pytest.mark.parametrize(
    ("scores", "match", "problem"),
    [
        (SCORES, MATCH.T, r"scores are \(3, 5\) and match is \(5, 3\)"),
        (SCORES[0], MATCH[0], r"both must be \[queries, items\]"),
        (SCORES, MATCH.astype(int), "true or false, not int64"),
        (np.where(SCORES == 0.4, np.nan, SCORES), MATCH, "score of query 1 and item 3 is NaN"),
        (SCORES.T, MATCH.T, "2 of 5 queries have no right answer, the first is 2"),
        (SCORES[:0], MATCH[:0], "nothing to rank"),
        (SCORES[:, :0], MATCH[:, :0], "nothing to rank"),
    ],
)
def test_what_has_no_rank_is_refused(scores, match, problem):
    with pytest.raises(ValueError, match=problem):
        rank(scores, match)
