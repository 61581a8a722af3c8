from dataclasses import replace

import numpy as np
import pytest

from earmark.audio.mix import active, decibels, power
from earmark.errors import DataError
from earmark.scenes.bank import Bank
from earmark.scenes.compose import PEAK, event_wave, faded, render
from earmark.scenes.cuts import Cut
from earmark.scenes.draw import Plan, draw_scene
from earmark.scenes.from_kinds import bank_from_kinds
from earmark.synth.kinds import KINDS
from scenes.fake_bank import fake_bank
from scenes.hand_made import bed, event, scene

RATE = 16_000
BANK = fake_bank()


def dog(start, *, snr_db=12.0, distant=False, repeats=1, cut=(0.2, 1.7)):
    length = Cut(*cut, repeats).seconds
    one = event("dog", start, round(start + length, 2), snr_db=snr_db, distant=distant)
    return replace(one, cut=cut, repeats=repeats)


def samples(start, end):
    return slice(round(start * RATE), round(end * RATE))


@pytest.mark.parametrize("snr_db", [20.0, 0.0, -7.5])
@pytest.mark.parametrize(
    "event",
    [dog(2.0), dog(2.0, distant=True), dog(2.0, repeats=3, cut=(0.3, 0.7))],
    ids=["near", "distant", "repeated"],
)
def test_an_event_has_its_exact_ratio_to_the_background(snr_db, event):
    with_dog = scene(replace(event, snr_db=snr_db), background=bed("wind"))

    under = render(replace(with_dog, events=()), BANK, RATE)
    heard = (render(with_dog, BANK, RATE) - under)[samples(event.start, event.end)]

    found = decibels(power(heard[active(heard, RATE)])) - decibels(power(under))
    assert found == pytest.approx(snr_db, abs=0.1)


def test_the_background_has_its_level():
    for background in (bed("wind"), None):
        wave = render(replace(scene(background=background), level_db=-33.0), BANK, RATE)
        assert decibels(power(wave)) == pytest.approx(-33.0, abs=0.01)


def test_events_sound_where_the_truth_says_and_nowhere_else():
    one = replace(scene(dog(2.34, snr_db=50.0), dog(11.07, snr_db=50.0)), level_db=-90.0)

    wave = render(one, BANK, RATE)

    loud = np.flatnonzero(np.abs(wave) > 0.001) / RATE
    edges = loud[[0, np.argmax(np.diff(loud)), np.argmax(np.diff(loud)) + 1, -1]]
    np.testing.assert_allclose(edges, [2.34, 3.84, 11.07, 12.57], atol=0.01)


def test_a_short_sound_is_heard_as_often_as_its_truth_says():
    one = replace(scene(dog(1.0, snr_db=40.0, repeats=3, cut=(0.3, 0.7))), level_db=-80.0)

    wave = render(one, BANK, RATE)

    loud = np.flatnonzero(np.abs(wave) > 0.001) / RATE
    pauses = np.flatnonzero(np.diff(loud) > 0.1)
    np.testing.assert_allclose(loud[pauses], [1.4, 2.05], atol=0.01)
    np.testing.assert_allclose(loud[pauses + 1], [1.65, 2.3], atol=0.01)
    assert loud[-1] == pytest.approx(2.7, abs=0.01)


def test_a_distant_sound_has_lost_its_highs_and_rings():
    rng = np.random.default_rng(0)
    click = np.zeros(RATE, np.float32)
    click[: RATE // 10] = 0.3 * rng.standard_normal(RATE // 10)
    sound = replace(BANK.by_name["dog/0"], load=lambda seconds, rate: click)
    near, far = (
        event_wave(
            dog(0, distant=distant, cut=(0.0, 1.0)), Bank((sound,)), RATE, RATE, level_db=-20
        )
        for distant in (False, True)
    )

    assert high_share(far) < high_share(near) / 10
    assert power(far[samples(0.2, 0.4)]) > power(far) / 100
    assert power(near[samples(0.2, 0.4)]) == 0


def high_share(wave):
    spectrum = np.abs(np.fft.rfft(wave)) ** 2
    return spectrum[len(spectrum) // 2 :].sum() / spectrum.sum()


def test_a_loud_scene_is_turned_down_as_a_whole():
    loud = replace(scene(dog(2.0, snr_db=30.0), background=bed("wind")), level_db=-20.0)

    wave = render(loud, BANK, RATE)

    assert np.abs(wave).max() == pytest.approx(PEAK)
    heard, under = wave[samples(2.0, 3.5)], wave[samples(5.0, 20.0)]
    ratio = decibels(power(heard) - power(under)) - decibels(power(under))
    assert ratio == pytest.approx(30.0, abs=0.2)


@pytest.mark.parametrize("seconds", [5.0, 600.0])
def test_the_shortest_and_the_longest_scene_have_their_length(seconds):
    one = draw_scene(BANK, Plan(seconds=(seconds, seconds)), seed=2)

    wave = render(one, BANK, 8_000)

    assert (wave.shape, wave.dtype) == ((seconds * 8_000,), np.float32)
    assert 0 < np.abs(wave).max() <= PEAK + 1e-6


def test_a_scene_sounds_the_same_whenever_it_is_rendered():
    scenes = [draw_scene(BANK, Plan(), seed=seed) for seed in range(4)]
    first = [render(one, BANK, RATE) for one in scenes]

    again = [render(one, fake_bank(), RATE) for one in reversed(scenes)][::-1]

    assert [a.tobytes() for a in first] == [b.tobytes() for b in again]


def test_at_another_rate_events_are_at_the_same_times():
    one = replace(scene(dog(2.34, snr_db=40.0)), level_db=-80.0)

    edges = [
        np.flatnonzero(np.abs(render(one, BANK, rate)) > 0.003)[[0, -1]] / rate
        for rate in (8_000, 22_050, 48_000)
    ]

    np.testing.assert_allclose(edges, [[2.34, 3.84]] * 3, atol=0.01)


def test_synthetic_kinds_compose():
    kinds = {name: KINDS[name] for name in ("dog_bark", "cat_meow", "light_rain")}
    bank = bank_from_kinds(takes=2, kinds=kinds)

    one = draw_scene(
        bank, Plan(seconds=(6.0, 8.0), events=(2, 2), repeat=0.0, background=1.0), seed=1
    )

    assert len(render(one, bank)) == round(one.seconds * 32_000)


def test_fades_take_clicks_off_both_ends_and_leave_the_rest():
    wave = np.ones(1000, np.float32)

    found = faded(wave, 2000)

    np.testing.assert_allclose(found[:10], (np.arange(10) + 0.5) / 10, rtol=1e-6)
    np.testing.assert_array_equal(found[10:-10], 1)
    np.testing.assert_array_equal(found, found[::-1])
    np.testing.assert_array_equal(wave, 1)


@pytest.mark.parametrize("broken", ["short", "silent"])
def test_a_background_that_cannot_be_is_refused(broken):
    length = 100 if broken == "short" else 20 * RATE
    wave = np.full(length, broken == "short", np.float32)
    sound = replace(BANK.by_name["wind/0"], load=lambda seconds, rate: wave)

    with pytest.raises(DataError, match="background of 20"):
        render(scene(background=bed("wind")), Bank((sound,)), RATE)


def test_an_event_that_is_silent_is_refused():
    with pytest.raises(DataError, match="dog/0 is silent"):
        render(scene(dog(1.0, cut=(0.0, 0.1))), BANK, RATE)
