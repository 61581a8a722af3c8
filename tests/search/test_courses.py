"""Orders in time, on vectors that a person can check: which recordings have them, and where."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from earmark.library.store.contract import Filter
from earmark.search.confidence import Calibration
from earmark.search.course import Course, Place, Step
from earmark.search.courses import WHOLE, Follower, Heard, blend, named, span
from earmark.search.question import Asked
from earmark.search.rank import Ranker
from earmark.search.wish import Wish
from search.shelf import BELL, DOG, RAIN, FakeModel, question, shelve, toward

ALL = Wish(limit=100, unsure=True, duplicates=True)
QUIET = toward((0.0, RAIN))
NOISE = {f"hum/{n:02d}.wav": [toward((0.01 * n, RAIN), (0.1, BELL))] * 3 for n in range(20)}
A, B = toward((0.9, DOG)), toward((0.9, BELL))
dog, bell, rain = (Asked(n, "words", v) for n, v in (("dog", DOG), ("bell", BELL), ("rain", RAIN)))


@pytest.fixture
def store(tmp_path):
    sounds = NOISE | {
        "right.wav": [QUIET, A, QUIET, QUIET, QUIET, B, QUIET],
        "turned.wav": [QUIET, B, QUIET, QUIET, QUIET, A, QUIET],
        "dog.wav": [QUIET, A, QUIET, QUIET, QUIET, QUIET, QUIET],
    }
    store = shelve(tmp_path / "library", sounds, tmp_path)
    yield store
    store.close()


def asked(*steps, is_typed=True, **more):
    whole = sum(step.what.vector for step in steps)
    whole = whole / np.linalg.norm(whole)
    return replace(question(whole, **more), course=Course(steps, is_typed))


def search(store, wanted, wish=ALL, let=Filter()):  # noqa: B008
    return Ranker(store, FakeModel()).search(wanted, let, wish)


def names(hits):
    return [Path(hit.path).name for hit in hits]


def test_the_order_decides_between_two_recordings_of_the_same_sounds(store):
    there = search(store, asked(Step(dog), Step(bell)))
    back = search(store, asked(Step(bell), Step(dog)))

    assert (names(there)[0], names(back)[0]) == ("right.wav", "turned.wav")
    other = next(hit for hit in there if hit.path.endswith("turned.wav"))
    assert there[0].confidence > 10 * other.confidence


def test_of_sounds_that_are_alike_each_is_where_it_is_heard_rather_than_the_other(tmp_path):
    bark, growl = toward((0.9, DOG), (-0.3, BELL)), toward((0.9, DOG), (0.3, BELL))
    sounds = {
        "right.wav": [QUIET, bark, QUIET, QUIET, QUIET, growl, QUIET],
        "turned.wav": [QUIET, growl, QUIET, QUIET, QUIET, bark, QUIET],
    }
    store = shelve(tmp_path / "library", NOISE | sounds, tmp_path)
    told = (Step(Asked("bark", "words", bark)), Step(Asked("growl", "words", growl)))

    hits = search(store, asked(*told))
    store.close()

    of = {name: hit.confidence for name, hit in zip(names(hits), hits, strict=True)}
    assert of["right.wav"] > 10 * of["turned.wav"]


def test_a_hit_is_from_the_first_to_the_last_and_says_where_each_was(store):
    hit = search(store, asked(Step(dog), Step(bell)))[0]

    assert 1.5 < hit.start < 4
    assert 13 < hit.end < 16
    (first, dog_at), (second, bell_at) = hit.why.steps
    assert (first, second) == ("dog", "bell")
    assert hit.start == dog_at.start < dog_at.end <= bell_at.start < bell_at.end == hit.end
    assert hit.confidence == pytest.approx(dog_at.likelihood * bell_at.likelihood)
    assert any("'dog' is heard from" in line for line in hit.why.lines())


def test_too_late_is_less_likely(store):
    far, near = (search(store, asked(Step(dog), Step(bell, within=w)))[0] for w in (30.0, 3.0))

    assert near.confidence < far.confidence / 2


def test_without_prefers_the_recording_that_has_none(store):
    hits = search(store, asked(Step(dog, within=30.0, never=(bell,))))

    assert set(names(hits)[:2]) == {"dog.wav", "turned.wav"}  # where the bell comes before
    assert names(hits)[2] == "right.wav"
    assert hits[2].confidence < hits[1].confidence


def test_what_is_unwanted_in_the_whole_recording_has_its_say(store):
    plain = search(store, asked(Step(dog)))
    picky = search(store, asked(Step(dog), unwanted=[("bell", 1.0, BELL)]))

    of = {name: hit.confidence for name, hit in zip(names(plain), plain, strict=True)}
    left = {name: hit.confidence for name, hit in zip(names(picky), picky, strict=True)}
    assert names(picky)[0] == "dog.wav"
    assert left["right.wav"] < of["right.wav"]


def test_a_sentence_counts_as_a_whole_too(store):
    typed, read = (
        search(store, asked(Step(dog), Step(bell), is_typed=typed))[0] for typed in (True, False)
    )

    assert read.confidence != typed.confidence
    assert blend(0.25, 0.25) == pytest.approx(0.25)
    assert blend(0.81, 0.16) == pytest.approx((0.81 * 0.16**WHOLE) ** (1 / (1 + WHOLE)))


def test_filters_go_first(store):
    hits = search(store, asked(Step(dog), Step(bell)), let=Filter(longer=19.0))

    assert set(names(hits)) == {"right.wav", "turned.wav", "dog.wav"}


def test_a_recording_is_followed_as_often_as_the_order_is_there():
    moments = np.array([QUIET, A, QUIET, B, QUIET, QUIET, A, QUIET, B, QUIET])
    times = np.stack([2.5 * np.arange(10), 2.5 * np.arange(10) + 2.5], axis=1)
    usual = dict.fromkeys((dog, bell), ((0.0, 0.1), 1))
    course = Course((Step(dog), Step(bell, within=10.0)))
    follower = Follower(course, Calibration.of(FakeModel()), usual)

    found = follower.follow(Heard(moments, times, None), most=2)

    starts = sorted(places[0].start for _, places in found)
    assert starts == [2.5, 15.0]


def test_where_no_order_is_possible_nothing_is_likely(tmp_path):
    short = shelve(tmp_path / "library", {"a.wav": [A]} | NOISE, tmp_path)

    hits = search(short, asked(*[Step(dog)] * 12))

    assert max(hit.confidence for hit in hits) < 0.01
    short.close()


def test_names_make_likely_things_likelier_and_nothing_of_nothing():
    assert named(0.2, 0.0) == pytest.approx(0.2)
    assert named(0.2, 1.0) == pytest.approx(5 / 6)  # odds of 1 to 4, twenty times as much
    assert named(0.0, 1.0) == 0.0
    assert named(1.0, 0.5) == 1.0


@pytest.mark.parametrize(
    ("links", "places", "wanted"),
    [
        # A dog in the rain: the rain is all about it, whichever is said first.
        (("then", "with"), [(2, 3), (0, 9)], (2, 3)),
        (("then", "while"), [(0, 9), (2, 3)], (2, 3)),
        # Neither is about the other.
        (("then", "with"), [(2, 4), (3, 7)], (2, 7)),
        (("then", "with"), [(2, 3), (5, 6)], (2, 6)),
        # One after the other is another matter: the first may go on.
        (("then", "then"), [(0, 9), (4, 5)], (0, 9)),
        (("then", "with", "then"), [(2, 3), (0, 8), (6, 7)], (2, 7)),
        # Two of one length, about each other.
        (("then", "with"), [(2, 3), (2, 3)], (2, 3)),
    ],
)
def test_the_moment_of_what_is_heard_together(links, places, wanted):
    assert span(links, [Place(start, end, 1.0) for start, end in places]) == wanted
