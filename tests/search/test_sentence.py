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
        ("rain; before that, thunder", "thunder", "rain"),
        ("a scream and just before that a gunshot", "a gunshot", "a scream"),
        ("birds sing once the rain has stopped", "the rain", "birds sing"),
        ("once the siren is over, a dog barks", "the siren", "a dog barks"),
        ("a crowd cheers as soon as the music ends", "the music", "a crowd cheers"),
        ("a whisper turning into a scream", "a whisper", "a scream"),
        ("wind giving way to rain", "wind", "rain"),
        ("a clock ticking until an alarm rings", "a clock ticking", "an alarm rings"),
        ("an engine starts, a moment later a horn honks", "an engine starts", "a horn honks"),
        ("a bell; seconds later, applause", "a bell", "applause"),
        ("applause follows a song", "a song", "applause"),
        ("a cough comes before a sneeze", "a cough", "a sneeze"),
        ("a crash on the heels of a squeal", "a squeal", "a crash"),
        ("no sooner a knock than a dog barks", "a knock", "a dog barks"),
        ("a knock prior to a scream", "a knock", "a scream"),
        ("a drum roll and only afterwards a cymbal", "a drum roll", "a cymbal"),
        ("a train; but first, a bell", "a bell", "a train"),
        ("a dog barks first, and a cat meows after that", "a dog barks", "a cat meows"),
        ("a train passing, but a bell comes first", "a bell", "a train passing"),
        ("thunder with rain to follow", "thunder", "rain"),
        ("a splash, laughter next", "a splash", "laughter"),
        ("it starts with thunder and ends with rain", "thunder", "rain"),
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


@pytest.mark.parametrize(
    "sentence",
    [
        "a siren after a crash but before a scream",
        "a siren, only once a crash is over, and still before a scream",
        "a siren between a crash and a scream",
    ],
)
def test_one_sound_may_be_between_two(sentence):
    assert read(sentence) == [("then", "a crash"), ("then", "a siren"), ("then", "a scream")]


@pytest.mark.parametrize(
    ("sentence", "first", "second"),
    [
        (
            "a siren howling up and down, but only after a bark",
            "a bark",
            "a siren howling up and down",
        ),
        ("rock and roll, then applause", "rock and roll", "applause"),
        (
            "a conversation between a man and a woman, followed by a door and a bell",
            "a conversation between a man and a woman",
            "a door",
        ),
    ],
)
def test_a_pair_is_one_sound_of_an_order(sentence, first, second):
    assert [words for _, words in read(sentence)][:2] == [first, second]


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
        "a conversation between a man and a woman",
        "a tennis match between two players and a referee",
        "a road leading to the sea",
        "music until midnight",
        "a car stops",
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
