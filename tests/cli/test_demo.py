"""The demo makes what it says, shows it, and touches nothing of the user's."""

import re
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from earmark.cli import demo
from earmark.cli.main import main
from earmark.scenes import archive
from earmark.types import Hit


@pytest.fixture
def short(monkeypatch):
    """The first files and a field recording of half a minute, so that this test is quick."""
    for name in ("make_archive", "archive_truth"):
        few = partial(getattr(archive, name), files=22, field_seconds=40.0)
        monkeypatch.setattr(archive, name, few)


def answers_of(said, query):
    """The lines below a query: mark, rank, the rest."""
    lines = said.split(f"\n{query}\n")[1].split("\n\n")[0].splitlines()[1:]
    return [line for line in lines if re.match(r"[+-] \d", line)]


def test_the_demo_makes_indexes_and_finds_and_can_be_run_again(tmp_path, short, capsys):
    folder = tmp_path / "demo"

    assert main(["demo", str(folder)]) == 0
    first = capsys.readouterr().out
    assert main(["demo", str(folder)]) == 0
    second = capsys.readouterr().out

    for item in archive.TAKES[:13]:
        assert (folder / demo.SOUNDS / item.name).stat().st_size > 1000
    assert re.search(r"heard +\d+ recordings", first)
    assert re.search(r"heard +0 recordings", second)
    assert "it is empty" in first
    for query, name in {
        "rain on a metal roof": "RAINRoof",
        "a dog barking outside": "yard/dogs.mp3",
    }.items():
        assert any(name in line and line[0] == "+" for line in answers_of(first, query)), query
        assert answers_of(first, query) == answers_of(second, query)


@pytest.mark.parametrize("there", [True, False])
def test_the_demo_offers_the_page(there, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda module: there or None)

    offer = demo.page_of(Path("earmark-demo/library"))

    assert offer.endswith(f"earmark serve --open --library {Path('earmark-demo/library')}")
    assert offer.startswith("pip install 'earmark[serve]', then ") is not there


def test_the_demo_counts_what_is_right(tmp_path, short, capsys):
    assert main(["demo", str(tmp_path / "demo")]) == 0

    said = capsys.readouterr().out
    right, all_of_them = map(int, re.search(r"(\d+) of (\d+) answers are right", said).groups())
    marks = re.findall(r"^([+-]) \d", said, re.MULTILINE)
    assert (marks.count("+"), len(marks)) == (right, all_of_them)
    assert right >= 4  # of the small archive, where many a kind is heard once


def test_an_answer_is_right_where_that_kind_is_heard_then(tmp_path):
    truth = [archive.Sounding("in/a.wav", 4.0, 6.0, "owl")]
    hit = Hit(
        rank=1, path=str(tmp_path.resolve() / "in" / "a.wav"), start=5.0, end=9.0, score=0.5,
        confidence=0.5, duration=9.0,
    )  # fmt: skip

    assert demo.is_right(hit, ["owl"], tmp_path, truth)
    assert not demo.is_right(hit, ["dog_bark"], tmp_path, truth)
    assert not demo.is_right(replace(hit, start=6.5), ["owl"], tmp_path, truth)


def test_there_are_eight_formats_and_more():
    assert len({item.name.rsplit(".")[-1] for item in archive.TAKES[:13]}) >= 8


def test_a_folder_of_the_user_s_is_left_alone(tmp_path, capsys):
    mine = tmp_path / "mine.txt"
    mine.write_text("keep this", encoding="utf-8")

    assert main(["demo", str(tmp_path)]) == 2
    assert main(["demo", str(mine)]) == 2

    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    assert mine.read_text(encoding="utf-8") == "keep this"
    assert "the demo did not make" in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_two_lines(tmp_path, capsys):
    (tmp_path / "file").write_text("", encoding="utf-8")

    assert main(["demo", str(tmp_path / "file" / "below")]) == 3
    assert len(capsys.readouterr().err.splitlines()) == 2
