"""`earmark export`: a run in, a bundle out, or two lines that say why not."""

import json

import pytest

from earmark.cli.main import main

pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")
pytest.importorskip("onnxscript", reason="export needs it: pip install 'earmark[lab]'")

from lab.test_measured import SIBLINGS
from lab.tiny_runs import both_run, ears_run


def test_a_run_becomes_a_bundle_that_proves_itself(tmp_path, capsys):
    ears_run(tmp_path / "run")

    assert main(["export", str(tmp_path / "run"), str(tmp_path / "tiny")]) == 0

    said, warned = capsys.readouterr()
    assert "int8 weights" in said
    assert "audio_cosine" in said
    assert warned.startswith("confidence stays uncalibrated: the recipe names no dev part\n")
    assert len(warned.splitlines()) == 2
    card = (tmp_path / "tiny" / "README.md").read_text(encoding="utf-8")
    assert "| confidence | not calibrated" in card
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


def test_a_dev_part_that_shows_nothing_leaves_a_bundle_without_a_calibration(
    tmp_path, monkeypatch, capsys
):
    from earmark.lab.calibrate import NothingToFitError

    def refuse(*_, **__):
        raise NothingToFitError("nothing", hint="to see")

    both_run(tmp_path / "run")
    monkeypatch.setattr("earmark.lab.calibrate.dev_rows", lambda *_: ["a row"])
    monkeypatch.setattr("earmark.lab.export.calibrate", refuse)

    assert main(["export", str(tmp_path / "run"), str(tmp_path / "tiny")]) == 0

    assert "its dev part shows no use of it" in capsys.readouterr().err
    assert not (tmp_path / "tiny" / "background.npz").exists()


def test_ears_alone_are_not_calibrated_as_they_cannot_search(tmp_path, monkeypatch, capsys):
    ears_run(tmp_path / "run")
    monkeypatch.setattr("earmark.lab.calibrate.dev_rows", lambda *_: ["a row"])
    monkeypatch.setattr("earmark.lab.export.calibrate", lambda *_, **__: pytest.fail("fitted"))

    assert main(["export", str(tmp_path / "run"), str(tmp_path / "tiny")]) == 0

    assert "uncalibrated" not in capsys.readouterr().err


def test_a_bundle_gets_its_confidence_alone(tmp_path, monkeypatch, capsys):
    import numpy as np

    from earmark.model.model import Model

    ears_run(tmp_path / "run")
    main(["export", str(tmp_path / "run"), str(tmp_path / "old")])
    width = Model.load(tmp_path / "old").width
    bank = np.eye(width, dtype=np.float32)[:8]
    slopes = {"base": 0.0, "bank": 1.0, "library": 0.0, "score": 0.0, "size": 0.0}
    told = {"words": None, "sounds": slopes, "line": 0.1, "share": 0.5, "fitted": {}}
    monkeypatch.setattr("earmark.lab.calibrate.dev_rows", lambda *_: ["a row"])
    monkeypatch.setattr("earmark.lab.calibrate.calibrate", lambda *_, **__: (told, bank))
    capsys.readouterr()

    (tmp_path / "siblings.json").write_text(json.dumps(SIBLINGS), encoding="utf-8")

    words = ["--calibrate", str(tmp_path / "old"), str(tmp_path / "new")]
    words += ["--results", str(tmp_path / "siblings.json")]
    assert main(["export", *words]) == 0

    assert "confidence fitted anew" in capsys.readouterr().out
    page = Model.load(tmp_path / "new").page
    assert page.calibration == told
    assert page.results["siblings"]["share of the sentence model's R@10"] == "0.960"
    assert page.results["packing"] == Model.load(tmp_path / "old").page.results["packing"]
    same = (tmp_path / name / "audio.onnx" for name in ("old", "new"))
    assert len({path.read_bytes() for path in same}) == 1
