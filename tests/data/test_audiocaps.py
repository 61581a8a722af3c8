import pytest

from data.layouts import EXAMPLES
from data.wavs import write_table, write_wav
from earmark.data import Coverage, audiocaps
from earmark.errors import DataError

HEADER = "audiocap_id,youtube_id,start_time,caption"


def test_missing_clips_are_counted_by_split(tmp_path):
    counts = audiocaps.coverage(EXAMPLES["audiocaps"].make(tmp_path))

    assert counts == {
        "train": Coverage(2, 3, ("gonegonegon",)),
        "test": Coverage(1, 1, ()),
    }
    assert str(counts["train"]) == "2 of 3 clips are there (66.7%)"


@pytest.mark.parametrize(
    "name",
    [
        "abcdefghijk.wav",
        "abcdefghijk_30.flac",
        "Yabcdefghijk.WAV",
        "Yabcdefghijk_30.m4a",
        "abcdefghijk_30_40.ogg",
        "abcdefghijk_30.000_40.000.wav",
        "abcdefghijk_30000_40000.wav",
        "4711.mp3",
        "train/abcdefghijk.wav",
        "audio/abcdefghijk.wav",
        "audio/train/abcdefghijk.opus",
    ],
)
def test_a_clip_is_found_under_any_name_that_people_give_it(name, tmp_path):
    write_table(tmp_path / "train.csv", HEADER, (4711, "abcdefghijk", 30, "Rain"))
    write_wav(tmp_path / name)

    (row,) = audiocaps.read(tmp_path)

    assert row.audio == tmp_path / name


def test_two_clips_of_one_video_keep_their_own_sound_and_one_recording(tmp_path):
    lines = ((1, "abcdefghijk", 30, "Rain"), (2, "abcdefghijk", 90, "Wind"))
    write_table(tmp_path / "train.csv", HEADER, *lines)
    write_wav(tmp_path / "abcdefghijk_30.wav")
    write_wav(tmp_path / "abcdefghijk_90.wav")

    first, second = audiocaps.read(tmp_path)

    assert (first.audio.stem, second.audio.stem) == ("abcdefghijk_30", "abcdefghijk_90")
    assert first.recording == second.recording


@pytest.mark.parametrize("there", [0, 1])
def test_a_folder_with_hardly_a_clip_is_refused_with_the_names_looked_for(there, tmp_path):
    lines = [(n, f"video{n:06}", 0, "Rain") for n in range(150)]
    write_table(tmp_path / "train.csv", HEADER, *lines)
    for n in range(there):
        write_wav(tmp_path / f"video{n:06}.wav")

    with pytest.raises(DataError, match=f"{there} of 150 clips are there") as caught:
        audiocaps.read(tmp_path)

    assert "YOUTUBEID_START.wav" in caught.value.problem
    assert "github.com/cdjkim/audiocaps" in caught.value.hint


def test_one_split_that_is_there_is_enough(tmp_path):
    lines = [(n, f"video{n:06}", 0, "Rain") for n in range(150)]
    write_table(tmp_path / "train.csv", HEADER, *lines)
    write_table(tmp_path / "val.csv", HEADER, (900, "abcdefghijk", 0, "Wind"))
    write_wav(tmp_path / "val" / "abcdefghijk.wav")

    assert [row.split for row in audiocaps.read(tmp_path)] == ["val"]


def test_a_table_of_that_name_with_other_columns_is_not_taken_for_audiocaps(tmp_path):
    write_table(tmp_path / "train.csv", "path,caption", ("a.wav", "rain"))

    assert not audiocaps.fits(tmp_path)


def test_a_start_that_is_no_number_is_named_with_its_line(tmp_path):
    write_table(tmp_path / "train.csv", HEADER, (1, "abcdefghijk", "soon", "Rain"))

    with pytest.raises(DataError, match="line 2: start_time is 'soon'"):
        audiocaps.read(tmp_path)
