"""Hits as files: what is in them, how they are called, and that none is lost to another."""

from datetime import UTC, datetime

import numpy as np
import pytest

from earmark.audio.read import read
from earmark.audio.tags import read_tags
from earmark.errors import AudioError
from earmark.search.live.keep import RING, Keeper
from earmark.search.live.track import Told

RATE = 8000
BEGAN = datetime(2026, 3, 1, 7, 8, 9, 450_000, tzinfo=UTC)


def told(start, end, at, query="a dog: bark/woof - rain"):
    return Told(query=query, start=start, end=end, told=at, score=0.4, confidence=0.876)


def ramp(seconds):
    """A sound whose samples tell their time."""
    return (np.arange(seconds * RATE) / (100 * RATE)).astype(np.float32)


@pytest.fixture
def keeper(tmp_path):
    made = Keeper(tmp_path, rate=RATE)
    made.add(ramp(20))
    return made


def times(path):
    """From when to when a kept file is, by its samples."""
    wave = read(path)
    assert np.all(np.diff(wave) > -1e-4)
    return 100 * float(wave[0]), 100 * float(wave[-1])


def test_a_hit_is_kept_from_two_seconds_before_it_until_it_was_told(keeper):
    path = keeper.keep(told(10.0, 12.5, 13.4), BEGAN)

    assert path.name == "20260301-070809.4 a dog bark woof rain.flac"
    assert times(path) == pytest.approx((8.0, 13.4), abs=0.01)


def test_a_hit_near_the_beginning_has_less_before_it(keeper):
    assert times(keeper.keep(told(0.5, 1.0, 2.0), BEGAN)) == pytest.approx((0.0, 2.0), abs=0.01)


def test_of_a_long_hit_the_last_minute_is_kept(keeper):
    keeper.add(ramp(100)[20 * RATE :])

    found = times(keeper.keep(told(10.0, 99.0, 99.5), BEGAN))

    assert found == pytest.approx((100 - RING, 99.5), abs=0.01)


def test_a_file_says_what_was_heard_and_when(keeper):
    tags = read_tags(keeper.keep(told(10.0, 12.5, 13.4), BEGAN))

    assert tags.title == tags.description == "a dog: bark/woof - rain"
    assert tags.comment == "heard from 10.0 to 12.5 s of listening, confidence 0.88"
    assert tags.date == "2026-03-01T07:08:09+00:00"


def test_nothing_is_written_over(keeper, tmp_path):
    one = keeper.keep(told(10.0, 12.5, 13.4), BEGAN)
    before = one.read_bytes()
    other = keeper.keep(told(3.0, 4.0, 5.0), BEGAN)

    assert other.name == "20260301-070809.4 a dog bark woof rain 2.flac"
    assert one.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == [other, one]


def test_a_sound_beyond_full_scale_is_kept(tmp_path):
    keeper = Keeper(tmp_path, rate=RATE)
    keeper.add(np.full(4 * RATE, 3.0, np.float32))

    assert read(keeper.keep(told(1.0, 2.0, 3.0), BEGAN)).max() == pytest.approx(1.0, abs=1e-3)


def test_a_query_of_signs_alone_still_has_a_name(keeper):
    assert keeper.keep(told(1.0, 2.0, 3.0, "?!"), BEGAN).name.endswith(" sound.flac")
    assert len(keeper.keep(told(1.0, 2.0, 3.0, "ah " * 99), BEGAN).name) < 100


def test_a_folder_that_has_gone_is_told(keeper, tmp_path):
    tmp_path.rmdir()

    with pytest.raises(AudioError, match="could not be written"):
        keeper.keep(told(1.0, 2.0, 3.0), BEGAN)


def test_hours_take_no_more_room_than_a_minute(tmp_path):
    keeper = Keeper(tmp_path, rate=RATE)
    for _ in range(120):
        keeper.add(np.zeros(60 * RATE, np.float32))

    assert keeper._ring._wave.nbytes == 4 * RING * RATE
