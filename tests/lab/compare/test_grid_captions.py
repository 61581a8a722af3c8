"""A grid with captions: the run that a bank asks is trained first, and tests are never read."""

import json

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.cli.main import main
from earmark.lab.compare.grid import Grid
from earmark.lab.compare.outcome import load
from earmark.lab.objectives import Places
from lab.captioners import made

POOLED = made.RECIPE.replace('[captions]\ncaptioner = "WRITER"\ncount = 2\n', "").replace(
    'name = "tiny"', 'name = "pooled"'
)
BANK = (
    made.RECIPE.replace('name = "tiny"', 'name = "bank"')
    .replace("WRITER", "bank")
    .replace("count = 2", 'count = 2\nrun = "{run:pooled}"\nshare = 0.3')
    .replace('name = "pooled"', 'name = "captions-both"')
)
FEW = "steps = 3\ndev_every = 3\n"


@pytest.fixture
def place(tmp_path):
    made.write_sounds(tmp_path)
    for name, text in (("pooled", POOLED), ("bank", BANK)):
        (tmp_path / f"{name}.toml").write_text(text + FEW)
    return tmp_path


def compare(place, *more):
    torch.set_num_threads(1)
    words = ["compare", *(str(place / f"{name}.toml") for name in ("bank", "pooled"))]
    for name, folder in (("data", "."), ("cache", "cache"), ("results", "out"), ("runs", "runs")):
        words += [f"--{name}", str(place / folder)]
    return main([*words, "--seeds", "1", *more])


def test_a_bank_asks_a_run_of_its_seed_and_says_nothing_of_a_test(place):
    assert compare(place) == 0

    trained = sorted(path.name.rpartition("-")[0] for path in (place / "runs").iterdir())
    assert trained == ["bank-3", "pooled-3"]
    assert load(place / "out" / "bank" / "3.json").parameters > 0
    written = [path.read_text() for path in (place / "cache").glob("captions-*.jsonl")]
    assert len(written) == 2  # of train, and of dev, which is the test here too
    lines = [json.loads(line) for text in written for line in text.splitlines()]
    assert all(len(line["captions"]) == 2 for line in lines)
    assert not any(made.SECRET in text for line in lines for text in line["captions"])


def test_a_plan_can_be_told_before_the_run_is_there(place, capsys):
    assert compare(place, "--plan") == 0

    assert "0 of 2 runs are done" in capsys.readouterr().out
    assert not (place / "runs").exists()


def test_what_a_recipe_says_of_a_captioner_is_told_to_it_with_folders_of_runs(place):
    places = Places(place, place / "cache")
    paths = [place / "bank.toml", place / "pooled.toml"]
    grid = Grid(paths, seeds=1, results=place / "out", runs=place / "runs", places=places)

    found = grid._with_runs(grid.jobs[0], lambda progress: None)

    assert found.captions.settings["run"].startswith(str(place / "runs" / "pooled-3"))
    assert found.captions.share == 0.3
