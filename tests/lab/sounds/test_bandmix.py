"""Mixtures of spectra, by hand and against mixtures of waves."""

import dataclasses

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.audio.mel import hz_of_bands
from earmark.lab.sounds.bandmix import gather, loop
from earmark.lab.sounds.bands import FLOOR, READINGS
from earmark.lab.sounds.plan import PIECES_MOST
from earmark.lab.sounds.shape import OCTAVES
from lab.sounds.made import faded, noise, plan_of, spool_of, tone
from lab.sounds.small import EAR, LATE, mixer

torch.set_num_threads(1)

POWERS = np.array([[90, 9], [0, 8], [2, 4], [6, 0], [90, 9]])
FRAMES = np.log(POWERS + FLOOR).astype(np.float16)
WAYS = {
    "loop": loop,
    "gather": lambda plan, frames, size: gather(plan, torch.from_numpy(frames), size),
}
DB = 10 / np.log(10)


@pytest.fixture(params=WAYS)
def mix(request):
    return lambda plan, size: WAYS[request.param](plan, FRAMES, size).numpy()


def test_a_piece_is_laid_where_it_belongs_and_half_the_gain_is_a_quarter_of_the_power(mix):
    # Frames 1 to 3 from the third frame on.
    found = mix(plan_of((0, 1, 3, 2, 1.0, 0.5)), 6)

    wanted = [[0, 0], [0, 0], [0, 2], [0.5, 1], [1.5, 0], [0, 0]]
    np.testing.assert_allclose(found, [wanted], rtol=2e-3)


def test_what_reaches_past_the_end_is_cut(mix):
    found = mix(plan_of((0, 1, 3, 1, 1.0, 1.0)), 3)

    np.testing.assert_allclose(found, [[[0, 0], [0, 8], [2, 4]]], rtol=2e-3)


def test_pieces_of_a_mixture_add_up_and_others_stay_apart(mix):
    plan = plan_of(
        (1, 2, 2, 0, 1.0, 1.0), (1, 2, 2, 1, 1.0, 2.0), (0, 2, 1, 2, 1.0, 1.0), mixtures=3
    )

    wanted = [[[0, 0], [0, 0], [2, 4]], [[2, 4], [14, 16], [24, 0]], np.zeros((3, 2))]
    np.testing.assert_allclose(mix(plan, 3), wanted, rtol=2e-3)


def test_a_mixture_of_nothing_is_silent(mix):
    assert not mix(plan_of(mixtures=2), 3).any()


RICH = {"sources": (0.1, 0.2, 0.3, 0.4), "loop": 0.6, "gap": (0.0, 0.2)}


@pytest.fixture
def sounds(tmp_path):
    return spool_of(tmp_path, noise(0.5, 1), noise(0.06, 2), noise(5, 3), tone(440, 0.7))


@pytest.mark.parametrize("step", range(4))
def test_both_ways_give_the_same_power(sounds, tmp_path, step):
    made = mixer(sounds, tmp_path, altered_speed=0.7, room=0.5, **RICH)
    plan = made.draw(12, (7, step))

    quick = gather(plan, torch.from_numpy(np.array(made._frames)), made.size)

    torch.testing.assert_close(loop(plan, made._frames, made.size), quick, atol=1e-6, rtol=1e-5)


def as_bands_and_as_waves(tmp_path, waves, at, gains, *, seconds=2.0, **plan):
    """One mixture, made both ways: waves at these frames with these gains: -> log-mels."""
    sounds = spool_of(tmp_path, *waves)
    bands, slow = (
        mixer(sounds, tmp_path, made_of=name, seconds=seconds) for name in ("bands", "waves")
    )
    places = list(zip(sounds.entries, at, gains, strict=True))
    pieces = [(0, one.first, one.length, EAR.hop * n + LATE, 1.0, g) for one, n, g in places]
    first = [bands._planner._first[READINGS * n] for n in range(len(waves))]
    length = [bands._planner._length[READINGS * n] for n in range(len(waves))]
    frames = [(0, *where, 1.0, g) for *where, g in zip(first, length, at, gains, strict=True)]
    return bands.render(plan_of(*frames, **plan))[0], slow.render(plan_of(*pieces, **plan))[0]


