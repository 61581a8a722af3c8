"""Sounds have the pitch, the rhythm and the colour of what they are named after."""

from __future__ import annotations

import numpy as np
import pytest

from earmark.synth import RATE, make

SEEDS = (0, 1, 2)


def test_dialling_sounds_pairs_of_a_row_and_a_column():
    wave = make("dialling", 3, seconds=3)
    tones = {697, 770, 852, 941, 1209, 1336, 1477}
    power, hertz = _spectrum(wave)

    near = np.min([np.abs(hertz - tone) for tone in tones], axis=0) < 30

    assert power[near].sum() > 0.9 * power.sum()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_busy_tone_is_on_and_off_in_equal_parts(seed):
    loud = _level(make("busy_tone", seed, seconds=8)) > -20

    assert 0.4 < loud.mean() < 0.6


@pytest.mark.parametrize("seed", SEEDS)
def test_a_tone_is_one_line(seed):
    power, hertz = _spectrum(make("tone", seed, seconds=2))
    top = hertz[np.argmax(power)]

    assert 220 <= top <= 2000
    assert power[np.abs(hertz - top) < 20].sum() > 0.99 * power.sum()


@pytest.mark.parametrize("seed", SEEDS)
def test_crickets_chirp_above_three_kilohertz(seed):
    assert _share(make("crickets", seed, seconds=4), 3000, 20_000) > 0.8


@pytest.mark.parametrize("seed", SEEDS)
def test_thunder_lies_low(seed):
    assert _share(make("thunder", seed, seconds=6), 20, 300) > 0.6


def test_a_heart_lies_lower_than_thunder():
    assert _share(make("heartbeat", 1, seconds=4), 20, 200) > 0.95


@pytest.mark.parametrize("seed", SEEDS)
def test_a_police_siren_sweeps_more_than_an_octave(seed):
    track = _pitch(make("police_siren", seed, seconds=8), 450, 1800)

    assert np.percentile(track, 95) / np.percentile(track, 5) > 1.7


@pytest.mark.parametrize("seed", SEEDS)
def test_footsteps_go_at_a_walking_pace(seed):
    assert 0.42 < _period(make("footsteps", seed, seconds=12), 0.3, 0.9) < 0.68


@pytest.mark.parametrize("seed", SEEDS)
def test_a_heart_beats_sixty_to_ninety_times_a_minute(seed):
    assert 0.6 < _period(make("heartbeat", seed, seconds=12), 0.55, 1.2) < 1.1


def test_white_noise_is_as_loud_in_every_band_and_pink_noise_in_every_octave():
    white, pink = (make(name, 1, seconds=8) for name in ("white_noise", "pink_noise"))

    assert _db(white, 1000, 2000) == pytest.approx(_db(white, 11_000, 12_000), abs=0.5)
    assert _db(pink, 250, 500) == pytest.approx(_db(pink, 4000, 8000), abs=0.7)


def test_mains_hum_holds_multiples_of_the_mains_alone():
    power, hertz = _spectrum(make("mains_hum", 2, seconds=4))
    top = hertz[np.argmax(power)]
    mains = 50 if min(top % 50, 50 - top % 50) < 1 else 60
    off = np.abs(hertz - mains * np.round(hertz / mains))

    assert power[off < 2].sum() > 0.97 * power.sum()


def test_a_foghorn_is_lower_than_a_car_horn_and_both_than_a_whistle():
    centres = [_centre(make(name, 1, seconds=3)) for name in ("ship_horn", "car_horn", "whistle")]

    assert centres == sorted(centres)


def test_heavy_rain_has_fewer_gaps_than_light_rain():
    heavy, light = (_level(make(name, 2, seconds=6)) for name in ("heavy_rain", "light_rain"))

    assert heavy.std() < light.std()


@pytest.mark.parametrize("seed", SEEDS)
def test_an_ambulance_has_two_tones(seed):
    track = _pitch(make("ambulance_siren", seed, seconds=6), 380, 1050)
    low, high = track[track < np.median([track.min(), track.max()])], track

    assert 1.2 < np.median(high[high > low.max()]) / np.median(low) < 1.5


def _spectrum(wave):
    return np.abs(np.fft.rfft(wave)) ** 2, np.fft.rfftfreq(len(wave), 1 / RATE)


def _share(wave, low, high):
    power, hertz = _spectrum(wave)
    return power[(hertz >= low) & (hertz <= high)].sum() / power.sum()


def _db(wave, low, high):
    return 10 * np.log10(_share(wave, low, high))


def _centre(wave):
    power, hertz = _spectrum(wave)
    return float((power * hertz).sum() / power.sum())


def _level(wave):
    """Read the level of every 10 ms in dB beside the loudest: [n] -> [n / 480]."""
    power = np.square(wave[: len(wave) // 480 * 480]).reshape(-1, 480).mean(axis=1)
    return 10 * np.log10(power / power.max() + 1e-9)


def _pitch(wave, low, high):
    """Follow the strongest line between two pitches: [n] -> [frames]."""
    frames = np.lib.stride_tricks.sliding_window_view(wave, 4096)[::1024] * np.hanning(4096)
    hertz = np.fft.rfftfreq(4096, 1 / RATE)
    band = (hertz > low) & (hertz < high)
    return hertz[band][np.argmax(np.abs(np.fft.rfft(frames, axis=1))[:, band], axis=1)]


def _period(wave, shortest, longest):
    """Find the seconds after which the loudness comes back: [n] -> seconds."""
    level = np.square(wave[: len(wave) // 480 * 480]).reshape(-1, 480).mean(axis=1)
    level = level - level.mean()
    back = np.correlate(level, level, mode="full")[len(level) - 1 :]
    first, last = int(shortest * 100), int(longest * 100)
    return (first + int(np.argmax(back[first:last]))) / 100
