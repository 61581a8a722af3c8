"""The exam on scenes: found, in order, and the moment, on clips made by code."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.cli.main import main
from earmark.data import open_data
from earmark.data.kinds import bank_of_kinds
from earmark.lab.exam import exam, listeners, scenery
from earmark.lab.exam.listeners import Expert
from earmark.lab.exam.scenery import Scenery, Wish, order, shared
from earmark.types import Moment
from lab.exam.made import Level, write_pairs
from model.tiny import RATE, new_model


def embed(texts):
    """Three numbers of a text that have nothing to do with what it says."""
    found = np.array([[len(text), text.count("a"), text.count("e")] for text in texts], np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    write_pairs(folder)
    return folder


def test_scenes_are_asked_of_both_in_order_and_inside(data):
    bank = bank_of_kinds(open_data(f"clips:{data}#check"))
    level = Expert("level", Level(rate=RATE))

    found = Scenery(bank, new_model(), level, embed, Wish(size=20, long=2)).run(lambda text: None)

    assert found["scenes"] == 20
    assert found["texts"] >= 50
    assert found["systems"].keys() == found["order"].keys() == {"tiny", "left whole", "composed"}
    assert 0 < found["chance"]["R@10"] <= 1
    assert 0 <= found["order"]["tiny"]["value"] <= 1
    assert found["order"]["tiny"]["pairs"] >= 2
    assert found["moments"]["scenes"] == 2
    assert found["moments"]["R1@0.5"].keys() == {"tiny", "composed"}


def scene(name, twin):
    return SimpleNamespace(id=name, twin=twin)


def test_order_is_asked_only_where_the_two_differ():
    task = SimpleNamespace(
        sounds=[scene("1", "2"), scene("2", "1"), scene("3", "")],
        # Right for one of the two, for both, for neither.
        match=np.array([[1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 1]], bool),
    )
    # The first is found before its twin, the second is not told from it.
    scores = np.array([[0.9, 0.1, 0.0], [0.4, 0.4, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])

    found = order(task, scores)

    assert found["pairs"] == 2
    assert found["value"] == pytest.approx((1 + 0.5) / 2)


def test_without_twins_there_is_no_order():
    task = SimpleNamespace(sounds=[scene("1", "")], match=np.ones((1, 1), bool))

    assert order(task, np.ones((1, 1))) == {"pairs": 0}


@pytest.mark.parametrize(
    ("other", "wanted"),
    [((2, 6), 1.0), ((4, 8), 2 / 6), ((6, 9), 0.0), ((3, 5), 0.5), ((10, 12), 0.0)],
)
def test_what_two_stretches_share(other, wanted):
    assert shared(Moment(2, 6), Moment(*other)) == pytest.approx(wanted)


def test_a_long_scene_holds_one_event_that_is_asked_for(data):
    bank = bank_of_kinds(open_data(f"clips:{data}#check"))
    level = Expert("level", Level(rate=RATE))

    made = Scenery(bank, new_model(), level, embed, Wish())._long(3)

    assert (made[0].seconds, len(made[0].events)) == (120.0, 1)
    assert made[0].background
    assert made[1].constraints[0].labels == (made[0].events[0].label,)
    assert made[0].events[0].snr_db == 10


def test_as_a_command(data, monkeypatch, capsys):
    table = {"level": lambda name: Expert(name, Level(rate=RATE))}
    monkeypatch.setattr(listeners, "LISTENERS", table)
    monkeypatch.setattr(exam, "embedder", lambda: embed)
    monkeypatch.setattr(scenery.Wish, "__init__", _short(scenery.Wish.__init__))
    words = ["evaluate", "scenes", f"clips:{data}#check", "--model", str(data / "tiny")]
    words += ["--beside", "level", "--size", "8"]

    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["command"] == (
        "earmark evaluate scenes DATA#check --model BUNDLE --beside level --size 8 --seed 0"
    )
    assert (told["kinds"], told["clips"]) == (12, 24)

    assert main(words) == 0
    said = capsys.readouterr().out
    for part in (
        "8 scenes of 24 clips of 12 kinds",
        "chance",
        "order, right",
        "R1@0.5 in 1 scenes",
    ):
        assert part in said


def _short(init):
    return lambda self, **wish: init(self, **wish | {"long": 1})


def test_two_experts_cannot_be_wired_at_once(data, capsys):
    words = ["evaluate", "scenes", f"clips:{data}#check", "--beside", "a", "b"]

    assert main(words) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2
