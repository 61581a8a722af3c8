import numpy as np
import pytest

from earmark.score import NAMES, both_ways, over_seeds, rank, report
from score.hand import MATCH, SCORES


def test_both_directions_in_one_call():
    found = both_ways(SCORES, MATCH, ["mean rank", "R@1"])

    assert list(found) == ["text to audio", "audio to text"]
    assert found["text to audio"]["mean rank"] == pytest.approx(5 / 3)
    assert found["audio to text"]["mean rank"] == pytest.approx(4 / 3)


def test_a_sound_without_a_text_is_found_but_does_not_ask():
    found = both_ways(SCORES, MATCH)

    assert (found["text to audio"].queries, found["text to audio"].items) == (3, 5)
    assert (found["audio to text"].queries, found["audio to text"].items) == (3, 3)


def test_a_text_without_a_sound_is_refused():
    with pytest.raises(ValueError, match="1 of 3 queries have no right answer, the first is 1"):
        both_ways(SCORES, MATCH & (np.arange(3) != 1)[:, None])


def test_all_metrics_come_in_one_order():
    assert [name for name, _, _ in report(rank(SCORES, MATCH)).rows()] == list(NAMES)


def test_a_row_is_plain_data_with_its_chance():
    rows = report(rank(SCORES, MATCH), ["R@1"]).rows()

    # 2, 1 and 3 of 5 are right.
    assert rows == [("R@1", pytest.approx(2 / 3), pytest.approx((2 + 1 + 3) / 15))]


def test_shares_and_ranks_print_the_same_everywhere():
    found = report(rank(SCORES, MATCH), ["R@1", "median rank", "mean rank"])

    assert [one.as_text() for one in found.figures] == [
        ("R@1", "0.6667", "0.4000"),
        ("median rank", "1.0", "2.0"),
        ("mean rank", "1.7", "2.2"),
    ]


def test_mean_and_deviation_over_seeds_by_hand():
    match = np.eye(3, dtype=bool)
    hits = [np.eye(3), -np.eye(3), np.diag([1.0, 0, 0])]  # R@1: 1, 0, 1/3

    found = over_seeds([report(rank(scores, match), ["R@1"]) for scores in hits])[0]

    assert found.mean == pytest.approx(4 / 9)
    # 5/9, -4/9 and -1/9 from the mean: 42/81, by n - 1 = 2
    assert found.deviation == pytest.approx((21 / 81) ** 0.5)
    assert (found.name, found.chance) == ("R@1", pytest.approx(1 / 3))


def test_one_run_has_no_deviation():
    found = over_seeds([report(rank(SCORES, MATCH))])

    assert [one.deviation for one in found] == [None] * len(NAMES)


@pytest.mark.parametrize(
    "other", [[], [report(rank(SCORES, MATCH), ["mAP"]), report(rank(SCORES, MATCH), ["R@1"])]]
)
def test_runs_that_were_asked_other_things_are_refused(other):
    with pytest.raises(ValueError, match="asked the same"):
        over_seeds(other)
