"""Clips to tables: windows summed up, noise at its level and the same for all, short clips."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.audio.mix import power
from earmark.lab.exam.hearing import hear, shortened, waves_of, with_others, with_pink
from earmark.lab.exam.listeners import Expert
from lab.exam.made import RATE, Level, clip


def test_each_listener_gives_a_row_a_clip_in_the_order_of_the_rows(tmp_path):
    levels = (0.5, 0.125, 0.25)
    rows = [clip(tmp_path, str(n), level, "a loud sound") for n, level in enumerate(levels)]
    who = [Expert("one", Level()), Expert("half", Level(rate=RATE // 2))]

    one, half = hear(waves_of(rows), who, jobs=2)

    assert one[:, 0].tolist() == pytest.approx(levels, abs=1e-3)
    assert half[:, 0].tolist() == pytest.approx(levels, abs=0.01)


def test_a_long_clip_is_half_the_mean_and_half_the_most_of_its_stretches(tmp_path):
    who = Expert("one", Level())
    row = clip(tmp_path, "long", 0.5, "a loud sound", seconds=14)

    def fading(number, wave, rate):
        return wave * np.linspace(1, 0, len(wave), dtype=np.float32)

    (table,) = hear(waves_of([row]), [who], alter=fading)

    stretches = who.hear(fading(0, np.full(14 * RATE, 0.5, np.float32), RATE))
    assert len(stretches) == 2
    expected = (stretches.mean(axis=0) + stretches.max(axis=0)) / 2
    assert table[0].tolist() == pytest.approx(expected.tolist(), abs=1e-3)


def test_pink_noise_is_at_its_level_and_the_same_every_time():
    wave = np.full(4 * RATE, 0.1, np.float32)
    alter = with_pink(5.0, seed=3)

    noisy = alter(7, wave, RATE)

    ratio = power(wave) / power(noisy - wave)
    assert 10 * np.log10(ratio) == pytest.approx(5.0, abs=0.01)
    np.testing.assert_array_equal(noisy, with_pink(5.0, seed=3)(7, wave, RATE))
    assert not np.array_equal(noisy, alter(8, wave, RATE))
    assert not np.array_equal(noisy, with_pink(5.0, seed=4)(7, wave, RATE))


def test_another_clip_is_one_of_another_label_and_goes_round_where_it_is_short(tmp_path):
    own = clip(tmp_path, "own", 0.5, "a loud sound", seconds=2)
    same = clip(tmp_path, "same", 0.25, "a loud sound")
    other = clip(tmp_path, "other", 0.125, "a quiet sound", seconds=0.5)
    wave = np.full(2 * RATE, 0.5, np.float32)

    for seed in range(5):
        noisy = with_others([own], [own, same, other], 6.0, seed)(0, wave, RATE)

        # Only the quiet one is of another label: a level all through, 6 dB below.
        assert (noisy - wave).min() == pytest.approx(0.5 * 10 ** (-6 / 20), rel=1e-3)
        assert (noisy - wave).max() == pytest.approx(0.5 * 10 ** (-6 / 20), rel=1e-3)


def test_silence_is_heard_as_it_is():
    silence = np.zeros(RATE, np.float32)

    np.testing.assert_array_equal(with_pink(5.0, 0)(0, silence, RATE), silence)


@pytest.mark.parametrize(
    ("seconds", "expected"), [(1.0, [3, 4]), (2.0, [2, 3, 4, 5]), (9.0, [*range(8)])]
)
def test_of_a_clip_the_middle_is_left(seconds, expected):
    wave = np.arange(8, dtype=np.float32)

    assert shortened(seconds)(0, wave, 2).tolist() == expected
