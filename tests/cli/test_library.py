"""`earmark library` as a person meets it; what it does is tested beside the library."""

import json
import shutil

import pytest

from earmark.audio.write import write
from earmark.cli.main import main
from earmark.synth import make
from model.tiny import write_tiny

RATE = 8_000


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Libraries of two folders, one of which holds a copy and a broken file."""
    place = tmp_path_factory.mktemp("made")
    write_tiny(place / "tiny")
    for seed, name in enumerate(("a/wind", "a/piano", "b/owl")):
        path = place / "sounds" / f"{name}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, make(path.stem, seed, seconds=3.0, rate=RATE), RATE)
    shutil.copyfile(place / "sounds/a/wind.wav", place / "sounds/b/wind copy.wav")
    (place / "sounds/b/broken.wav").write_bytes(b"no sound " * 100)
    for name in "ab":
        folder = str(place / "sounds" / name)
        library = ["--library", str(place / name), "--model", str(place / "tiny")]
        assert main(["index", folder, *library]) == 0
    return place


@pytest.fixture
def place(tmp_path, made, monkeypatch):
    """A folder of one's own with both libraries."""
    for name in "ab":
        shutil.copytree(made / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def earmark(place, made, capsys):
    """Run a command: what was printed, with names in place of folders."""

    def run(*words, code=0):
        capsys.readouterr()
        assert main(["library", *words]) == code
        printed = capsys.readouterr()
        out, err = (
            text.replace(str(place), "HERE").replace(str(made), "THERE")
            for text in (printed.out, printed.err)
        )
        return err if code else out

    return run


def test_merging_says_what_came_and_a_second_time_that_nothing_did(earmark):
    assert earmark("merge", "all", "a", "b") == (
        "made a library in HERE/all, with the model tiny\n"
        "brought   5 recordings\n"
        "known     0\n"
        "vectors   of 3 sounds\n"
    )
    assert earmark("merge", "all", "b") == (
        "brought   0 recordings\nknown     3\nvectors   of 0 sounds\n"
    )


def test_merging_into_one_that_is_there_makes_none(earmark):
    assert earmark("merge", "a", "b") == (
        "brought   3 recordings\nknown     0\nvectors   of 1 sound\n"
    )
    assert json.loads(earmark("merge", "a", "b", "--json")) == {
        "brought": 0,
        "newer": 0,
        "older": 0,
        "known": 3,
        "heard": 0,
    }


def test_a_library_goes_into_a_file_and_back(earmark, place):
    said = earmark("pack", "b", "b.earmark")
    assert said == (
        "packed    b.earmark (0.0 MB)\n"
        "model     tiny\n"
        "holds     2 recordings, 0:06 of sound\n"
        "failed    1 file\n"
    )
    assert earmark("verify", "b.earmark") == said.replace("packed   ", "whole    ")
    assert earmark("unpack", "b.earmark", "back") == said.replace(
        "packed    b.earmark", "unpacked  back"
    )
    told = json.loads(earmark("verify", "b.earmark", "--json"))
    assert (told["path"], told["recordings"], len(told["parts"])) == ("b.earmark", 3, 10)
    assert main(["doctor", "--library", "back"]) == 0


def test_unpacking_says_how_to_go_on_where_the_sounds_are_elsewhere(earmark, made, capsys):
    earmark("pack", "a", "a.earmark")
    (made / "sounds").rename(made / "unplugged")
    try:
        assert earmark("unpack", "a.earmark", "back").endswith(
            "THERE/sounds/a is not here; if it is elsewhere, say so with:\n"
            "earmark relocate THERE/sounds/a FOLDER --library back\n"
        )
        assert main(["status", "--library", "back"]) == 0
        assert "sounds/a (away)" in capsys.readouterr().out
    finally:
        (made / "unplugged").rename(made / "sounds")


def test_mistakes_are_two_lines_and_their_codes(earmark, place):
    earmark("pack", "a", "a.earmark")
    for words, code, said in (
        (("pack", "a", "a.earmark"), 2, "a.earmark is there already"),
        (("unpack", "a.earmark", "b"), 2, "HERE/b is there already, and holds something"),
        (("verify", "b/library.db"), 3, "b/library.db is not a packed library"),
        (("merge", "a", "none"), 3, "there is no library in none"),
        (("pack", "none", "n.earmark"), 3, "there is no library in none"),
    ):
        told = earmark(*words, code=code)
        assert told.startswith(f"earmark: {said}")
        assert len(told.splitlines()) == 2
    assert not (place / "n.earmark").exists()


def test_progress_is_shown_on_a_terminal_only(earmark, monkeypatch, capsys):
    monkeypatch.setattr("earmark.cli.library.STEP", 2)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert main(["library", "merge", "all", "a", "b"]) == 0
    said = capsys.readouterr().err
    assert "2 of 5 recordings" in said
    assert said.endswith("\r\x1b[2K")
