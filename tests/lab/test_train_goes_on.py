"""A run that is stopped, killed or done, and the same command given again."""

import json
import signal
from functools import partial

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.errors import DataError
from earmark.lab import train as lab_train
from earmark.lab.checkpoint import LOG, STATE
from earmark.lab.objectives import OBJECTIVES
from lab.line import TASK, Line, go, trainer_of

torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def line_is_a_task(monkeypatch):
    monkeypatch.setitem(OBJECTIVES, "line", TASK)


def losses_of(told):
    return {one.step: one.losses["square"] for one in told}


def rows(folder):
    return [json.loads(line) for line in (folder / LOG).read_text().splitlines()]


def ctrl_c():
    signal.raise_signal(signal.SIGINT)


def uninterrupted(folder):
    trainer = trainer_of(folder, Line(dropout=0.3))
    return losses_of(go(trainer)), trainer


def same_end(one, other):
    for first, second in (
        (one.objective.model, other.objective.model),
        (one.average, other.average),
    ):
        for name, weight in first.state_dict().items():
            torch.testing.assert_close(second.state_dict()[name], weight, atol=0, rtol=0)
    assert one.best == other.best


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("at", [1, 17, 30])
def test_a_run_that_is_stopped_goes_on_to_the_same_losses_and_weights(tmp_path, at, number):
    wanted, whole = uninterrupted(tmp_path / "whole")

    stopped = trainer_of(tmp_path / "run", Line(dropout=0.3))
    first = go(stopped, at=at, do=partial(signal.raise_signal, number))
    torch.manual_seed(99)
    rest = trainer_of(tmp_path / "run", Line(dropout=0.3), seed=99)
    then = go(rest)

    assert [one.step for one in first] == list(range(1, at + 1))
    assert losses_of(first) | losses_of(then) == wanted
    same_end(whole, rest)


def test_ctrl_c_is_still_an_interrupt_once_the_state_is_saved(tmp_path):
    trainer = trainer_of(tmp_path)

    def tell(progress):
        if progress.step == 5:
            ctrl_c()

    with pytest.raises(KeyboardInterrupt):
        trainer.go(tell)

    assert trainer.run.state()["step"] == 5


def test_ctrl_c_at_the_last_step_is_too_late_to_stop_anything(tmp_path):
    trainer = trainer_of(tmp_path)

    assert trainer.go(lambda progress: ctrl_c() if progress.step == 40 else None) == trainer.best


def test_a_run_that_was_killed_goes_on_from_its_last_checkpoint_and_logs_no_step_twice(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(lab_train, "LOG_EVERY", 1)
    wanted, whole = uninterrupted(tmp_path / "whole")

    def die():
        raise MemoryError

    go(trainer_of(tmp_path / "run", Line(dropout=0.3)), at=7, do=ctrl_c)
    with pytest.raises(MemoryError):
        go(trainer_of(tmp_path / "run", Line(dropout=0.3, broken={8: die})))
    assert [row["step"] for row in rows(tmp_path / "run")][-1] == 14
    last = trainer_of(tmp_path / "run", Line(dropout=0.3))
    go(last)

    logged = {row["step"]: row["square"] for row in rows(tmp_path / "run") if "square" in row}
    assert len(rows(tmp_path / "run")) == 40 + 4
    assert logged == wanted
    same_end(whole, last)


def test_checkpoints_come_as_often_as_the_recipe_says(tmp_path):
    states = {}
    for minutes in (0.0, 10.0):
        folder, seen = tmp_path / str(minutes), []
        go(
            trainer_of(folder, checkpoint_minutes=minutes, steps=3),
            at=2,
            do=lambda at=folder, seen=seen: seen.append((at / STATE).is_file()),
        )
        states[minutes] = seen[0]

    assert states == {0.0: True, 10.0: False}


def test_a_finished_run_has_nothing_left_to_do(tmp_path):
    first = trainer_of(tmp_path)
    go(first)
    before = (tmp_path / STATE).read_bytes(), rows(tmp_path)
    again = trainer_of(tmp_path)

    assert go(again) == []
    assert again.go(lambda progress: None) == first.best
    assert ((tmp_path / STATE).read_bytes(), rows(tmp_path)) == before


def test_seconds_go_on_counting_after_a_stop(tmp_path):
    stopped = trainer_of(tmp_path)
    go(stopped, at=9, do=ctrl_c)
    stopped.seconds = 500.0
    stopped.save()
    rest = trainer_of(tmp_path)

    go(rest)

    assert 500 < rest.seconds < 560


def test_a_state_of_an_earlier_version_is_refused_in_two_lines_and_kept(tmp_path):
    go(trainer_of(tmp_path), at=3, do=ctrl_c)
    state = torch.load(tmp_path / STATE, weights_only=True)
    state["optimiser"] = state.pop("optimisers")[0]
    torch.save(state, tmp_path / STATE)
    before = (tmp_path / STATE).read_bytes()

    with pytest.raises(DataError, match="another version") as caught:
        trainer_of(tmp_path)

    assert "new folder" in caught.value.hint
    assert (tmp_path / STATE).read_bytes() == before
