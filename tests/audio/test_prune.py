"""The pruning chunker of papers: what it keeps of a clip, and that it never keeps nothing."""

import numpy as np
import pytest

from earmark.audio.chunk import Stretch
from earmark.audio.prune import PruneRule, prune

RATE = 1000


def noise(seconds, db, seed=0):
    rng = np.random.default_rng(seed)
    return (10 ** (db / 20) * rng.standard_normal(round(seconds * RATE))).astype(np.float32)


def clip(*sounds, seconds=20.0):
    """A clip with a faint floor and sounds of (start, seconds)."""
    wave = noise(seconds, -80)
    for start, length in sounds:
        at = round(start * RATE)
        wave[at : at + round(length * RATE)] += noise(length, -20, seed=at)
    return wave


def near(stretch, start, stop):
    return abs(stretch.start - start * RATE) <= 20 and abs(stretch.stop - stop * RATE) <= 20


def test_quiet_parts_are_thrown_away_and_edges_padded():
    first, second = prune(clip((2, 3), (12, 4)), RATE)

    assert near(first, 1.9, 5.1)
    assert near(second, 11.9, 16.1)


def test_a_short_gap_is_kept_and_a_long_one_is_not():
    assert len(prune(clip((2, 2), (4.25, 2)), RATE)) == 1
    assert len(prune(clip((2, 2), (5.0, 2)), RATE)) == 2


def test_an_island_is_dropped_beside_longer_sounds():
    found = prune(clip((2, 3), (10, 0.05)), RATE)

    assert len(found) == 1
    assert near(found[0], 1.9, 5.1)


def test_a_short_sound_joins_its_neighbour():
    found = prune(clip((2, 3), (6, 0.4)), RATE)

    assert len(found) == 1
    assert near(found[0], 1.9, 6.5)


def test_a_long_sound_is_split_at_its_deepest_minimum():
    wave = clip((1, 18))
    wave[7300:7320] *= 0.05  # too short to be a gap, deep enough to be the place

    first, second, *rest = prune(wave, RATE)

    assert abs(first.stop - 7310) <= 20
    assert second.start == first.stop
    assert all(1000 <= s.stop - s.start <= 10_000 for s in (first, second, *rest))


def test_only_the_loudest_stay_beyond_the_limit():
    wave = clip(*[(2 + 3 * n, 1.5) for n in range(6)])
    wave[8000:9500] *= 0.2
    wave[14_000:15_500] *= 0.2

    found = prune(wave, RATE, PruneRule(most=4))

    assert [round(s.start / RATE) for s in found] == [2, 5, 11, 17]


@pytest.mark.parametrize(
    ("name", "wave"),
    [
        ("digital silence", np.zeros(25_000, np.float32)),
        ("steady rain", noise(25, -40)),
        ("a single click", np.pad(np.full(20, 0.5, np.float32), (9000, 15_980))),
        ("0.2 s", noise(0.2, -20)),
        ("one sample", noise(0.001, -20)),
    ],
)
def test_there_is_always_a_chunk(name, wave):
    found = prune(wave, RATE)

    assert found
    assert found[0].start == 0
    assert found[-1].stop == len(wave)  # none of these has a quiet part to throw away


def test_an_empty_clip_gives_nothing():
    assert prune(np.zeros(0, np.float32), RATE) == []


def test_quiet_rain_beside_loud_talk_is_what_this_chunker_loses():
    """The reason why an archive is never cut by it."""
    wave = np.concatenate([noise(60, -60), noise(30, -10, seed=2)])

    kept = sum(s.stop - s.start for s in prune(wave, RATE))

    assert kept < 35_000
    assert prune(wave, RATE)[0] > Stretch(55_000, 0)
