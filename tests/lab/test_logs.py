import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.lab import logs
from earmark.lab.logs import Board


def points(folder):
    """Read the curves that TensorBoard would show."""
    pytest.importorskip("tensorboard", reason="curves need TensorBoard: pip install tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    reader = EventAccumulator(str(folder / "tensorboard"))
    reader.Reload()
    return {
        name: [(one.step, one.value) for one in reader.Scalars(name)]
        for name in reader.Tags()["scalars"]
    }


def test_curves_are_written_for_tensorboard(tmp_path):
    board = Board(tmp_path, 0)
    board.add(1, {"loss": 0.5})
    board.add(2, {"loss": 0.25, "dev/fit": 1.0})
    board.close()

    assert points(tmp_path) == {"loss": [(1, 0.5), (2, 0.25)], "dev/fit": [(2, 1.0)]}


def test_a_run_that_goes_on_from_a_step_replaces_what_came_after_it(tmp_path):
    for start, value in ((0, 1.0), (2, 2.0)):
        board = Board(tmp_path, start)
        for step in range(start + 1, 5):
            board.add(step, {"loss": value})
        board.close()
        (made,) = (tmp_path / "tensorboard").glob("events.out.tfevents.*.*")
        made.rename(made.with_name(f"events.out.tfevents.{start}"))  # read in the order of names

    assert points(tmp_path)["loss"] == [(1, 1.0), (2, 1.0), (3, 2.0), (4, 2.0)]


def test_without_tensorboard_there_are_no_curves_and_nothing_fails(tmp_path, monkeypatch):
    monkeypatch.setattr(logs, "find_spec", lambda name: None)

    board = Board(tmp_path, 0)
    board.add(1, {"loss": 0.5})
    board.close()

    assert list(tmp_path.iterdir()) == []
