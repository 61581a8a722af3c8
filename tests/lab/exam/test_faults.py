"""What is wrong with descriptions, counted by hand."""

from earmark.lab.exam.describing import Told
from earmark.lab.exam.faults import DOUBT, LATER, NOTHING, RIGHT, SECOND, of_sounds, of_words
from earmark.score.segments import Judge, Part
from earmark.search.describe.events import Saying

RIGHTS = {
    "dog": {"barking", "animal"},
    "rain": {"rain", "water"},
    "waves": {"waves", "water"},
}
WATER = RIGHTS["rain"] | RIGHTS["waves"]
JUDGE = Judge(RIGHTS, RIGHTS | {"rain": WATER, "waves": WATER})


def told(seconds, heard, said):
    sayings = [Saying(words, start, end, 0.5, ((start, end),)) for words, start, end in said]
    return Told(seconds, [Part(*one) for one in heard], sayings)


# Rain for all of five seconds, a dog in the last two.
SCENE = [("rain", 0.0, 5.0), ("dog", 3.0, 5.0)]


def test_every_word_that_is_said_has_one_fault_or_none():
    said = [
        ("rain", 0, 5),  # right for five seconds
        ("water", 0, 1),  # the rain has its word already
        ("waves", 1, 2),  # could be taken for the rain
        ("barking", 1, 4),  # for two seconds too early, then right for one
        ("bell", 2, 3),
    ]

    assert of_words([told(5.0, SCENE, said)], JUDGE) == {
        RIGHT: 6,
        SECOND: 1,
        DOUBT: 1,
        LATER: 2,
        NOTHING: 1,
    }


def test_sounds_are_told_by_how_long_they_last_and_what_is_beside_them():
    found = of_sounds([told(5.0, SCENE, [("rain", 0, 2), ("animal", 2, 4)])] * 2, JUDGE)

    assert found == {
        "all through, alone": [4, 6],
        "all through, beside others": [0, 4],
        "an event, beside others": [2, 4],
    }


def test_an_event_alone_and_silence_about_it():
    assert of_sounds([told(4.0, [("dog", 1.0, 2.0)], [])], JUDGE) == {"an event, alone": [0, 1]}
    assert set(of_words([told(4.0, [("dog", 1.0, 2.0)], [])], JUDGE).values()) == {0}
