"""The CASTELLA layout: both forms of its tables, its recordings, and what is wrong with a row."""

import json

import pytest

from data.layouts import EXAMPLES
from data.wavs import write_table, write_wav
from earmark.data import Coverage, castella
from earmark.data.open import open_data, open_wanted
from earmark.data.wanted import Wanted, line_of, read_wanted
from earmark.errors import DataError, UsageError
from earmark.types import Moment

LINE = {"qid": "a_1", "query": "rain", "vid": "a", "duration": 9, "relevant_windows": [[1, 2]]}


def lines(path, *told):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(one) + "\n" for one in told), encoding="utf-8")
    return path


def test_both_forms_ask_the_same(tmp_path):
    place = EXAMPLES["castella"].make(tmp_path)
    asked = open_wanted(f"{place}#test")
    lines(tmp_path / "other" / "any_test_release.jsonl", *(json.loads(line_of(a)) for a in asked))

    again = open_wanted(str(tmp_path / "other"))

    assert [(a.name, a.words, a.recording, a.seconds, a.right) for a in again] == [
        ("-abcdefghij_1", "A dog barks", "-abcdefghij", 61.0, (Moment(40.0, 42.0), Moment(3, 5))),
        ("-abcdefghij_3", "It rains, hard", "-abcdefghij", 61.0, (Moment(0.0, 62.0),)),
        ("gonegonegon_1", "Wind", "gonegonegon", 60.0, (Moment(1.5, 2.0),)),
    ]
    assert [(a.name, a.right) for a in again] == [(a.name, a.right) for a in asked]


def test_recordings_that_are_not_there_are_counted_by_split(tmp_path):
    assert castella.coverage(EXAMPLES["castella"].make(tmp_path)) == {
        "train": Coverage(1, 1, ()),
        "test": Coverage(1, 2, ("gonegonegon",)),
    }


def test_a_row_is_one_stretch_and_knows_its_caption(tmp_path):
    rows = open_data(f"{EXAMPLES['castella'].make(tmp_path)}#test")

    assert [(row.start, row.end, row.facts["qid"]) for row in rows] == [
        (40.0, 42.0, "-abcdefghij_1"),
        (3.0, 5.0, "-abcdefghij_1"),
        (0.0, 62.0, "-abcdefghij_3"),
    ]


@pytest.mark.parametrize(
    "name",
    ["a.wav", "Ya.flac", "audio/a.WAV", "download/audio/a.wav", "test/a.opus", "audio/test/a.mp3"],
)
def test_a_recording_is_found_where_people_put_it(name, tmp_path):
    lines(tmp_path / "test.jsonl", LINE)
    write_wav(tmp_path / name)

    (one,) = open_wanted(f"castella:{tmp_path}#test")

    assert one.audio == tmp_path / name


def test_captions_may_be_numbered_and_their_recordings_named_by_anybody(tmp_path):
    lines(tmp_path / "test.jsonl", {**LINE, "qid": 0, "vid": "street 4"})
    write_wav(tmp_path / "street 4.wav")

    (one,), (row,) = open_wanted(f"{tmp_path}#test"), open_data(f"{tmp_path}#test")

    assert (one.name, row.recording, row.facts["qid"]) == (0, "street 4", "0")


def test_the_list_of_recordings_is_read_before_lines(tmp_path):
    place = EXAMPLES["castella"].make(tmp_path)
    lines(place / "x_test_release.jsonl", LINE)

    assert "a_1" not in [one.name for one in open_wanted(f"{place}#test")]


def test_other_tables_of_such_a_name_are_not_taken_for_it(tmp_path):
    lines(tmp_path / "train.jsonl", {"path": "a.wav", "caption": "rain"})
    write_table(tmp_path / "test.json", "path,caption")

    assert not castella.fits(tmp_path)


def test_two_sets_in_a_folder_are_refused(tmp_path):
    lines(tmp_path / "a_test_release.jsonl", LINE)
    lines(tmp_path / "b_test_release.jsonl", LINE)

    with pytest.raises(DataError, match="several tables of test: a_test") as caught:
        open_wanted(f"castella:{tmp_path}")

    assert len(str(caught.value).splitlines()) == 2


def test_a_folder_without_any_recording_is_refused_with_what_was_looked_for(tmp_path):
    lines(tmp_path / "test.jsonl", LINE, {**LINE, "qid": "a_2"}, {**LINE, "qid": "b", "vid": "b"})

    with pytest.raises(DataError, match="0 of 2 recordings are there") as caught:
        open_data(f"castella:{tmp_path}")

    assert "ID.wav" in caught.value.problem
    assert "github.com/line/CASTELLA" in caught.value.hint


