"""A trained reader as a folder: it reads as it did in training, and knows what is English."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")
pytest.importorskip("onnxscript", reason="exports need onnxscript: pip install 'earmark[lab]'")

from safetensors.torch import save_file

from earmark.cli.main import main
from earmark.errors import UsageError
from earmark.lab.objectives import Places
from earmark.lab.objectives.translate import Translator
from earmark.lab.recipe import parse_recipe
from earmark.lab.tongues import TONGUES
from earmark.lab.tongues import export as exporting
from earmark.lab.tongues.export import english_words, export_tongues
from earmark.lab.towers.tokenizer import encode, train_tokenizer
from earmark.model.model import Model
from earmark.model.tongues import read_tongues

RECIPE = """
name = "tiny-tongues"
task = "translate"
[data]
tongues = ["de"]
[words]
vocabulary = 400
longest = 16
width = 24
depth = 1
heads = 2
"""
TEXTS = ["ein Hund bellt", "雨が降っている", "a dog barks"]


@pytest.fixture
def run(tmp_path):
    torch.manual_seed(4)
    recipe = parse_recipe(RECIPE, "here")
    tokenizer = train_tokenizer(TEXTS, vocabulary=400, longest=16)
    model = Translator(recipe.words, tokenizer, taught_width=Model.load().width)
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    save_file(model.state_dict(), folder / "model.safetensors")
    return folder


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setattr(exporting, "texts_of", lambda recipe, places: [["Dogs bark"] * 3, ["once"]])


def test_it_reads_as_it_did_in_training(run, tmp_path):
    folder = export_tongues(run, tmp_path / "out", Places(tmp_path, tmp_path), {"abroad": {"a": 1}})

    tongues = read_tongues(folder)
    recipe, model = parse_recipe(RECIPE, "here"), None
    from earmark.lab.start import read_weights

    model = exporting.translator_of(recipe, read_weights(run))
    for text in TEXTS:
        with torch.no_grad():
            gist, scores = model(*encode(exporting.tokenizer_of(model.state_dict()), [text]))
        found = tongues.read(text)
        assert float(found.gist @ gist[0].numpy()) > 0.999  # packed in 8 bits
        likely = dict(zip(TONGUES, scores[0].softmax(0).tolist(), strict=True))
        assert found.english == pytest.approx(likely.pop("en"), abs=0.01)
        assert found.tongue == max(likely, key=likely.get)
        whole = found.tokens.sum(axis=0)
        np.testing.assert_allclose(whole / np.linalg.norm(whole), found.gist, atol=1e-5)
    assert tongues.page.results == {"abroad": {"a": 1}}
    assert tongues.page.text == Model.load().page.files["text.onnx"]


def test_english_is_what_stands_in_english_texts():
    assert english_words(["Dogs bark", "DOGS, and 3 bark!"]) == ["and", "bark", "dogs"]


def test_what_is_there_is_not_written_over(run, tmp_path):
    with pytest.raises(UsageError, match="is there already"):
        export_tongues(run, run, Places(tmp_path, tmp_path))


def test_the_command_exports_such_a_run(run, tmp_path, capsys):
    results = tmp_path / "r.json"
    results.write_text(json.dumps({"protocol": "abroad", "clips": 3}), encoding="utf-8")

    code = main(["export", str(run), str(tmp_path / "out"), "--results", str(results)])

    assert code == 0
    assert "MB, reads other languages" in capsys.readouterr().out
    assert read_tongues(tmp_path / "out").page.results["abroad"]["clips"] == 3
