import numpy as np
import pytest

from earmark.score import Asked, differences, intervals

RNG = np.random.default_rng(3)


def single(ranks, recordings, items=9):
    """Queries with one right answer each, at these ranks."""
    scores, match = np.zeros((len(ranks), items)), np.zeros((len(ranks), items), dtype=bool)
    scores[:] = -np.arange(items)
    match[np.arange(len(ranks)), np.array(ranks) - 1] = True
    return Asked(scores, match, "queries", tuple(recordings))


def reranked(asked, ranks):
    """Another system, which puts the right answers of the same questions at these ranks."""
    scores = np.empty(asked.match.shape)
    for row, right, place in zip(scores, asked.match, ranks, strict=True):
        order = np.arange(len(row), dtype=float)[1:]
        row[right], row[~right] = -place + 0.5, -order
    return Asked(scores, asked.match, asked.drawn, asked.recordings)


def test_captions_of_one_recording_are_drawn_together():
    # Drawn are a a (1), b b (0) or a b (3/4); caption by caption, none of four being right
    # would be one draw in 256.
    asked = single([1, 1, 1, 2], "aaab")

    found = intervals(asked, ["R@1"])[0]

    assert (found.name, found.value, found.low, found.high) == ("R@1", 0.75, 0, 1)


def test_drawn_sounds_make_a_pool_of_their_own():
    # Both texts rank sound b first; it is right for the second: AP 1/2 and 1. Drawn are a a (only
    # the first text has an answer, found at once), b b (only the second has) or both.
    scores, match = np.array([[0.1, 0.9], [0.2, 0.3]]), np.eye(2, dtype=bool)

    found = intervals(Asked(scores, match, "items", ("a", "b")), ["mAP"])[0]

    assert (found.value, found.low, found.high) == (0.75, 0.75, 1)


def test_clips_of_one_recording_are_drawn_together():
    # One text; right are sounds 0 and 1 at ranks 1 and 3 of 3, sound 2 is wrong. Drawn twice, the
    # recording x gives 1 and 1 before 2 or 2, so AP is 1 or (with y twice) nothing is right.
    scores = np.array([[0.9, 0.8, 0.1, 0.2], [0.1, 0.2, 0.9, 0.8]])
    match = np.array([[1, 1, 0, 0], [0, 0, 1, 1]], dtype=bool)

    found = intervals(Asked(scores, match, "items", ("x", "x", "y", "y")), ["mAP"])[0]

    assert (found.value, found.low, found.high) == (1, 1, 1)


def test_the_width_is_that_of_the_binomial():
    asked = single([1] * 120 + [2] * 280, [str(n) for n in range(400)])

    found = intervals(asked, ["R@1"])[0]

    assert found.high - found.low == pytest.approx(2 * 1.96 * (0.3 * 0.7 / 400) ** 0.5, rel=0.1)
    assert (found.low + found.high) / 2 == pytest.approx(0.3, abs=0.01)


