"""Sayings as lines for people, and in every format."""

import json

import pytest

from earmark.search.describe.events import Saying
from earmark.search.describe.formats import FORMATS, Description
from earmark.search.describe.lines import Line, as_text, in_words, lines_of


def saying(words, start, end, confidence=0.9, *parts):
    return Saying(words, start, end, confidence, parts or ((start, end),))


RAIN = saying("rain", 0.0, 31.0)
THUNDER = saying("thunder", 3.5, 30.0, 0.5)
DOG = saying("dog barking", 12.0, 16.5, 0.72, (12.0, 13.0), (15.5, 16.5))
TOLD = Description("/sounds/a & b.wav", "small", [RAIN, THUNDER, DOG])


@pytest.mark.parametrize(
    ("sayings", "wanted"),
    [
        ([RAIN], "rain"),
        ([THUNDER], "probably thunder"),
        ([THUNDER, RAIN], "rain, probably thunder"),
        ([DOG], "dog barking twice"),
        ([saying("bell", 0, 9, 0.69, *[(n, n + 0.5) for n in range(9)])], "probably bell 9 times"),
        ([saying("bell", 0, 9, 0.7, *[(n, n + 0.5) for n in range(10)])], "bell again and again"),
        (
            [saying("a", 0, 1, 0.5), saying("b", 0, 1, 0.6), saying("c", 0, 1, 0.4)],
            "probably b, a and c",
        ),
        ([saying("a", 0, 1, 0.8), saying("b", 0, 1, 0.9)], "b, a"),
    ],
)
def test_what_is_said_in_words(sayings, wanted):
    assert in_words(sayings) == wanted


def test_a_line_holds_what_is_heard_in_about_the_same_time():
    assert lines_of([RAIN, THUNDER, DOG]) == [
        Line(0.0, 31.0, "rain, probably thunder"),
        Line(12.0, 16.5, "dog barking twice"),
    ]


def test_half_of_the_time_of_both_is_enough_and_less_is_not():
    whole = saying("wind", 0.0, 10.0)

    assert len(lines_of([whole, saying("rain", 0.0, 5.0)])) == 1
    assert len(lines_of([whole, saying("rain", 0.0, 4.9)])) == 2


def test_all_of_a_line_must_be_together():
    steps = [saying(word, at, at + 10.0) for word, at in (("a", 0.0), ("b", 3.0), ("c", 6.0))]

    assert [line.text for line in lines_of(steps)] == ["a, b", "c"]


def test_times_are_whole_seconds_that_hold_the_line():
    lines = [Line(12.4, 16.2, "rain"), Line(3599.9, 3661.5, "wind"), Line(0.0, 0.3, "tap")]

    assert list(as_text(lines)) == [
        "0:12-0:17 rain",
        "59:59-1:01:02 wind",
        "0:00-0:01 tap",
    ]


def test_every_format_byte_for_byte():
    assert (
        FORMATS["text"](TOLD) == "0:00-0:31 rain, probably thunder\n0:12-0:17 dog barking twice\n"
    )
    assert FORMATS["vtt"](TOLD) == (
        "WEBVTT\n\n"
        "00:00:00.000 --> 00:00:31.000\nrain, probably thunder\n\n"
        "00:00:12.000 --> 00:00:16.500\ndog barking twice\n\n"
    )
    assert FORMATS["audacity"](TOLD) == (
        "0.000000\t31.000000\train\n"
        "3.500000\t30.000000\tprobably thunder\n"
        "12.000000\t13.000000\tdog barking\n"
        "15.500000\t16.500000\tdog barking\n"
    )
    assert json.loads(FORMATS["json"](TOLD)) == {
        "path": "/sounds/a & b.wav",
        "model": "small",
        "lines": [
            {"start": 0.0, "end": 31.0, "text": "rain, probably thunder"},
            {"start": 12.0, "end": 16.5, "text": "dog barking twice"},
        ],
        "sayings": [
            {"words": "rain", "start": 0.0, "end": 31.0, "confidence": 0.9, "parts": [[0.0, 31.0]]},
            {"words": "thunder", "start": 3.5, "end": 30.0, "confidence": 0.5,
             "parts": [[3.5, 30.0]]},
            {"words": "dog barking", "start": 12.0, "end": 16.5, "confidence": 0.72,
             "parts": [[12.0, 13.0], [15.5, 16.5]]},
        ],
    }  # fmt: skip


def test_of_nothing_every_format_says_nothing():
    nothing = Description("a.wav", "small", [])

    assert FORMATS["text"](nothing) == FORMATS["audacity"](nothing) == ""
    assert FORMATS["vtt"](nothing) == "WEBVTT\n\n"
    assert json.loads(FORMATS["json"](nothing))["lines"] == []


def test_captions_of_hours_and_signs_of_their_own():
    told = Description("a.wav", "small", [saying("rock & roll", 7199.5, 7201.0)])

    assert FORMATS["vtt"](told).splitlines()[2:4] == [
        "01:59:59.500 --> 02:00:01.000",
        "rock &amp; roll",
    ]
