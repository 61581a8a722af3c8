import numpy as np
import pytest

from earmark.scenes.cuts import Cut, cut, frame_levels, trim

RATE = 1000


def levels(*runs):
    """Build frame levels of runs of (seconds, power)."""
    return np.concatenate([np.full(round(seconds * 100), power, float) for seconds, power in runs])


def test_frame_levels_are_mean_squares_of_ten_milliseconds():
    wave = np.repeat([0.0, 3.0, 0.0, 2.0], [10, 10, 12, 3]).astype(np.float32)

    found = frame_levels(wave, RATE)

    np.testing.assert_allclose(found, [0, 9, 0, 3 * 4 / 5])


def test_an_empty_wave_has_no_frames():
    assert len(frame_levels(np.zeros(0, np.float32), RATE)) == 0
    assert cut(np.zeros(0), longest=5) is None


def test_what_is_31_db_below_the_loudest_is_trimmed_and_29_db_stays():
    found = trim(levels((0.5, 10**-3.1), (0.2, 10**-2.9), (1, 1), (0.3, 10**-2.9), (2, 10**-3.1)))

    assert found == (50, 200)


def test_the_ring_of_a_click_is_measured_against_a_tenth_of_a_second():
    click = (0.01, 1.0)

    assert trim(levels(click, (0.3, 10**-3.9), (1, 10**-4.1))) == (0, 31)


def test_silence_has_no_cut():
    assert cut(np.zeros(300), longest=5) is None


def test_silence_around_a_sound_is_cut_off():
    assert cut(levels((0.4, 0), (1.5, 1), (0.7, 0)), longest=5) == Cut(0.4, 1.9)


def test_a_long_sound_gives_its_loudest_stretch():
    assert cut(levels((3, 1), (2, 5), (4, 2)), longest=2.5) == Cut(3.0, 5.5)


def test_a_stretch_that_ends_in_a_pause_is_trimmed_again():
    found = cut(levels((2, 9), (1, 0), (2, 1)), longest=2.6)

    assert found == Cut(0.0, 2.0)


def test_a_long_pause_ends_an_event_and_the_louder_side_stays():
    assert cut(levels((1.2, 1), (1.6, 0), (1.3, 1)), longest=9) == Cut(2.8, 4.1)
    assert cut(levels((1.2, 1), (1.4, 0), (1.3, 1)), longest=9) == Cut(0.0, 3.9)


@pytest.mark.parametrize(
    ("seconds", "repeats", "whole"),
    [(1.0, 1, 1.0), (0.99, 2, 2.23), (0.38, 2, 1.01), (0.3, 3, 1.4), (0.05, 5, 1.25)],
)
def test_a_short_sound_is_repeated_until_a_second_is_full(seconds, repeats, whole):
    found = cut(levels((0.2, 0), (round(seconds, 2), 1), (0.2, 0)), longest=5)

    assert found is not None
    assert (found.repeats, found.seconds) == (repeats, whole)
