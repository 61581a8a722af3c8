"""Cuts fall in quiet places, nothing but digital silence is lost, and blocks do not matter."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earmark.audio.chunk import CutRule, Stretch, cut, cut_blocks, quiet_below, windows
from earmark.audio.mix import power
from earmark.errors import UsageError
from earmark.synth import make
from earmark.types import Moment

RATE = 1000  # a frame is 10 samples


def noise(seconds, db, seed=0):
    rng = np.random.default_rng(seed)
    return (10 ** (db / 20) * rng.standard_normal(round(seconds * RATE))).astype(np.float32)


def silence(seconds):
    return np.zeros(round(seconds * RATE), np.float32)


def at_level(wave, db):
    return wave * np.float32(10 ** (db / 20) / np.sqrt(power(wave)))


def in_blocks(wave, size):
    return (wave[first : first + size] for first in range(0, len(wave), size))


def covered(stretches, samples):
    """Which samples lie in a stretch: -> [samples]."""
    marks = np.zeros(samples, np.int64)
    for stretch in stretches:
        marks[stretch.start : stretch.stop] += 1
    return marks


def words(gaps):
    """Loud seconds with quiet gaps of 0.3 s after the given times."""
    wave = noise(gaps[-1] + 3, -20)
    for at in gaps:
        wave[round(at * RATE) : round((at + 0.3) * RATE)] = noise(0.3, -60, seed=round(at))
    return wave


def test_cuts_fall_into_the_gaps():
    stretches = cut(words([8.2, 16.5, 25.9]), RATE)

    inner = [stretch.stop / RATE for stretch in stretches[:-1]]
    assert len(inner) == 3
    assert all(gap < at < gap + 0.3 for at, gap in zip(inner, [8.2, 16.5, 25.9], strict=True))


@pytest.mark.parametrize(("long", "short"), [(7200, 8800), (8500, 7200)])
def test_of_two_gaps_the_longer_one_is_taken(long, short):
    wave = noise(12, -20)
    wave[short : short + 300] = noise(0.3, -75)
    wave[long : long + 600] = noise(0.6, -60)

    assert long < cut(wave, RATE)[0].stop < long + 600


def test_a_steady_sound_is_cut_late_and_covered_whole():
    wave = noise(65, -30)

    stretches = cut(wave, RATE)

    assert (covered(stretches, len(wave)) == 1).all()
    assert all(7000 <= s.stop - s.start <= 10_000 for s in stretches[:-1])


def test_a_sound_over_steady_rain_is_not_cut_in_two():
    wave = noise(30, -40)
    wave[9400:10_900] += noise(1.5, -28, seed=4)

    stretches = cut(wave, RATE)

    assert 9000 < stretches[0].stop <= 9400
    assert not any(9400 < stretch.stop < 10_900 for stretch in stretches)


def test_a_tail_is_never_shorter_than_a_second():
    for seconds in np.arange(9.5, 23, 0.37):
        lengths = [s.stop - s.start for s in cut(noise(seconds, -30), RATE)]
        assert min(lengths) >= 1000
        assert max(lengths) <= 10_000


def test_ten_minutes_of_quiet_rain_with_a_minute_of_loud_talk_are_covered_every_second():
    rate = 8000
    rain = at_level(make("light_rain", 1, seconds=600, rate=rate), -40)
    talk = at_level(make("speech", 1, seconds=60, rate=rate), -20)
    rain[300 * rate : 360 * rate] += talk

    assert (covered(cut(rain, rate), len(rain)) == 1).all()


@pytest.mark.parametrize("quiet_db", [-90, -200], ids=["faint noise", "digital silence"])
def test_a_lone_click_in_a_quiet_hour_is_covered(quiet_db):
    hour = noise(3600, quiet_db) if quiet_db > -150 else silence(3600)
    hour[1_234_567:1_234_587] = 0.5

    assert covered(cut(hour, RATE), len(hour))[1_234_560:1_234_600].all()


def test_only_digital_silence_is_left_out():
    wave = np.concatenate([noise(3, -30), silence(4), noise(2, -85), silence(0.8), noise(2, -30)])

    found = [stretch.moment(RATE) for stretch in cut(wave, RATE)]

    assert found == [Moment(0, 3.1), Moment(6.9, 11.8)]


def test_digital_silence_alone_still_gives_a_stretch():
    assert cut(silence(25), RATE) == [Stretch(0, 10_000)]
    assert cut(silence(0.2), RATE) == [Stretch(0, 200)]


def test_the_shortest_sounds_are_kept_and_an_empty_one_gives_nothing():
    assert cut(noise(0.2, -30), RATE) == [Stretch(0, 200)]
    assert cut(noise(0.003, -30), RATE) == [Stretch(0, 3)]
    assert cut(silence(0), RATE) == []


def test_what_is_quiet_is_judged_by_the_last_minute_not_by_the_whole_file():
    # Loud talk an hour ago must not make today's pauses look like sound, nor the other way round.
    quiet_words = words([8.2, 16.5, 25.9]) * np.float32(0.01)
    wave = np.concatenate([noise(120, -3), quiet_words])

    stops = [stretch.stop / RATE for stretch in cut(wave, RATE)]

    assert (
        sum(any(gap < stop - 120 < gap + 0.3 for stop in stops) for gap in (8.2, 16.5, 25.9)) >= 2
    )


def talk(rng, seconds):
    """Sounds and pauses of any depth and length, louder and softer, now and then nothing."""
    parts, left = [], seconds
    loud = -20.0
    while left > 0:
        if rng.random() < 0.06:
            loud = rng.choice([-15.0, -35.0, -60.0])
        pause = noise(rng.uniform(0.1, 1.0), rng.uniform(loud - 50, loud - 3), rng.integers(99))
        nothing = silence(rng.uniform(0.5, 3)) if rng.random() < 0.04 else silence(0)
        parts += [noise(rng.uniform(0.5, 4), loud, rng.integers(99)), pause, nothing]
        left -= sum(map(len, parts[-3:])) / RATE
    return np.concatenate(parts)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    sizes=st.lists(st.integers(40, 40_000), min_size=1, max_size=8),
)
def test_the_block_size_never_changes_a_cut(seed, sizes):
    wave = talk(np.random.default_rng(seed), 100)
    blocks, at = [], 0
    while at < len(wave):
        size = sizes[len(blocks) % len(sizes)]
        blocks.append(wave[at : at + size])
        at += size

    assert list(cut_blocks(blocks, RATE)) == cut(wave, RATE)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_stretches_never_overlap_and_miss_no_sound(seed):
    rng = np.random.default_rng(seed)
    wave = talk(rng, 40)

    stretches = cut(wave, RATE)

    marks = covered(stretches, len(wave))
    assert marks.max(initial=0) <= 1
    assert marks[wave != 0].all()
    assert all(a.stop <= b.start for a, b in pairwise(stretches))


def test_stretches_come_as_soon_as_their_end_is_known():
    heard = 0

    def blocks():
        nonlocal heard
        for block in in_blocks(noise(60, -30), 500):
            heard += len(block)
            yield block

    first = next(cut_blocks(blocks(), RATE))

    assert first.stop <= heard <= 13_000  # longest + tail + silence, and a block


def test_memory_does_not_grow_with_the_recording():
    from earmark.audio.chunk import Cutter

    cutter, block = Cutter(RATE), noise(1, -30)
    for _ in range(600):
        cutter.push(block)

    assert len(cutter._level) < 80 * 100  # 60 s behind, 10 s of stretch and what lies ahead


def test_the_quiet_level_by_hand():
    # Percentiles 10 and 95 of these 21 levels are the third and the twentieth: -70 and -10.
    levels = np.array([-80, -75, -70] + [-40] * 16 + [-10, -5], np.float32)

    assert quiet_below(levels) == -50  # 40 under the peak beats 6 over the floor
    assert quiet_below(levels / 4) == pytest.approx(-17.5 + 6)
    assert quiet_below(levels / 20) == -np.inf  # 3 dB between them: a steady sound
    assert quiet_below(np.zeros(0, np.float32)) == -np.inf


def test_plain_windows_by_hand():
    assert windows(25, size=10, hop=10) == [Stretch(0, 10), Stretch(10, 20), Stretch(20, 25)]
    assert windows(20, size=10, hop=10) == [Stretch(0, 10), Stretch(10, 20)]
    assert windows(13, size=10, hop=5) == [Stretch(0, 10), Stretch(5, 13)]
    assert windows(4, size=10, hop=5) == [Stretch(0, 4)]
    assert windows(0, size=10, hop=5) == []


@given(samples=st.integers(0, 500), size=st.integers(1, 60), hop=st.integers(1, 60))
def test_plain_windows_cover_everything(samples, size, hop):
    if hop > size:
        with pytest.raises(ValueError, match="would leave gaps"):
            windows(samples, size=size, hop=hop)
    else:
        assert covered(windows(samples, size=size, hop=hop), samples).all()


def test_impossible_cuts_are_refused():
    with pytest.raises(UsageError, match="cannot be made"):
        CutRule(slack=9.5)
    with pytest.raises(UsageError, match="cannot be made"):
        CutRule(memory=5)


@pytest.mark.parametrize("length", [1000, 1050, 1090, 1200])
def test_silence_of_a_second_is_left_out_however_little_longer_it_is(length):
    wave = np.concatenate([noise(3, -30), np.zeros(length, np.float32), noise(3, -30)])

    assert cut(wave, RATE) == [Stretch(0, 3100), Stretch(2900 + length, 6000 + length)]
    assert list(cut_blocks(in_blocks(wave, 7), RATE)) == cut(wave, RATE)


@pytest.mark.parametrize("rate", [11_060, 15_750, 22_255])
def test_no_stretch_is_longer_than_ten_seconds_at_any_rate(rate):
    wave = np.full(25 * rate, 0.1, np.float32)

    assert max(s.stop - s.start for s in cut(wave, rate)) <= 10 * rate
