import pytest

from data.layouts import EXAMPLES
from data.wavs import write_table, write_wav
from earmark.data import clips, open_data
from earmark.data.split import is_dev
from earmark.errors import DataError

HEADER = "path,role,use,label,caption,freesound_id"


def _folder(root, *lines):
    write_table(root / "clips.csv", HEADER, *lines)
    for line in lines:
        write_wav(root / "audio" / line[0])
    return root


def test_the_same_tenth_is_set_aside_everywhere():
    assert [n for n in range(60) if is_dev(f"freesound:{n}")] == [8, 19, 31, 36, 42]


def test_about_a_tenth_of_many_recordings_is_set_aside():
    assert 900 < sum(is_dev(f"s/{n}.wav") for n in range(10_000)) < 1_100


def test_clips_of_one_recording_are_never_split(tmp_path):
    lines = [(f"a/{n}.wav", "train", "free", "", "x", str(n // 3)) for n in range(60)]

    rows = clips.read(_folder(tmp_path, *lines))

    sides = {(row.recording, row.split) for row in rows}
    assert len(sides) == 20
    assert {split for _, split in sides} == {"train", "dev"}


def test_check_clips_are_never_set_aside(tmp_path):
    lines = [(f"a/{n}.wav", "check", "free", "", "x", "") for n in range(60)]

    assert {row.split for row in clips.read(_folder(tmp_path, *lines))} == {"check"}


def test_what_the_audit_found_is_left_out_with_the_reason(tmp_path, monkeypatch):
    monkeypatch.setattr(clips, "left_out", lambda: {"a/1.wav": "same sound as b/2.wav (0.97)"})
    lines = [(f"a/{n}.wav", "train", "free", "", "x", "") for n in range(3)]

    rows = clips.read(_folder(tmp_path, *lines))

    (left,) = [row for row in rows if row.split == "left_out"]
    assert left.audio.name == "1.wav"
    assert left.facts["left_out"] == "same sound as b/2.wav (0.97)"
    assert left.facts["side"] in ("train", "dev")


def test_a_check_clip_is_never_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(clips, "left_out", lambda: {"a/1.wav": "same sound as b/2.wav (0.97)"})

    (row,) = clips.read(_folder(tmp_path, ("a/1.wav", "check", "free", "", "x", "")))

    assert row.split == "check"


def test_the_list_of_the_package_names_each_clip_once_with_a_reason():
    listed = clips.left_out()

    assert all(path and "/" in path and why for path, why in listed.items())


def test_the_rest_of_the_table_is_kept_as_facts(tmp_path):
    (row,) = open_data(f"{EXAMPLES['clips'].make(tmp_path)}#check")

    told = {"role": "check", "use": "free", "source": "t", "freesound_id": "77"}
    assert row.facts == told | {"side": "check"}


def test_an_unknown_role_is_refused_with_its_line(tmp_path):
    place = _folder(
        tmp_path, ("a.wav", "train", "", "", "x", ""), ("b.wav", "test", "", "", "x", "")
    )

    with pytest.raises(DataError, match="line 3: the role is 'test'"):
        clips.read(place)
