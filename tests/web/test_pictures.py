"""Waveforms and spectrograms by hand, and whatever the blocks in which the sound came."""

import struct
import zlib

import numpy as np
import pytest

pytest.importorskip("starlette", reason="the server is an extra: pip install 'earmark[serve]'")

from earmark.web.kept import Kept
from earmark.web.peaks import peaks_of
from earmark.web.spectrogram import RULE, spectrogram
from earmark.web.work import Stop, StoppedError


def never():
    pass


def cut(wave, size):
    return [wave[at : at + size] for at in range(0, len(wave), size)]


def peaks(wave, size, points, seconds=None, rate=10):
    seconds = len(wave) / rate if seconds is None else seconds
    blocks = cut(np.array(wave, np.float32), size)
    return peaks_of(blocks, rate, start=0.0, seconds=seconds, points=points, check=never)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_peaks_by_hand(size):
    told = peaks([0.1, -0.5, 0.25, 0.75, 0.5, -0.25, 0, 0.125], size, 3)

    # 8 samples in 3 steps: sample n belongs to step 3 n // 8, so 3, 3 and 2 of them
    assert told.low.tolist() == [-0.5, -0.25, 0.0]
    assert told.high.tolist() == [0.25, 0.75, 0.125]
    assert told.step == pytest.approx(0.8 / 3)


def test_there_are_no_more_peaks_than_samples():
    assert peaks([0.5, 0.25], 1, 800).high.tolist() == [0.5, 0.25]


def test_where_no_sound_came_peaks_are_zero_and_what_is_too_much_is_left_out():
    assert peaks([0.5, 0.25], 1, 4, seconds=0.4).high.tolist() == [0.5, 0.25, 0, 0]
    assert peaks([0.5, 0.25, 1, 1], 4, 4, seconds=0.2).high.tolist() == [0.5, 0.25]


def draw(wave, size=65_536, width=60, height=48):
    blocks = cut(wave.astype(np.float32), size)
    seconds = len(wave) / RULE.rate
    return spectrogram(blocks, seconds=seconds, width=width, height=height, check=never)


def pixels(png):
    at = png.index(b"IDAT")
    size = struct.unpack(">I", png[at - 4 : at])[0]
    width, height = struct.unpack(">II", png[16:24])
    rows = np.frombuffer(zlib.decompress(png[at + 4 : at + 4 + size]), np.uint8)
    return rows.reshape(height, width + 1)[:, 1:].astype(int)


def tone(hertz, seconds):
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RULE.rate)) / RULE.rate)


def test_low_sounds_are_at_the_bottom_and_early_ones_at_the_left():
    seen = pixels(draw(np.concatenate([tone(200, 3), tone(8000, 3)])))

    low, high = seen[:, 15].argmax(), seen[:, 45].argmax()
    assert low > 40
    assert high < 12
    assert seen.max() == 255


@pytest.mark.parametrize("size", [999, 40_000, 10**6])
def test_a_spectrogram_does_not_depend_on_blocks(size):
    wave = np.random.default_rng(3).standard_normal(9 * RULE.rate) * 0.1

    assert draw(wave, size) == draw(wave)


def test_no_edge_is_seen_in_a_steady_tone():
    inside = pixels(draw(tone(1000, 20)))[:, 1:-1]

    assert (inside.max(axis=1) - inside.min(axis=1)).max() <= 3


@pytest.mark.parametrize("seconds", [0.0001, 0.01, 0.3])
def test_the_shortest_sound_has_a_spectrogram(seconds):
    assert pixels(draw(tone(1000, seconds))).shape == (48, 60)


def test_work_that_nobody_waits_for_draws_no_further():
    stop, drawn = Stop(60.0), []

    def blocks():
        for number in range(9):
            drawn.append(number)
            if number == 3:
                stop.set()
            yield np.zeros(100, np.float32)

    with pytest.raises(StoppedError):
        spectrogram(blocks(), seconds=1.0, width=9, height=16, check=stop.check)
    assert drawn == [0, 1, 2, 3]


def test_the_result_that_was_asked_for_longest_ago_goes_first():
    kept, made = Kept(2), []

    def get(key):
        return kept.get(key, lambda: made.append(key) or key.upper())

    assert [get(key) for key in "abaca"] == ["A", "B", "A", "C", "A"]
    assert made == ["a", "b", "c"]
    get("b")
    assert made == ["a", "b", "c", "b"]
