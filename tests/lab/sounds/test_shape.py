import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.lab.sounds.shape import DIRECT, OCTAVES, WET, curve, in_room, shaped
from lab.sounds.made import plan_of, tone

torch.set_num_threads(1)

RATE = 32_000


def wave_of(samples):
    return torch.from_numpy(np.array(samples, np.float32))[None]


def click(at=0.2, seconds=1.0):
    wave = torch.zeros(1, round(seconds * RATE))
    wave[0, round(at * RATE)] = 1.0
    return wave


def filters(**gains):
    row = np.zeros((1, 8), np.float32)
    for name, gain in gains.items():
        row[0, OCTAVES.index(float(name[1:]))] = gain
    return row


@pytest.mark.parametrize(
    ("hertz", "gain"),
    [
        (1000, 12.0),
        (500, 0.0),
        (707.1, 6.0),  # half an octave below, so half of the decibels
        (2000, -9.0),
        (1414.2, 1.5),
        (250, 0.0),
    ],
)
def test_a_filter_gives_each_frequency_its_gain(hertz, gain):
    before = wave_of(0.1 * tone(hertz, 1.0, RATE))
    plan = plan_of(filters=filters(_1000=12.0, _2000=-9.0))

    after = shaped(before.clone(), plan, RATE)

    middle = slice(RATE // 4, -RATE // 4)
    change = after[0, middle].square().mean() / before[0, middle].square().mean()
    assert 10 * np.log10(change.item()) == pytest.approx(gain, abs=0.1)


def test_beyond_the_outer_octaves_a_filter_keeps_their_gain():
    plan = plan_of(filters=filters(_8000=-6.0))

    after = shaped(wave_of(tone(12_000, 1.0, RATE)), plan, RATE)

    middle = after[0, RATE // 4 : -RATE // 4]
    assert 10 * np.log10(middle.square().mean().item() / 0.125) == pytest.approx(-6, abs=0.1)


def test_a_curve_lies_on_straight_lines_between_octaves():
    gains = np.array([6, 0, 0, -20, 20, 0, 0, -12], np.float32)  # 62.5, 125, ... 8000 Hz
    hertz = torch.tensor([0.0, 62.5, 88.388, 500.0, 707.107, 1000.0, 8000.0, 15_000.0])

    found = 20 * torch.log10(curve(gains, hertz))

    torch.testing.assert_close(
        found, torch.tensor([6.0, 6.0, 3.0, -20.0, 0.0, 20.0, -12.0, -12.0]), atol=1e-3, rtol=0
    )


def test_a_wave_alone_is_in_the_room_of_a_plan_and_rings_to_its_end():
    plan = plan_of(room=np.array([0.4], np.float32))  # whose seed is 5, and its first room's 6
    in_plan = shaped(click(), plan, RATE)[0].numpy()

    alone = in_room(click()[0].numpy(), 0.4, RATE, 6)

    assert len(alone) == 1.4 * RATE
    np.testing.assert_allclose(alone[:RATE], in_plan, atol=1e-5)
    assert np.abs(in_room(click(at=0.99)[0].numpy(), 0.4, RATE, 6)[RATE:]).max() > 0.01


def test_a_room_comes_from_its_seed_and_keeps_what_it_is_given():
    wave = tone(440, 0.2, RATE)
    kept = wave.copy()

    rooms = [in_room(wave, 0.3, RATE, seed) for seed in (1, 1, 2)]

    np.testing.assert_array_equal(rooms[0], rooms[1])
    assert np.abs(rooms[0] - rooms[2]).max() > 0.01
    np.testing.assert_array_equal(wave, kept)


def test_a_room_rings_after_the_sound_and_never_before():
    plan = plan_of(room=np.array([0.4], np.float32))
    at, silent = round(0.2 * RATE), round(DIRECT * RATE)

    after = shaped(click(), plan, RATE)[0]

    assert after[:at].abs().max() < 1e-5
    assert after[at].item() == pytest.approx(1.0, abs=1e-4)
    assert after[at + 1 : at + silent].abs().max() < 1e-5
    assert after[at + silent :].square().sum().item() == pytest.approx(WET, rel=1e-3)


def test_a_room_dies_away_by_60_db_in_its_time():
    plan = plan_of(room=np.array([0.4], np.float32))

    after = shaped(click(), plan, RATE)[0, round(0.2 * RATE) :]

    early, late = (
        10 * np.log10(after[round(at * RATE) :][: RATE // 50].square().mean().item())
        for at in (0.05, 0.25)
    )
    assert early - late == pytest.approx(60 * 0.2 / 0.4, abs=1.5)


def test_what_rings_past_the_end_does_not_come_back_at_the_start():
    plan = plan_of(room=np.array([1.2], np.float32))

    after = shaped(click(at=0.95), plan, RATE)[0]

    assert after[: round(0.9 * RATE)].abs().max() < 1e-5
    assert after[round(0.96 * RATE) :].abs().max() > 1e-3


def test_two_rooms_of_a_batch_are_not_the_same():
    plan = plan_of(mixtures=2, room=np.array([0.4, 0.4], np.float32))

    after = shaped(click().repeat(2, 1), plan, RATE)

    assert not torch.allclose(after[0], after[1], atol=1e-3)


def test_noise_has_its_level_and_its_slope():
    level = np.array([0.0, 0.01], np.float32)
    plan = plan_of(mixtures=2, noise=level, colour=np.array([0.0, -6.0], np.float32))

    after = shaped(torch.zeros(2, 4 * RATE), plan, RATE)

    assert not after[0].any()
    assert after[1].square().mean().sqrt().item() == pytest.approx(0.01, rel=1e-4)
    power = torch.fft.rfft(after[1]).abs().square()
    low, high = (power[4 * hertz : 4 * hertz + 400].mean().item() for hertz in (1000, 4000))
    assert 10 * np.log10(high / low) == pytest.approx(-12, abs=1.0)


def test_a_wave_without_any_of_it_stays_as_it_is():
    wave = wave_of(tone(440, 0.5, RATE))

    torch.testing.assert_close(shaped(wave.clone(), plan_of(), RATE), wave, atol=0, rtol=0)