@pytest.mark.parametrize("spec", ["my.csv", "castella:{}#test,use=free", "{}#dev"])
def test_what_is_no_long_recording_is_not_asked(spec, tmp_path):
    lines(tmp_path / "test.jsonl", LINE)
    write_wav(tmp_path / "a.wav")
    write_table(tmp_path / "my.csv", "path,caption", ("a.wav", "rain"))

    with pytest.raises(UsageError) as caught:
        open_wanted(spec.format(tmp_path) if "{}" in spec else str(tmp_path / spec))

    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"relevant_windows": [[1, 2], [5, 4]]}, "[5, 4] ends before it starts"),
        ({"relevant_windows": [[-1, 2]]}, "[-1, 2] lies outside"),
        ({"relevant_windows": [[1, float("inf")]]}, "[1, Infinity] lies outside"),
        ({"relevant_windows": [[1, 2, 3]]}, "[1, 2, 3] is no [start, end]"),
        ({"relevant_windows": [["1", "2"]]}, '["1", "2"] is no [start, end]'),
        ({"relevant_windows": [3]}, "3 is no [start, end]"),
        ({"relevant_windows": "1-2"}, "'relevant_windows' is \"1-2\", not a list"),
        ({"query": "  "}, "'query' is empty"),
        ({"query": None}, "there is no 'query'"),
        ({"vid": 7}, "'vid' is 7, not a name"),
        ({"duration": 0}, "'duration' is 0"),
        ({"duration": True}, "'duration' is true, not a number"),
        ({"qid": 1.5}, "'qid' is 1.5, not a name or a number"),
    ],
)
def test_a_bad_line_is_named_with_its_number(change, problem, tmp_path):
    path = lines(tmp_path / "test.jsonl", LINE, {**LINE, "qid": "a_2", **change})

    with pytest.raises(DataError) as caught:
        read_wanted(path, "test")

    assert f"{path}, line 2: {problem}" in caught.value.problem
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"qid"', "line 1: this is not JSON"),
        ("[1]", "line 1: [1] is not an object"),
        (f"{json.dumps(LINE)}\n{json.dumps(LINE)}", "line 2: a second caption is called 'a_1'"),
    ],
)
def test_bad_lines_are_two_lines(text, problem, tmp_path):
    path = tmp_path / "test.jsonl"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(DataError) as caught:
        read_wanted(path, "test")

    assert problem in caught.value.problem
    assert len(str(caught.value).splitlines()) == 2


MOMENT = {"local_caption": "Rain", "timestamps": [[1, 2]]}


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({}, "this is no list"),
        ([7], "recording 1: 7 is not an object"),
        ([{"moments": []}], "recording 1: there is no 'yid'"),
        ([{"yid": "a"}], "recording 1: there is no 'moments'"),
        ([{"yid": "a", "duration": 9, "moments": [MOMENT, 3]}], "a, moment 2: 3 is not an object"),
        ([{"yid": "a", "moments": [MOMENT]}], "a, moment 1: there is no 'duration'"),
        (
            [{"yid": "a", "duration": 9, "moments": [MOMENT]}] * 2,
            "a, moment 1: a second caption is called 'a_1'",
        ),
    ],
)
def test_a_bad_list_is_named_with_its_place(told, problem, tmp_path):
    path = tmp_path / "test.json"
    path.write_text(json.dumps(told), encoding="utf-8")

    with pytest.raises(DataError) as caught:
        read_wanted(path, "test")

    assert problem in caught.value.problem
    assert len(str(caught.value).splitlines()) == 2


def test_a_caption_of_which_no_stretch_has_length_is_not_asked(tmp_path):
    told = {**LINE, "relevant_windows": [[1, 1]]}, {**LINE, "qid": "b", "relevant_windows": []}
    path = lines(tmp_path / "test.jsonl", *told, {**LINE, "qid": "c"})

    assert [one.name for one in read_wanted(path, "test")] == ["c"]


def test_what_is_written_is_what_was_read(tmp_path):
    one = Wanted(
        name=3,
        words="ein Föhn",
        recording="x",
        seconds=61.5,
        right=(Moment(0.25, 2.0), Moment(0.0, 0.5)),
        split="val",
    )
    (tmp_path / "val.jsonl").write_text(line_of(one) + "\n", encoding="utf-8")

    assert read_wanted(tmp_path / "val.jsonl", "val") == [one]
