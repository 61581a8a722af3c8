"""Sentences that hold an order, or several sounds; and those that are left whole."""

import pytest

from earmark.search.query import parse
from earmark.search.sentence import course_in


def read(sentence):
    course = course_in(sentence)
    return None if course is None else [(step.link, step.what) for step in course.steps]


@pytest.mark.parametrize(
    ("sentence", "first", "second"),
    [
        ("a man talks, then a frog croaks", "a man talks", "a frog croaks"),
        ("after the thunder, rain", "the thunder", "rain"),
        ("Rain after thunder.", "thunder", "Rain"),
        ("a car starting before it drives away", "a car starting", "it drives away"),
        ("before the gunshot, a door slams", "a door slams", "the gunshot"),
        ("a whistle followed by a train passing", "a whistle", "a train passing"),
        ("first a whistle, and then a train", "a whistle", "a train"),
        ("an owl; after that, a fox", "an owl", "a fox"),
        ("a splash, preceded by a scream", "a scream", "a splash"),
        ("door knock -> footsteps", "door knock", "footsteps"),
    ],
)
def test_an_order_is_read_whichever_way_it_is_said(sentence, first, second):
    assert read(sentence) == [("then", first), ("then", second)]


@pytest.mark.parametrize(
    ("sentence", "first", "second"),
    [
        ("a dog barking while it rains", "a dog barking", "it rains"),
        ("heavy rainfall with distant thunder", "heavy rainfall", "distant thunder"),
        ("birds singing with a stream in the background", "birds singing", "a stream"),
        ("a man talking as music is playing", "a man talking", "music is playing"),
        ("wind and a woodpecker in the distance", "wind", "a woodpecker in the distance"),
    ],
)
def test_sounds_side_by_side(sentence, first, second):
    assert read(sentence) == [("then", first), ("with", second)]


def test_a_longer_sentence():
    said = "A man talking as music is playing, followed by a frog croaking"

    assert read(said) == [
        ("then", "A man talking"),
        ("with", "music is playing"),
        ("then", "a frog croaking"),
    ]


def test_counts_and_what_is_not_there():
    (bell,) = course_in("a church bell three times").steps
    (rain,) = course_in("rain without thunder").steps

    assert (bell.what, bell.times) == ("a church bell", 3)
    assert (rain.what, rain.without) == ("rain", ("thunder",))


@pytest.mark.parametrize(
    "sentence",
    [
        "rain",
        "rain on a tin roof",
        "rain after midnight",
        "birds before dawn",
        "rock and roll",
        "a large and heavy door",
        "a dog barks and growls",
        "a child laughing and playing",
        "dogs bark and whimper",
        "someone is snoring while sleeping",
        "a baby crying quietly, then loudly",
        "paper is crumpled and crinkled",
        "as loud as thunder",
        "a ball bouncing back and forth",
        "then",
        "",
        "one, two, three, four, five, six dogs barking",
    ],
)
def test_what_is_one_sound_or_not_sure_is_left_whole(sentence):
    assert course_in(sentence) is None


def test_a_query_of_words_alone_is_read():
    plan = parse("a man talks, then a frog croaks in:pond")

    assert [term.name for term in plan.wanted] == ["a man talks, then a frog croaks"]
    assert [step.what.name for step in plan.course.steps] == ["a man talks", "a frog croaks"]
    assert not plan.course.is_typed


@pytest.mark.parametrize(
    "query",
    [
        '"rain and wind"',
        "2*rain and wind",
        "rain + wind and birds",
        '"a dog and a cat" + rain',
        "@a.wav",
    ],
)
def test_a_query_of_several_terms_is_not(query):
    assert parse(query).course is None
