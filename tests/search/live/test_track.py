"""A query that is followed over time, on curves that a person can check.

Tokens last half a second; how near each is to the query is said, and the rest of it is something
else. Windows of 5 s end every half second. The calibration gives a score of 0.3 even odds.
"""

import numpy as np
import pytest

from earmark import Model
from earmark.errors import UsageError
from earmark.library.store.contract import Tokens
from earmark.model.pool import gist
from earmark.search.confidence import LEAST, Calibration, Slopes
from earmark.search.live.track import LATE, Latest, Tracker, calibration_of
from earmark.search.question import Question, Unwanted

QUERY, OTHER, MUSIC = np.eye(3, dtype=np.float32)
EVEN = 0.3  # score
BANK = np.tile(OTHER, (8, 1))  # the query gets 0 from it, and the least spread there is
SLOPES = Slopes(base=-EVEN / LEAST, bank=1.0, library=0.0, score=0.0, size=0.0)
CALIBRATION = Calibration(True, 0.05, 0.5, {"words": SLOPES}, BANK)
TOKEN, WINDOW, HISTORY = 0.5, 5.0, 25.0


def question(*unwanted):
    return Question(QUERY, unwanted, "words", "", "", ())


class Sound:
    """Events, each from one time to another with a height, over nothing."""

    def __init__(self, seconds, *events):
        self.times = TOKEN * np.arange(round(seconds / TOKEN))[:, None] + [[0.0, TOKEN]]
        heights = np.zeros((len(self.times), 2))  # of the query, of music
        for start, end, *height in events:
            inside = (self.times[:, 0] >= start) & (self.times[:, 1] <= end)
            heights[inside, : len(height)] = height
        rest = np.sqrt(1 - np.square(heights).sum(axis=1))
        self.tokens = np.stack([heights[:, 0], rest, heights[:, 1]], axis=1).astype(np.float32)

    def until(self, now):
        known = (self.times[:, 1] <= now) & (self.times[:, 0] >= now - HISTORY)
        return Tokens(self.tokens[known], np.ones(known.sum(), np.float32), self.times[known])

    def latest(self, now):
        inside = (self.times[:, 1] <= now) & (self.times[:, 0] >= now - WINDOW)
        weights = np.ones(inside.sum(), np.float32)
        return Latest(gist(self.tokens[inside], weights), max(0.0, now - WINDOW), now)


def follow(sound, *unwanted, line=0.5, ends=False):
    tracker = Tracker("it", question(*unwanted), CALIBRATION, line=line)
    nows = sound.times[:, 1][4:]  # a window is 2.5 s at least
    found = [
        tracker.look(sound.until(now), sound.latest(now), ended=ends and now == nows[-1])
        for now in nows
    ]
    return [told for told in found if told]


def spans(found):
    return [(round(one.start, 1), round(one.end, 1)) for one in found]


def test_a_moment_is_told_once_soon_after_its_end():
    (told,) = follow(Sound(40, (12, 16, 0.8)))

    assert (told.query, told.start) == ("it", pytest.approx(12.0, abs=0.05))
    assert told.end == pytest.approx(16.0, abs=0.3)
    assert 0.5 <= told.told - told.end <= LATE
    assert told.told == 17.0


def test_confidence_is_that_of_the_best_window():
    (told,) = follow(Sound(40, (10, 13, 0.8)))

    # Six of ten tokens have 0.8 of it, and 0.6 of the other: 4.8 against 3.6 + 4.
    score = 4.8 / np.hypot(4.8, 7.6)
    assert told.score == pytest.approx(score, rel=1e-6)
    assert told.confidence == pytest.approx(1 / (1 + np.exp((EVEN - score) / LEAST)), rel=1e-4)


def test_what_is_not_likely_enough_is_not_told():
    faint = Sound(40, (10, 13, 0.4))

    assert follow(faint) == []
    assert len(follow(faint, line=0.2)) == 1


def test_a_moment_of_minutes_keeps_its_beginning():
    (told,) = follow(Sound(150, (10, 130, 0.7)))

    assert told.start == pytest.approx(10.0, abs=0.05)
    assert told.end == pytest.approx(130.0, abs=0.3)


