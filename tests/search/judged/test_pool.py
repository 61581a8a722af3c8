"""Hits of several systems as one list to judge."""

from earmark.search.judged.contents import Contents, settle
from earmark.search.judged.pool import pool, unjudged
from earmark.types import Moment
from search.judged.fakes import digest, judgement, labels, recording, shelf, system

NAMES = ["a.wav", "b.wav", "c.wav", "d.wav", "e.wav"]
HOME = shelf(NAMES)


def names(shown):
    return [one.recording.place.path for one in shown]


def test_systems_put_their_hits_in_by_turns_and_each_stands_there_once():
    one = system({"rain": ["a.wav", "b.wav", "c.wav"]}, HOME)
    other = system({"rain": ["d.wav", "a.wav", "e.wav"]}, HOME)

    assert names(pool([one, other], "rain", depth=2)) == ["a.wav", "d.wav", "b.wav"]
    assert names(pool([one], "rain", depth=3)) == ["a.wav", "b.wav", "c.wav"]


def test_hits_below_the_line_are_judged_as_well():
    asked = []

    pool([system({"rain": NAMES}, HOME, asked=asked)], "rain", depth=3)

    [(_, wish)] = asked
    assert (wish.limit, wish.unsure, wish.duplicates) == (3, True, False)


def test_what_was_judged_is_not_shown_again():
    one = system({"rain": ["a.wav", "b.wav", "c.wav"]}, HOME)
    judged = settle(labels(judgement("b.wav", False)), Contents(HOME)).queries["rain"]

    assert names(unjudged(pool([one], "rain"), judged)) == ["a.wav", "c.wav"]


def test_other_moments_of_a_long_recording_are_other_hits():
    home = shelf(["long.wav"], seconds=3600.0) + shelf(["short.wav"], seconds=12.0)
    one = system({"rain": [("long.wav", 0, 10), ("short.wav", 0, 3)]}, home)
    other = system({"rain": [("long.wav", 60, 70), ("short.wav", 7, 9)]}, home)

    found = pool([one, other], "rain")

    assert [(one.recording.place.path, one.hit.start) for one in found] == [
        ("long.wav", 0),
        ("long.wav", 60),
        ("short.wav", 0),
    ]


def test_what_is_kept_names_the_recording_of_the_first_library():
    own = [recording("b.wav", content=digest("a.wav"))]  # its copy lies elsewhere
    [shown] = pool([system({"rain": ["b.wav", "c.wav"]}, shelf(["a.wav"]), own=own)], "rain")

    kept = shown.judged("rain", right=True)

    assert (kept.path, kept.content, kept.moment, kept.right) == (
        "a.wav", digest("a.wav"), None, True)  # fmt: skip
    assert kept.when


def test_of_a_long_recording_the_moment_is_kept():
    home = shelf(["long.wav"], seconds=31.0)
    [shown] = pool([system({"rain": [("long.wav", 10.126, 20.0)]}, home)], "rain")

    assert shown.judged("rain", right=False).moment == Moment(10.13, 20.0)


def test_the_whole_library_is_ordered_and_copies_count_once():
    home = [*shelf(["a.wav", "b.wav"]), recording("copy.wav", content=digest("b.wav"))]
    asked = []
    one = system({"rain": ["b.wav", "a.wav", ("copy.wav", 7.0, 9.0)]}, home, asked=asked)

    found = one.whole("rain")

    assert names(found) == ["b.wav", "a.wav"]
    assert found[0].hit.start == 0  # as it stands there first
    [(_, wish)] = asked
    assert (wish.limit, wish.unsure, wish.duplicates) == (100, True, True)
