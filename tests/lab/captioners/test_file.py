"""Tables of captions: both kinds, what is missing in them, and what is no table."""

import pytest

pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

import json

from data.wavs import write_table
from earmark.errors import DataError, UsageError
from earmark.lab.captioners import asked_of
from earmark.lab.captioners.file import File
from lab.captioners import made


@pytest.fixture
def names(places):
    return {split: asked_of(made.opened(places, split)).names for split in ("train", "dev")}


def captions_of(path, places, split):
    asked = asked_of(made.opened(places, split))
    return File(made.lesson_of(places), path=str(path)).write(asked)


def test_a_table_of_rows(tmp_path, places, names):
    train, dev = names["train"], names["dev"]
    rows = [(train[0], "a hum"), (dev[1], " a bark "), (train[0], "A hum."), (train[0], "low")]
    write_table(tmp_path / "c.csv", "sound,caption", *rows)

    assert captions_of(tmp_path / "c.csv", places, "train")[:2] == [["a hum", "low"], []]
    assert captions_of(tmp_path / "c.csv", places, "dev")[1] == ["a bark"]


def test_a_table_of_lines(tmp_path, places, names):
    row = {"sound": names["train"][5], "captions": ["one", "two", "three"]}
    (tmp_path / "c.jsonl").write_text(json.dumps(row) + "\n\n", encoding="utf-8")

    assert captions_of(tmp_path / "c.jsonl", places, "train")[5] == ["one", "two"]
    assert captions_of(tmp_path / "c.jsonl", places, "dev") == [[]] * 6


def test_a_table_may_lie_in_the_data_folder(places, names):
    write_table(places.data / "c.csv", "sound,caption", (names["train"][0], "x"))

    assert captions_of("{data}/c.csv", places, "train")[0] == ["x"]


def test_a_table_that_knows_none_of_the_sounds_is_refused(tmp_path, places, names):
    write_table(tmp_path / "c.csv", "sound,caption", ("elsewhere/x.wav", "x"))

    with pytest.raises(DataError, match="none of the 6 sounds of train") as error:
        captions_of(tmp_path / "c.csv", places, "train")

    assert names["train"][0] in error.value.hint


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("c.csv", "clip,caption\na,b\n"),
        ("c.csv", "sound,caption\na\n"),
        ("c.jsonl", "{\n"),
        ("c.jsonl", '{"sound": "a"}\n'),
        ("c.jsonl", '["a"]\n'),
    ],
)
def test_what_is_no_table_is_named(tmp_path, places, name, content):
    (tmp_path / name).write_text(content)

    with pytest.raises(DataError, match="is no table of captions") as error:
        File(made.lesson_of(places), path=str(tmp_path / name))

    assert "sound" in error.value.hint


def test_a_table_that_is_not_there_and_one_of_another_kind_are_refused(tmp_path, places):
    with pytest.raises(DataError, match="cannot be read"):
        File(made.lesson_of(places), path=str(tmp_path / "c.csv"))
    with pytest.raises(UsageError, match="no table of captions by its name"):
        File(made.lesson_of(places), path=str(tmp_path / "c.txt"))
