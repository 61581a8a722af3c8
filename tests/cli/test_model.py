"""`earmark model` as a person meets it."""

import io
import json

import numpy as np
import pytest

from earmark.cli.main import main
from earmark.model import find
from earmark.model.bundle import write_bundle
from model.tiny import EARS, PAGE, RERANKS, contents_of, write_tiny


@pytest.fixture
def folder(tmp_path):
    write_tiny(tmp_path / "tiny", RERANKS)
    return tmp_path / "tiny"


@pytest.fixture
def packaged(tmp_path, monkeypatch):
    (tmp_path / "package" / "bundles").mkdir(parents=True)
    for name, page in (("earmark-small", PAGE), ("ears", EARS)):
        write_tiny(tmp_path / "package" / "bundles" / name, page)
    monkeypatch.setattr(find, "HOME", tmp_path / "package" / "bundles")


def test_it_lists_what_comes_with_the_package(packaged, capsys):
    assert main(["model", "list"]) == 0

    said = capsys.readouterr().out.splitlines()
    assert said[0].split() == ["model", "width", "weights", "MB", "languages", "licence"]
    assert said[1].split() == ["earmark-small", "6", "float32", "0.1", "en", "Apache-2.0"]
    assert said[2].split()[0] == "ears"


def test_the_list_is_also_json(packaged, capsys):
    assert main(["model", "list", "--json"]) == 0

    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["name"] for row in rows] == ["tiny", "tiny-ears"]
    assert rows[0]["bytes"] > 1000


def test_no_model_at_all_exits_with_1(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(find, "HOME", tmp_path / "bundles")

    assert main(["model", "list"]) == 1
    assert "no model comes with this installation" in capsys.readouterr().out
    assert main(["model", "list", "--json"]) == 1
    assert capsys.readouterr().out == ""


def test_it_shows_what_a_bundle_says_about_itself(folder, capsys):
    assert main(["model", "show", str(folder)]) == 0

    said = capsys.readouterr().out
    assert said.splitlines()[0] == "tiny-rerank"
    for line in (
        "  size       0.1 MB, weights in float32",
        "  licence    Apache-2.0",
        "  languages  en",
        "  hears      8000 Hz, 4.8 s at once as log-mel 240 x 8",
        "  times      stretches of 4 s after 0.32 s of context",
        "             a token of 0.32 s, a vector of 2 s every 1 s",
        "  vectors    6 numbers each",
        "  reads      up to 12 pieces of a text",
        "  reranks    30 candidates in 50 ms",
        "  classes    2: low, high",
        "  trained on clips: none",
        "  measured   scenes: R@1 0.05, R@10 0.2",
    ):
        assert line in said.splitlines()


def test_ears_alone_are_shown_as_such(tmp_path, capsys):
    write_tiny(tmp_path / "ears", EARS)

    assert main(["model", "show", str(tmp_path / "ears")]) == 0

    said = capsys.readouterr().out
    assert "  reads      nothing: it only hears" in said
    assert "reranks" not in said
    assert "classes" not in said


def test_the_page_is_also_json(folder, capsys):
    assert main(["model", "show", str(folder), "--json"]) == 0

    shown = json.loads(capsys.readouterr().out)
    written = json.loads((folder / "bundle.json").read_text(encoding="utf-8"))
    assert {key: shown[key] for key in written} == written
    assert shown["folder"] == str(folder)


def test_without_a_name_the_packaged_model_is_meant(packaged, capsys):
    assert main(["model", "show"]) == 0
    assert capsys.readouterr().out.startswith("tiny\n")
    assert main(["model", "verify"]) == 0


def test_it_verifies_and_says_how_near_everything_is(folder, capsys):
    assert main(["model", "verify", str(folder)]) == 0

    said = capsys.readouterr().out
    assert said.startswith("tiny-rerank: 6 files, each with the right SHA-256\n")
    rows = {line.split()[0]: line.split() for line in said.splitlines()[2:]}
    assert rows["tokens"][1:] == ["cosine", "1.000000", "at", "least", "0.9999", "met"]
    assert rows["input.logmel"][1:] == ["difference", "0.0e+00", "at", "most", "0.0001", "met"]
    assert set(rows) >= {"weight", "gist.audio", "gist.text", "classes", "score"}


def test_a_model_that_hears_something_else_fails(tmp_path, capsys):
    contents = contents_of(PAGE)
    with np.load(io.BytesIO(contents["golden.npz"])) as file:
        found = dict(file)
    told = io.BytesIO()
    np.savez(told, **found | {"gist.audio": -found["gist.audio"]})
    write_bundle(tmp_path / "deaf", PAGE, contents | {"golden.npz": told.getvalue()})

    assert main(["model", "verify", str(tmp_path / "deaf")]) == 3

    said = capsys.readouterr()
    assert "-1.000000" in said.out
    assert "MISSED" in said.out
    assert "does not hear here what it heard where it was made: gist.audio" in said.err
    assert len(said.err.splitlines()) == 2

    assert main(["model", "verify", str(tmp_path / "deaf"), "--json"]) == 3
    figures = json.loads(capsys.readouterr().out)["figures"]
    assert [one["what"] for one in figures if not one["met"]] == ["gist.audio"]


def test_a_broken_bundle_is_two_lines(folder, capsys):
    (folder / "text.onnx").write_bytes(b"?")

    for action in ("show", "verify"):
        assert main(["model", action, str(folder)]) == 3
        said = capsys.readouterr()
        assert said.out == ""
        assert "text.onnx is not the file it was made with" in said.err
        assert len(said.err.splitlines()) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["model"], "required: ACTION"),
        (["model", "shout"], "invalid choice: 'shout'"),
        (["model", "show", "--nothing"], "see what it takes with: earmark model"),
    ],
)
def test_a_wrong_call_is_two_lines(words, said, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(words)

    told = capsys.readouterr().err
    assert said in told
    assert len(told.splitlines()) == 2


def test_an_unknown_model_gets_a_guess(packaged, capsys):
    assert main(["model", "show", "earmark-smal"]) == 2
    assert "did you mean 'earmark-small'?" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["show"]])
def test_the_help_begins_with_what_it_does(words, capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["model", *words, "--help"])
    assert capsys.readouterr().out.startswith("usage: earmark model")
