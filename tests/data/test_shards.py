import json
import os
import tarfile

import numpy as np
import pytest

from audio.tars import FOLDER, LINK, entry, header, write_tar
from data.layouts import EXAMPLES
from data.wavs import noise, wav_bytes, write_table, write_wav
from earmark.audio.read import read as read_sound
from earmark.data import Coverage, coverage, open_data, shards
from earmark.data.audit import audit
from earmark.data.rows import Row
from earmark.errors import AudioError, DataError
from earmark.lab.sounds.spool import clip_take, spool

WAV = wav_bytes()


def one_sample(folder, words, name="x.tar"):
    """A tar of one sound with these words as JSON."""
    return write_tar(folder / name, {"k.wav": WAV, "k.json": json.dumps(words).encode()})


def refusal(place):
    with pytest.raises(DataError) as refused:
        shards.read(place)
    assert len(str(refused.value).splitlines()) == 2
    return refused.value


@pytest.mark.parametrize(
    ("words", "captions"),
    [
        ({"caption": "rain"}, ("rain",)),
        ({"captions": ["rain", "drops"]}, ("rain", "drops")),
        ({"text": ["rain"]}, ("rain",)),
        ({"captions": "rain"}, ("rain",)),
        ({"text": "c", "captions": ["b", "a"], "caption": "a"}, ("a", "b", "c")),
        ({"caption": " heavy\n rain ", "text": ["heavy rain", "", " "]}, ("heavy rain",)),
        ({"caption": None, "text": "rain"}, ("rain",)),
        ({"caption": "rain", "label": "Wind"}, ("rain",)),
        ({"caption": " ", "label": "DogBark"}, ("dog bark",)),
    ],
)
def test_captions_come_from_every_field_that_has_words_and_else_from_the_label(
    words, captions, tmp_path
):
    (row,) = shards.read(one_sample(tmp_path, words))

    assert row.captions == captions


def test_captions_of_the_text_file_come_behind_those_of_the_json_file(tmp_path):
    files = {
        "k.txt": b"\xef\xbb\xbfdrops\r\n\r\nrain\r\n",
        "k.json": b'{"text": "rain"}',
        "k.wav": WAV,
    }

    (row,) = shards.read(write_tar(tmp_path / "x.tar", files))

    assert row.captions == ("rain", "drops")


def test_plain_fields_become_facts_as_they_are_written(tmp_path):
    words = {
        "caption": "rain",
        "label": "Rain_1",
        "recording": 7,
        "split": "dev",
        "use": " free ",
        "seconds": 1.50,
        "stereo": True,
        "tags": ["a"],
        "source": {"a": 1},
        "nothing": None,
        "empty": "",
    }

    (row,) = shards.read(one_sample(tmp_path, words))

    assert (row.label, row.recording, row.split) == ("Rain_1", "7", "dev")
    assert row.facts == {"use": "free", "seconds": "1.5", "stereo": "true"}


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("train-000012.tar", "train"),
        ("val_03.tar", "val"),
        ("clotho_test.tar", "clotho_test"),
        ("000012.tar", ""),
        ("dev/000012.tar", "dev"),
        ("dev/train-1.tar", "dev"),
        ("dev/part/1.tar", "dev"),
    ],
)
def test_the_split_is_the_first_folder_or_else_how_the_name_begins(name, split, tmp_path):
    one_sample(tmp_path, {"text": "rain"}, name)

    assert [row.split for row in shards.read(tmp_path)] == [split]


def test_tars_are_read_in_the_order_of_their_names(tmp_path):
    for name in "dfbhgaec":
        one_sample(tmp_path, {"text": name}, f"{name}.tar")

    assert "".join(row.captions[0] for row in shards.read(tmp_path)) == "abcdefgh"


def test_one_tar_is_a_data_set_too(tmp_path):
    EXAMPLES["shards"].make(tmp_path)

    rows = open_data(f"{tmp_path / 'train-007.tar'}#train")

    assert [row.audio.name for row in rows] == ["rain.wav", "dog.left.wav"]


def test_files_that_share_a_key_need_not_stand_together(tmp_path):
    files = {
        "b.wav": WAV,
        "v1.0/a.wav": WAV,
        "a.wav": WAV,
        "b.txt": b"B",
        "a.txt": b"A",
        "v1.0/a.txt": b"VA",
    }

    rows = shards.read(write_tar(tmp_path / "x.tar", files))

    told = [(row.audio.relative_to(tmp_path).as_posix(), row.captions) for row in rows]
    assert told == [
        ("x.tar/b.wav", ("B",)),
        ("x.tar/v1.0/a.wav", ("VA",)),
        ("x.tar/a.wav", ("A",)),
    ]


