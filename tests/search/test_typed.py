"""An order in time as it is typed, and what cannot be meant."""

import pytest

from earmark.errors import UsageError
from earmark.search.query import parse
from earmark.search.typed import as_typed


def steps(query):
    return [
        (step.link, step.what.name, step.within, step.times) for step in parse(query).course.steps
    ]


def test_one_thing_then_another():
    query = '"a dog barking" then "a door" within 10s'

    assert steps(query) == [
        ("then", "a dog barking", float("inf"), 1),
        ("then", "a door", 10.0, 1),
    ]
    assert [term.name for term in parse(query).wanted] == ["a dog barking", "a door"]
    assert parse(query).course.is_typed


def test_words_and_files_may_stand_beside_what_is_quoted(tmp_path):
    door = tmp_path / "door.wav"

    assert [what for _, what, *_ in steps(f'wind while "rain" then @{door}')] == [
        "wind",
        "rain",
        str(door),
    ]


def test_counts_may_have_a_time_of_their_own():
    assert steps('"a bell" 3 times within 1:30 then "a gong" twice') == [
        ("then", "a bell", 90.0, 3),
        ("then", "a gong", float("inf"), 2),
    ]


@pytest.mark.parametrize("word", ["without", "not"])
def test_what_is_not_there(word):
    (step,) = parse(f'"rain" {word} "thunder"').course.steps

    assert [one.name for one in step.without] == ["thunder"]


@pytest.mark.parametrize(("more", "seconds"), [("", 10.0), (" within 4s", 4.0)])
def test_what_does_not_follow(more, seconds):
    (step,) = parse(f'"a door" then not "footsteps"{more}').course.steps

    assert [one.name for one in step.never] == ["footsteps"]
    assert step.within == seconds


def test_filters_and_what_is_unwanted_stand_beside_it():
    plan = parse('"rain" then "thunder" longer:5s - music')

    assert len(plan.course.steps) == 2
    assert [term.name for term in plan.unwanted] == ["music"]
    assert plan.filter.longer == 5


@pytest.mark.parametrize("query", ['"tin roof" rain', 'rain - "then"', "then", '"a song" by then'])
def test_small_words_elsewhere_are_words(query):
    assert parse(query).course is None


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ('"a dog" then', "nothing stands behind then"),
        ('then "a dog"', "nothing stands before then"),
        ('"a dog" then not', "nothing stands behind then not"),
        ('"a" then "b" then', "nothing stands behind then"),
        ('"a" then "b" "c"', "'c' stands where"),
        ('"a" then "b" within', "nothing stands behind within"),
        ('"a" then "b" within soon', "'soon' is no length of time"),
        ('"a bell" 0 times', "0 times"),
        ('"a bell" 21 times', "21 times"),
        ('"a" then "b" + "c"', "an order in time, and 'c' beside it"),
    ],
)
def test_what_cannot_be_meant_is_said(query, says):
    with pytest.raises(UsageError, match=says) as told:
        parse(query)

    assert told.value.hint


@pytest.mark.parametrize(
    "query",
    [
        '"a dog" then "a door" within 10s',
        '"rain" without "thunder" with "wind"',
        '"a bell" 3 times within 90s while "a crowd"',
        '"a door" then not "footsteps" within 4s',
    ],
)
def test_what_is_written_is_read_the_same(query):
    course = parse(query).course

    assert as_typed(course.told(lambda term: term.name)) == query


def test_a_sentence_tells_what_was_read():
    assert parse("rain after thunder").read_as == '"thunder" then "rain" within 60s'
    assert parse('"thunder" then "rain"').read_as == ""
    assert parse("rain").read_as == ""


def test_a_shell_takes_the_quotes_away():
    plan = parse(["a dog barking", "then", "a door", "within", "10s", "in:yard"])

    assert [(step.what.name, step.within) for step in plan.course.steps] == [
        ("a dog barking", float("inf")),
        ("a door", 10.0),
    ]
    assert plan.course.is_typed
    assert plan.filter.folders == ("yard",)