def test_five_captions_that_agree_are_worth_one():
    alone = single([1] * 30 + [2] * 70, [str(n) for n in range(100)])
    fivefold = single([1] * 150 + [2] * 350, [str(n // 5) for n in range(500)])

    assert intervals(fivefold, ["R@1"])[0].low == pytest.approx(intervals(alone, ["R@1"])[0].low)


def test_a_difference_is_new_minus_old_and_both_answer_the_same_draws():
    old = single([1, 8, 2, 5, 3, 7], "abcdef")
    new = reranked(old, [2, 9, 3, 6, 4, 8])

    found = differences(new, old, ["mean rank"])[0]

    assert (found.value, found.low, found.high) == pytest.approx((1, 1, 1))
    assert found.p < 0.01


def test_turning_the_systems_round_turns_the_sign():
    old = single(RNG.integers(1, 9, 40), [str(n) for n in range(40)])
    new = reranked(old, RNG.integers(1, 9, 40))

    one, other = differences(new, old, ["mAP"])[0], differences(old, new, ["mAP"])[0]

    assert (one.value, one.low, one.high) == pytest.approx((-other.value, -other.high, -other.low))
    assert one.p == other.p


def test_a_system_does_not_differ_from_itself():
    asked = single([1, 2, 3], "abc")

    found = differences(asked, asked, ["mAP", "median rank"])

    assert [(one.value, one.low, one.high, one.p) for one in found] == [(0, 0, 0, 1)] * 2


def test_a_clear_difference_is_hardly_chance_but_never_surely():
    old = single([2] * 50, [str(n) for n in range(50)])
    new = reranked(old, [1] * 50)

    assert differences(new, old, ["R@1"], draws=99)[0].p == pytest.approx(2 / 100)


def test_a_difference_that_leans_on_one_recording_may_be_chance():
    old = single([1, 1, 2, 2, 2, 2], "aabcde")
    new = reranked(old, [2, 2, 1, 1, 1, 2])

    found = differences(new, old, ["R@1"])[0]

    assert found.value == pytest.approx(1 / 6)
    assert found.low < 0 < found.high
    assert found.p > 0.3


def test_by_chance_alone_p_is_spread_evenly():
    def p_of_noise():
        old = single(RNG.integers(1, 9, 60), [str(n // 2) for n in range(60)])
        return differences(reranked(old, RNG.integers(1, 9, 60)), old, ["mAP"], draws=150)[0].p

    drawn = [p_of_noise() for _ in range(80)]

    assert np.mean(np.array(drawn) < 0.05) < 0.13
    assert np.mean(drawn) == pytest.approx(0.5, abs=0.12)


def test_an_interval_of_sounds_covers_the_truth_as_often_as_it_says():
    # Four kinds of sound in a large world; what is seen of it are 15 recordings of each.
    match = np.arange(60) % 4 == np.arange(4)[:, None]
    seen = [RNG.normal(1.2 * match) for _ in range(40)]
    recordings = tuple(map(str, range(60)))

    found = [
        intervals(Asked(one, match, "items", recordings), ["mAP"], draws=150)[0] for one in seen
    ]

    truth = np.mean([one.value for one in found])
    assert 0.87 <= np.mean([one.low <= truth <= one.high for one in found]) <= 1


@pytest.mark.parametrize("name", ["R@1", "geometric mean", "median rank", "recall@10", "nDCG@10"])
def test_every_metric_has_an_interval_around_it(name):
    asked = single(RNG.integers(1, 30, 80), [str(n // 2) for n in range(80)], items=30)

    found = intervals(asked, [name])[0]

    assert found.low < found.value < found.high


def test_a_seed_gives_the_same_draws_again():
    asked = single(RNG.integers(1, 9, 40), [str(n) for n in range(40)])

    assert intervals(asked, ["mAP"], seed=4) == intervals(asked, ["mAP"], seed=4)
    assert intervals(asked, ["mAP"], seed=4) != intervals(asked, ["mAP"], seed=5)


def test_draws_in_blocks_are_as_many_as_asked(monkeypatch):
    asked = single([1, 2], "ab")
    monkeypatch.setattr("earmark.score.draws._BLOCK", 7)

    assert differences(asked, reranked(asked, [2, 3]), ["mean rank"], draws=19)[0].p == 0.1


def test_systems_that_were_asked_other_things_are_refused():
    asked = single([1, 2, 3], "abc")

    for other in (single([1, 2, 4], "abc"), single([1, 2, 3], "abd")):
        with pytest.raises(ValueError, match="not asked the same"):
            differences(asked, other, ["R@1"])


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        (single([1, 2], "aa"), "only one"),
        (Asked(np.eye(1, 9), np.eye(1, 9, dtype=bool), "items", tuple("abbbbbbbb")), "too few"),
    ],
)
def test_too_few_recordings_are_refused(asked, problem):
    with pytest.raises(ValueError, match=problem):
        intervals(asked, ["R@1"])