def test_a_gap_under_half_a_second_is_none_and_a_pause_is_one():
    assert len(follow(Sound(40, (10, 12, 0.8), (12.5, 15, 0.8)))) == 1
    assert spans(follow(Sound(40, (8, 11, 0.8), (16, 19, 0.8)))) == [(8.0, 11.0), (16.0, 19.0)]


def test_a_tail_is_no_moment_of_its_own():
    assert len(follow(Sound(40, (10, 13, 0.9), (13, 15, 0.4)))) == 1


def test_the_level_holds_while_windows_reach_back_and_no_longer():
    soon = Sound(60, (10, 13, 0.9), (15, 19, 0.44))
    later = Sound(60, (10, 13, 0.9), (30, 34, 0.44))

    assert spans(follow(soon)) == [(10.0, 13.0)]
    assert [start for start, _ in spans(follow(later))] == [10.0, 30.0]


def test_a_moment_owes_nothing_to_windows_of_the_one_before():
    first, second = follow(Sound(40, (10, 13, 0.9), (14.5, 15.5, 0.9)))

    # Windows from 11 s on count for the second: six tokens, as the first has. From 10 s: seven.
    assert second.score == pytest.approx(first.score, rel=1e-6)


@pytest.mark.parametrize(("until", "found"), [(12.5, []), (15.0, [(12.1, 15.0)])])
def test_what_is_heard_anew_of_a_moment_is_a_tail_or_goes_on(until, found):
    before, after = Sound(40, (10, 12, 0.8)), Sound(40, (10, until, 0.8))
    tracker, told = Tracker("it", question(), CALIBRATION, line=0.5), []
    for now in before.times[:, 1][4:]:
        sound = after if told else before
        told += [one] if (one := tracker.look(sound.until(now), sound.latest(now))) else []

    assert spans(told[:1]) == [(9.9, 12.1)]
    assert spans(told[1:]) == [
        (pytest.approx(a, abs=0.2), pytest.approx(b, abs=0.3)) for a, b in found
    ]


def test_what_is_unwanted_takes_the_confidence_away():
    music = Unwanted("music", 1.0, MUSIC)
    sound = Sound(60, (10, 13, 0.7, 0.7), (30, 33, 0.7, 0.0))

    assert len(follow(sound)) == 2
    assert [start for start, _ in spans(follow(sound, music))] == [30.0]


def test_a_little_of_what_is_unwanted_takes_a_part_of_the_confidence():
    (told,) = follow(Sound(40, (10, 13, 0.7, 0.4)), Unwanted("music", 0.5, MUSIC))

    # Six of ten tokens: 4.2 of it, 2.4 of the music, 6 times the root of 0.35 and 4 of the rest.
    whole = np.linalg.norm([4.2, 2.4, 6 * np.sqrt(0.35) + 4])
    right, wrong = (1 / (1 + np.exp((EVEN - one / whole) / LEAST)) for one in (4.2, 2.4))
    assert told.confidence == pytest.approx(right * (1 - wrong) ** 0.5, rel=1e-4)
    assert told.score == pytest.approx(4.2 / whole, rel=1e-6)


def test_what_goes_on_ends_with_the_sound():
    sound = Sound(15, (12, 15, 0.8))

    assert follow(sound) == []
    (told,) = follow(sound, ends=True)
    assert told.end == told.told == 15.0


@pytest.mark.parametrize(("sure_at", "count"), [(14.0, 1), (15.5, 0)])
def test_what_becomes_likely_too_late_is_left_out(sure_at, count):
    sound, tracker = Sound(30, (10, 13, 0.8)), Tracker("it", question(), CALIBRATION, line=0.5)
    found = []
    for now in sound.times[:, 1][4:]:
        vector = QUERY if now == sure_at else OTHER
        latest = Latest(vector, max(0.0, now - WINDOW), now)
        found += [told] if (told := tracker.look(sound.until(now), latest)) else []

    assert len(found) == count


def test_a_model_that_is_not_calibrated_is_refused(monkeypatch):
    plain = Calibration(False, 0.0, 0.5, {}, None)
    monkeypatch.setattr(Calibration, "of", lambda model: plain)

    with pytest.raises(UsageError, match="'earmark-small' is not calibrated"):
        calibration_of(Model.load())
