from pathlib import Path

import pytest

from earmark.errors import DataError, UsageError
from earmark.lab.objectives import weights_of
from earmark.lab.recipe import Recipe, TrainRule, parse_recipe, read_recipe

RECIPES = sorted((Path(__file__).parents[2] / "recipes").rglob("*.toml"))
HEAD = 'name = "x"\ntask = "hear"\n'


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_every_recipe_of_the_repository_can_be_read_and_is_named_as_its_file(path):
    recipe, text = read_recipe(path)

    assert recipe.name == path.stem
    assert text == path.read_text(encoding="utf-8")


def test_what_a_recipe_leaves_out_keeps_its_default():
    recipe = parse_recipe(HEAD + "[train]\nsteps = 7\n[mix]\nspeed = [0.5, 2]\n", "x.toml")

    assert recipe.train == TrainRule(steps=7)
    assert recipe.mix.speed == (0.5, 2.0)
    assert recipe.mix.sources == (0.35, 0.35, 0.2, 0.1)
    assert recipe.seed == 0


WRONG = {
    "an unknown key": ("[train]\nbatchsize = 3", "unknown key 'batchsize'", "did you mean 'batch'"),
    "no TOML": ("[train\n", "is not TOML", "correct that line"),
    "a batch of one": ("[train]\nbatch = 1", "train: this cannot be: a batch of 1", "[train]"),
    "no steps": ("[train]\nsteps = 0", "0 steps", "[train]"),
    "no rate": ("[train]\nrate = 0", "a learning rate of 0", "[train]"),
    "a rate that is no number": ("[train]\nrate = nan", "a learning rate of nan", "[train]"),
    "half a batch": ("[train]\naccumulate = 0", "accumulate is 0", "[train]"),
    "warm-up before the start": ("[train]\nwarmup = -1", "-1 steps of warm-up", "[train]"),
    "a long cooldown": ("[train]\ncooldown = 1.5", "a cooldown of 1.5", "[train]"),
    "growth": ("[train]\ndecay = -0.1", "a decay of -0.1", "[train]"),
    "a clip of nothing": ("[train]\nclip = 0", "clipped to 0", "[train]"),
    "a fixed average": ("[train]\naverage = 1.0", "an average of 1.0", "[train]"),
    "half precision": ('[train]\nprecision = "half"', "precision 'half'", "[train]"),
    "no look": ("[train]\ndev_every = 0", "dev_every is 0", "[train]"),
    "no patience": ("[train]\npatience = -1", "patience is -1", "[train]"),
    "no minutes": ("[train]\ncheckpoint_minutes = -1", "every -1.0 minutes", "[train]"),
    "no workers": ("[train]\nworkers = 0", "0 workers", "[train]"),
    "an unknown device": ('[train]\ndevice = "tpu"', "device 'tpu'", "[train]"),
    "a chance of two": ("[data]\ncodecs = 2", "codecs is a chance of 2.0", "[data]"),
    "fewer than no sounds": ("[data]\nsynthetic = -1", "-1 takes", "[data]"),
    "a short mixture": ("[mix]\nseconds = 0.1", "a mixture of 0.1 seconds", "[mix]"),
    "chances that miss": ("[mix]\nsources = [0.5, 0.4]", "do not add up to 1", "[mix]"),
    "chances below nothing": ("[mix]\nsources = [1.5, -0.5]", "do not add up to 1", "[mix]"),
    "a range turned round": ("[mix]\nspeed = [2, 1]", "speed from 2.0 to 1.0", "[mix]"),
    "a range without end": ("[mix]\ngap = [0, inf]", "gap from 0.0 to inf", "[mix]"),
    "standing still": ("[mix]\nspeed = [0, 1]", "a speed of 0.0", "[mix]"),
    "a gap before the end": ("[mix]\ngap = [-1, 1]", "a gap of -1.0 seconds", "[mix]"),
    "more than always": ("[mix]\nroom = 1.01", "room is a chance of 1.01", "[mix]"),
    "a section not used": ("[matcher]\nwidth = 8", "does not use [matcher]", "take it out"),
    "a key not used": ("[data]\nscenes = 5", "does not use scenes in [data]", "take it out"),
    "an unknown loss": ("[loss]\nclases = 1", "has no 'clases'", "did you mean 'classes'?"),
    "a teacher too many": ('[teachers]\nwords = "a"', "has no 'words'", "known: ears"),
    "a loss below nothing": ("[loss]\ntokens = -1", "loss: tokens weighs -1.0", "0 or more"),
    "a loss that is no number": ("[loss]\ntokens = nan", "tokens weighs nan", "0 or more"),
    "nothing to learn": (
        "[loss]\nclasses = 0\nembedding = 0\ntokens = 0",
        "loss: nothing weighs anything",
        "more than 0",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_recipe_gets_two_lines_that_name_the_file_and_the_fault(name):
    body, problem, hint = WRONG[name]

    with pytest.raises(UsageError) as error:
        parse_recipe(HEAD + body, "x.toml")

    assert error.value.problem.startswith("x.toml")
    assert problem in error.value.problem
    assert hint in error.value.hint
    assert len(str(error.value).splitlines()) == 2


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".x", "a b"])
def test_a_run_s_folder_can_be_called_by_a_recipe_s_name(name):
    with pytest.raises(UsageError, match="as a folder is called by it"):
        Recipe(name=name, task="hear")


def test_a_seed_below_nothing_is_refused():
    with pytest.raises(UsageError, match="a seed of -1"):
        parse_recipe(HEAD + "seed = -1", "x.toml")


def test_an_unknown_task_is_told_with_its_neighbour():
    with pytest.raises(UsageError, match="there is no task 'hera'\ndid you mean 'hear'"):
        parse_recipe('name = "x"\ntask = "hera"', "x.toml")


def test_a_file_that_is_no_recipe_gets_two_lines(tmp_path):
    (tmp_path / "x.toml").write_bytes(b"\xff\xfe")

    for path, problem in ((tmp_path / "x.toml", "is not text"), (tmp_path / "y", "cannot be read")):
        with pytest.raises(DataError, match=problem) as error:
            read_recipe(path)
        assert len(str(error.value).splitlines()) == 2


def test_a_loss_that_weighs_nothing_is_left_out_and_one_not_named_keeps_its_weight():
    recipe = parse_recipe(HEAD + "[loss]\ntokens = 0\nclasses = 9", "x.toml")

    assert weights_of(recipe) == {"classes": 9.0, "embedding": 4.0}
