"""What is asked of tables, by hand; agreement, its interval, the worst first."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.data import Row
from earmark.lab.exam.listeners import Expert
from earmark.lab.exam.questions import Asker, agreement, by_text, chance, figures
from earmark.score import protocol
from lab.exam.made import Level, embed

ROWS = [
    Row(Path("1"), ("a loud sound",), recording="1", label="loud"),
    Row(Path("2"), ("a quiet sound",), recording="2", label="quiet"),
    Row(Path("3"), ("a loud sound",), recording="3", label="loud"),
    Row(Path("4"), ("a quiet sound",), recording="4", label="hush"),
]
TASK = protocol("captions").task(ROWS)
GOOD = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.1, 0.9]], np.float32)
BAD = GOOD[[1, 0, 2, 3]]  # the first two are taken for each other


def asked(table, way="A"):
    return Asker.of(embed, Expert("level", Level())).scores(TASK.texts, table, way)


# A, good: each finds its two first. Bad: loud 2, 3, 1, 4 and quiet 4, 1, 3, 2 give (1/2 + 2/3) / 2
# and (1 + 2/4) / 2. B, by angles: good loud 3, 1 first, quiet 2, 3, 4, 1; bad loud 3, 2, 1, 4,
# quiet 1, 3, 4, 2.
@pytest.mark.parametrize(
    ("way", "good", "bad"),
    [
        ("A", 1, ((1 / 2 + 2 / 3) / 2 + (1 + 2 / 4) / 2) / 2),
        ("B", (1 + (1 + 2 / 3) / 2) / 2, ((1 + 2 / 3) / 2 + (1 / 3 + 2 / 4) / 2) / 2),
    ],
)
def test_who_hears_right_finds_more_and_the_other_is_told_how_much_less(way, good, bad):
    found = figures(TASK, {"new": asked(BAD, way), "old": asked(GOOD, way)}, "old")

    assert found["old"]["mAP"]["value"] == pytest.approx(good)
    assert found["new"]["mAP"]["value"] == pytest.approx(bad)
    assert found["new"]["mAP"]["more"] == pytest.approx(bad - good)
    assert "more" not in found["old"]["mAP"]
    assert found["new"]["mAP"]["low"] <= bad <= found["new"]["mAP"]["high"]


def test_chance_is_what_any_order_would_give():
    # Two right of four: the mean of the precision over the six ways they can stand.
    ways = [(1, 1), (1, 2 / 3), (1, 2 / 4), (1 / 2, 2 / 3), (1 / 2, 2 / 4), (1 / 3, 2 / 4)]

    assert chance(TASK, asked(GOOD))["mAP"] == pytest.approx(np.mean(ways))


def test_agreement_is_a_cosine_and_a_best_class():
    one = np.array([[1, 0], [3, 4], [0, 2]], np.float32)
    other = np.array([[5, 0], [4, 3], [1, 0]], np.float32)

    found = agreement(one, other, ["a", "b", "c"])

    assert found["clips"] == 3
    assert found["cosine"]["value"] == pytest.approx((1 + 24 / 25 + 0) / 3)
    assert found["best class"]["value"] == pytest.approx(1 / 3)
    assert found["cosine"]["low"] < found["cosine"]["value"] < found["cosine"]["high"]


def test_clips_of_one_recording_are_drawn_together():
    one, other = (
        np.eye(2, dtype=np.float32)[[0, 0, 1, 1]],
        np.eye(2, dtype=np.float32)[[0, 0, 0, 0]],
    )

    apart = agreement(one, other, ["a", "b", "c", "d"])["cosine"]
    together = agreement(one, other, ["a", "a", "b", "b"])["cosine"]

    assert apart["value"] == together["value"] == 0.5
    assert together["low"] == 0
    assert together["high"] == 1
    assert together["high"] - together["low"] >= apart["high"] - apart["low"]


def test_texts_are_told_worst_first_with_what_stands_in_their_place():
    table = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.1, 0.9]], np.float32)

    worst, best = by_text(TASK, asked(table))

    # Loud: 1, 2, 3, 4 of which 1 and 3 are right. Quiet: 4, 3, 2, 1 of which 4 and 2 are right.
    assert worst["precision"] == best["precision"] == pytest.approx((1 + 2 / 3) / 2)
    told = {one["text"]: one["instead"] for one in (worst, best)}
    assert told == {"a loud sound": {"quiet": 1}, "a quiet sound": {"loud": 1}}
    assert [one["clips"] for one in (worst, best)] == [2, 2]
