"""The file of judgements: a contract that people, editors and several programs can rely on."""

import json
import multiprocessing
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from earmark.errors import DataError, EarmarkError
from earmark.search.judged import append
from earmark.search.judged.judgement import (
    Judgement,
    meet,
    moment_to_judge,
    now,
    read_line,
    write_line,
)
from earmark.search.judged.labels import add_judgement, labels_so_far, read_labels
from earmark.types import Moment
from search.judged.many import judge_many

RAIN = Judgement(
    query="rain on a roof",
    right=True,
    path="street/rain.wav",
    moment=Moment(10.0, 15.0),
    when="2026-01-31T14:05:09+01:00",
    content="c2f14d00c2f14d00c2f14d00c2f14d00",
)
LINE = (
    '{"query": "rain on a roof", "right": true, "path": "street/rain.wav", "start": 10.0, '
    '"end": 15.0, "when": "2026-01-31T14:05:09+01:00", '
    '"content": "c2f14d00c2f14d00c2f14d00c2f14d00"}'
)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "my.jsonl"


def write(file, *lines):
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def said(**more):
    return json.dumps({"query": "rain", "right": True, "path": "a.wav"} | more)


def told(labels):
    return [(one.path, one.moment and one.moment.start, one.right) for one in labels.judgements]


def test_a_line_is_what_the_page_says_it_is():
    assert write_line(RAIN) == LINE
    assert read_line(LINE).judgement == RAIN


@pytest.mark.parametrize(
    "one",
    [
        replace(RAIN, moment=None),
        replace(RAIN, content="", when=""),
        replace(RAIN, path="Projekte/Brückenfilm/雨.wav", query='"a dog" then "a door" within 10s'),
        replace(RAIN, path='a "quoted" \\ name\nof two lines.wav'),
        replace(RAIN, path="no text \udce4.wav"),
    ],
    ids=["whole", "by path", "letters", "marks", "no text"],
)
def test_what_is_added_is_read_again(file, one):
    add_judgement(file, one)

    assert read_labels(file).judgements == (one,)
    assert file.read_bytes().count(b"\n") == 1


def test_the_lines_of_the_page_are_read():
    page = (Path(__file__).parents[3] / "docs" / "labels.md").read_text(encoding="utf-8")

    [block] = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    read = [read_line(line) for line in block.splitlines()]
    assert [one.judgement is not None for one in read] == [True, True, False]
    rows = re.findall(r"^\| `(\w+)`(?:, `(\w+)`)? \| (?!right, wrong)", page, re.MULTILINE)
    assert {name for row in rows for name in row if name} >= {
        "query", "right", "path", "start", "end", "when", "content",
    }  # fmt: skip


def test_letters_stay_as_people_read_them(file):
    add_judgement(file, replace(RAIN, path="Brücke/雨.wav"))

    assert "Brücke/雨.wav" in file.read_text(encoding="utf-8")


def test_the_time_of_day_has_its_zone():
    assert read_line(said(when=now())).judgement.when == now()
    assert len(now()) == len("2026-01-31T14:05:09+01:00")


def test_adding_never_touches_what_stands_there(file):
    before = '{"query":"wind"}\n\n   \n' + said() + "   \r\n"
    file.write_bytes(before.encode())

    add_judgement(file, RAIN)

    assert file.read_bytes().decode() == before + LINE + "\n"
    assert read_labels(file).queries == ("wind", "rain", "rain on a roof")


def test_a_last_line_without_an_end_is_ended(file):
    file.write_text(said(), encoding="utf-8")

    add_judgement(file, RAIN)

    assert len(read_labels(file).judgements) == 2


def test_what_editors_of_windows_leave_is_read(file):
    file.write_bytes(b"\xef\xbb\xbf" + said().encode() + b"\r\n" + said(path="b.wav").encode())

    assert told(read_labels(file)) == [("a.wav", None, True), ("b.wav", None, True)]


def test_the_same_hit_judged_again_replaces_the_old_judgement(file):
    add_judgement(file, RAIN)
    add_judgement(file, replace(RAIN, path="old/rain.wav", query="wind"))
    add_judgement(file, replace(RAIN, right=False, moment=Moment(11.0, 14.0), path="moved.wav"))

    found = read_labels(file).judgements

    assert [(one.query, one.right) for one in found] == [("wind", True), ("rain on a roof", False)]
    assert file.read_text(encoding="utf-8").count("\n") == 3


def test_other_moments_of_a_recording_stand_beside_each_other(file):
    write(
        file,
        said(start=0, end=10),
        said(start=60, end=70, right=False),
        said(start=66, end=80),  # 4 s of 10: another moment
        said(start=2, end=4, right=False),  # in the first one
    )

    assert told(read_labels(file)) == [
        ("a.wav", 60.0, False),
        ("a.wav", 66.0, True),
        ("a.wav", 2.0, False),
    ]


def test_a_judgement_of_the_whole_recording_replaces_all_of_its_moments(file):
    write(file, said(start=0, end=10), said(start=60, end=70), said(right=False))
    assert told(read_labels(file)) == [("a.wav", None, False)]

    write(file, said(right=False), said(start=60, end=70))
    assert told(read_labels(file)) == [("a.wav", None, False), ("a.wav", 60.0, True)]