def test_one_sound_has_the_log_mel_that_its_wave_has(tmp_path):
    quick, slow = as_bands_and_as_waves(tmp_path, [noise(0.5, 1)], [70], [0.3])

    assert slow.max() - slow.min() > 2
    torch.testing.assert_close(quick, slow, atol=2e-3, rtol=0)


def test_two_sounds_far_apart_in_frequency_have_it_too(tmp_path):
    waves = [faded(tone(350, 0.6)), faded(tone(2_600, 0.8))]

    quick, slow = as_bands_and_as_waves(tmp_path, waves, [40, 60], [0.4, 0.1])

    loud = slow > slow.min() + 0.4  # a decibel is 0.046; how their skirts meet is left to chance
    assert loud.float().mean() > 0.1
    torch.testing.assert_close(quick[loud], slow[loud], atol=0.02, rtol=0)
    assert (quick - slow).abs().max() < 0.3


def test_two_sounds_that_meet_are_as_loud_on_average(tmp_path):
    waves = [noise(1.5, 1), noise(1.5, 2)]

    quick, slow = as_bands_and_as_waves(tmp_path, waves, [10, 10], [0.2, 0.2])

    both = [(5 * one[20:150]).exp().mean(dim=0).log() for one in (quick, slow)]
    gap = DB * (both[0] - both[1])
    assert abs(gap.mean().item()) < 0.15
    assert gap.abs().max() < 1.0


@pytest.mark.parametrize("colour", [-6.0, 0.0, 1.0])
def test_noise_has_its_level_and_its_slope_in_every_band(tmp_path, colour):
    plan = {"noise": np.array([0.02], np.float32), "colour": np.array([colour], np.float32)}

    waves = [noise(0.1, 1)], [0], [0.0]
    quick, slow = as_bands_and_as_waves(tmp_path, *waves, seconds=40.0, **plan)

    means = [DB * (5 * one[5:-5]).exp().mean(dim=0).log() for one in (quick, slow)]
    gap = means[0] - means[1]
    assert gap[1:].abs().max() < 0.7
    assert gap[0].abs() < 1.5  # the slope ends inside of this band, at 30 Hz
    assert gap.mean().abs() < 0.2


def test_noise_of_another_plan_is_another_stretch_and_as_long_as_the_mixture(tmp_path):
    made = mixer(spool_of(tmp_path, noise(0.1, 1)), tmp_path, seconds=59.0)
    loud = {"noise": np.array([0.02, 0.02], np.float32), "mixtures": 2}

    one, same, other = (made.render(plan_of(seed=seed, **loud)) for seed in (5, 5, 6))

    assert one.shape == (2, 5_900, 32)
    torch.testing.assert_close(one, same, atol=0, rtol=0)
    assert (one - other).abs().max() > 0.1
    assert (one[0] - one[1]).abs().max() > 0.1
    assert one.min() > one.mean() - 3


def gains(*decibels):
    return np.array([decibels], np.float32)


def test_a_filter_is_a_gain_in_every_band_by_hand(tmp_path):
    made = mixer(spool_of(tmp_path, noise(1.0, 1)), tmp_path)
    entry = made._planner._first[0], made._planner._length[0]
    piece = (0, *entry, 20, 1.0, 0.5)

    plain, flat, steep = (
        made.render(plan_of(piece, filters=rows))[0, 60]
        for rows in (gains(*[0] * 8), gains(*[6] * 8), gains(0, 0, 0, 0, 12, 0, 0, 0))
    )

    # Decibels of gain are ln(10) / 10 nepers of power each, of which the rule keeps a fifth.
    torch.testing.assert_close(flat - plain, torch.full((32,), 6 / DB / 5), atol=1e-3, rtol=0)
    octaves = np.abs(np.log2(hz_of_bands(EAR) / OCTAVES[4]))
    wanted = torch.from_numpy(12 * np.clip(1 - octaves, 0, 1) / DB / 5).float()
    torch.testing.assert_close(steep - plain, wanted, atol=1e-3, rtol=0)