def test_files_of_other_kinds_and_hidden_ones_are_passed_over(tmp_path):
    files = {
        "k.wav": WAV,
        "k.npy": b"123",
        "k.cls": b"5",
        "k.meta.json": b"not read",
        "._k.wav": b"left by a Mac",
        ".json": b"{",
        "README": b"words",
        "k.txt": b"rain",
    }
    place = write_tar(tmp_path / "x.tar", files, header("k/", 0, FOLDER))
    (tmp_path / "._x.tar").write_bytes(b"left by a Mac")

    assert [row.audio.name for row in shards.read(tmp_path)] == ["k.wav"]
    assert coverage(str(place)) == {"x": Coverage(1, 1, ())}


def test_what_is_left_out_is_counted_by_split_and_told(tmp_path):
    files = {
        "a.wav": WAV,
        "b.wav": WAV,
        "b.json": b'{"split": "test", "caption": ""}',
        "c.txt": b"rain",
        "a.txt": b"rain",
        "d.wav": WAV,
        "d.txt": b"\n \n",
    }
    odd = header("link.wav", 0, LINK, "/etc/hostname"), entry("/out.wav", WAV)
    tar = write_tar(tmp_path / "train-1.tar", files, *odd)

    counts = shards.coverage(tmp_path)

    assert counts == {
        "train": Coverage(
            1,
            5,
            (
                f"{tar}: link.wav (it is a link)",
                f"{tar}: /out.wav (its name leads out of the tar)",
                f"{tar / 'c'} (no sound)",
                f"{tar / 'd'} (no words)",
            ),
        ),
        "test": Coverage(0, 1, (f"{tar / 'b'} (no words)",)),
    }
    assert [row.audio for row in open_data(str(tmp_path))] == [tar / "a.wav"]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, "0 of 0 samples have sound and words: there are none"),
        ({"a.wav": WAV, "b.txt": b"rain"}, "0 of 2 samples have sound and words: "),
    ],
)
def test_tars_without_one_whole_sample_are_refused_with_a_count(files, told, tmp_path):
    write_tar(tmp_path / "x.tar", files)

    error = refusal(tmp_path)

    assert told in error.problem
    assert ("(no words)" in error.problem) == bool(files)
    assert "KEY.flac" in error.hint


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"k.flac": b"x"}, "'k' has 2 sounds: k.wav, k.flac"),
        ({"k.v2.wav": WAV}, "'k' has 2 sounds: k.wav, k.v2.wav"),
        ({"k.JSON": b"{}"}, "'k' has 2 json files: k.json, k.JSON"),
    ],
)
def test_a_key_that_means_two_things_is_refused(more, kind, tmp_path):
    files = {"k.wav": WAV, "k.json": b'{"text": "rain"}', **more}
    tar = write_tar(tmp_path / "x.tar", files)

    error = refusal(tmp_path)

    assert error.problem == f"{tar}: {kind}"
    assert "first dot" in error.hint


def test_a_name_that_is_there_twice_is_refused(tmp_path):
    tar = write_tar(tmp_path / "x.tar", {"k.wav": WAV, "k.txt": b"rain"}, entry("k.wav", WAV))

    assert refusal(tmp_path).problem == f"{tar}: 'k.wav' is in it twice"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"{", "this is not JSON"),
        (b"", "this is not JSON"),
        (b"[" * 100_000, "this is not JSON"),
        (b'[\n"rain"]', '["rain"] is not an object'),
        (b'{"text": "\xff"}', "line 1: this is not UTF-8"),
        (b'{"caption": 5}', "'caption' is 5"),
        (b'{"captions": ["rain", 5]}', "'captions' is [\"rain\", 5]"),
        (b'{"text": {"en": "rain"}}', '\'text\' is {"en": "rain"}'),
        (b'{"text": "rain", "label": ["a"]}', "'label' is [\"a\"]"),
        (b'{"text": "rain", "split": {}}', "'split' is {}"),
        (b'{"text": "rain", "recording": []}', "'recording' is []"),
    ],
)
def test_words_that_cannot_be_read_are_refused_with_their_place(content, problem, tmp_path):
    tar = write_tar(tmp_path / "x.tar", {"a/k.wav": WAV, "a/k.json": content})

    error = refusal(tmp_path)

    assert error.problem.startswith(str(tar / "a" / "k.json"))
    assert problem in error.problem


@pytest.mark.parametrize("keep", [0.2, 0.9])
def test_a_damaged_tar_is_refused_among_whole_ones(keep, tmp_path):
    one_sample(tmp_path, {"text": "rain"}, "a.tar")
    damaged = one_sample(tmp_path, {"text": "rain"}, "b.tar")
    content = damaged.read_bytes()
    damaged.write_bytes(content[: int(keep * (len(content) - 1024))])

    error = refusal(tmp_path)

    assert error.problem.startswith(f"{damaged}: it is no tar, or it is damaged")


