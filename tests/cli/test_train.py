import json
import re
import signal

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark import errors
from earmark.cli.main import COMMANDS, main
from earmark.lab.objectives import hear
from lab.loud import RECIPE, Loud, write_clips

torch.set_num_threads(1)

FEW = "steps = 4\nbatch = 2\ndev_every = 2\nwarmup = 1\n"
HEAD = 'name = "x"\ntask = "hear"\n'


@pytest.fixture
def recipe(tmp_path):
    """Write a recipe and give its path."""

    def write(text):
        path = tmp_path / "x.toml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_train_is_on_the_table_of_commands():
    assert "go on with a run" in COMMANDS["train"]


def test_without_torch_it_says_what_to_install(recipe, monkeypatch, capsys):
    find = "importlib.util.find_spec"
    monkeypatch.setattr(find, lambda name: None if name == "torch" else object())

    assert main(["train", recipe(HEAD)]) == errors.MissingExtraError.exit_code

    said = capsys.readouterr().err.splitlines()
    assert said == [
        "earmark: this needs the package 'torch', which is not installed",
        "install it with: pip install 'earmark[lab]'",
    ]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    write_clips(folder, 4)
    return folder


@pytest.fixture
def words(recipe, data, tmp_path, monkeypatch):
    """The words of a command that trains a few steps."""
    monkeypatch.setattr(hear, "open_ears", lambda *_: Loud())
    places = ["--data", str(data), "--cache", str(data / "cache"), "--run", str(tmp_path / "run")]
    return ["train", recipe(RECIPE + FEW), *places]


def test_a_recipe_is_trained_and_the_same_command_finds_it_done(words, tmp_path, capsys):
    assert main(words) == 0

    first = capsys.readouterr()
    lines = first.out.splitlines()
    assert [line.split(":")[0] for line in lines[:2]] == ["step 2 of 4", "step 4 of 4"]
    assert "dev: agreement 0." in lines[0]
    assert lines[2].startswith(
        f"{tmp_path / 'run'} holds the weights that dev liked best: agreement"
    )
    assert first.err == ""
    held = {path.name for path in (tmp_path / "run").iterdir()}
    assert held >= {"recipe.toml", "state.pt", "model.safetensors", "log.jsonl"}

    assert main(words) == 0
    assert capsys.readouterr().out.splitlines() == lines[2:]


def test_a_run_lies_in_runs_unless_another_folder_is_named(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert main(words[:-2]) == 0

    assert (tmp_path / "runs" / "loud" / "model.safetensors").is_file()


def test_decoded_sound_lies_in_the_user_s_cache_unless_another_folder_is_named(
    words, tmp_path, monkeypatch
):
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: tmp_path / "of-the-user")
    del words[words.index("--cache") : words.index("--cache") + 2]

    assert main(words) == 0

    assert list((tmp_path / "of-the-user").glob("*.i16"))


def test_on_a_terminal_the_last_line_shows_losses_steps_and_time_left(
    words, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    words[words.index("--cache") + 1] = str(tmp_path / "new")

    main(words)

    shown = capsys.readouterr().err.split("\r\x1b[2K")
    assert any(line.startswith("decoding sounds 25%, ") for line in shown)
    steps = [line for line in shown if line.startswith("step 3 of 4, 0 min ")]
    assert steps
    assert re.search(r" s left, losses: classes \d\.\d{4}, embedding 0\.", steps[0])
    assert shown[-1] == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_keeps_its_state_and_goes_on(
    words, tmp_path, monkeypatch, capsys, number
):
    def losses(self, drawn, of=hear.Hear.losses):
        signal.raise_signal(number)
        return of(self, drawn)

    monkeypatch.setattr(hear.Hear, "losses", losses)
    assert main(words) == 130
    said = capsys.readouterr()
    assert said.err.splitlines() == [
        f"{tmp_path / 'run'} keeps its state: the same command goes on",
        "earmark: stopped",
    ]

    monkeypatch.undo()
    monkeypatch.setattr(hear, "open_ears", lambda *_: Loud())
    assert main(words) == 0
    log = (tmp_path / "run" / "log.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in log] == [2, 4, 4]


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (HEAD + "[train]\nbatchsize = 3", 2, "unknown key 'batchsize'"),
        (HEAD + "[train]\nbatch = 1", 2, "a batch of 1, which leaves nothing to tell apart"),
        (RECIPE.replace("width = 24", "width = 0"), 2, "tokens of 0"),
        (RECIPE.replace("#train", "#tarin"), 2, "has no split 'tarin'"),
        (RECIPE.replace('"loud"', '"../loud"'), 2, "as a folder is called by it"),
        ("name = [", 2, "is not TOML"),
    ],
)
def test_a_wrong_recipe_gets_two_lines(words, recipe, capsys, text, code, said):
    recipe(text)

    assert main(words) == code

    told = capsys.readouterr().err
    assert said in told
    assert len(told.splitlines()) == 2


def test_a_missing_expert_gets_two_lines(words, monkeypatch, capsys):
    monkeypatch.undo()

    assert main(words) == 3

    told = capsys.readouterr().err.splitlines()
    assert len(told) == 2
    assert "efficientat_mn04.onnx" in told[0]


def test_a_recipe_that_is_not_there_gets_two_lines(tmp_path, capsys):
    assert main(["train", str(tmp_path / "none.toml")]) == 3

    assert len(capsys.readouterr().err.splitlines()) == 2


@pytest.mark.parametrize("how", ["option", "variable", "default"])
def test_data_that_are_not_there_are_named_with_the_recipe_that_needs_them(
    recipe, tmp_path, monkeypatch, capsys, how
):
    path = recipe(RECIPE.replace("[data]", '[teachers]\nears = "efficientat_mn04"\n[data]'))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EARMARK_DATA", raising=False)
    words, folder = ["train", path], "../shared/data"
    if how == "option":
        words, folder = [*words, "--data", "no/where"], "no/where"
    elif how == "variable":
        monkeypatch.setenv("EARMARK_DATA", "not/here")
        folder = "not/here"

    assert main(words) == 3

    problem, hint = capsys.readouterr().err.splitlines()
    assert problem.startswith("earmark: the recipe 'loud' needs manifest:{data}/m.csv#train, ")
    assert "experts/efficientat_mn04.onnx" in problem
    assert "no data folder" in problem
    assert problem.replace("\\", "/").endswith(folder)
    assert "--data or EARMARK_DATA" in hint


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--out", "there"], ["--out is for your own sounds", "name with --from the bundle"]),
        (["--jobs", "2"], ["--jobs is for your own sounds", "or leave out --jobs"]),
        (["--from", "old", "--run", "there"], ["--run is for a recipe", "leave out --run, or"]),
        (["--from", "old", "--processes", "2"], ["--processes is for a recipe", "leave out"]),
    ],
)
def test_what_would_be_said_in_vain_is_refused(recipe, capsys, words, said):
    assert main(["train", recipe(HEAD), *words]) == errors.UsageError.exit_code

    lines = capsys.readouterr().err.splitlines()
    assert [part in line for part, line in zip(said, lines, strict=True)] == [True, True]
