"""What is said against what is heard, counted by hand."""

import numpy as np
import pytest

from earmark.score.segments import (
    Counts,
    Judge,
    Part,
    counts,
    figures,
    pairs,
    segments,
    share,
    verdict,
)

RIGHT = {
    "dog": {"barking", "animal"},
    "cat": {"meowing", "animal"},
    "rain": {"rain", "water"},
    "waves": {"waves", "water"},
}
WATER = RIGHT["rain"] | RIGHT["waves"]
JUDGE = Judge(RIGHT, RIGHT | {"rain": WATER, "waves": WATER})


def of(said, heard, seconds=4.0, judge=JUDGE):
    return counts([Part(*one) for one in said], [Part(*one) for one in heard], seconds, judge)


def test_an_event_is_in_every_segment_that_it_touches():
    found = segments([Part("a", 0.9, 2.0), Part("b", 2.0, 2.1), Part("c", 3.5, 9.0)], 4.2)

    assert found == [{"a"}, {"a"}, {"b"}, {"c"}, {"c"}]


def test_words_and_labels_are_counted_a_segment():
    # Heard: a dog for two segments, rain for four. Said: barking for three, water for one.
    found = of([("barking", 1, 4), ("water", 0, 1)], [("dog", 0, 2), ("rain", 0, 4)])

    assert found == Counts(pairs=2, said=4, heard=6)


def test_two_words_for_one_sound_are_one_too_many():
    assert of([("rain", 0, 1), ("water", 0, 1)], [("rain", 0, 1)]) == Counts(1, 2, 1)


def test_one_word_is_not_right_for_two_sounds():
    assert of([("water", 0, 1)], [("rain", 0, 1), ("waves", 0, 1)]) == Counts(1, 1, 2)


def test_as_many_pairs_as_can_be():
    # The first word fits both labels; it must leave the dog to the other.
    assert pairs(["animal", "barking"], ["cat", "dog"], RIGHT) == {
        "cat": "animal",
        "dog": "barking",
    }


def test_what_is_taken_for_something_alike_counts_neither_way():
    heard = [("waves", 0, 1)]

    assert of([("rain", 0, 1)], heard) == Counts(0, 0, 0)
    assert of([("rain", 0, 1)], heard, judge=JUDGE.strict()) == Counts(0, 1, 1)
    assert of([("rain", 0, 1), ("waves", 0, 1)], heard) == Counts(1, 1, 1)
    assert of([("rain", 0, 1), ("barking", 0, 1)], heard) == Counts(0, 1, 0)


def test_silence_about_silence_is_nothing_to_count():
    assert of([], []) == Counts(0, 0, 0)
    assert of([("rain", 0, 4)], []) == Counts(0, 4, 0)
    assert of([], [("rain", 0, 4)]) == Counts(0, 0, 4)


@pytest.mark.parametrize(
    ("parts", "wanted"),
    [
        ([("rain", 0, 4)], True),  # in two of four
        ([("rain", 0, 4.5)], False),  # in two of five
        ([("waves", 0, 2)], None),
        ([("waves", 0, 4)], None),
        ([("barking", 0, 4)], False),
        ([("rain", 0, 1), ("rain", 6, 9)], False),  # in one of four
        ([("rain", 0, 1), ("rain", 1.5, 2)], True),
    ],
)
def test_a_saying_is_right_in_half_of_its_segments(parts, wanted):
    labels = segments([Part("rain", 0.0, 2.0)], 10.0)

    assert verdict([Part(*one) for one in parts], labels, JUDGE) is wanted


def test_figures_are_of_all_sounds_together():
    found = figures([Counts(3, 4, 6), Counts(0, 6, 2)])

    assert found["precision"]["value"] == pytest.approx(3 / 10)
    assert found["recall"]["value"] == pytest.approx(3 / 8)
    assert found["F1"]["value"] == pytest.approx(6 / 18)
    # Draws of two: both of the second sound gives nothing, both of the first 6 / 10.
    assert found["F1"]["low"] == 0.0
    assert found["F1"]["high"] == pytest.approx(0.6)


def test_figures_of_nothing_are_zero():
    assert figures([Counts(0, 0, 0)] * 2)["F1"] == {"value": 0.0, "low": 0.0, "high": 0.0}


def test_a_share_is_drawn_by_sound():
    found = share(np.array([1.0, 3.0]), np.array([4.0, 4.0]))

    assert found["value"] == 0.5
    assert (found["low"], found["high"]) == (0.25, 0.75)
    assert share(np.zeros(2), np.zeros(2))["value"] == 0.0
