"""Things happen when they should."""

from __future__ import annotations

import numpy as np
import pytest

from earmark.synth.kind import RATE
from earmark.synth.timing import add, at_times, beats, envelope, pluck, pulses, repeat, shower

CLICK = np.array([1, 0.5], dtype=np.float32)


def test_an_envelope_goes_straight_through_its_points():
    level = envelope(4, [(0, 0), (2 / RATE, 1), (3 / RATE, 0.25)])

    np.testing.assert_allclose(level, [0, 0.5, 1, 0.25])


def test_a_pluck_rises_and_has_fallen_by_sixty_decibels_after_its_decay():
    level = pluck(RATE, 0.1, 0.5)

    assert level[0] == 0
    assert level[4800] == 1
    # The last bit of a logarithm differs from processor to processor.
    assert 20 * np.log10(level[4800 + 24_000]) == pytest.approx(-6.9 * 20 / np.log(10), rel=1e-6)


def test_what_lies_outside_the_time_line_is_left_out():
    out = np.zeros(3, dtype=np.float32)

    add(out, -1 / RATE, np.array([9, 1, 2], dtype=np.float32))
    add(out, 2 / RATE, np.array([4, 9], dtype=np.float32))

    np.testing.assert_array_equal(out, [1, 2, 4])


def test_sounds_stand_at_their_times():
    wave = at_times(6, [1 / RATE, 4 / RATE], lambda: CLICK)

    np.testing.assert_array_equal(wave, [0, 1, 0.5, 0, 1, 0.5])


def test_a_pulse_falls_on_every_period():
    wave = pulses(np.random.default_rng(0), np.full(RATE, 40.0), 0.0, [CLICK])
    at = np.flatnonzero(wave == 1)

    assert len(at) == 40
    assert set(np.diff(at)) <= {1199, 1200, 1201}


def test_beats_without_jitter_are_even():
    gaps = np.diff(beats(np.random.default_rng(1), 10 * RATE, 0.3))

    np.testing.assert_allclose(gaps, 0.3)


def test_a_phrase_is_repeated_only_where_it_fits():
    phrase = np.ones(RATE, dtype=np.float32)
    wave = repeat(np.random.default_rng(2), int(3.2 * RATE), (0.5, 0.5), lambda: phrase)

    loud = np.flatnonzero(np.diff(wave > 0.5, prepend=False, append=False))

    assert list(np.diff(loud)) == [RATE, RATE // 2, RATE]


def test_a_shower_has_about_as_many_grains_as_asked():
    wave = shower(np.random.default_rng(3), 10 * RATE, 50, 0.0, [CLICK[:1]])

    assert 440 < np.abs(wave).sum() < 560
