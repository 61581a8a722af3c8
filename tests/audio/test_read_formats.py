"""Every kind of file, read: length, pitch, level and time."""

import numpy as np
import pytest

from audio.files import KINDS, make, noise, tone
from earmark.audio.read import open_sound, read

ONSET = 0.3
CASES = [
    (kind, channels, rate)
    for kind, made in KINDS.items()
    for channels in made.channels
    for rate in made.rates
    if channels == made.channels[0] or rate == made.rates[0]
]


def the_sound(rate: int, channels: int) -> np.ndarray:
    return np.repeat(tone(0.9, rate, onset=ONSET)[:, None], channels, axis=1)


@pytest.mark.parametrize(("kind", "channels", "rate"), CASES)
def test_a_tone_keeps_its_length_pitch_level_and_time(tmp_path, kind, channels, rate):
    wave = the_sound(rate, channels)
    path = make(tmp_path, kind, wave, rate)

    heard = read(path)

    late = len(heard) / rate - 0.9
    assert -3.5e-3 <= late <= KINDS[kind].extra + 1e-3
    steady = heard[int(0.4 * rate) : int(0.8 * rate)] * np.hanning(
        int(0.8 * rate) - int(0.4 * rate)
    )
    spectrum = np.abs(np.fft.rfft(steady))
    assert np.argmax(spectrum) / 0.4 == pytest.approx(1000, abs=3)
    level = 0.5 * (KINDS[kind].level if channels == 8 else 1)
    assert spectrum.max() / len(steady) * 4 == pytest.approx(level, rel=0.06)  # LAME takes 5 % off
    assert abs(onset(heard, rate) - ONSET) < 2e-3


def onset(heard: np.ndarray, rate: int) -> float:
    """Find the shift of the tone by its best match: -> seconds."""
    wave = tone(0.9, rate, onset=ONSET)
    size = len(wave) + len(heard)
    match = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(wave, size)), size)
    shift = int(np.argmax(match))
    return ONSET + (shift - size if shift > size // 2 else shift) / rate


@pytest.mark.parametrize("kind", KINDS)
def test_the_facts_are_those_of_the_file(tmp_path, kind):
    made = KINDS[kind]
    path = make(tmp_path, kind, the_sound(made.rates[-1], made.channels[-1]), made.rates[-1])

    with open_sound(path) as sound:
        facts = sound.facts

    assert (facts.rate, facts.channels, facts.bits) == (
        made.rates[-1],
        made.channels[-1],
        made.bits,
    )
    if kind == "aac":
        assert facts.seconds is None
    else:
        assert facts.seconds == pytest.approx(0.9, abs=made.extra + 0.03)


@pytest.mark.parametrize("kind", [kind for kind, made in KINDS.items() if made.exact])
def test_a_format_that_keeps_every_sample_gives_the_mean_of_its_channels(tmp_path, kind):
    wave = noise(0.3, 44_100, channels=2)

    heard = read(make(tmp_path, kind, wave, 44_100))

    assert len(heard) == len(wave)
    assert np.abs(heard - wave.mean(axis=1)).max() <= KINDS[kind].exact


# FFmpeg leaves out the first two frames of WMA, so that it has no sound this short.
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "wma"])
def test_a_hundredth_of_a_second_is_heard(tmp_path, kind):
    made = KINDS[kind]
    rate = made.rates[-1]
    path = make(
        tmp_path, kind, np.repeat(tone(0.01, rate)[:, None], made.channels[0], axis=1), rate
    )

    with open_sound(path, rate=48_000) as sound:
        heard = np.concatenate(list(sound))

    assert 480 - 65 <= len(heard) <= 480 + 48_000 * (made.extra + 0.03)
    assert sound.warnings == []
