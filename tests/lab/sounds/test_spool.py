import os
from pathlib import Path

import numpy as np
import pytest

from data.wavs import write_wav
from earmark.data.rows import Row
from earmark.errors import AudioError, DataError
from earmark.lab.sounds.spool import FULL, LONGEST, Take, clip_take, spool
from lab.sounds.made import RATE, noise, take, tone


def wave_of(made, number):
    entry = made.entries[number]
    return made.samples[entry.first : entry.first + entry.length] / FULL


def counting(name, wave, calls):
    def load(rate):
        calls.append((name, rate))
        return wave

    return Take(name, load)


def broken(name):
    def load(rate):
        raise AudioError(name, "it is broken", hint="none")

    return Take(name, load)


def test_sounds_lie_in_their_order_each_as_loud_as_16_bits_allow(tmp_path):
    waves = [noise(0.3, 1), 0.001 * tone(300, 0.2), noise(0.1, 2)]

    made = spool([take(str(n), wave) for n, wave in enumerate(waves)], RATE, tmp_path, workers=3)

    assert [entry.name for entry in made.entries] == ["0", "1", "2"]
    assert [entry.length for entry in made.entries] == [2400, 1600, 800]
    assert [entry.first for entry in made.entries] == [0, 2400, 4000]
    for number, wave in enumerate(waves):
        np.testing.assert_allclose(
            wave_of(made, number), wave * (0.9 / np.abs(wave).max()), atol=1 / FULL
        )


def test_more_sounds_than_are_decoded_ahead_keep_their_order(tmp_path):
    waves = {f"{n}": noise(0.06, n) for n in range(150)}

    made = spool([take(*item) for item in waves.items()], RATE, tmp_path, workers=4)

    assert [entry.name for entry in made.entries] == list(waves)
    np.testing.assert_allclose(
        wave_of(made, 149), waves["149"] * (0.9 / np.abs(waves["149"]).max()), atol=1 / FULL
    )


def test_the_level_of_a_sound_is_measured_where_it_sounds(tmp_path):
    silent = np.zeros(RATE, np.float32)
    wave = np.concatenate([silent, tone(400, 0.5), silent])

    made = spool([take("x", wave)], RATE, tmp_path)

    # A sine of 0.9 has a mean square of 0.405.
    assert made.entries[0].level == pytest.approx(10 * np.log10(0.405), abs=0.01)


def test_a_second_opening_decodes_nothing_but_takes_new_words(tmp_path):
    calls = []
    first = spool([counting("x", noise(0.1, 1), calls)], RATE, tmp_path)

    again = Take("x", counting("x", None, calls).load, label="rain", captions=("It rains.",))
    second = spool([again], RATE, tmp_path)

    assert calls == [("x", RATE)]
    assert second.key == first.key
    assert (second.entries[0].label, second.entries[0].captions) == ("rain", ("It rains.",))
    np.testing.assert_array_equal(second.samples, first.samples)


@pytest.mark.parametrize(
    "other",
    [
        ([take("x", noise(0.1, 1)), take("y", noise(0.1, 2))], RATE),
        ([take("y", noise(0.1, 2))], RATE),
        ([take("x", noise(0.1, 1))], 2 * RATE),
        ([take("x", noise(0.1, 1), stamp="changed")], RATE),
    ],
)
def test_other_sounds_another_rate_or_a_changed_sound_make_another_file(tmp_path, other):
    known = spool([take("x", noise(0.1, 1))], RATE, tmp_path)

    assert spool(*other, tmp_path).key != known.key


def test_what_cannot_be_used_is_left_out_and_counted(tmp_path):
    takes = [
        broken("broken"),
        take("good", noise(0.1, 1)),
        take("silent", np.zeros(RATE, np.float32)),
        take("short", noise(0.04, 1)),
        take("odd", np.full(RATE, np.nan, np.float32)),
        take("empty", np.zeros(0, np.float32)),
        take("fine", noise(0.2, 2)),
    ]

    made = spool(takes, RATE, tmp_path)

    assert [entry.name for entry in made.entries] == ["good", "fine"]
    assert made.unread == ("broken", "silent", "short", "odd", "empty")
    assert spool(takes, RATE, tmp_path).unread == made.unread


def test_nothing_that_can_be_used_is_an_error_of_two_lines(tmp_path):
    for takes, problem in (([], "there is no sound"), ([broken("x")], "none of the sounds")):
        with pytest.raises(DataError, match=problem) as error:
            spool(takes, RATE, tmp_path)
        assert len(str(error.value).splitlines()) == 2


def test_a_kill_half_way_leaves_nothing_that_counts(tmp_path):
    def killed(rate):
        raise KeyboardInterrupt

    good = take("a", noise(0.1, 1))
    with pytest.raises(KeyboardInterrupt):
        spool([good, Take("b", killed)], RATE, tmp_path)

    assert list(tmp_path.iterdir()) == []
    assert len(spool([good, take("b", noise(0.1, 2))], RATE, tmp_path).entries) == 2