def test_spaces_make_no_other_query(file):
    write(file, said(query="rain  on\ta roof "), said(query="rain on a roof", right=False))

    assert told(read_labels(file)) == [("a.wav", None, False)]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ((0, 10), (5, 15), True),
        ((0, 10), (6, 16), False),
        ((0, 60), (55, 65), True),  # half of the shorter one
        ((0, 60), (56, 66), False),
        ((0, 10), (10, 20), False),
        ((3, 4), (0, 3600), True),
    ],
)
def test_moments_that_share_half_of_the_shorter_one_are_one_hit(one, other, same):
    assert meet(Moment(*one), Moment(*other)) is meet(Moment(*other), Moment(*one)) is same


def test_a_short_recording_is_judged_as_a_whole():
    assert moment_to_judge(1.0, 3.0, seconds=30.0) is None
    assert moment_to_judge(1.004, 3.0, seconds=30.1) == Moment(1.0, 3.0)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("rain", "it is not JSON"),
        (LINE[:-20], "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ("[1]", "it is no object of JSON"),
        ("{}", "it has no query"),
        ('{"query": " "}', "query is no text"),
        ('{"query": 7}', "query is no text"),
        ('{"query": "rain - "}', "nothing stands after -"),
        ('{"query": "rain", "right": true}', "it has no path"),
        ('{"query": "rain", "path": "a.wav"}', "it has no right"),
        (said(right="yes"), "right is neither true nor false"),
        (said(right=1), "right is neither true nor false"),
        (said(note="loud"), "nothing is known of 'note'"),
        (said(start=1), "a moment has a start and an end"),
        (said(start=5, end=5), "its moment is from 5 to 5 s"),
        (said(start=-1, end=5), "start is no time in seconds"),
        (said(start=0, end=float("nan")), "end is no time in seconds"),
        (said(start=True, end=5), "start is no time in seconds"),
        (said(when="yesterday"), "when is no time"),
        (said(when=None), "when is no time"),
        (said(content="the file"), "content is no digest"),
    ],
)
def test_a_damaged_line_is_told_in_two_lines_with_file_and_number(file, line, why):
    write(file, said(), "", line, said(path="b.wav"))

    with pytest.raises(DataError) as error:
        read_labels(file)

    problem, hint = str(error.value).split("\n")
    assert problem.startswith(f"{file}, line 3: {why}")
    assert hint.startswith("put it right or take the line out; one reads: {")


def test_bytes_that_are_no_text_are_told_with_their_line(file):
    file.write_bytes(said().encode() + b'\n{"query": "r\xe4in"}\n')

    with pytest.raises(DataError, match="line 2: it is not UTF-8"):
        read_labels(file)


def test_a_file_that_is_not_there_is_told_or_begun(file):
    with pytest.raises(DataError, match=r"No such file"):
        read_labels(file)

    assert labels_so_far(file).judgements == ()
    with pytest.raises(EarmarkError, match="there is no folder"):
        labels_so_far(file / "in" / "it.jsonl")


def test_a_damaged_file_can_still_be_added_to(file):
    write(file, "{")

    add_judgement(file, RAIN)

    assert file.read_text(encoding="utf-8") == "{\n" + LINE + "\n"


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(EarmarkError, match="cannot be written: Is a directory"):
        add_judgement(tmp_path, RAIN)


def test_a_line_for_which_there_is_no_room_is_taken_back(file, monkeypatch):
    write(file, said())
    real, left = os.write, [25]

    def short(handle, data):
        if not left:
            raise OSError(28, "No space left on device")
        return real(handle, data[: left.pop()])

    monkeypatch.setattr(append.os, "write", short)
    with pytest.raises(EarmarkError, match="No space left"):
        add_judgement(file, RAIN)

    assert file.read_text(encoding="utf-8") == said() + "\n"


def test_a_line_that_is_written_in_pieces_is_whole(file, monkeypatch):
    real = os.write
    monkeypatch.setattr(append.os, "write", lambda handle, data: real(handle, data[:7]))

    add_judgement(file, RAIN)

    assert file.read_text(encoding="utf-8") == LINE + "\n"


def test_who_holds_the_file_for_long_is_told_of(file, monkeypatch):
    monkeypatch.setattr(append, "PATIENCE", 0.05)
    held = os.open(file, os.O_RDWR | os.O_CREAT)
    assert append.try_lock(held)

    with pytest.raises(EarmarkError, match="another program holds"):
        add_judgement(file, RAIN)

    os.close(held)
    add_judgement(file, RAIN)
    assert read_labels(file).judgements == (RAIN,)


def test_programs_that_write_at_once_lose_no_line(file):
    file.write_text(said(), encoding="utf-8")  # the end of this line is what both would write
    start = multiprocessing.get_context("spawn")
    several = [start.Process(target=judge_many, args=(file, RAIN, who, 60)) for who in range(3)]
    for one in several:
        one.start()
    for one in several:
        one.join(120)

    paths = [one.path for one in read_labels(file).judgements]
    assert sorted(paths) == sorted(
        ["a.wav", *(f"{w}/{n}.wav" for w in range(3) for n in range(60))]
    )
    for who in range(3):
        own = [path for path in paths if path.startswith(f"{who}/")]
        assert own == [f"{who}/{n}.wav" for n in range(60)]
