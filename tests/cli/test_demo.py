"""The demo makes what it says, shows it, and touches nothing of the user's."""

import re
from functools import partial

import pytest

from earmark.cli import demo
from earmark.cli.main import main
from earmark.scenes import archive


@pytest.fixture
def short(monkeypatch):
    """The field recording in half a minute, so that this test is quick."""
    monkeypatch.setattr(archive, "make_archive", partial(archive.make_archive, field_seconds=40.0))
    monkeypatch.setattr(archive, "PAUSE", (25.0, 31.0))


def test_the_demo_shows_every_file_and_can_be_run_again(tmp_path, short, capsys):
    folder = tmp_path / "demo"

    assert main(["demo", str(folder)]) == 0
    assert main(["demo", str(folder)]) == 0

    said = capsys.readouterr().out
    for item in archive.ITEMS:
        assert (folder / item.name).stat().st_size > 1000
        assert item.name in said
    assert "damaged.mp3: damaged" in said
    assert (folder / demo.PICTURE).read_text(encoding="utf-8").startswith("<svg")
    assert said.count("x real time") == 2


def test_the_demo_finds_what_it_is_asked_for(tmp_path, short, capsys):
    assert main(["demo", str(tmp_path / "demo")]) == 0

    said = capsys.readouterr().out
    for query, name in zip(
        demo.QUERIES, ("RAINRoof", "yard/dogs.mp3", "studio/piano.mkv"), strict=True
    ):
        answers = said.split(f"\n{query}\n")[1].splitlines()[1 : 1 + demo.SHOWN]
        assert any(name in line for line in answers), query
        assert all(re.search(r"\d:\d\d\.\d - \d:\d\d\.\d", line) for line in answers)


def test_there_are_eight_formats_and_more():
    assert len({item.name.rsplit(".")[-1] for item in archive.ITEMS}) >= 8


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
