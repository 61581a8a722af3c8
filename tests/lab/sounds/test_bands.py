import dataclasses

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.audio.mel import _bank, hz_of_bands, log_mel
from earmark.errors import DataError
from earmark.lab.sounds.bands import FLOOR, READINGS, bands_of, spectrum, white_noise
from earmark.lab.sounds.spool import FULL, spool
from lab.sounds.made import RATE, faded, noise, spool_of, take, tone
from lab.sounds.small import EAR, LATE, PLAIN

torch.set_num_threads(1)

ALTERED = dataclasses.replace(PLAIN, altered_speed=0.7, room=0.5)


@pytest.fixture
def sounds(tmp_path):
    return spool_of(tmp_path / "spool", noise(0.5, 1), tone(700, 0.3))


def reading(bands, sound, number):
    """One reading of one sound, as power: -> [frames, bands]."""
    entry = bands.entries[sound * READINGS + number]
    found = bands.frames[entry.first : entry.first + entry.length]
    return np.exp(found.astype(np.float64)) - FLOOR


def files(folder):
    return {path.suffix: path for path in folder.iterdir()}


def test_the_first_reading_is_the_sound_as_the_rule_hears_it_in_silence(sounds, tmp_path):
    bands = bands_of(sounds, EAR, ALTERED, tmp_path)

    for number, entry in enumerate(sounds.entries):
        silence = np.zeros(10 * EAR.hop + LATE, np.float32)
        wave = sounds.samples[entry.first : entry.first + entry.length] / np.float32(FULL)
        heard = log_mel(np.concatenate([silence, wave, silence]), EAR)[10:]
        found = reading(bands, number, 0)
        power = np.exp(5 * heard - 4.5) - EAR.floor
        # Sixteen bits of a logarithm keep a power within half a percent.
        np.testing.assert_allclose(found, power[: len(found)], rtol=6e-3, atol=2e-6)
        assert power[len(found) :].max() < 2e-6


def test_a_reading_is_as_long_as_the_sound_and_the_frames_at_its_edges_that_hear_it(
    sounds, tmp_path
):
    bands = bands_of(sounds, EAR, PLAIN, tmp_path)

    # 4000 and 2400 samples are 50 and 30 hops.
    assert [entry.length for entry in bands.entries] == [53] * READINGS + [33] * READINGS
    assert [entry.first for entry in bands.entries[:5]] == [0, 53, 106, 159, 212]
    assert bands.frames.shape == (4 * 53 + 4 * 33, 32)
    assert bands.rate == 100


@pytest.mark.parametrize("samples", [400, 801, 839, 840, 841, 879])
def test_no_frame_hears_nothing_and_none_that_hears_something_is_lost(samples):
    wave = noise(1, 3)[:samples]
    silence = np.zeros(10 * EAR.hop + LATE, np.float32)
    plain = dataclasses.replace(EAR, floor=FLOOR, shift=0.0, divide=1.0)
    whole = np.exp(log_mel(np.concatenate([silence, wave, silence]), plain)) - FLOOR

    found = np.exp(spectrum(wave, EAR).astype(np.float32)) - FLOOR

    last = 10 + len(found)
    assert found.max(axis=1).min() > 1e-8
    assert found.sum() == pytest.approx(whole[10:last].sum(), rel=2e-3)
    assert max(whole[:10].max(), whole[last:].max()) < 1e-8 * whole.max()


