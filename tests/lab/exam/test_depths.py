"""The exam on depth: the same library, asked with more and fewer of a shortlist reranked."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.cli.main import main
from earmark.data import open_data
from earmark.errors import UsageError
from earmark.lab.exam import depths
from earmark.lab.exam.depths import ALONE, Depths, Wish
from lab.exam.made import write_pairs
from model.tiny import RERANKS, new_model


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    write_pairs(folder)
    return folder


def asked(data, monkeypatch, *deep):
    monkeypatch.setattr(depths, "DEPTHS", deep)
    rows = open_data(f"clips:{data}#check")
    return Depths(rows, new_model(RERANKS), Wish(size=8)).run(lambda text: None)["sets"]


def test_scenes_and_clips_are_asked_at_every_depth(data, monkeypatch):
    found = asked(data, monkeypatch, 1, 100)

    assert len(found) >= 2
    assert found["scenes-v1"]["sounds"] == 8
    for told in found.values():
        assert list(told["systems"]) == list(told["ms"]) == [ALONE, "1", "100"]
        assert told["times of none"][ALONE] == 1.0
        assert all(took > 0 for took in told["ms"].values())


def test_one_that_is_reranked_stays_where_it_is_and_many_do_not(data, monkeypatch):
    systems = asked(data, monkeypatch, 1, 100)["scenes-v1"]["systems"]

    values = {name: [one["value"] for one in told.values()] for name, told in systems.items()}
    assert values["1"] == values[ALONE]
    assert values["100"] != values[ALONE]


def test_a_model_that_does_not_rerank_is_refused(data):
    with pytest.raises(UsageError, match="does not rerank"):
        Depths(open_data(f"clips:{data}#check"), new_model(), Wish(size=8))


def test_no_depth_is_always_asked_first(monkeypatch):
    order = []

    class Shelf:
        def answers_of(self, model, limit):
            def answer(texts):
                order.append((texts[0], model))
                return np.full((1, 4), float(ord(texts[0]) + ord(model)))

            return answer

    monkeypatch.setattr(depths, "hits_for", lambda model: 20)
    found, took = depths.asked(Shelf(), ["a", "b", "c"], ["x", "y"], lambda text: None)

    assert [model for _, model in order[3:]] == ["a", "b", "c", "b", "c", "a"]
    assert took.shape == (2, 3)
    assert [one.shape for one in found] == [(2, 4)] * 3
    assert found[1][1, 0] == ord("b") + ord("y")


def test_a_longer_shortlist_needs_a_longer_list():
    model = new_model(RERANKS)

    assert [depths.hits_for(model.reranking(n)) for n in (0, 25, 100, 200)] == [20, 20, 20, 200]


def test_the_command_prints_a_table_a_set(data, capsys, monkeypatch):
    figures = {name: {"value": 0.25, "low": 0.1, "high": 0.4} for name in depths.METRICS}
    told = {
        "texts": 3,
        "sounds": 4,
        "systems": {ALONE: figures, "25": figures},
        "ms": {ALONE: 2.0, "25": 9.0},
        "times of none": {ALONE: 1.0, "25": 4.5},
    }
    monkeypatch.setattr(depths.Depths, "__init__", lambda self, rows, model, wish: None)
    monkeypatch.setattr(depths.Depths, "run", lambda self, note: {"sets": {"some": told}})
    words = ["evaluate", "depths", f"clips:{data}#check", "--model", str(data / "tiny")]

    assert main(words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert main([*words, "--size", "6", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)

    assert any(line.split()[:2] == ["25", "0.2500"] and "4.50" in line for line in lines)
    assert said["command"] == "earmark evaluate depths DATA#check --model BUNDLE --size 6"


def test_depths_without_clips_are_refused(capsys):
    assert main(["evaluate", "depths"]) == 2
    assert "depths are asked of clips" in capsys.readouterr().err
