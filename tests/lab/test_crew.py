"""Two processes that share a run, over gloo: the same as one, and they stop together."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.errors import UsageError
from earmark.lab.checkpoint import LOG, STATE
from earmark.lab.crew import Crew, crew_of, refuse_size
from earmark.lab.objectives import OBJECTIVES
from earmark.lab.recipe import TrainRule
from earmark.lab.spawn import _free_port
from lab.line import TASK, Line, go, trainer_of

TESTS = Path(__file__).parents[1]


def in_processes(size, *words, module="lab.crew_line"):
    """Run a module in so many processes, by default to train the line: what each of them tells."""
    port = str(_free_port())
    crew = []
    for place in range(size):
        told = {"RANK": str(place), "WORLD_SIZE": str(size), "MASTER_ADDR": "127.0.0.1"}
        told |= {"MASTER_PORT": port, "OMP_NUM_THREADS": "1"}
        told |= {"PYTHONPATH": os.pathsep.join([str(TESTS), *filter(None, sys.path)])}
        crew.append(
            subprocess.Popen(
                [sys.executable, "-m", module, *map(str, words)],
                env=os.environ | told,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        )
    answers = [one.communicate(timeout=120) for one in crew]
    assert [one.returncode for one in crew] == [0] * size, answers
    return [json.loads(out.splitlines()[-1]) for out, _ in answers]


@pytest.fixture
def alone(tmp_path, monkeypatch):
    """One process that takes both batches of each step."""
    monkeypatch.setitem(OBJECTIVES, "line", TASK)
    trainer = trainer_of(tmp_path / "alone", Line(batch=8), accumulate=2)
    return [one.losses["square"] for one in go(trainer)], trainer


def test_two_processes_take_the_steps_of_one(alone, tmp_path):
    losses, trainer = alone
    lead, other = in_processes(2, tmp_path / "crew")

    assert lead["losses"] == pytest.approx(losses, rel=1e-4)
    weights = trainer.objective.model[1].weight[0].tolist()
    assert lead["weights"] == pytest.approx(weights, rel=1e-4)
    assert other["weights"] == lead["weights"]
    assert other["losses"] == lead["losses"]
    assert lead["best"] == other["best"] == pytest.approx(trainer.best, rel=1e-3)


def test_each_draws_its_own_half_and_only_one_writes(tmp_path):
    lead, other = in_processes(2, tmp_path / "crew")

    assert lead["drawn"] == list(range(0, 80, 2))
    assert other["drawn"] == list(range(1, 80, 2))
    rows = [json.loads(line) for line in (tmp_path / "crew" / LOG).read_text().splitlines()]
    assert [row["step"] for row in rows if "square" in row] == [20, 40]


def test_one_that_is_asked_to_stop_stops_all_and_they_go_on_together(alone, tmp_path):
    lead, other = in_processes(2, tmp_path / "crew", 7)
    assert len(lead["losses"]) == len(other["losses"]) == 7
    assert (tmp_path / "crew" / STATE).is_file()

    lead, other = in_processes(2, tmp_path / "crew")

    assert lead["losses"] == pytest.approx(alone[0][7:], rel=1e-4)
    assert other["weights"] == lead["weights"]


def test_without_a_word_from_outside_a_process_is_alone():
    assert crew_of(TrainRule(accumulate=3)) == Crew(0, 1)
    assert Crew().leads
    assert Crew().share([4, 5, 6]) == [4, 5, 6]
    assert Crew(1, 3).share([4, 5, 6, 7, 8]) == [5, 8]


@pytest.mark.parametrize(("size", "accumulate"), [(2, 1), (3, 4), (0, 2)])
def test_batches_that_cannot_be_shared_are_refused(size, accumulate):
    with pytest.raises(UsageError) as caught:
        refuse_size(size, TrainRule(accumulate=accumulate))

    assert caught.value.hint