@pytest.mark.parametrize("damage", ["table", "samples", "no samples"])
def test_a_file_that_is_not_whole_is_made_anew(tmp_path, damage):
    calls = []
    takes = [counting("x", noise(0.1, 1), calls)]
    before = np.array(spool(takes, RATE, tmp_path).samples)
    (data,), (table,) = tmp_path.glob("*.i16"), tmp_path.glob("*.json")
    if damage == "table":
        table.write_text("", encoding="utf-8")
    elif damage == "samples":
        data.write_bytes(data.read_bytes()[:-2])
    else:
        data.unlink()

    after = spool(takes, RATE, tmp_path)

    assert len(calls) == 2
    np.testing.assert_array_equal(after.samples, before)


def test_a_cache_that_cannot_be_written_is_an_error_of_two_lines(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(DataError, match="cannot be kept in") as error:
        spool([take("x", noise(0.1, 1))], RATE, tmp_path / "file")

    assert "--cache" in error.value.hint


def test_how_far_it_is_is_told(tmp_path):
    told = []

    spool([take(str(n), noise(0.1, n)) for n in range(4)], RATE, tmp_path, watch=told.append)

    assert told == [0, 0.25, 0.5, 0.75]


def test_a_clip_is_read_at_the_rate_and_no_longer_than_is_kept(tmp_path):
    path = write_wav(tmp_path / "long.wav", noise(LONGEST + 1, 1))

    wave = clip_take(Row(path, ())).load(2 * RATE)

    assert len(wave) == LONGEST * 2 * RATE


def test_of_a_row_that_is_a_stretch_only_that_is_heard(tmp_path):
    path = write_wav(tmp_path / "x.wav", np.concatenate([noise(1, 1), tone(400, 1), noise(1, 2)]))
    rows = Row(path, ()), Row(path, (), start=1.0, end=2.0), Row(path, (), start=1.25)

    whole, stretch, rest = (clip_take(row) for row in rows)

    np.testing.assert_allclose(stretch.load(RATE), tone(400, 1), atol=1e-3)
    assert len(rest.load(RATE)) == 1.75 * RATE
    assert len({whole.name, stretch.name, rest.name}) == 3


@pytest.mark.parametrize("changed", [0, 5_000, 9_999])
def test_a_clip_that_was_replaced_is_decoded_anew(tmp_path, changed):
    wave = noise(10_000 / RATE, 1)
    path = write_wav(tmp_path / "x.wav", wave)
    first = spool([clip_take(Row(path, ()))], RATE, tmp_path / "cache")

    wave[changed] = 0.5
    write_wav(path, wave)

    assert spool([clip_take(Row(path, ()))], RATE, tmp_path / "cache").key != first.key


def test_a_clip_that_was_only_copied_is_the_same(tmp_path):
    path = write_wav(tmp_path / "x.wav", noise(0.1, 1))
    first = spool([clip_take(Row(path, ()))], RATE, tmp_path / "cache")
    os.utime(path, (1, 1))

    assert spool([clip_take(Row(path, ()))], RATE, tmp_path / "cache").key == first.key


def test_a_clip_that_is_not_there_is_one_that_cannot_be_used(tmp_path):
    path = write_wav(tmp_path / "x.wav", noise(0.1, 1))
    takes = [clip_take(Row(tmp_path / "none.wav", ())), clip_take(Row(path, ()))]

    assert spool(takes, RATE, tmp_path).unread == (str(tmp_path / "none.wav"),)


def test_one_clip_listed_twice_keeps_the_words_of_each_row(tmp_path):
    path = write_wav(tmp_path / "x.wav", noise(0.1, 1))
    rows = [Row(path, ("One.",)), Row(path, ("Two.",), label="two")]

    made = spool([clip_take(row) for row in rows], RATE, tmp_path / "cache")

    assert [entry.captions for entry in made.entries] == [("One.",), ("Two.",)]
    assert [entry.label for entry in made.entries] == ["", "two"]


def test_a_clip_through_a_codec_is_another_sound_of_the_same_length(tmp_path):
    path = write_wav(tmp_path / "x.wav", noise(0.5, 1))
    row = Row(path, ())

    made = spool([clip_take(row), clip_take(row, "phone")], RATE, tmp_path / "cache")

    plain, coded = wave_of(made, 0), wave_of(made, 1)
    assert len(plain) == len(coded)
    assert 1e-4 < np.abs(plain - coded).max() < 0.5
    assert made.entries[1].name.endswith("x.wav|phone")


def test_a_folder_is_known_by_any_of_its_names(tmp_path, monkeypatch):
    path = write_wav(tmp_path / "data" / "x.wav")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    names = {clip_take(Row(one, ())).name for one in (path, Path("../data/x.wav"))}

    assert names == {str(path.resolve())}
