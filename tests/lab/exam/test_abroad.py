"""The exam on other languages, worked out by hand."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.cli.main import main
from earmark.data import open_data
from earmark.errors import UsageError
from earmark.lab.exam import abroad
from earmark.lab.exam.abroad import Query, Wish, categories, examine, precisions, sentences, share
from earmark.lab.tongues import WRITTEN
from earmark.lab.tongues.ucs import is_kept
from earmark.model.tongues import read_tongues
from lab.exam.made import write_pairs
from model.tiny import RERANKS, new_model
from model.tiny_tongues import with_tongues, write_tongues


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    write_pairs(folder)
    (folder / "text" / "ucs").mkdir(parents=True)
    lists = {"en": ["rain", "shower"], "de": ["regen"], "fr": ["pluie"]}
    for tongue, (name, *more) in lists.items():
        row = {"CatID": "RAIN", "Category": "X", "SubCategory": name, "Synonyms": more}
        (folder / "text" / "ucs" / f"{tongue}.json").write_text(json.dumps([row]))
    return folder


def test_precision_is_the_mean_over_what_is_asked_for_a_group():
    queries = [
        Query("dog", frozenset(["dog"]), "a"),
        Query("dog", frozenset(["dog"]), "b"),
        Query("cat", frozenset(["cat", "lion"]), "c"),
    ]
    scores = np.array([[3.0, 2, 1, 0], [0, 1, 2, 3], [1, 3, 0, 2]])

    found = precisions(queries, ["dog", "cat", "cow", "lion"], lambda texts: scores)

    assert found == {"dog": pytest.approx((1 + 1 / 4) / 2), "cat": pytest.approx(1.0)}


def test_a_share_is_of_the_groups_that_both_have():
    found = share({"a": 0.4, "b": 0.2}, {"a": 0.8, "b": 0.4, "c": 1.0})

    assert found["value"] == pytest.approx(0.5)
    assert found["low"] == pytest.approx(0.5)
    assert share({"a": 0.4, "b": 0.4}, {"a": 0.8, "b": 0.4})["low"] == pytest.approx(0.5)


def test_twenty_sentences_a_language_ask_for_the_same_kinds():
    found = sentences(WRITTEN)

    assert list(found) == ["en", *WRITTEN]
    kinds = [one.group for one in found["en"]]
    assert len(set(kinds)) == 20
    assert all([one.group for one in some] == kinds for some in found.values())


def test_only_what_is_kept_is_asked(data):
    assert is_kept("RAIN")

    found = categories(Wish(tongues=("de", "fr"), lists=data), {"rain", "dog"})

    assert {tongue: [one.text for one in some] for tongue, some in found.items()} == {
        "en": ["rain", "shower"],
        "de": ["regen"],
        "fr": ["pluie"],
    }
    assert all(one.kinds == {"rain"} for some in found.values() for one in some)


def test_every_language_is_asked_of_one_library(data, tmp_path, monkeypatch):
    tongues = read_tongues(write_tongues(tmp_path / "tongues"))
    model = with_tongues(new_model(RERANKS), tongues)
    monkeypatch.setattr("earmark.model.model.tongues_for", lambda page: tongues)
    asked = {"en": [("dog", "a dog barks")], "de": [("dog", "ein Hund")]}
    monkeypatch.setattr(
        abroad,
        "sentences",
        lambda _: {
            tongue: [Query(kind, frozenset([kind]), text) for kind, text in some]
            for tongue, some in asked.items()
        },
    )
    rows = open_data(f"clips:{data}#check")

    found = examine(rows, model, Wish(tongues=("de",), lists=data), lambda text: None)

    assert set(found["sets"]) == {"sentences", "categories"}
    told = found["sets"]["sentences"]["tiny-rerank"]
    assert told["en"]["of English"]["value"] == 1.0
    assert told["de"]["told"] == 1.0
    assert told["de"]["mAP"] != told["en"]["mAP"]
    assert set(found["sets"]["sentences"]) == {"tiny-rerank", "not reranked"}


def test_a_model_without_such_a_reader_is_refused(data):
    rows = open_data(f"clips:{data}#check")

    with pytest.raises(UsageError, match="nothing reads other languages"):
        examine(rows, new_model(), Wish(tongues=("de",), lists=data), lambda text: None)


def test_it_is_asked_of_clips(capsys):
    assert main(["evaluate", "abroad"]) == 2
    assert "other languages are asked of clips" in capsys.readouterr().err
