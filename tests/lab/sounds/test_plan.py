import dataclasses

import numpy as np
import pytest

from earmark.lab.sounds.plan import PIECES_MOST, MixRule, Planner
from lab.sounds.made import RATE, noise, plan_of, spool_of

PLAIN = MixRule(seconds=2.0, sources=(1.0,), altered_speed=0, loop=0, noise=0, filtered=0, room=0)
SIZE = 2 * RATE


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    """Half a second, a short click and five seconds."""
    folder = tmp_path_factory.mktemp("spool")
    return spool_of(folder, noise(0.5, 1), noise(0.06, 2), noise(5, 3))


def planner(sounds, weights=(1.0, 1.0, 1.0), **rule):
    return Planner(sounds, dataclasses.replace(PLAIN, **rule), np.array(weights))


def arrays(plan):
    return [np.asarray(getattr(plan, one.name)) for one in dataclasses.fields(plan)[:11]]


RICH = {"sources": (0.4, 0.6), "altered_speed": 0.5, "loop": 0.5, "noise": 0.5, "room": 0.5}


def test_a_plan_depends_on_seed_and_step_alone(sounds):
    one, other = planner(sounds, **RICH), planner(sounds, **RICH)

    for step in (3, 1, 2):
        other.draw(6, (1, step))
    plans = one.draw(6, (1, 3)), other.draw(6, (1, 3))

    for first, second in zip(*map(arrays, plans), strict=True):
        np.testing.assert_array_equal(first, second)
    assert plans[0].sources == plans[1].sources


@pytest.mark.parametrize("seed", [(1, 4), (2, 3)])
def test_another_step_or_seed_is_another_plan(sounds, seed):
    made = planner(sounds)

    assert made.draw(6, (1, 3)).gain.tolist() != made.draw(6, seed).gain.tolist()


