from math import log2

import numpy as np
import pytest
from hypothesis import given, settings
from sklearn.metrics import average_precision_score, ndcg_score

from earmark.errors import UsageError
from earmark.score import NAMES, metric, rank
from earmark.score.ranking import Ranking, turned
from score.hand import MATCH, SCORES
from score.test_ranking import questions

THIRD = 1 / log2(3)  # what rank 2 is worth to nDCG; rank 3 is worth 1 / log2(4) = 1/2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("R@1", 2 / 3),
        ("R@2", 2 / 3),
        ("R@3", 1),
        ("R@500", 1),
        ("hit@2", 2 / 3),
        ("recall@1", (0 + 1 + 1 / 3) / 3),
        ("recall@3", (1 / 2 + 1 + 2 / 3) / 3),
        ("mAP", ((1 / 3 + 2 / 5) / 2 + 1 + (1 + 2 / 3 + 3 / 4) / 3) / 3),
        ("mAP@3", ((1 / 3) / 2 + 1 + (1 + 2 / 3) / 3) / 3),
        ("mAP@1", (0 + 1 + 1 / 3) / 3),
        ("nDCG@3", ((1 / 2) / (1 + THIRD) + 1 + (1 + 1 / 2) / (1 + THIRD + 1 / 2)) / 3),
        ("nDCG@1", 2 / 3),
        ("median rank", 1),
        ("mean rank", 5 / 3),
        ("geometric mean", (2 / 3) ** (1 / 3)),
    ],
)
def test_metrics_by_hand(name, value):
    assert metric(name).of(rank(SCORES, MATCH)) == pytest.approx(value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("R@1", 2 / 3),
        ("recall@2", (1 + 2 / 3 + 1 / 2) / 3),
        ("mAP", (1 / 2 + 1 + (1 + 2 / 3) / 2) / 3),
        ("mean rank", 4 / 3),
    ],
)
def test_audio_to_text_all_captions_of_a_clip_are_right_and_the_best_gives_its_rank(name, value):
    assert metric(name).of(rank(*turned(SCORES, MATCH))) == pytest.approx(value)


def test_average_precision_at_k_is_shared_by_all_right_answers_also_beyond_k():
    # 20 right answers at ranks 1 to 16 and 17 to 20: of AP@16 a fifth is out of reach.
    assert metric("mAP@16").of(ranking([*range(1, 21)], items=30)) == pytest.approx(16 / 20)


@pytest.mark.parametrize(
    ("best", "median"),
    [([7, 1, 2], 2), ([7, 1, 2, 4], 3), ([9], 9), ([1, 1, 1, 8, 9], 1), ([2, 9], 5.5)],
)
def test_the_median_rank_is_the_middle_one_or_between_the_middle_two(best, median):
    assert metric("median rank").of(ranking(*([one] for one in best), items=9)) == median


def test_a_weight_counts_a_query_as_often_as_it_says():
    ranks = np.array([7.0, 1.0, 2.0])
    weights = np.array([[1, 1, 1], [2, 0, 1], [0, 3, 1], [1, 0, 1]])

    assert metric("median rank").pooled(ranks, weights).tolist() == [2, 7, 1, 4.5]
    assert metric("mean rank").pooled(ranks, weights) == pytest.approx([10 / 3, 16 / 3, 5 / 4, 4.5])


def test_all_equal_scores_find_nothing():
    match = np.arange(12).reshape(3, 4) % 5 == 0

    found = rank(np.ones((3, 4)), match)

    assert metric("R@1").of(found) == 0
    assert metric("median rank").of(found) == 4


@settings(max_examples=60, deadline=None)
@given(questions())
def test_figures_stay_within_their_bounds(asked):
    found = rank(*asked)

    assert all(0 <= metric(name).of(found) <= 1 + 1e-12 for name in NAMES if "rank" not in name)
    assert 1 <= metric("median rank").of(found) <= found.items
    assert metric("R@50").of(found) == metric("recall@50").of(found) == 1


@pytest.mark.parametrize("seed", range(3))
def test_an_independent_library_gives_the_same(seed):
    rng = np.random.default_rng(seed)
    scores, match = rng.permuted(np.arange(40 * 60.0).reshape(40, 60), axis=1), rng.random((40, 60))
    match = (match < 0.1) | (np.arange(60) == np.arange(40)[:, None])

    found = rank(scores, match)

    ours = metric("mAP").values(found), metric("nDCG@10").values(found)
    theirs = [average_precision_score(*pair) for pair in zip(match, scores, strict=True)]
    gains = [ndcg_score([right], [row], k=10) for right, row in zip(match, scores, strict=True)]
    np.testing.assert_allclose(ours, [theirs, gains], rtol=1e-12)


@pytest.mark.parametrize("name", ["R@0", "R@-1", "mAP@", "map", "median", "MRR@5", "R@1.5"])
def test_an_unknown_metric_is_refused_with_the_known_ones(name):
    with pytest.raises(UsageError, match=r"(?s)no metric is called.*choose from: R@1, R@5"):
        metric(name)


def ranking(*ranks, items):
    """The ranks of the right answers of each query."""
    return Ranking.of(np.concatenate(ranks), np.array([len(some) for some in ranks]), items)
