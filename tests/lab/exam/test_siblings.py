"""Captions of one clip find each other; a caption never finds itself."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from data.wavs import write_table
from earmark.cli.main import main
from earmark.errors import DataError
from earmark.lab.exam import exam
from earmark.lab.exam.siblings import examine, read_siblings
from model.tiny import write_tiny

# Two clips of two captions, one of one, by their directions in degrees.
DEGREES = {"a1": 0, "a2": 20, "b1": 30, "b2": 80, "c": 45}
MEANING = {
    text: [np.cos(x), np.sin(x)]
    for text, x in zip(DEGREES, np.radians([*DEGREES.values()]), strict=True)
}


def embed(texts):
    return np.array([MEANING[text] for text in texts], np.float32)


@pytest.fixture
def table(tmp_path):
    rows = [("one", "a1"), ("one", "a2"), ("two", "b1"), ("two", "b2"), ("three", "c")]
    return write_table(tmp_path / "captions.csv", "fname,raw_text", *rows)


def test_siblings_are_right_and_a_clip_of_one_caption_is_not_asked(table):
    task = read_siblings(table)

    assert task.texts == task.sounds == ("a1", "a2", "b1", "b2")
    np.testing.assert_array_equal(
        task.match, [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]]
    )
    assert task.homes == ("one", "one", "two", "two")


def test_every_reader_is_told_with_what_it_finds(table):
    task = read_siblings(table)
    upside = {text: [-y, x] for text, (x, y) in MEANING.items()}  # turned: the same cosines

    found = examine(
        task,
        {"own": embed, "turned": lambda texts: np.array([upside[t] for t in texts], np.float32)},
        "turned",
    )

    # a1 finds a2 first, b2 finds b1; to a2 b1 is nearer than a1, and to b1 a2 nearer than b2.
    own = found["systems"]["own"]
    assert own["R@1"]["value"] == 0.5
    # Right answers at rank 1, 2, 3, 1.
    assert own["mAP@10"]["value"] == pytest.approx((1 + 1 / 2 + 1 / 3 + 1) / 4)
    assert own["R@10"]["value"] == 1
    assert own["R@1"]["more"] == 0
    assert (found["captions"], found["clips"]) == (4, 2)
    assert found["chance"]["R@1"] == pytest.approx(1 / 4)


def test_a_caption_that_stands_there_twice_is_asked_once(tmp_path):
    rows = [("one", "a1"), ("one", "a1"), ("one", "a2")]

    task = read_siblings(write_table(tmp_path / "t.csv", "path,caption", *rows))

    assert task.texts == ("a1", "a2")


@pytest.mark.parametrize(
    ("header", "rows", "problem"),
    [
        ("fname,words", [("one", "a1")], "none of the columns raw_text, caption"),
        ("name,caption", [("one", "a1")], "none of the columns fname"),
        ("fname,caption", [("one", "a1"), ("two", "b1")], "no clip has two captions"),
        ("fname,caption", [], "none of the columns"),
    ],
)
def test_a_table_that_tells_nothing_is_refused(tmp_path, header, rows, problem):
    with pytest.raises(DataError, match=problem):
        read_siblings(write_table(tmp_path / "t.csv", header, *rows))


def test_as_a_command(table, tmp_path, monkeypatch, capsys):
    write_tiny(tmp_path / "tiny")
    monkeypatch.setattr(exam, "embedder", lambda: embed)
    words = ["evaluate", "siblings", str(table), "--model", str(tmp_path / "tiny")]

    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["systems"].keys() == {"tiny", "minilm"}
    assert told["share of R@10"] == 1
    assert told["command"] == f"earmark evaluate siblings {table.name} --model BUNDLE"

    assert main(words) == 0
    assert "R@10 is 1.000 of that of minilm" in capsys.readouterr().out


@pytest.mark.parametrize("more", [(), (".",)], ids=["nothing", "a folder"])
def test_as_a_command_without_a_table(more, capsys):
    assert main(["evaluate", "siblings", *more]) == 2

    problem, hint = capsys.readouterr().err.splitlines()
    assert "in a table, not in" in problem
    assert "CAPTIONS.csv" in hint