def test_a_filter_changes_sound_and_noise_as_it_changes_their_waves(tmp_path):
    plan = {"filters": gains(-9, -6, -6, 3, 6, 9, 3, -3), "noise": np.array([0.01], np.float32)}

    quick, slow = as_bands_and_as_waves(tmp_path, [noise(1.0, 1)], [50], [0.3], **plan)

    for part in (slice(5, 45), slice(60, 145)):
        means = [DB * (5 * one[part]).exp().mean(dim=0).log() for one in (quick, slow)]
        assert (means[0] - means[1]).mean().abs() < 0.5
        assert (means[0] - means[1])[2:].abs().max() < 2.0


def test_a_plan_is_heard_the_same_each_time(sounds, tmp_path):
    made = mixer(sounds, tmp_path, noise=1.0, filtered=1.0, **RICH)
    plan = made.draw(6, (1, 2))

    torch.testing.assert_close(made.render(plan), made.render(plan), atol=0, rtol=0)


def test_a_plan_depends_on_seed_and_step_alone(sounds, tmp_path):
    one, other = (mixer(sounds, tmp_path, noise=0.5, **RICH) for _ in range(2))
    other.draw(9, (1, 1))

    first, second, third = one.draw(6, (1, 3)), other.draw(6, (1, 3)), one.draw(6, (1, 4))

    for field in dataclasses.fields(first):
        np.testing.assert_equal(getattr(first, field.name), getattr(second, field.name))
    assert first.gain.tolist() != third.gain.tolist()


def test_what_a_plan_names_are_sounds_and_not_their_readings(sounds, tmp_path):
    made = mixer(sounds, tmp_path, altered_speed=1.0, room=1.0, **RICH)
    plan = made.draw(200, (1,))
    starts = np.searchsorted(made._planner._first, plan.first, side="right") - 1

    assert set(starts) == set(range(4 * READINGS))
    heard = [set(starts[plan.mixture == n] // READINGS) for n in range(200)]
    assert [set(named) for named in plan.sources] == heard
    assert all(len(set(named)) == len(named) for named in plan.sources)
    # A reading has its speed and its room already.
    assert set(plan.speed) == {1.0}
    assert not plan.room.any()


def test_a_sound_is_drawn_as_often_as_it_weighs_each_reading_alike(tmp_path):
    sounds = spool_of(tmp_path, noise(0.5, 1), noise(0.06, 2))
    made = mixer(sounds, tmp_path, weights=(1, 9))

    first = made.draw(4_000, (1,)).first

    drawn = [(first == one).mean() for one in made._planner._first]
    np.testing.assert_allclose(drawn, [0.025] * 4 + [0.225] * 4, atol=0.02)


def test_a_sound_is_as_loud_as_the_plan_asks(tmp_path):
    sounds = spool_of(tmp_path, 0.01 * noise(0.5, 1), noise(0.7, 3))
    made = mixer(sounds, tmp_path, level_db=(-24, -24))
    slow = mixer(sounds, tmp_path, made_of="waves", level_db=(-24, -24))

    loudness = [one.render(one.draw(40, (1,))).amax(dim=(1, 2)).mean() for one in (made, slow)]

    assert 5 * DB * (loudness[0] - loudness[1]).abs() < 0.5


def test_a_click_is_repeated_to_the_end_but_not_without_end(tmp_path):
    made = mixer(spool_of(tmp_path, noise(0.06, 2)), tmp_path, loop=1.0, gap=(0.0, 0.0))

    counts = np.bincount(made.draw(5, (1,)).mixture)

    # Six frames and the three at its edges, then one of silence: every tenth of two hundred.
    assert counts.tolist() == [20] * 5
    assert counts.max() < PIECES_MOST
