"""Every layout of the table, on a tiny folder, a wrong one and a half-empty one."""

import pytest

from data.layouts import EXAMPLES
from data.wavs import write_wav
from earmark.audio.member import is_file
from earmark.audio.read import read
from earmark.data import open_data
from earmark.data.open import LAYOUTS
from earmark.errors import DataError

# Missing sounds are normal where they come from YouTube; a folder of one's own, or a tar, has no
# list to be held to.
LISTED = [name for name in EXAMPLES if name not in {"audiocaps", "castella", "folder", "shards"}]


def test_every_layout_has_an_example():
    assert set(EXAMPLES) == set(LAYOUTS)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_layout_gives_the_rows_worked_out_by_hand(name, tmp_path):
    place = EXAMPLES[name].make(tmp_path)

    rows = open_data(f"{name}:{place}")

    assert EXAMPLES[name].rows == tuple(
        (row.audio.relative_to(tmp_path).as_posix(), row.captions, row.split, row.recording)
        for row in rows
    )


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_row_names_a_file_and_a_recording(name, tmp_path):
    rows = open_data(f"{name}:{EXAMPLES[name].make(tmp_path)}")

    assert all(is_file(row.audio) and row.recording for row in rows)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_row_can_be_heard(name, tmp_path):
    rows = open_data(f"{name}:{EXAMPLES[name].make(tmp_path)}")

    assert [len(read(row.audio)) for row in rows] == [80] * len(rows)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_layout_is_recognised_without_its_name(name, tmp_path):
    place = EXAMPLES[name].make(tmp_path)

    assert open_data(str(place)) == open_data(f"{name}:{place}")


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_folder_of_another_kind_is_refused_with_what_was_sought_and_where_to_get_it(
    name, tmp_path
):
    (tmp_path / "holiday.txt").write_text("sun", encoding="utf-8")
    place = tmp_path / EXAMPLES[name].table if name == "manifest" else tmp_path

    with pytest.raises(DataError) as caught:
        open_data(f"{name}:{place}")

    assert len(str(caught.value).splitlines()) == 2
    if name != "manifest":
        assert LAYOUTS[name].seeks in caught.value.problem
        assert "found: only holiday.txt" in caught.value.problem
        assert LAYOUTS[name].home in caught.value.hint


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_place_that_is_not_there_is_refused(name, tmp_path):
    with pytest.raises(DataError, match="nowhere"):
        open_data(f"{name}:{tmp_path / 'nowhere'}")


@pytest.mark.parametrize("name", LISTED)
def test_a_half_empty_folder_is_refused_with_a_count_and_a_name(name, tmp_path):
    place = EXAMPLES[name].make(tmp_path)
    sound = tmp_path / EXAMPLES[name].sound
    sound.unlink()

    with pytest.raises(DataError, match=r"1 of \d+ .*files are not there") as caught:
        open_data(f"{name}:{place}")

    assert str(sound) in caught.value.problem
    assert len(str(caught.value).splitlines()) == 2


def test_only_the_sound_of_the_rows_asked_for_has_to_be_there(tmp_path):
    place = EXAMPLES["esc50"].make(tmp_path)
    (tmp_path / EXAMPLES["esc50"].sound).unlink()  # of fold5

    assert len(open_data(f"{place}#fold1")) == 1


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("esc50", {"target": "0", "esc10": "True", "take": "A"}),
        ("urbansound8k", {"start": "0.0", "end": "0.317551", "salience": "1", "classID": "3"}),
    ],
)
def test_what_else_a_table_tells_becomes_facts(name, facts, tmp_path):
    assert open_data(str(EXAMPLES[name].make(tmp_path)))[0].facts == facts


def test_hidden_files_are_no_sounds(tmp_path):
    place = EXAMPLES["folder"].make(tmp_path)
    write_wav(place / "rain_heavy" / "._1.wav")

    assert len(open_data(f"folder:{place}")) == 2


@pytest.mark.parametrize("name", ["clips", "esc50", "urbansound8k"])
def test_a_folder_without_its_sound_is_refused(name, tmp_path):
    place = EXAMPLES[name].make(tmp_path)
    (place / "audio").rename(place / "sound")

    with pytest.raises(DataError, match="does not hold"):
        open_data(f"{name}:{place}")
