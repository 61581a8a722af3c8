import numpy as np
import pytest

from earmark.lab.sounds.codec import CODECS, through_codec

RATE = 32_000


def bands(wave):
    """Level of each octave from 250 Hz to 2 kHz, in dB."""
    power = np.abs(np.fft.rfft(wave)) ** 2
    hertz = np.fft.rfftfreq(len(wave), 1 / RATE)
    edges = [250, 500, 1000, 2000]
    return [10 * np.log10(power[(hertz >= low) & (hertz < 2 * low)].sum()) for low in edges[:-1]]


def sound(seconds):
    """Noise with more low than high, whose loudness wanders: -> [samples]."""
    rng = np.random.default_rng(1)
    count = round(seconds * RATE)
    white = np.fft.rfft(rng.standard_normal(count))
    pink = np.fft.irfft(white / np.sqrt(1 + np.arange(len(white))), count)
    return (0.5 * pink / np.abs(pink).max()).astype(np.float32)


@pytest.mark.parametrize("name", CODECS)
def test_a_sound_comes_back_as_long_as_it_was_and_with_its_spectrum(name):
    wave = sound(1.5)

    heard = through_codec(wave, RATE, name)

    assert heard.shape == wave.shape
    assert heard.dtype == np.float32
    np.testing.assert_allclose(bands(heard), bands(wave), atol=2.0)
    assert np.abs(heard - wave).max() > 1e-3


@pytest.mark.parametrize("samples", [1600, 1601, 4801])
@pytest.mark.parametrize("name", CODECS)
def test_a_short_sound_comes_back_whole_too(name, samples):
    wave = sound(1.5)[:samples]

    heard = through_codec(wave, RATE, name)

    assert heard.shape == (samples,)
    assert np.isfinite(heard).all()
    assert np.abs(heard).max() > 0.2 * np.abs(wave).max()


@pytest.mark.parametrize("name", CODECS)
def test_what_comes_back_lies_where_it_was(name):
    wave = np.zeros(RATE, np.float32)
    wave[16_000:19_200] = sound(0.1)

    heard = through_codec(wave, RATE, name)

    late = np.correlate(heard, wave, "same").argmax() - len(wave) // 2
    assert abs(late) < 0.03 * RATE


def test_a_phone_has_nothing_above_four_kilohertz():
    white = np.random.default_rng(1).uniform(-0.5, 0.5, RATE).astype(np.float32)

    heard = through_codec(white, RATE, "phone")

    power = np.abs(np.fft.rfft(heard)) ** 2
    assert power[4_200:].sum() < 1e-3 * power[:3_400].sum()
