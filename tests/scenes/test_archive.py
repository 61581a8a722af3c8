"""The archive of the demo holds what it says, is the same each time, and is made once."""

import shutil
from collections import Counter
from itertools import islice, pairwise
from pathlib import PurePosixPath

import av
import numpy as np
import pytest

from earmark.audio.read import open_sound, read
from earmark.audio.tags import read_tags
from earmark.audio.ucs import parse_name
from earmark.audio.write import write
from earmark.errors import AudioError, EarmarkError
from earmark.scenes import archive
from earmark.scenes.archive import FIELD, FILES, TAKES, Sounding, archive_truth, make_archive
from earmark.scenes.archive import ledger as book
from earmark.scenes.archive.ledger import LEDGER
from earmark.scenes.archive.odd import HOLE, ODD, Copy, NoSound
from earmark.scenes.archive.takes import Take
from earmark.synth import KINDS

SOME = 22  # a small archive that has some of everything
FEW = {"files": 4, "field_seconds": 15.0}  # a smaller one, of the first three and the long one


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A small archive, one file at a time, and the paths in the order that they came."""
    folder = tmp_path_factory.mktemp("archive")
    paths = list(make_archive(folder, files=SOME, field_seconds=15.0, jobs=1))
    return folder, [path.relative_to(folder).as_posix() for path in paths]


def times(folder):
    return {path: path.stat().st_mtime_ns for path in files_below(folder)}


def files_below(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != LEDGER)


def film(name="film.mp4", *, pictures=True):
    return Take(
        name=name,
        kinds=("gunshot",),
        seconds=2.0,
        seed=3,
        bed="",
        rate=48_000,
        channels=1,
        subtype=None,
        pictures=pictures,
        tags=(("title", "Übung"),),
    )


def test_every_file_comes_once_and_the_long_one_last(made):
    folder, names = made

    assert len(names) == len(set(names)) == SOME
    assert names[:2] == ["RAINRoof_Rain On A Tin Roof_EARM_DEMO.wav", "yard/dogs.mp3"]
    assert names[-1] == FIELD
    assert sorted(names) == [path.relative_to(folder).as_posix() for path in files_below(folder)]


def test_there_are_about_two_hundred_files_of_a_dozen_kinds_and_more():
    names = [PurePosixPath(file.name) for file in (*TAKES, *ODD)]

    assert len(set(names)) + 1 == FILES == 201
    assert len({str(name).casefold() for name in names}) == len(names)
    assert len({name.suffix.lower() for name in names}) == 19
    assert len({name.parent for name in names}) > 40
    assert sum(parse_name(name) is not None for name in names) > 70
    assert sum(name.stem.startswith("ZOOM") for name in names) > 8
    assert sum("ü" in str(name) or "ä" in str(name) or "ö" in str(name) for name in names) > 15
    assert not any(set(str(name)) & set('<>:"\\|?*') for name in names)  # Windows has none of them


def test_rates_channels_and_lengths_are_those_of_a_real_archive():
    rates = Counter(take.rate for take in TAKES)

    assert (min(rates), max(rates)) == (8_000, 192_000)
    assert rates[96_000] > 8
    assert {take.channels for take in TAKES} == {1, 2, 4, 6, 8}
    assert {take.subtype for take in TAKES} == {None, "pcm24", "float"}
    assert all(2 <= take.length <= 60 for take in TAKES)
    assert sum(take.pictures for take in TAKES) == 10
    assert sum(bool(take.tags) for take in TAKES) > 100


def test_every_kind_is_heard_and_only_textures_are_beds():
    assert {kind for take in TAKES for kind in take.kinds} == set(KINDS)
    assert all(KINDS[take.bed].texture for take in TAKES if take.bed)


def test_the_truth_of_a_file_by_hand():
    truth = archive_truth(files=SOME, field_seconds=15.0)

    dogs = [one for one in truth if one.path == "yard/dogs.mp3"]
    assert dogs == [
        Sounding("yard/dogs.mp3", 0.0, 4.0, "dog_bark"),
        Sounding("yard/dogs.mp3", 5.5, 9.5, "cat_meow"),
    ]
    assert [one for one in truth if one.path == "Backup/yard/dogs.mp3"] == [
        Sounding("Backup/yard/dogs.mp3", 0.0, 4.0, "dog_bark"),
        Sounding("Backup/yard/dogs.mp3", 5.5, 9.5, "cat_meow"),
    ]


def test_a_bed_is_heard_from_start_to_end():
    take = next(take for take in TAKES if take.name == "Recorder/2021-05-02/ZOOM0002.WAV")

    assert list(take.soundings()) == [
        Sounding(take.name, 0.0, 4.0, "crow_caw"),
        Sounding(take.name, 5.5, 9.5, "dog_bark"),
        Sounding(take.name, 0.0, 9.5, "birds"),
    ]


def test_the_truth_speaks_of_files_that_are_there(made):
    _, names = made
    silent = {file.name for file in ODD if isinstance(file, NoSound)}

    assert {one.path for one in archive_truth(files=SOME, field_seconds=15.0)} == (
        set(names) - silent
    )


def test_what_the_truth_says_is_heard_and_the_pauses_are_silent(made):
    folder, _ = made
    truth = archive_truth(files=14, field_seconds=15.0)

    for name in {one.path for one in truth} - {FIELD}:
        wave = read(folder / name, rate=16_000)
        spans = sorted((one.start, one.end) for one in truth if one.path == name)
        for start, end in spans:
            part = np.abs(wave[round(start * 16_000) : round(end * 16_000)])
            assert part[:8000].max() > 0.05, name
        for (_, end), (start, _) in pairwise(spans):
            pause = wave[round((end + 0.1) * 16_000) : round((start - 0.1) * 16_000)]
            assert np.abs(pause).max() < 0.02, name
        assert len(wave) / 16_000 == pytest.approx(spans[-1][1], abs=0.06), name


def test_what_is_stored_is_what_the_table_says(made):
    folder, _ = made

    for take in TAKES[:15]:
        with open_sound(folder / take.name) as sound:
            assert (sound.facts.rate, sound.facts.channels) == (
                take.rate if take.name.rpartition(".")[2] not in ("mkv", "webm") else 48_000,
                take.channels,
            )
        tags = read_tags(folder / take.name)
        assert all(getattr(tags, key) == value for key, value in take.tags)


def test_the_same_sound_stands_there_in_three_formats(made):
    folder, _ = made

    bells = [
        read(folder / name, rate=16_000)
        for name in ("street/bells.caf", "street/bells.flac", "Downloads/Kirchenglocken.mp3")
    ]

    for one in bells[1:]:
        alike = np.corrcoef(bells[0][:150_000], one[:150_000])[0, 1]
        assert alike > 0.98


def test_copies_hold_the_same_bytes_and_the_damaged_one_has_a_hole(made):
    folder, _ = made
    dogs = (folder / "yard/dogs.mp3").read_bytes()
    damaged = (folder / "damaged.mp3").read_bytes()

    assert (folder / "Backup/yard/dogs.mp3").read_bytes() == dogs
    assert (folder / "Downloads/piano (copy).mkv").read_bytes() == (
        folder / "studio/piano.mkv"
    ).read_bytes()
    middle = len(dogs) // 2
    assert damaged == dogs[:middle] + bytes(HOLE) + dogs[middle + HOLE :]


def test_silence_is_silent_and_what_is_no_sound_is_refused(made):
    folder, _ = made

    assert not read(folder / "Recorder/2021-05-02/ZOOM0004.WAV").any()
    with pytest.raises(AudioError, match="empty"):
        read(folder / "Downloads/interview.mp3")
    with pytest.raises(AudioError, match="not sound"):
        read(folder / "Projekte/Game/list of sounds.wav")


@pytest.mark.parametrize("name", ["film.mp4", "film.MOV", "film.mkv"])
def test_a_film_has_pictures_and_the_sound_that_it_would_have_without(tmp_path, name):
    film(name).make(tmp_path)
    film(f"sound {name}", pictures=False).make(tmp_path)

    with av.open(tmp_path / name) as container:
        assert [stream.type for stream in container.streams] == ["audio", "video"]
        assert sum(1 for _ in container.decode(video=0)) == 10
    assert read_tags(tmp_path / name).title == "Übung"
    seen, heard = (read(tmp_path / one) for one in (name, f"sound {name}"))
    least = min(len(seen), len(heard))
    assert least >= 96_000
    assert np.abs(seen[:least] - heard[:least]).max() < 1e-4


def test_a_kind_that_comes_twice_is_two_takes_of_it():
    take = next(take for take in TAKES if take.kinds == ("laughter", "laughter"))

    wave = take.sound()

    length, gap = round(take.seconds * take.rate), round(1.5 * take.rate)
    assert len(wave) == 2 * length + gap
    assert not wave[length : length + gap].any()
    assert np.abs(wave[:length] - wave[length + gap :]).max() > 0.1


def test_channels_hold_the_sound_at_falling_levels():
    take = next(take for take in TAKES if take.channels == 4)

    wave = take.sound()

    assert wave.shape == (round(take.length * take.rate), 4)
    peaks = np.abs(wave).max(axis=0)
    assert peaks / peaks[0] == pytest.approx([1.0, 0.8, 0.6, 0.4], abs=1e-5)


def test_the_sound_is_the_same_whatever_the_jobs(made, tmp_path):
    folder, names = made

    again = [
        path.relative_to(tmp_path).as_posix()
        for path in make_archive(tmp_path, files=8, field_seconds=15.0, jobs=3)
    ]

    assert again == [*names[:7], FIELD]
    for name in again:
        assert np.array_equal(read(folder / name), read(tmp_path / name)), name
    for name in (names[0], "house/door.aiff", FIELD):
        assert (folder / name).read_bytes() == (tmp_path / name).read_bytes()


def test_a_second_run_makes_nothing_and_yields_the_same(made, monkeypatch):
    folder, names = made
    before = times(folder)
    monkeypatch.setattr(Take, "make", lambda *_: pytest.fail("made anew"))

    again = [path.relative_to(folder).as_posix() for path in
             make_archive(folder, files=SOME, field_seconds=15.0)]  # fmt: skip

    assert again == names
    assert times(folder) == before


@pytest.fixture
def own(made, tmp_path):
    """A copy of the small archive, with its times."""
    folder = tmp_path / "own"
    shutil.copytree(made[0], folder)
    return folder


def test_what_is_gone_or_changed_is_made_again_with_its_copies(own):
    before = times(own)
    gone, changed = own / "yard/insects.opus", own / "yard/dogs.mp3"
    gone.unlink()
    changed.write_bytes(b"mine")

    list(make_archive(own, files=SOME, field_seconds=15.0))

    after = times(own)
    assert {path for path in before if after[path] != before[path]} == {
        gone, changed, own / "damaged.mp3", own / "Backup/yard/dogs.mp3",
    }  # fmt: skip
    assert (own / "Backup/yard/dogs.mp3").read_bytes() == changed.read_bytes() != b"mine"


def test_what_other_code_has_made_is_made_again(own, monkeypatch):
    before = times(own)
    monkeypatch.setattr(book, "code", lambda: "another")

    paths = list(make_archive(own, **FEW))

    after = times(own)
    assert {path for path in before if after[path] != before[path]} == set(paths)


def test_another_length_makes_the_long_one_anew_and_nothing_else(own):
    before = times(own)

    list(make_archive(own, files=SOME, field_seconds=17.0))

    after = times(own)
    assert [path.name for path in before if after[path] != before[path]] == [FIELD]
    with open_sound(own / FIELD) as sound:
        assert sound.facts.seconds == pytest.approx(17.0, abs=0.05)


def test_a_run_that_was_stopped_goes_on(tmp_path):
    run = make_archive(tmp_path, **FEW, jobs=2)
    first, second = islice(run, 2)
    run.close()
    assert not [path for path in files_below(tmp_path) if ".part" in path.name]
    before = [path.stat().st_mtime_ns for path in (first, second)]
    with (tmp_path / LEDGER).open("a", encoding="utf-8") as out:
        out.write('["yard/roost')  # the machine stopped in the middle of a line

    assert len(list(make_archive(tmp_path, **FEW))) == 4

    assert [path.stat().st_mtime_ns for path in (first, second)] == before
    done = times(tmp_path)
    list(make_archive(tmp_path, **FEW))
    assert times(tmp_path) == done


def test_a_file_that_cannot_be_written_ends_the_run_and_leaves_no_half_of_it(tmp_path):
    (tmp_path / "yard/dogs.mp3/mine").mkdir(parents=True)

    with pytest.raises(AudioError, match="could not be written"):
        list(make_archive(tmp_path, **FEW))

    assert not [path for path in files_below(tmp_path) if ".part" in path.name]


def test_a_file_where_a_folder_should_be_is_two_lines(tmp_path):
    (tmp_path / "yard").write_text("mine", encoding="utf-8")

    with pytest.raises(EarmarkError, match="cannot be written to") as caught:
        list(make_archive(tmp_path, **FEW))

    assert len(str(caught.value).splitlines()) == 2
    assert [path.name for path in files_below(tmp_path)] == ["yard"]


@pytest.mark.parametrize("files", [0, FILES + 1])
def test_an_archive_has_one_file_at_least_and_no_more_than_there_are(tmp_path, files):
    with pytest.raises(ValueError, match="1 to 201"):
        list(make_archive(tmp_path, files=files))


def test_a_copy_says_where_it_is_from_so_that_it_waits():
    assert {file.after for file in ODD if isinstance(file, Copy)} == {
        "yard/dogs.mp3", "studio/piano.mkv",
    }  # fmt: skip
    places = [file.name for file in archive.make._SHELF]
    assert all(not one.after or places.index(one.after) < places.index(one.name)
               for one in archive.make._SHELF)  # fmt: skip


def test_writing_over_a_file_that_was_there_is_allowed(tmp_path):
    take = film("a.wav", pictures=False)
    write(tmp_path / "a.wav", np.zeros(10, np.float32), 8000)

    take.make(tmp_path)

    assert len(read(tmp_path / "a.wav")) == 96_000