def test_a_reading_keeps_name_level_label_and_captions_of_its_sound(tmp_path):
    takes = [
        take("a", noise(0.2, 1), label="rain", captions=("It rains.",)),
        take("b", noise(1, 2)),
    ]
    sounds = spool(takes, RATE, tmp_path / "spool")

    bands = bands_of(sounds, EAR, ALTERED, tmp_path)

    assert [entry.name for entry in bands.entries] == ["a"] * READINGS + ["b"] * READINGS
    for place, entry in enumerate(bands.entries):
        sound = sounds.entries[place // READINGS]
        assert dataclasses.replace(entry, first=sound.first, length=sound.length) == sound


def test_without_speed_and_room_all_readings_are_the_same(sounds, tmp_path):
    bands = bands_of(sounds, EAR, PLAIN, tmp_path)

    for number in range(1, READINGS):
        np.testing.assert_array_equal(reading(bands, 0, number), reading(bands, 0, 0))


def test_at_twice_the_speed_a_sound_is_half_as_long_and_an_octave_higher(tmp_path):
    sounds = spool_of(tmp_path, faded(tone(700, 0.4)))
    fast = dataclasses.replace(PLAIN, altered_speed=1.0, speed=(2.0, 2.0))

    bands = bands_of(sounds, EAR, fast, tmp_path)

    assert [entry.length for entry in bands.entries] == [43, 23, 23, 23]
    loudest = [reading(bands, 0, number)[10].argmax() for number in range(READINGS)]
    wanted = [np.abs(hz_of_bands(EAR) - hertz).argmin() for hertz in (700, 1400, 1400, 1400)]
    assert loudest == wanted


def test_in_a_room_a_sound_rings_on_and_each_reading_is_in_another(tmp_path):
    sounds = spool_of(tmp_path, noise(0.4, 1))
    rooms = dataclasses.replace(PLAIN, room=1.0)

    bands = bands_of(sounds, EAR, rooms, tmp_path)

    lengths = [entry.length for entry in bands.entries]
    assert lengths[0] == 43
    assert all(43 + 10 <= length <= 43 + 51 for length in lengths[1:])
    assert len({reading(bands, 0, number)[20].tobytes() for number in range(READINGS)}) == READINGS


def test_readings_come_from_the_seed_and_the_first_one_does_not(sounds, tmp_path):
    one, same = (bands_of(sounds, EAR, ALTERED, tmp_path / n, seed=3) for n in "ab")
    other = bands_of(sounds, EAR, ALTERED, tmp_path / "a", seed=4)

    np.testing.assert_array_equal(one.frames, same.frames)
    np.testing.assert_array_equal(reading(one, 1, 0), reading(other, 1, 0))
    assert [entry.length for entry in one.entries] != [entry.length for entry in other.entries]
    assert (one.key == same.key, one.key == other.key) == (True, False)


def test_a_second_opening_reads_the_file_and_gives_the_same(sounds, tmp_path):
    first, told = bands_of(sounds, EAR, ALTERED, tmp_path / "cache"), []

    second = bands_of(sounds, EAR, ALTERED, tmp_path / "cache", watch=told.append)

    assert told == []
    assert second.entries == first.entries
    np.testing.assert_array_equal(second.frames, first.frames)
    assert files(tmp_path / "cache").keys() == {".bands", ".json"}


@pytest.mark.parametrize("damage", ["cut short", "an empty table", "no table", "no spectra"])
def test_a_file_that_is_not_whole_is_made_anew(sounds, tmp_path, damage):
    cache, told = tmp_path / "cache", []
    before = np.array(bands_of(sounds, EAR, ALTERED, cache).frames)
    data, table = files(cache)[".bands"], files(cache)[".json"]
    if damage == "cut short":
        data.write_bytes(data.read_bytes()[:-2])
    elif damage == "an empty table":
        table.write_text("", encoding="utf-8")
    else:
        (table if damage == "no table" else data).unlink()

    after = bands_of(sounds, EAR, ALTERED, cache, watch=told.append)

    assert told == [0.5, 1.0]
    np.testing.assert_array_equal(after.frames, before)


def test_a_kill_half_way_leaves_nothing_that_counts(sounds, tmp_path):
    def killed(share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bands_of(sounds, EAR, PLAIN, tmp_path / "cache", watch=killed)

    assert list((tmp_path / "cache").iterdir()) == []


def test_only_what_changes_a_reading_makes_another_file(sounds, tmp_path):
    other = spool_of(tmp_path / "other", noise(0.5, 9))
    asked = [
        (sounds, EAR, PLAIN),
        (sounds, EAR, dataclasses.replace(PLAIN, noise=0.5, seconds=3.0, level_db=(-9, -8))),
        (other, EAR, PLAIN),
        (sounds, dataclasses.replace(EAR, bands=31), PLAIN),
        (sounds, EAR, dataclasses.replace(PLAIN, room=0.3)),
        (sounds, EAR, dataclasses.replace(PLAIN, altered_speed=0.3)),
        (sounds, EAR, dataclasses.replace(PLAIN, speed=(0.9, 1.1))),
    ]

    keys = [bands_of(*one, tmp_path).key for one in asked]

    assert keys[1] == keys[0]
    assert len(set(keys)) == len(keys) - 1


def test_more_sounds_than_are_worked_on_at_once_keep_their_order(tmp_path):
    waves = [tone(200 + 40 * n, 0.06) for n in range(70)]
    bands = bands_of(spool_of(tmp_path, *waves), EAR, PLAIN, tmp_path)

    loudest = [reading(bands, n, 0)[4].argmax() for n in range(70)]

    nearest = [np.abs(hz_of_bands(EAR) - (200 + 40 * n)).argmin() for n in range(70)]
    assert np.abs(np.subtract(loudest, nearest)).max() <= 1


def test_a_cache_that_cannot_be_written_is_an_error_of_two_lines(sounds, tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(DataError, match="spectra cannot be kept in") as error:
        bands_of(sounds, EAR, PLAIN, tmp_path / "file")

    assert "--cache" in error.value.hint
    assert len(str(error.value).splitlines()) == 2


def test_white_noise_is_a_minute_of_what_a_steady_noise_of_level_1_gives_each_band():
    flat = dataclasses.replace(EAR, emphasis=0.0, periodic=True)

    found = white_noise(flat)

    # The squares of a Hann window of 200 add up to 3/8 of 200; each bin has that on average.
    np.testing.assert_allclose(found.mean(axis=0), 75 * _bank(flat).sum(axis=0), rtol=0.06)
    assert 5_990 <= len(found) <= 6_000
    np.testing.assert_array_equal(white_noise(flat), found)
