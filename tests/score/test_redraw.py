import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from earmark.score import metric, rank
from earmark.score.redraw import Pool
from score.hand import MATCH, RANKS, SCORES
from score.test_ranking import questions


def plain_redraw(scores, match, owner, times):
    """Rank every drawn right answer by sorting a pool in which its own recording stands once."""
    found = []
    for row, right in zip(scores, match, strict=True):
        mine = []
        for item in np.flatnonzero(right & (times[owner] > 0)):
            copies = np.where(owner == owner[item], 1, times[owner])
            pool = np.repeat(np.arange(len(row)), copies)
            behind = (row[pool] == row[item]) & right[pool] & (pool > item)
            ahead = (row[pool] >= row[item]) & ~behind
            mine.append((ahead.sum(), (ahead & right[pool]).sum(), times[owner[item]]))
        found.append(sorted(mine))
    return [one for one in found if one]


def as_lists(ranking):
    triples = list(zip(ranking.ranks, ranking.places, ranking.times, strict=True))
    ends = np.cumsum(ranking.counts)
    return [sorted(triples[end - n : end]) for n, end in zip(ranking.counts, ends, strict=True)]


def test_every_recording_drawn_once_gives_the_plain_ranks():
    pool = Pool.of(SCORES, MATCH, np.array([0, 1, 1, 2, 2]))

    ranking, draw = pool.redraw(np.ones((1, 3), dtype=int))

    assert ranking.ranks.tolist() == RANKS
    assert ranking.places.tolist() == [1, 2, 1, 1, 2, 3]
    assert draw.tolist() == [0, 0, 0]


def test_a_redrawn_pool_by_hand():
    # Best first: wrong a, right b, wrong c, right b, right d; drawn are a and b twice, d once. For
    # a right b its own recording counts once: ranks 3 and 4. For d all count: 2 + 4 + 1 = 7.
    scores, match = np.array([[5, 4, 3, 2, 1.0]]), np.array([[0, 1, 0, 1, 1]], dtype=bool)
    pool = Pool.of(scores, match, np.array([0, 1, 2, 1, 3]))

    ranking, _ = pool.redraw(np.array([[2, 2, 0, 1]]))

    assert ranking.ranks.tolist() == [3, 4, 7]
    assert ranking.places.tolist() == [1, 2, 5]
    assert ranking.times.tolist() == [2, 2, 1]
    assert metric("mAP").of(ranking) == pytest.approx((2 * (1 / 3) + 2 * (2 / 4) + 5 / 7) / 5)
    assert metric("recall@4").of(ranking) == pytest.approx(4 / 5)
    assert metric("R@2").of(ranking) == 0
    assert metric("R@3").of(ranking) == 1


@settings(max_examples=40, deadline=None)
@given(questions(), st.data())
def test_the_quick_way_redraws_as_the_plain_way(asked, data):
    scores, match = asked
    owner = np.array([item // 2 for item in range(scores.shape[1])])
    times = data.draw(arrays(int, int(owner[-1]) + 1, elements=st.integers(0, 3)))
    wanted = plain_redraw(scores, match, owner, times)

    if wanted:
        # A second draw of everything once must not disturb the first.
        drawn = np.stack([times, np.ones_like(times)])
        ranking, draw = Pool.of(scores, match, owner).redraw(drawn)

        assert as_lists(ranking)[: len(wanted)] == wanted
        assert draw.tolist() == [0] * len(wanted) + [1] * len(scores)
        assert rank(scores, match).ranks.tolist() == ranking.ranks[sum(map(len, wanted)) :].tolist()


@settings(max_examples=60, deadline=None)
@given(questions())
def test_a_perfect_system_stays_perfect(asked):
    _, match = asked
    drawn = np.random.default_rng(0).integers(1, 4, size=(3, match.shape[1]))

    ranking, _ = Pool.of(match.astype(float), match, np.arange(match.shape[1])).redraw(drawn)

    assert metric("mAP").of(ranking) == pytest.approx(1)
    assert metric("nDCG@10").of(ranking) == pytest.approx(1)
    assert metric("R@1").of(ranking) == 1


def test_a_draw_without_any_right_answer_is_refused():
    pool = Pool.of(np.eye(1, 2), np.eye(1, 2, dtype=bool), np.array([0, 1]))

    with pytest.raises(ValueError, match="too few recordings"):
        pool.redraw(np.array([[1, 1], [0, 2]]))
