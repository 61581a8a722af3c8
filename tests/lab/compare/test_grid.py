"""A grid: what is left to do, what is not done again, and what a command of it prints."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from data.wavs import write_table, write_wav
from earmark.cli.main import main
from earmark.lab.compare import grid
from earmark.lab.compare.grid import Grid
from earmark.lab.compare.outcome import load
from earmark.lab.objectives import Places
from lab.loud import band_of_noise

RECIPE = """
name = "{name}"
task = "retrieve"
[data]
train = ["manifest:{{data}}/m.csv#train"]
dev = ["manifest:{{data}}/m.csv#dev"]
test = ["manifest:{{data}}/m.csv#dev"]
[features]
tokens = 4
[matcher]
name = "{matcher}"
width = 8
[train]
device = "cpu"
batch = 4
steps = 3
dev_every = 3
"""
SAID = ("a low hum", "a dog barking", "rain on a roof", "a high whistle")
SPEC = "manifest:{data}/m.csv#dev"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("grid")
    lines = []
    for split, seed in (("train", 0), ("dev", 100)):
        for number, caption in enumerate(SAID):
            path = folder / f"{split}{number}.wav"
            write_wav(path, band_of_noise(number / len(SAID), seed + number), rate=32_000)
            lines.append((path.name, caption, split))
    write_table(folder / "m.csv", "path,caption,split", *lines)
    for matcher in ("pooled", "words"):
        text = RECIPE.format(name=matcher, matcher=matcher)
        (folder / f"{matcher}.toml").write_text(text)
    return folder


def compare(place, *more, recipes=("pooled", "words")):
    words = ["compare", *(str(place / f"{name}.toml") for name in recipes)]
    for name, folder in (("data", "."), ("cache", "cache"), ("results", "out"), ("runs", "runs")):
        words += [f"--{name}", str(place / folder)]
    return main([*words, *more])


def test_a_grid_is_done_once_and_shown_each_time(place, capsys, monkeypatch):
    assert compare(place, "--seeds", "2") == 0
    first = capsys.readouterr().out

    def never(*_):
        pytest.fail("it was done already")

    monkeypatch.setattr(grid, "train", never)
    assert compare(place, "--seeds", "2") == 0
    second = capsys.readouterr().out

    table = second[second.index(SPEC) :]
    assert table in first
    for word in ("pooled", "words", "chance", "R@1", "mAP@16", "audio to text", "±"):
        assert word in table
    assert (
        sorted(path.name for path in (place / "out").rglob("*.json"))
        == ["0.json"] * 2 + ["1.json"] * 2
    )


def test_what_a_run_came_to_says_all_that_a_table_needs(place):
    compare(place, "--seeds", "1")

    found = load(place / "out" / "words" / "0.json")

    # Two projections of 256 to 8, and for each side a scale of 8 x 8 + 8 and 8 + 1.
    assert found.parameters == 2 * (256 * 8) + 2 * (8 * 8 + 8 + 8 + 1)
    assert set(found.milliseconds) == {"query", "sound"}
    assert found.tests[SPEC].texts == 4
    assert np.isfinite(found.tests[SPEC].asked["audio to text"].figure("mAP@10"))


def test_a_plan_says_what_is_left_and_does_nothing(place, tmp_path, capsys):
    assert compare(place, "--seeds", "3", "--plan", "--results", str(tmp_path / "new")) == 0

    told = capsys.readouterr().out
    assert "0 of 6 runs are done" in told
    assert "minutes of training more" in told
    assert not (tmp_path / "new").exists()


def grid_of(place, *names, seeds=1):
    paths = [place / f"{name}.toml" for name in names]
    places = Places(place, place / "cache")
    return Grid(paths, seeds=seeds, results=place / "out", runs=place / "runs", places=places)


def test_a_recipe_that_changed_is_run_again(place):
    compare(place, "--seeds", "1")
    assert grid_of(place, "pooled").jobs[0].outcome()
    text = (place / "pooled.toml").read_text()
    (place / "changed.toml").write_text(text + "rate = 1e-3\n")

    assert grid_of(place, "changed").jobs[0].outcome() is None
    assert compare(place, "--seeds", "1", recipes=("changed",)) == 0
    compare(place, "--seeds", "1", recipes=("pooled",))


def test_seeds_come_in_turn_so_that_half_a_grid_compares_all(place):
    told = [
        (job.recipe.name, job.recipe.seed)
        for job in grid_of(place, "pooled", "words", seeds=2).jobs
    ]

    assert told == [("pooled", 0), ("words", 0), ("pooled", 1), ("words", 1)]


@pytest.mark.parametrize(
    "more",
    [
        '[start]\nmatcher = "{run:pooled}"\n',
        '[loss]\nsoft = 1.0\n[teachers]\nmatcher = "{run:pooled}"\n',
    ],
    ids=["begins with it", "learns from it"],
)
def test_a_run_that_needs_another_trains_it_first(place, tmp_path, more):
    text = RECIPE.format(name="second", matcher="pooled") + more
    (place / "second.toml").write_text(text)
    places = Places(place, place / "cache")
    grid = Grid(
        [place / "second.toml", place / "pooled.toml"],
        seeds=2,
        results=tmp_path / "out",
        runs=tmp_path / "runs",
        places=places,
    )

    grid.work(grid.jobs[2], lambda progress: None)

    trained = sorted(path.name.rpartition("-")[0] for path in (tmp_path / "runs").iterdir())
    assert trained == ["pooled-1", "second-1"]


def test_a_run_that_needs_what_is_not_there_says_so(place, capsys):
    text = RECIPE.format(name="second", matcher="pooled")
    (place / "second.toml").write_text(text + '[start]\nmatcher = "{run:poled}"\n')

    assert compare(place, recipes=("second", "pooled")) == 2

    error = capsys.readouterr().err
    assert "the recipe 'second' needs 'poled'" in error
    assert "did you mean 'pooled'?" in error


def test_what_sees_both_sides_is_told_before_and_after(place):
    compare(place, "--seeds", "1")

    of_words = load(place / "out" / "words" / "0.json").tests[SPEC].asked
    of_pooled = load(place / "out" / "pooled" / "0.json").tests[SPEC].asked

    assert set(of_pooled) == {"text to audio", "audio to text", "text to audio, one right"}
    assert set(of_words) - set(of_pooled) == {
        "text to audio, by gists alone",
        "audio to text, by gists alone",
    }


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (('task = "retrieve"', 'task = "read"'), "does not use|is for the task"),
        ((f'test = ["{SPEC}"]', ""), "tested on nothing"),
        (('name = "pooled"\nwidth', 'name = "poled"\nwidth'), "no matcher 'poled'"),
        (("width = 8", "width = 8\ndepht = 2"), "no setting 'depht'"),
    ],
)
def test_a_wrong_recipe_is_told_in_two_lines(place, capsys, change, problem):
    text = (place / "pooled.toml").read_text()
    assert change[0] in text

    odd = place / "odd.toml"
    odd.write_text(text.replace(*change))

    code = compare(place, recipes=("odd",))

    lines = capsys.readouterr().err.strip().splitlines()
    assert code == 2
    assert any(word in lines[0] for word in problem.split("|"))
    assert len(lines) == 2


def test_two_recipes_of_one_name_are_refused(place, capsys):
    assert compare(place, recipes=("pooled", "pooled")) == 2

    assert "two recipes are called 'pooled'" in capsys.readouterr().err


def test_results_are_small(place):
    compare(place, "--seeds", "1")
    path = place / "out" / "pooled" / "0.json"

    assert path.stat().st_size < 4_000
    assert json.loads(path.read_text())["recipe"] == "pooled"
