"""Judgements find their recordings again, and say which they cannot find."""

from pathlib import Path

import pytest

from earmark.search.judged.contents import Contents, settle
from earmark.types import Moment
from search.judged.fakes import digest, judgement, labels, recording, shelf

HEARD = Moment(0.0, 5.0)


def lost(settled):
    return {reason: [one.path for one in some] for reason, some in settled.lost.items() if some}


def test_a_moved_file_is_found_by_its_content():
    home = Contents([recording("new/place.wav", content=digest("a.wav"))])

    found = settle(labels(judgement("a.wav", True)), home)

    assert found.queries["rain"].verdict(digest("a.wav"), HEARD) is True
    assert lost(found) == {}


def test_another_file_at_the_old_path_is_not_taken_for_it():
    home = Contents([recording("a.wav", content=digest("other"))])

    found = settle(labels(judgement("a.wav", True)), home)

    assert lost(found) == {"changed": ["a.wav"]}
    assert found.queries["rain"].said == {}


def test_what_is_gone_is_told():
    home = Contents([*shelf(["b.wav"]), recording("a.wav", heard=False)])

    found = settle(labels(judgement("a.wav", True), judgement("b.wav", False)), home)

    assert lost(found) == {"gone": ["a.wav"]}
    assert found.queries["rain"].wanted == frozenset()


@pytest.mark.parametrize("path", ["in/a.wav", "/sounds/in/a.wav"])
def test_without_content_the_path_counts_from_its_root_or_in_full(path):
    home = Contents(shelf(["in/a.wav", "a.wav"]))

    found = settle(labels(judgement(path, True, content="")), home)

    assert found.queries["rain"].wanted == {digest("in/a.wav")}


def test_a_path_of_two_folders_is_unclear_unless_both_have_the_same_bytes():
    other = recording("a.wav", root=Path("/more"), content=digest("other"))
    copy = recording("a.wav", root=Path("/more"), content=digest("a.wav"))
    said = labels(judgement("a.wav", True, content=""))

    assert lost(settle(said, Contents([*shelf(["a.wav"]), other]))) == {"unclear": ["a.wav"]}
    assert lost(settle(said, Contents([*shelf(["a.wav"]), copy]))) == {}


def test_what_another_library_has_not_heard_is_left_out_of_both():
    home, other = Contents(shelf(["a.wav", "b.wav"])), Contents(shelf(["b.wav"]))

    found = settle(labels(judgement("a.wav", True), judgement("b.wav", True)), home, [other])

    assert lost(found) == {"unheard": ["a.wav"]}
    assert found.queries["rain"].wanted == {digest("b.wav")}


def test_a_judgement_by_path_and_one_by_content_are_of_one_recording():
    home = Contents(shelf(["a.wav"]))
    said = labels(judgement("old/a.wav", True, content=digest("a.wav")),
                  judgement("a.wav", False, content=""))  # fmt: skip

    assert settle(said, home).queries["rain"].wanted == frozenset()


def test_a_moment_speaks_of_what_meets_it_and_of_nothing_else():
    home = Contents(shelf(["long.wav"], seconds=3600.0))
    said = labels(
        judgement("long.wav", True, at=(100, 110)), judgement("long.wav", False, at=(200, 210))
    )
    judged = settle(said, home).queries["rain"]

    verdicts = [judged.verdict(digest("long.wav"), Moment(at, at + 10)) for at in (104, 196, 150)]

    assert verdicts == [True, False, None]
    assert judged.wanted == {digest("long.wav")}


def test_a_moment_that_is_judged_after_the_whole_counts_there():
    home = Contents(shelf(["long.wav"]))
    said = labels(judgement("long.wav", False), judgement("long.wav", True, at=(100, 110)))
    judged = settle(said, home).queries["rain"]

    assert judged.verdict(digest("long.wav"), Moment(100, 110)) is True
    assert judged.verdict(digest("long.wav"), Moment(0, 10)) is False


def test_queries_are_apart_and_one_without_judgements_is_kept():
    home = Contents(shelf(["a.wav"]))

    found = settle(labels(judgement("a.wav", True), more=("wind",)), home)

    assert list(found.queries) == ["rain", "wind"]
    assert found.queries["wind"].verdict(digest("a.wav"), HEARD) is None
