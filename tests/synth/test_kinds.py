"""Every kind of sound keeps the same promises; `make` keeps its own."""

from __future__ import annotations

import numpy as np
import pytest

from earmark.errors import UsageError
from earmark.synth import KINDS, RATE, make

NAMES = sorted(KINDS)
TEXTURES = [name for name in NAMES if KINDS[name].texture]
EVENTS = [name for name in NAMES if not KINDS[name].texture]
SHORT = 1.2  # seconds


@pytest.fixture(scope="module")
def draws():
    return {name: make(name, 3, seconds=SHORT) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_a_draw_is_as_long_as_asked_finite_and_float32(name, draws):
    wave = draws[name]

    assert wave.shape == (round(SHORT * RATE),)
    assert wave.dtype == np.float32
    assert np.isfinite(wave).all()


@pytest.mark.parametrize("name", NAMES)
def test_a_draw_peaks_between_a_half_and_nine_tenths(name, draws):
    assert 0.499 < np.abs(draws[name]).max() < 0.901


@pytest.mark.parametrize("name", NAMES)
def test_a_draw_has_no_offset(name, draws):
    assert abs(float(draws[name].mean(dtype=np.float64))) < 1e-3


@pytest.mark.parametrize("name", NAMES)
def test_a_draw_begins_and_ends_in_silence(name, draws):
    wave = draws[name]

    assert abs(wave[0]) < 1e-6
    assert abs(wave[-1]) < 1e-6
    assert np.abs(wave[:24]).max() < 0.3


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_makes_the_same_bytes(name):
    assert make(name, 5, seconds=0.3).tobytes() == make(name, 5, seconds=0.3).tobytes()


@pytest.mark.parametrize("name", NAMES)
def test_another_seed_makes_another_sound(name, draws):
    one, other = draws[name], make(name, 4, seconds=SHORT)

    likeness = np.abs(np.dot(one, other)) / (np.linalg.norm(one) * np.linalg.norm(other))

    assert likeness < 0.7


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_has_a_natural_length_of_its_own(name):
    shortest, longest = KINDS[name].seconds

    seconds = len(make(name, 1)) / RATE

    assert shortest <= seconds <= longest


def test_the_natural_length_is_drawn():
    lengths = {len(make("tone", seed)) for seed in range(5)}

    assert len(lengths) == 5


@pytest.mark.parametrize("name", TEXTURES)
def test_a_texture_keeps_its_level(name):
    wave = make(name, 6, seconds=6)

    thirds = [10 * np.log10(np.mean(np.square(part))) for part in np.split(wave, 3)]

    assert max(thirds) - min(thirds) < 10


@pytest.mark.parametrize("name", NAMES)
def test_a_kind_comes_with_words(name):
    kind = KINDS[name]

    assert kind.name == name
    assert kind.plain == kind.plain.lower()
    assert kind.audioset
    assert len(set(kind.phrases)) >= 4
    assert sum("ing" in phrase for phrase in kind.phrases) >= 3
    assert all(phrase == phrase.strip(" .") and phrase[0].islower() for phrase in kind.phrases)


def test_there_are_at_least_forty_kinds_with_names_of_their_own():
    assert len(KINDS) >= 40
    assert len({kind.plain for kind in KINDS.values()}) == len(KINDS)


def test_kinds_with_the_same_seed_are_not_alike():
    one, other = make("white_noise", 1, seconds=1), make("pink_noise", 1, seconds=1)

    assert abs(np.corrcoef(one, other)[0, 1]) < 0.05


@pytest.mark.parametrize("rate", [8000, 11_025, 44_100, 96_000, 192_000])
def test_any_rate_gives_the_exact_length(rate):
    wave = make("church_bell", 2, seconds=1.37, rate=rate)

    assert wave.shape == (round(1.37 * rate),)
    assert 0.499 < np.abs(wave).max() < 0.901


def test_a_lower_rate_makes_the_same_sound():
    high, low = (make("busy_tone", 2, seconds=2, rate=rate) for rate in (48_000, 8000))

    assert _loudest_hertz(low, 8000) == pytest.approx(_loudest_hertz(high, 48_000), abs=1)


def test_an_event_asked_to_be_long_repeats_without_a_copy():
    wave = make("dog_bark", 1, seconds=20)
    halves = wave[: 10 * RATE], wave[10 * RATE :]

    assert all(np.abs(half).max() > 0.2 for half in halves)
    assert _most_alike(wave) < 0.7


@pytest.mark.parametrize("seconds", [0.001, 0.02])
@pytest.mark.parametrize("name", ["dog_bark", "rooster", "wind", "speech", "footsteps"])
def test_a_sound_may_be_very_short(name, seconds):
    assert len(make(name, 1, seconds=seconds)) == round(seconds * RATE)


def test_an_unknown_kind_names_a_close_one_and_all_others():
    with pytest.raises(UsageError) as caught:
        make("dog barks", 1)

    assert caught.value.problem == "there is no kind of sound called 'dog barks'"
    assert "did you mean 'dog_bark'?" in caught.value.hint
    assert "church_bell" in caught.value.hint


@pytest.mark.parametrize(("seconds", "rate"), [(0, 48_000), (-1, 48_000), (1, 0)])
def test_no_length_at_all_is_the_callers_bug(seconds, rate):
    with pytest.raises(ValueError, match="no sample"):
        make("tone", 1, seconds=seconds, rate=rate)


def _loudest_hertz(wave, rate):
    return np.argmax(np.abs(np.fft.rfft(wave))) * rate / len(wave)


def _most_alike(wave):
    """Find the highest correlation of a wave with its own past, a second or more ago."""
    size = 2 * len(wave)
    power = np.abs(np.fft.rfft(wave, size)) ** 2
    past = np.fft.irfft(power, size)
    return float(np.abs(past[RATE : len(wave)]).max() / past[0])
