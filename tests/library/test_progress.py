"""`library/progress.py`: how far a run has come, worked out by hand."""

from pathlib import Path

import pytest

from earmark.library.hear import Hearing, Looked, Outcome
from earmark.library.nouns import Found, Place, Said
from earmark.library.packed import Part, pack_parts
from earmark.library.progress import Progress, Tally
from library.founds import stretch


def file(name, size):
    return Found(Place(Path("/sounds"), name), size, 7)


A, B, C = file("a", 100), file("b", 300), file("c", 50)
PACKED = pack_parts([Part.of(stretch(0, 4, 1))], 4.0, 2.0, 1.0)


def hearing(found, claimed, reached=0.0):
    made = Hearing(Looked(found, found.place.path, Said()))
    made.claimed, made.reached = claimed, reached
    return made


def at(tally):
    now = tally.progress()
    return now.files_done, now.seconds_done, now.seconds_total


def test_nothing_is_known_before_the_first_file():
    now = Tally([A, B, C]).progress()
    assert (now.files_done, now.files_total, now.seconds_done) == (0, 3, 0.0)
    assert now.seconds_total is None
    assert now.left is None


def test_a_long_file_is_counted_while_it_is_heard():
    tally = Tally([A, B, C])
    tally.start(hearing(B, claimed=60.0, reached=12.0))
    # B lasts 0.2 s a byte, and so may the other 150 bytes.
    assert at(tally) == (0, 12.0, pytest.approx(90.0))


def test_a_file_whose_header_says_nothing_counts_for_its_size():
    tally = Tally([A, B])
    tally.start(hearing(A, claimed=None, reached=3.0))
    assert at(tally) == (0, 3.0, None)
    tally.start(hearing(B, claimed=30.0))
    assert at(tally) == (0, 3.0, pytest.approx(40.0))


def test_a_file_that_is_longer_than_its_header_says_is_believed():
    tally = Tally([A])
    tally.start(hearing(A, claimed=5.0, reached=8.0))
    assert at(tally) == (0, 8.0, 8.0)


def test_files_that_were_not_heard_say_nothing_about_the_others():
    tally = Tally([A, B, C])
    tally.start(hearing(A, claimed=9.0, reached=9.0))
    tally.finish(Outcome(found=A, seconds=10.0, packed=PACKED))
    assert at(tally) == (1, 10.0, pytest.approx(45.0))  # 0.1 s a byte
    tally.finish(Outcome(found=B))
    assert at(tally) == (2, 10.0, pytest.approx(15.0))
    tally.start(hearing(C, claimed=7.0, reached=3.0))
    tally.finish(Outcome(found=C, reason="damaged"))
    assert at(tally) == (3, 10.0, 10.0)
    assert tally.left == 0


def test_speed_and_time_left_follow_from_what_is_done():
    now = Progress(
        files_done=1, files_total=4, seconds_done=300.0, seconds_total=1500.0, began=7.0, took=2.5
    )
    assert now.speed == 120.0
    assert now.left == 10.0


def test_at_the_end_nothing_is_left():
    now = Progress(
        files_done=4, files_total=4, seconds_done=0.0, seconds_total=None, began=7.0, took=0.0
    )
    assert (now.speed, now.left) == (0.0, 0.0)
