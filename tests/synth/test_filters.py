"""Filters do what a slower, plainer one does."""

from __future__ import annotations

import numpy as np
import pytest

from earmark.synth import filters
from earmark.synth.filters import convolve, peak, sculpt, shape
from earmark.synth.kind import RATE
from earmark.synth.noise import gain, shaped, wander
from earmark.synth.tones import buzz, ring, sine, steady


@pytest.mark.parametrize("block", [1 << 20, 700])
def test_convolving_in_blocks_is_plain_convolution(block, monkeypatch):
    monkeypatch.setattr(filters, "_BLOCK", block)
    rng = np.random.default_rng(0)
    wave, response = (rng.standard_normal(n).astype(np.float32) for n in (2000, 130))

    got = convolve(wave, response)

    np.testing.assert_allclose(got, np.convolve(wave, response)[:2000], atol=1e-4)


def test_a_curve_is_straight_over_the_logarithm_of_frequency():
    level = gain([(100, 0), (400, -12)], np.array([10.0, 100.0, 200.0, 800.0]))

    np.testing.assert_allclose(20 * np.log10(level[1:]), [0, -6, -12], atol=1e-4)
    assert level[0] == 0


def test_shaping_turns_a_sine_down_by_its_place_on_the_curve():
    wave = sine(steady(RATE, 1000))

    softer = shape(wave, [(500, 0), (1000, -20), (2000, 0)])

    middle = slice(RATE // 4, 3 * RATE // 4)
    assert np.std(softer[middle]) / np.std(wave[middle]) == pytest.approx(0.1, rel=0.05)


def test_noise_has_the_loudness_of_one():
    noise = shaped(np.random.default_rng(1), RATE, [(100, 0), (1000, -20)])

    assert np.std(noise) == pytest.approx(1, rel=0.05)


def test_a_wandering_curve_is_slow_and_of_deviation_one():
    curve = wander(np.random.default_rng(2), 60 * RATE, 5)

    assert 0.5 < curve.std() < 1
    assert np.abs(np.diff(curve)).max() < 1e-3


def test_a_spectrum_that_does_not_move_leaves_a_wave_alone():
    wave = sine(steady(RATE // 2, 440))

    same = sculpt(wave, lambda times, hertz: np.ones((len(times), len(hertz))))

    np.testing.assert_allclose(same, wave, atol=1e-5)


def test_a_resonance_is_down_by_three_decibels_at_half_its_width():
    level = peak(np.array([900.0, 1000.0, 1050.0]), 1000, 100)

    np.testing.assert_allclose(level, [1 / np.sqrt(5), 1, 1 / np.sqrt(2)])


def test_a_buzz_has_its_harmonics_and_none_above_the_band():
    wave = buzz(np.random.default_rng(3), steady(RATE, 6000), [1.0, 0.5, 0.25, 0.125])
    power = np.abs(np.fft.rfft(wave)) / (RATE / 2)

    np.testing.assert_allclose(power[[6000, 12_000, 18_000]], [1, 0.5, 0.25], rtol=0.01)
    assert power[24_000] < 0.01


def test_a_struck_body_has_faded_by_sixty_decibels_in_its_time():
    wave = ring(RATE, [1000], [0.5], np.array([1.0]))

    assert np.abs(wave[:100]).max() > 0.9
    assert np.abs(wave[RATE // 2 : RATE // 2 + 100]).max() == pytest.approx(1e-3, rel=0.1)
