"""The exam on orders: read and left whole, where both sounds are found, and in which stretch."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.cli.main import main
from earmark.data import open_data
from earmark.data.kinds import bank_of_kinds
from earmark.lab.exam import ordered
from earmark.lab.exam.ordered import Ordered, Wish, holds, in_order, of_texts
from earmark.scenes import Caption
from earmark.scenes.truth import Background, Constraint, Event, Scene
from earmark.score import Task
from lab.exam.made import write_pairs
from model.tiny import new_model


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    write_pairs(folder)
    return folder


def event(label, start):
    return Event(
        label=label, group=label, start=start, end=start + 1, snr_db=10, distant=False,
        sound=label, recording=label, cut=(0.0, 1.0),
    )  # fmt: skip


def scene(name, *labels, bed="", caption=None, twin=""):
    return Scene(
        id=name,
        seconds=10.0,
        seed=0,
        level_db=-30,
        background=Background(label=bed, group=bed, sound=bed, recording=bed) if bed else None,
        events=tuple(event(label, 3.0 * n) for n, label in enumerate(labels)),
        twin=twin,
        captions=(caption,) if caption else (),
    )


def before(first, second):
    return Caption(f"{first}, then {second}", "order", (Constraint("before", (first, second)),))


def test_both_ways_are_asked_in_one_run(data):
    bank = bank_of_kinds(open_data(f"clips:{data}#check"))

    found = Ordered(bank, new_model(), Wish(size=12)).run(lambda text: None)

    assert found["scenes"] == 12
    assert found["systems"].keys() == found["order"].keys() == {"tiny", "left whole"}
    assert found["order"]["tiny"]["pairs"] >= 4
    assert found["order, both sounds found"]["tiny"]["pairs"] <= found["order"]["tiny"]["pairs"]
    assert found["moments"]["order"]["scenes"] == 12
    assert found["moments"]["long"]["scenes"] == 6
    for part in found["moments"].values():
        assert part["R1@0.7"]["read"]["value"] <= part["R1@0.5"]["read"]["value"]


def test_an_order_is_of_all_sounds_that_it_names():
    long = Caption("", "", tuple(Constraint("before", pair) for pair in (("a", "b"), ("b", "c"))))

    assert in_order(long) == ("a", "b", "c")
    assert in_order(Caption("", "", (Constraint("while", ("a", "b")),))) == ()


def test_a_background_is_a_sound_that_a_scene_has():
    assert holds(scene("1", "dog", bed="rain"), "rain")
    assert holds(scene("1", "dog", bed="rain"), "dog")
    assert not holds(scene("1", "dog", bed="rain"), "cat")


def test_a_sound_is_found_where_its_scene_stands_among_as_many_as_have_it():
    scenes = (
        scene("1", "dog", "cat", caption=before("dog", "cat")),
        scene("2", "cat", "dog", caption=before("cat", "dog")),
        scene("3", "cat"),
    )
    texts = tuple(one.captions[0].text for one in scenes[:2])
    task = Task(texts, scenes, np.eye(3, dtype=bool)[:2], ("1", "2"), ("1", "2", "3"))

    class Bank:
        def phrases(self, label, *, test):
            assert test
            return [label]

    def answers(phrases):
        # Scene 2 is not among the first two of three for "dog"; three scenes of three have a cat.
        rows = {"dog": [0.9, 0.1, 0.5], "cat": [0.1, 0.2, 0.3]}
        return np.array([rows[phrase] for phrase in phrases])

    exam = Ordered(Bank(), None, Wish())

    assert exam._alone(task, answers).tolist() == [True, False]


def test_some_texts_of_a_task_keep_what_is_right_for_them():
    task = Task(
        ("a", "b", "c"), ("x", "y"), np.eye(2, dtype=bool)[[0, 1, 1]], ("x", "y", "y"), ("x", "y")
    )

    some = of_texts(task, np.array([False, True, True]))

    assert some.texts == ("b", "c")
    assert some.match.tolist() == [[False, True], [False, True]]
    assert some.homes == ("y", "y")


def test_the_command_prints_it(data, capsys, monkeypatch):
    monkeypatch.setattr(
        ordered.Ordered, "run", lambda self, note: {"scenes": 3, "size": self._wish.size}
    )

    code = main(
        [
            "evaluate",
            "orders",
            f"clips:{data}#check",
            "--model",
            str(data / "tiny"),
            "--size",
            "6",
            "--json",
        ]
    )

    told = json.loads(capsys.readouterr().out)
    assert code == 0
    assert (told["protocol"], told["scenes"], told["size"]) == ("orders", 3, 6)
    assert told["command"] == "earmark evaluate orders DATA#check --model BUNDLE --size 6 --seed 0"


def test_orders_without_clips_are_refused(capsys):
    assert main(["evaluate", "orders"]) == 2
    assert "orders are asked of scenes of real clips" in capsys.readouterr().err
