import dataclasses

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.audio.mix import active, decibels, power
from earmark.lab.sounds.plan import MixRule, Planner
from earmark.lab.sounds.render import Renderer, gather, loop
from earmark.lab.sounds.spool import FULL
from lab.sounds.made import RATE, noise, plan_of, spool_of, tone

torch.set_num_threads(1)

CPU = torch.device("cpu")
SAMPLES = np.array([9000, 0, 1000, 3000, 9000], np.int16)
WAYS = {
    "loop": loop,
    "gather": lambda plan, samples, size: gather(plan, torch.from_numpy(samples), size),
}


@pytest.fixture(params=WAYS)
def mix(request):
    return lambda plan, size: (WAYS[request.param](plan, SAMPLES, size) * FULL).numpy()


def test_a_piece_is_laid_where_it_belongs_at_its_gain(mix):
    # Samples 1 to 3 (0, 1000, 3000) at half their size, from the third sample on.
    plan = plan_of((0, 1, 3, 2, 1.0, 0.5))

    np.testing.assert_allclose(mix(plan, 6), [[0, 0, 0, 500, 1500, 0]], rtol=1e-6)


def test_a_slower_piece_is_read_between_its_samples(mix):
    # Places 0, 0.375, 0.75, 1.125, 1.5, 1.875 of 0, 1000, 3000; 2.25 lies beyond the last.
    plan = plan_of((0, 1, 3, 1, 0.375, 1.0))

    np.testing.assert_allclose(mix(plan, 9), [[0, 0, 375, 750, 1250, 2000, 2750, 0, 0]], rtol=1e-6)


def test_a_faster_piece_skips_samples_and_never_reads_its_neighbours(mix):
    # Places 0, 1.5 of 0, 1000, 3000: 0 and 2000; 3.0 would be of the next sound.
    plan = plan_of((0, 1, 3, 0, 1.5, 1.0))

    np.testing.assert_allclose(mix(plan, 4), [[0, 2000, 0, 0]], rtol=1e-6)


def test_pieces_of_a_mixture_add_up_and_others_stay_apart(mix):
    plan = plan_of(
        (1, 2, 2, 0, 1.0, 1.0), (1, 2, 2, 1, 1.0, 1.0), (0, 2, 1, 2, 1.0, 1.0), mixtures=3
    )

    np.testing.assert_allclose(
        mix(plan, 3), [[0, 0, 1000], [1000, 4000, 3000], [0, 0, 0]], rtol=1e-6
    )


def test_what_reaches_past_the_end_is_cut(mix):
    plan = plan_of((0, 1, 3, 1, 1.0, 1.0))

    np.testing.assert_allclose(mix(plan, 3), [[0, 0, 1000]], rtol=1e-6)


@pytest.mark.parametrize("step", range(4))
def test_both_ways_give_the_same_sound(tmp_path, step):
    sounds = spool_of(tmp_path, noise(0.5, 1), noise(0.06, 2), noise(5, 3), tone(440, 0.7))
    rule = MixRule(seconds=2.0, sources=(0.1, 0.2, 0.3, 0.4), altered_speed=0.7, loop=0.6)
    plan = Planner(sounds, rule, np.ones(4)).draw(12, (7, step))
    size = 2 * RATE

    quick = gather(plan, torch.from_numpy(np.array(sounds.samples)), size)

    torch.testing.assert_close(loop(plan, sounds.samples, size), quick, atol=2e-6, rtol=0)


def rendered(sounds, **rule):
    """Mixtures of one sound each, plain but for what is asked."""
    plain = MixRule(
        seconds=2.0, sources=(1.0,), altered_speed=0, loop=0, noise=0, filtered=0, room=0
    )
    rule = dataclasses.replace(plain, **rule)
    plan = Planner(sounds, rule, np.ones(len(sounds.entries))).draw(8, (1, 2))
    return Renderer(sounds, 2.0, CPU).render(plan), plan


def level(wave):
    """Of a sound from its start, where it sounds."""
    return decibels(power(wave[active(wave, RATE)]))


def test_a_sound_is_as_loud_where_it_sounds_as_asked(tmp_path):
    sounds = spool_of(tmp_path, noise(0.5, 1), 0.01 * noise(0.7, 3), tone(440, 0.7))

    waves, plan = rendered(sounds, level_db=(-24, -24))

    for wave, at, length in zip(waves.numpy(), plan.at, plan.length, strict=True):
        assert level(wave[at : at + length]) == pytest.approx(-24, abs=0.02)


@pytest.mark.parametrize("snr", [0.0, 17.0])
def test_noise_lies_under_a_sound_by_the_ratio_asked(tmp_path, snr):
    sounds = spool_of(tmp_path, noise(0.5, 1), tone(440, 0.7))
    rule = {"level_db": (-30, -30), "noise_snr_db": (snr, snr)}

    plain, _ = rendered(sounds, **rule)
    noisy, plan = rendered(sounds, noise=1.0, **rule)

    assert len(set(plan.colour)) == 8
    under = (noisy - plain).numpy()
    for n, (wave, at, length) in enumerate(zip(plain.numpy(), plan.at, plan.length, strict=True)):
        measured = level(wave[at : at + length]) - decibels(power(under[n]))
        assert measured == pytest.approx(snr, abs=0.1)


def test_nothing_is_louder_than_full_scale_and_what_is_soft_stays_as_it_is(tmp_path):
    sounds = spool_of(tmp_path, tone(440, 0.5))
    loud = plan_of((0, 0, RATE // 2, 0, 1.0, 3.0), (1, 0, RATE // 2, 0, 1.0, 1.0), mixtures=2)

    waves = Renderer(sounds, 0.5, CPU).render(loud)

    assert waves[0].abs().max().item() == pytest.approx(0.99, abs=1e-3)
    assert waves[1].abs().max().item() == pytest.approx(0.9, abs=1e-3)


def test_a_plan_sounds_the_same_each_time(tmp_path):
    sounds = spool_of(tmp_path, noise(0.5, 1))
    everything = {"noise": 1.0, "filtered": 1.0, "room": 1.0}

    torch.testing.assert_close(
        rendered(sounds, **everything)[0], rendered(sounds, **everything)[0], atol=0, rtol=0
    )