def test_a_short_sound_is_laid_whole_somewhere_inside(sounds):
    plan = planner(sounds, weights=(1, 0, 0)).draw(50, (1,))

    assert plan.size == 50
    assert plan.mixture.tolist() == list(range(50))
    assert set(plan.first) == {0}
    assert set(plan.length) == {RATE // 2}
    assert plan.at.min() >= 0
    assert plan.at.max() <= SIZE - RATE // 2
    assert len(set(plan.at)) > 40


def test_of_a_long_sound_another_stretch_fills_the_mixture_each_time(sounds):
    plan = planner(sounds, weights=(0, 0, 1)).draw(50, (1,))
    entry = sounds.entries[2]

    assert set(plan.at) == {0}
    assert plan.length.min() >= SIZE
    assert set(plan.first + plan.length) == {entry.first + entry.length}
    assert len(set(plan.first)) > 40


@pytest.mark.parametrize("speed", [0.5, 2.0])
def test_a_speed_makes_a_sound_shorter_or_longer(sounds, speed):
    rule = {"speed": (speed, speed), "altered_speed": 1.0}
    plan = planner(sounds, weights=(1, 0, 0), **rule).draw(50, (1,))

    assert set(plan.speed) == {np.float32(speed)}
    assert plan.at.max() <= SIZE - RATE / 2 / speed


def test_a_long_sound_played_fast_still_fills_the_mixture(sounds):
    rule = {"speed": (2.0, 2.4), "altered_speed": 1.0}
    plan = planner(sounds, weights=(0, 0, 1), **rule).draw(50, (1,))

    assert (plan.length / plan.speed >= SIZE - 1).all()


def test_turns_of_a_looped_sound_are_as_far_apart_as_asked(sounds):
    plan = planner(sounds, weights=(1, 0, 0), loop=1.0, gap=(0.1, 0.2)).draw(20, (1,))

    for mixture in range(20):
        steps = np.diff(plan.at[plan.mixture == mixture])
        assert len(set(steps)) == 1
        assert RATE // 2 + 0.1 * RATE <= steps[0] <= RATE // 2 + 0.2 * RATE + 2


def test_a_click_is_not_repeated_without_end(sounds):
    plan = planner(sounds, weights=(0, 1, 0), loop=1.0, gap=(0.0, 0.0)).draw(5, (1,))

    assert np.bincount(plan.mixture).tolist() == [PIECES_MOST] * 5


def test_the_gain_brings_a_sound_from_its_level_to_the_one_asked(sounds):
    plan = planner(sounds, weights=(1, 0, 0), level_db=(-30, -30)).draw(2, (1,))

    level = sounds.entries[0].level
    np.testing.assert_allclose(20 * np.log10(plan.gain), -30 - level, atol=1e-4)


def test_other_sounds_stand_against_the_first_as_asked(sounds):
    rule = {"sources": (0.0, 0.0, 1.0), "level_db": (-20, -20), "under_db": (-7, -7)}
    plan = planner(sounds, **rule).draw(40, (1,))
    full = [n for n, chosen in enumerate(plan.sources) if len(chosen) == 3]
    levels = {entry.first: entry.level for entry in sounds.entries[:2]}

    assert full
    for mixture in full:
        mine = plan.mixture == mixture
        heard = plan.first[mine], 20 * np.log10(plan.gain[mine])
        asked = [
            level + levels[first] for first, level in zip(*heard, strict=True) if first in levels
        ]
        wanted = [
            -20 if place == 0 else -27 for place, n in enumerate(plan.sources[mixture]) if n < 2
        ]
        np.testing.assert_allclose(asked, wanted, atol=1e-4)


def test_a_mixture_never_has_one_sound_twice(sounds):
    plan = planner(sounds, sources=(0.0, 0.0, 0.0, 1.0)).draw(50, (1,))

    assert all(len(set(chosen)) == len(chosen) for chosen in plan.sources)
    assert max(map(len, plan.sources)) == 3


def test_how_many_sounds_there_are_follows_their_chances(tmp_path):
    many = spool_of(tmp_path, *(noise(0.1, n) for n in range(40)))
    plan = Planner(many, dataclasses.replace(PLAIN, sources=(0.2, 0.0, 0.8)), np.ones(40)).draw(
        2_000, (1,)
    )

    counts = np.bincount([len(chosen) for chosen in plan.sources], minlength=4) / 2_000
    assert counts[1] == pytest.approx(0.2, abs=0.03)
    # Of three draws from forty, some meet: 1 - 39/40 * 38/40 = 7 % of them have fewer.
    assert counts[3] == pytest.approx(0.8 * 39 / 40 * 38 / 40, abs=0.03)


def test_a_sound_is_drawn_as_often_as_it_weighs(sounds):
    plan = planner(sounds, weights=(1, 9, 0)).draw(3_000, (1,))

    drawn = np.bincount([chosen[0] for chosen in plan.sources], minlength=3) / 3_000
    np.testing.assert_allclose(drawn, [0.1, 0.9, 0], atol=0.02)


def test_noise_filter_and_room_come_as_often_as_their_chances(sounds):
    plan = planner(sounds, noise=0.7, filtered=0.4, room=0.1).draw(3_000, (1,))

    assert (plan.noise > 0).mean() == pytest.approx(0.7, abs=0.03)
    assert plan.filters.any(axis=1).mean() == pytest.approx(0.4, abs=0.03)
    assert (plan.room > 0).mean() == pytest.approx(0.1, abs=0.03)
    assert np.abs(plan.filters).max() <= 15


def test_noise_lies_as_far_under_the_first_sound_as_asked(sounds):
    rule = {"noise": 1.0, "level_db": (-20, -20), "noise_snr_db": (3, 3)}
    plan = planner(sounds, **rule).draw(4, (1,))

    np.testing.assert_allclose(20 * np.log10(plan.noise), -23, atol=1e-4)


def test_the_loudest_sound_of_a_mixture_is_left_alone():
    pieces = [
        (0, 10, 1, 0, 1, 0.5),  # alone in its mixture: nothing to leave out
        (1, 20, 2, 0, 1, 0.5),
        (1, 30, 3, 4, 2, 0.9),  # the loudest of mixture 1, in two turns
        (1, 30, 3, 9, 2, 0.9),
        (2, 40, 4, 0, 1, 0.1),  # alone, but in noise
    ]
    marks = np.arange(3, dtype=np.float32)
    plan = plan_of(
        *pieces,
        mixtures=3,
        noise=np.array([0, 0, 0.3], np.float32),
        filters=np.repeat(marks[:, None], 8, axis=1),
        room=marks,
        sources=((7,), (3, 4), (9,)),
    )

    alone, rows = plan.loudest()

    assert rows.tolist() == [1, 2]
    assert alone.size == 2
    assert alone.mixture.tolist() == [0, 0, 1]
    assert alone.first.tolist() == [30, 30, 40]
    assert alone.at.tolist() == [4, 9, 0]
    assert alone.noise.tolist() == [0, 0]
    assert alone.room.tolist() == [1, 2]
    assert alone.filters[:, 0].tolist() == [1, 2]
    assert alone.sources == ((3, 4), (9,))


def test_which_sound_is_loudest_goes_by_its_level_and_not_by_its_gain(sounds):
    rule = {"sources": (0.0, 1.0), "under_db": (3.0, 3.0)}
    plan = planner(sounds, **rule).draw(40, (1,))

    alone, rows = plan.loudest()

    two = [row for row, names in enumerate(plan.sources) if len(names) > 1]
    assert rows.tolist() == two
    for place, row in enumerate(rows):
        second = sounds.entries[plan.sources[row][1]]
        heard = alone.first[alone.mixture == place]
        assert ((heard >= second.first) & (heard < second.first + second.length)).all()
