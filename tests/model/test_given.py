"""What callers give is refused at the door, with what to do."""

import numpy as np
import pytest

from earmark.errors import UsageError
from earmark.model.given import as_texts, as_wave, as_waves, blocks_of, check_rate

WAVE = np.linspace(-0.5, 0.5, 30).astype(np.float32)


def refusal(call, *args):
    with pytest.raises(UsageError) as caught:
        call(*args)
    assert len(str(caught.value).splitlines()) == 2
    return str(caught.value)


@pytest.mark.parametrize(
    ("wave", "said"),
    [
        (np.zeros(0, np.float32), "the wave has no samples"),
        (np.zeros((2, 90), np.float32), "average its channels: wave.mean(axis=0)"),
        (np.zeros((90, 2), np.float32), "average its channels: wave.mean(axis=1)"),
        (np.zeros((3, 2, 90), np.float32), "has the shape (3, 2, 90)"),
        (np.float32(0.5), "has the shape ()"),
        (np.array([0, np.nan]), "holds NaN or infinity"),
        (np.array([np.nan, 9e9]), "holds NaN or infinity"),
        (np.array([0, -np.inf]), "holds NaN or infinity"),
        (np.array([0, 12_000], np.int16), "divide it by 32768"),
        (np.array([0, 12_000], np.int32), "divide it by 2147483648"),
        (np.array([0, 200], np.uint8), "holds uint8\ngive floats"),
        (np.array([0, 1j]), "holds complex128"),
        (np.array(["a"]), "holds <U1"),
        (np.array([0.0, -12_000.0]), "reaches 12000, and full scale is 1"),
    ],
)
def test_what_is_no_wave_is_refused(wave, said):
    assert said in refusal(as_wave, wave)


def test_a_wave_of_several_is_named_by_its_number():
    assert "wave 1 has no samples" in refusal(as_waves, [WAVE, WAVE[:0]])
    assert "wave 0 has the shape ()" in refusal(as_waves, WAVE.tolist())


def test_one_wave_or_several():
    assert [len(wave) for wave in as_waves(WAVE)] == [30]
    assert [len(wave) for wave in as_waves([WAVE, WAVE[:7].astype(np.float64)])] == [30, 7]
    assert {wave.dtype.name for wave in as_waves([WAVE, WAVE.astype(np.float16)])} == {"float32"}
    assert as_waves([]) == []


def test_samples_a_little_over_full_scale_are_sound():
    assert as_wave(4 * WAVE).max() == 2


@pytest.mark.parametrize("rate", [0, -8000, 0.5, 44_100.5, float("nan"), float("inf"), 10**12])
def test_a_rate_that_is_none_is_refused(rate):
    assert f"a rate of {rate} Hz" in refusal(check_rate, rate)


def test_a_rate_may_come_as_any_number():
    assert check_rate(np.int64(8000)) == check_rate(8000.0) == 8000


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ("", "text 0 is empty"),
        (["rain", " \n"], "text 1 is empty"),
        (["rain", None], "text 1 is a NoneType, not text"),
        ([b"rain"], "text 0 is a bytes, not text"),
        (["rain", "a \ud83d dog"], "text 1 holds half a letter"),
    ],
)
def test_what_is_no_text_is_refused(texts, said):
    assert said in refusal(as_texts, texts)


def test_one_text_or_several():
    assert as_texts("rain") == ["rain"]
    assert as_texts(("rain", "Hagel 🌧")) == ["rain", "Hagel 🌧"]
    assert as_texts([]) == []


def test_a_wave_becomes_blocks_of_the_same_sound():
    wave = np.random.default_rng(0).uniform(-1, 1, 200_000).astype(np.float32)

    assert np.array_equal(np.concatenate(list(blocks_of(wave, 8000, 8000))), wave)
    assert sum(map(len, blocks_of(wave, 16_000, 8000))) == 100_000
