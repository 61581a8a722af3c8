"""`earmark export`: a run in, a bundle out, or two lines that say why not."""

import pytest

from earmark.cli.main import main

pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")
pytest.importorskip("onnxscript", reason="export needs it: pip install 'earmark[lab]'")

from lab.tiny_runs import ears_run


def test_a_run_becomes_a_bundle_that_proves_itself(tmp_path, capsys):
    ears_run(tmp_path / "run")

    assert main(["export", str(tmp_path / "run"), str(tmp_path / "tiny")]) == 0

    said = capsys.readouterr().out
    assert "int8 weights" in said
    assert "audio_cosine" in said
    assert main(["model", "verify", str(tmp_path / "tiny")]) == 0


@pytest.mark.parametrize(
    ("words", "problem"),
    [(["nowhere", "new"], "is no run"), (["nowhere", "."], "is there already")],
)
def test_what_cannot_be_is_two_lines(tmp_path, monkeypatch, capsys, words, problem):
    monkeypatch.chdir(tmp_path)

    assert main(["export", *words]) == 2

    said = capsys.readouterr().err
    assert problem in said
    assert len(said.splitlines()) == 2
