"""`library/watch.py`: how often it looks, and which files it holds back."""

from itertools import islice
from pathlib import Path

import pytest

from earmark.errors import UsageError
from earmark.library.nouns import Found, Place, Report
from earmark.library.watch import Settled, watch


class Clock:
    """Stands in for an event that nobody sets before `until` seconds; nothing is waited for."""

    def __init__(self, until=float("inf")):
        self.now, self.until = 0.0, until

    def is_set(self):
        return self.now >= self.until

    def wait(self, seconds):
        self.now += seconds
        return self.is_set()


def file(name, size=100, mtime=7):
    return Found(Place(Path("/sounds"), name), size, mtime)


def starts(reports, **options):
    """When each look began, if looking itself took no time."""
    clock, found, left = Clock(), [], iter(reports)

    def index():
        found.append(clock.now)
        return next(left)

    list(islice(watch(index, stop=clock, **options), len(reports)))
    return found


def test_it_looks_again_after_the_pause():
    assert starts([Report(), Report(), Report()], pause=3.25) == [0, 3.25, 6.5]


def test_the_pause_is_nine_times_as_long_as_a_look_that_found_nothing():
    assert starts([Report(took=4.0), Report(took=0.5), Report()], pause=2.0) == [0, 36, 40.5]


def test_no_pause_is_longer_than_ten_minutes_unless_it_is_asked_for():
    assert starts([Report(took=100.0), Report()]) == [0, 600]
    assert starts([Report(took=1.0), Report()], pause=700.0) == [0, 700]


@pytest.mark.parametrize("work", ["indexed", "moved", "copied"])
def test_the_time_that_hearing_took_makes_no_pause_longer(work):
    busy = Report(took=3000.0, **{work: 1})
    assert starts([Report(took=1.0), busy, Report()], pause=2.0) == [0, 9, 18]


def test_it_ends_when_it_is_told_to():
    looks = []
    assert list(watch(lambda: looks.append(1) or Report(), pause=2.0, stop=Clock(until=5)))
    assert len(looks) == 3  # at 0, 2 and 4


def test_a_stop_in_the_middle_of_a_pause_is_seen_at_once():
    clock = Clock(until=3.0)
    assert len(list(watch(lambda: Report(took=50.0), stop=clock))) == 1
    assert clock.now == 3.0


def test_what_goes_wrong_in_a_look_is_not_hidden():
    def index():
        raise RuntimeError("the drive is on fire")

    with pytest.raises(RuntimeError, match="fire"):
        next(watch(index))


@pytest.mark.parametrize("pause", [0.0, -1.0, float("inf"), float("nan")])
def test_a_pause_that_is_none_is_refused(pause):
    with pytest.raises(UsageError, match="a pause of"):
        next(watch(Report, pause=pause))


def test_the_first_look_holds_nothing_back():
    settled = Settled()
    assert settled([file("a"), file("b")]) == [file("a"), file("b")]
    assert settled.waiting == 0


def test_a_new_file_is_held_back_until_it_stays_the_same():
    settled = Settled()
    settled([])
    assert settled([file("a", 100)]) == []
    assert settled([file("a", 250)]) == []  # grown
    assert settled.waiting == 1
    assert settled([file("a", 250)]) == [file("a", 250)]


def test_a_file_of_the_same_size_with_another_time_is_held_back():
    settled = Settled()
    settled([file("a", mtime=7)])
    assert settled([file("a", mtime=8)]) == []


def test_a_file_that_settles_is_not_held_back_by_one_that_grows():
    settled = Settled()
    settled([])
    settled([file("a"), file("b", 1)])
    assert settled([file("a"), file("b", 2)]) == [file("a")]
    assert settled.waiting == 1
