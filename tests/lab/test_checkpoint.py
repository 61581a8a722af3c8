import json

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from safetensors.torch import load_file

from earmark.errors import DataError, UsageError
from earmark.lab.checkpoint import LOG, RECIPE, STATE, Run, trained_for
from earmark.lab.start import WEIGHTS


@pytest.fixture
def run(tmp_path):
    return Run(tmp_path / "deep" / "run", "the recipe\n")


def test_a_run_keeps_its_recipe_and_its_own_recipe_opens_it_again(run):
    run.save_state({"step": 3})

    again = Run(run.folder, "the recipe\n")

    assert (run.folder / RECIPE).read_text(encoding="utf-8") == "the recipe\n"
    assert again.state() == {"step": 3}


@pytest.mark.parametrize("begun", [STATE, LOG, WEIGHTS])
def test_a_run_of_another_recipe_is_refused_once_it_has_begun(run, begun):
    (run.folder / begun).write_text("x", encoding="utf-8")

    with pytest.raises(UsageError, match="a run of another recipe") as error:
        Run(run.folder, "another\n")

    assert "--run" in error.value.hint
    assert (run.folder / RECIPE).read_text(encoding="utf-8") == "the recipe\n"


def test_a_run_that_never_began_makes_room_for_a_corrected_recipe(run):
    Run(run.folder, "corrected\n")

    assert (run.folder / RECIPE).read_text(encoding="utf-8") == "corrected\n"


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("Dear", encoding="utf-8")

    with pytest.raises(UsageError, match="holds something else"):
        Run(tmp_path, "the recipe\n")

    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_file_cannot_be_the_folder_of_a_run(tmp_path):
    (tmp_path / "x").write_text("x", encoding="utf-8")

    with pytest.raises(UsageError, match="cannot be the folder of a run") as error:
        Run(tmp_path / "x", "the recipe\n")

    assert len(str(error.value).splitlines()) == 2


def test_a_new_run_has_no_state(run):
    assert run.state() is None


def test_a_state_comes_back_as_it_was(run):
    state = {
        "step": 3,
        "best": {"fit": 0.5},
        "w": torch.tensor([1.5, -2.0]),
        "deep": [{"a": (1, 2)}],
    }

    run.save_state(state)

    found = run.state()
    torch.testing.assert_close(found.pop("w"), state.pop("w"), atol=0, rtol=0)
    assert found == state
    assert not list(run.folder.glob("*.part"))


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"PK\x03\x04 half a file"])
def test_a_damaged_state_gets_two_lines(run, damage):
    (run.folder / STATE).write_bytes(damage)

    with pytest.raises(DataError, match="it is damaged\ndelete it to begin anew"):
        run.state()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_half_a_state_gets_two_lines(run, share):
    run.save_state({"w": torch.randn(1_000)})
    whole = (run.folder / STATE).read_bytes()
    (run.folder / STATE).write_bytes(whole[: int(len(whole) * share)])

    with pytest.raises(DataError, match="it is damaged"):
        run.state()


class Evil:
    def __reduce__(self):
        return print, ("run by a state",)


def test_a_state_is_never_run_as_code(run, capsys):
    torch.save({"step": Evil()}, run.folder / STATE)

    with pytest.raises(DataError, match="it is damaged"):
        run.state()

    assert capsys.readouterr().out == ""


def test_a_state_that_could_not_be_written_leaves_the_old_one(run):
    run.save_state({"step": 3})

    with pytest.raises(TypeError):
        run.save_state({"step": (one for one in "a generator cannot be kept")})

    assert run.state() == {"step": 3}


def test_weights_come_back_as_they_were_even_from_a_view(run):
    wide = torch.arange(6.0).reshape(2, 3)

    run.save_weights({"a": wide.T, "b": torch.tensor(3)})

    found = load_file(run.folder / WEIGHTS)
    assert found["a"].tolist() == [[0, 3], [1, 4], [2, 5]]
    assert found["b"].item() == 3


def rows(run):
    return [json.loads(line) for line in (run.folder / LOG).read_text().splitlines()]


def test_the_log_has_a_line_of_json_a_row(run):
    run.log(step=1, loss=0.5)
    run.log(step=2, note="fine")

    assert rows(run) == [{"step": 1, "loss": 0.5}, {"step": 2, "note": "fine"}]


def test_what_was_logged_after_a_state_is_cut_with_a_line_that_a_kill_left_half(run):
    for step in (1, 2, 3):
        run.log(step=step)
    with (run.folder / LOG).open("a", encoding="utf-8") as file:
        file.write('{"step": 1')

    run.cut_log(2)
    run.log(step=9)

    assert rows(run) == [{"step": 1}, {"step": 2}, {"step": 9}]


def test_a_run_without_a_log_has_nothing_to_cut(run):
    run.cut_log(2)

    assert not (run.folder / LOG).exists()


def test_a_run_has_learned_for_as_long_as_its_last_steps_say(run):
    run.log(step=50, seconds=3.5, nt_xent=0.1)
    run.log(step=100, seconds=7.3, nt_xent=0.1)
    run.log(step=100, dev_recall=0.5)

    assert trained_for(run.folder) == 7.3