def test_a_compressed_tar_is_refused_whatever_its_name(tmp_path):
    one_sample(tmp_path, {"text": "rain"}, "a.tar")
    with tarfile.open(tmp_path / "b.tar", "w:gz"):
        pass

    assert "it is compressed (gzip)" in refusal(tmp_path).problem


@pytest.mark.parametrize("name", ["b.tar.gz", "b.TGZ", "sub/b.tar.zst", "b.tbz2", "b.txz"])
def test_a_compressed_tar_among_plain_ones_is_not_passed_over(name, tmp_path):
    one_sample(tmp_path, {"text": "rain"}, "a.tar")
    (tmp_path / "sub").mkdir()
    (tmp_path / name).write_bytes(b"")

    error = refusal(tmp_path)

    assert f"1 of its tars are compressed: {name.rpartition('/')[2]}" in error.problem
    assert "plain tars" in error.hint


def test_a_tar_that_may_not_be_read_is_refused(tmp_path, monkeypatch):
    tar = one_sample(tmp_path, {"text": "rain"})

    def refused(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tarfile, "open", refused)

    assert refusal(tmp_path).problem == f"{tar}: Permission denied"


def test_sound_that_lies_unpacked_beside_a_tar_is_read_first(tmp_path):
    one_sample(tmp_path, {"text": "rain"})
    write_wav(tmp_path / "dog" / "1.wav")

    assert [row.captions for row in open_data(str(tmp_path))] == [("dog",)]
    assert [row.captions for row in open_data(f"shards:{tmp_path}")] == [("rain",)]


def test_nothing_is_written_beside_or_into_a_tar(tmp_path):
    tar = one_sample(tmp_path, {"text": "rain"})
    before = tar.read_bytes(), tar.stat().st_mtime_ns

    rows = open_data(str(tmp_path))
    read_sound(rows[0].audio)

    assert (tar.read_bytes(), tar.stat().st_mtime_ns) == before
    assert list(tmp_path.iterdir()) == [tar]


def test_a_manifest_may_name_sounds_in_a_tar(tmp_path):
    one_sample(tmp_path, {"text": "rain"}, "sounds/x.tar")
    lines = ("sounds/x.tar/k.wav", "rain"), ("sounds/x.tar/none.wav", "wind")
    write_table(tmp_path / "good.csv", "path,caption", lines[0])
    write_table(tmp_path / "bad.csv", "path,caption", *lines)

    (row,) = open_data(str(tmp_path / "good.csv"))

    assert len(read_sound(row.audio)) == 80
    with pytest.raises(DataError, match=r"1 of 2 audio files are not there: .*none\.wav"):
        open_data(str(tmp_path / "bad.csv"))


def wave_row(folder, name, wave):
    tar = write_tar(folder / name, {"before.bin": b"b" * 99, "k.wav": wav_bytes(wave)})
    return Row(tar / "k.wav", ("rain",))


def test_the_audit_finds_the_same_bytes_in_a_tar_and_in_a_folder(tmp_path):
    wave = noise(2.0, 1)
    inside = wave_row(tmp_path, "x.tar", wave)
    alone = Row(write_wav(tmp_path / "alone.wav", wave), ("wind",))
    other = Row(write_wav(tmp_path / "other.wav", noise(2.0, 2)), ("wind",))

    found = audit([inside], [other, alone]).recordings

    assert [(one.b.audio.name, one.why) for one in found] == [("alone.wav", ("bytes", "sound"))]


def test_a_spool_of_sounds_in_a_tar_is_kept_until_one_of_them_changes(tmp_path):
    wave = noise(1.25, 1)
    first = spool([clip_take(wave_row(tmp_path, "x.tar", wave))], 8000, tmp_path / "cache")
    np.testing.assert_allclose(first.samples / 32_767, wave * (0.9 / np.abs(wave).max()), atol=1e-3)

    os.utime(tmp_path / "x.tar", ns=(0, 0))
    again = spool([clip_take(wave_row(tmp_path, "x.tar", wave))], 8000, tmp_path / "cache")
    wave[5000] = 0.5
    changed = spool([clip_take(wave_row(tmp_path, "x.tar", wave))], 8000, tmp_path / "cache")

    assert again.key == first.key
    assert changed.key != first.key


def test_a_take_of_a_damaged_tar_has_no_stamp_and_no_sound(tmp_path):
    row = wave_row(tmp_path, "x.tar", noise(1.0, 1))
    (tmp_path / "x.tar").write_bytes(b"no tar any more")

    take = clip_take(row)

    assert take.stamp == ""
    with pytest.raises(AudioError, match="damaged"):
        take.load(8000)
