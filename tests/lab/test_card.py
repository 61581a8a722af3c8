"""The card says what was measured, with its interval, its chance and the command."""

import json

import pytest

pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")
pytest.importorskip("onnxscript", reason="export needs it: pip install 'earmark[lab]'")

from dataclasses import replace

from earmark.cli.export import read_results
from earmark.errors import DataError
from earmark.lab.card import card, sources_of
from earmark.lab.measured import told
from model.tiny import PAGE

RESULT = {
    "protocol": "esc-check",
    "command": "earmark evaluate esc-check DATA",
    "directions": {
        "text to audio": {
            "queries": 22,
            "items": 408,
            "figures": {
                "mAP": {"value": 0.71234, "low": 0.7, "high": 0.72, "chance": 0.0512},
                "median rank": {"value": 2.0, "low": 1.0, "high": 3.0, "chance": 19.5},
            },
        }
    },
}


def test_figures_are_told_with_interval_and_chance():
    found = told([RESULT])["esc-check"]

    assert found == {
        "command": "earmark evaluate esc-check DATA",
        "text to audio: queries, items": "22, 408",
        "text to audio: mAP": "0.7123 (0.7000 to 0.7200; chance 0.0512)",
        "text to audio: median rank": "2.0 (1.0 to 3.0; chance 19.5)",
    }


def test_the_card_holds_figures_command_recipe_and_sources():
    page = replace(PAGE, results=told([RESULT]), data={"train": ("clips:x#train", "more")})

    text = card(page)

    for wanted in (
        "# tiny",
        "`earmark evaluate esc-check DATA`",
        "| text to audio: mAP | 0.7123 (0.7000 to 0.7200; chance 0.0512) |",
        "clips:x#train, more",
        '```toml\nname = "tiny"\n```',
    ):
        assert wanted in text


def test_every_source_is_named_with_its_licence():
    data = {"train": ("clips:x#train,use=free",), "sentences": ("ucs", "clotho"), "synthetic": 6}
    recipe = '[teachers]\nears = "efficientat_mn04"\nwords = "minilm"\n'

    rows = sources_of(replace(PAGE, data=data, recipe=recipe)).splitlines()[2:]

    names = [row.split(" | ")[0].removeprefix("| ") for row in rows]
    assert names == ["clips", "synthetic", "ucs", "clotho", "efficientat_mn04", "minilm"]
    assert [row.split(" | ")[2] for row in rows[2:]] == [
        "public domain, as its makers state",
        "Tampere University licence, academic use only",
        "MIT",
        "Apache-2.0",
    ]


def test_what_is_no_result_is_refused(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(RESULT), encoding="utf-8")
    (tmp_path / "b.json").write_text("{}", encoding="utf-8")

    assert read_results(tmp_path / "a.json") == RESULT
    with pytest.raises(DataError, match="holds no results"):
        read_results(tmp_path / "b.json")
