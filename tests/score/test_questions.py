"""What is right, wrong or in doubt for a question is told by words, or by the truth of scenes."""

from pathlib import Path

import numpy as np

from earmark.data.rows import Row
from earmark.scenes import bank_from_kinds
from earmark.scenes.truth import Caption, Constraint, Event, Scene
from earmark.score.questions import ask_captions, ask_likes, ask_scenes, ask_takes, stems, tells
from earmark.synth import KINDS

ROWS = [
    Row(Path("0"), ("A dog barking.",), recording="0", label="dog"),
    Row(Path("1"), ("a dog barking", "rain falls"), recording="1", label="dog"),
    Row(Path("2"), ("dogs bark",), recording="2", label="dogs"),
    Row(Path("3"), ("rainfall",), recording="3"),
    Row(Path("4"), ("a piano",), recording="3", label="piano"),
]


def test_endings_and_words_that_say_nothing_are_left_away():
    assert stems("The dogs barked in the distance, a dog barks") == {"dog", "bark"}
    assert stems("someone sawing") == stems("saws") == {"saw"}
    assert stems("a sound in the background") == frozenset()
    assert stems("running") == stems("runs") == {"run"}


def test_a_caption_is_right_for_all_rows_that_have_it():
    asked = ask_captions(ROWS)

    assert asked.texts == ("A dog barking.", "rain falls", "dogs bark", "rainfall", "a piano")
    assert asked.homes == ("0", "1", "2", "3", "3")
    np.testing.assert_array_equal(asked.right[0], [True, True, False, False, False])


def test_a_row_that_shares_a_word_is_in_doubt():
    asked = ask_captions(ROWS)

    np.testing.assert_array_equal(asked.doubt[0], [False, False, True, False, False])
    np.testing.assert_array_equal(asked.doubt[2], [True, True, False, False, False])
    assert not asked.doubt[4].any()
    assert not (asked.doubt & asked.right).any()


def test_a_mix_is_right_if_a_part_is_and_in_doubt_if_a_part_is():
    asked = ask_captions(ROWS).heard_in([(0,), (3, 4), (2, 4), (0, 2)])

    np.testing.assert_array_equal(asked.right[0], [True, False, False, True])
    np.testing.assert_array_equal(asked.doubt[0], [False, False, True, False])


def test_rows_ask_for_others_of_their_label():
    asked = ask_likes(ROWS)

    assert asked.texts == ("0", "1")  # places; dogs and piano have no other
    np.testing.assert_array_equal(asked.right[0], [False, True, False, False, False])
    np.testing.assert_array_equal(asked.doubt[0], [True, False, True, False, False])
    assert ask_likes(ROWS[2:]).texts == ()


def test_takes_ask_for_others_of_their_kind_and_leave_its_group_out():
    asked = ask_takes(["rain", "rain", "hail", "dog"], ["rain", "rain", "rain", "dog"])

    assert asked.texts == ("0", "1")
    np.testing.assert_array_equal(asked.right[1], [True, False, False, False])
    np.testing.assert_array_equal(asked.doubt[1], [False, True, True, False])


def test_a_row_without_ordinary_words_tells_nothing():
    assert tells(ROWS[0])
    assert not tells(Row(Path("5"), ()))
    assert not tells(Row(Path("6"), ("doc reveal",), facts={"text_quality": "weak"}))
    assert tells(Row(Path("7"), ("a bell",), facts={"text_quality": "ok"}))


def scene(name, *labels, captions=()):
    events = tuple(
        Event(label=label, group=label, start=3.0 * n, end=3.0 * n + 2, snr_db=10.0, distant=False,
              sound=label, recording=label, cut=(0.0, 2.0))
        for n, label in enumerate(labels)
    )  # fmt: skip
    return Scene(id=name, seconds=12.0, seed=0, level_db=-50.0, background=None, events=events,
                 captions=captions)  # fmt: skip


def test_where_nothing_matches_a_scene_no_named_sound_is_heard():
    kinds = {name: KINDS[name] for name in ("dog_bark", "thunder", "piano")}
    order = Caption(
        "a dog, then thunder", "order", (Constraint("before", ("dog_bark", "thunder")),)
    )
    scenes = [
        scene("0", "dog_bark", "thunder", captions=(order,)),
        scene("1", "thunder", "dog_bark"),
        scene("2", "dog_bark"),
        scene("3", "piano"),
    ]

    asked = ask_scenes(scenes, bank_from_kinds(takes=1, kinds=kinds), test=True)

    assert len(asked.texts) == 4  # the caption, and a phrase for each kind
    np.testing.assert_array_equal(asked.right[0], [True, False, False, False])
    np.testing.assert_array_equal(asked.near[0], [False, True, True, False])
    dog = asked.texts.index(bank_from_kinds(takes=1, kinds=kinds).phrases("dog_bark", test=True)[0])
    np.testing.assert_array_equal(asked.right[dog], [True, True, True, False])
    assert not asked.near[dog].any()
