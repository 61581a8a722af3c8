"""The levels of a mixture are what was asked for."""

import numpy as np
import pytest

from earmark.audio.mix import active, decibels, mix, noise_gain, power

RATE = 1000


def test_power_and_level_by_hand():
    wave = np.array([0.5, -0.5, 0, 0], dtype=np.float32)  # (0.25 + 0.25) / 4

    assert power(wave) == 0.125
    assert decibels(0.125) == pytest.approx(-9.0309)


def test_silence_has_no_level():
    assert decibels(power(np.zeros(3, np.float32))) == -np.inf
    assert power(np.zeros(0, np.float32)) == 0


def test_a_sound_is_active_only_where_it_sounds():
    wave = np.zeros(100, np.float32)
    wave[30:40] = 0.5  # inside the second frame of 25 samples

    assert np.flatnonzero(active(wave, RATE)).tolist() == list(range(25, 50))


def test_the_noise_gain_by_hand():
    sound = np.full(50, 0.4, np.float32)  # power 0.16
    noise = np.full(50, 0.1, np.float32)  # power 0.01; 6 dB below 0.16 is 0.16 / 3.981

    assert noise_gain(sound, noise, 6.0, rate=RATE) == pytest.approx(2.00475, rel=1e-4)


@pytest.mark.parametrize("snr_db", [20, 5, 0, -7.5])
def test_the_ratio_is_exact_however_much_silence_surrounds_the_sound(snr_db):
    rng = np.random.default_rng(1)
    noise = rng.standard_normal(4000).astype(np.float32)
    sound = np.zeros(4000, np.float32)
    sound[1000:1500] = 0.1 * rng.standard_normal(500).astype(np.float32)

    rest = mix(sound, noise, snr_db, rate=RATE) - sound
    measured = decibels(power(sound[1000:1500])) - decibels(power(rest))

    assert measured == pytest.approx(snr_db, abs=1e-3)


def test_a_ratio_to_silence_is_refused():
    tone, nothing = np.ones(10, np.float32), np.zeros(10, np.float32)

    with pytest.raises(ValueError, match="the noise is silent"):
        mix(tone, nothing, 5, rate=RATE)
    with pytest.raises(ValueError, match="the sound is silent"):
        mix(nothing, tone, 5, rate=RATE)


def test_unequal_lengths_are_refused():
    with pytest.raises(ValueError, match="10 samples but the noise has 9"):
        mix(np.ones(10, np.float32), np.ones(9, np.float32), 5, rate=RATE)
