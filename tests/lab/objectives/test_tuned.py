"""Towers that learn with their matcher, or are held; padding changes no sound."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.audio.mel import log_mel
from earmark.errors import UsageError
from earmark.lab.features.raw import HALF, LogMelTower, PieceReader
from earmark.lab.objectives import Places
from earmark.lab.objectives.retrieve import Retrieve
from earmark.lab.objectives.teaching import MEL
from earmark.lab.objectives.tuned import Tuned
from earmark.lab.recipe import parse_recipe
from earmark.lab.sides import Stream
from earmark.lab.towers.cnn import FRAMES
from lab.loud import write_told
from lab.tiny_runs import EARS, both_run

CPU = torch.device("cpu")
ROOT = Path(__file__).parents[3]
RECIPE = f"""
name = "tiny"
task = "tune"
[start]
ears = "RUN"
words = "RUN"
HELD
[data]
train = ["manifest:{{data}}/m.csv#train"]
dev = ["manifest:{{data}}/m.csv#dev"]
[features]
audio = ["logmel"]
text = "pieces"
tokens = 96
{EARS}
[words]
vocabulary = 300
longest = 16
width = 24
depth = 1
heads = 2
[matcher]
name = "pooled"
width = 8
[train]
batch = 3
"""


@pytest.fixture
def tuned(tmp_path):
    both_run(tmp_path / "run")
    torch.manual_seed(4)
    return Tuned(
        parse_recipe(RECIPE.replace("RUN", str(tmp_path / "run")).replace("HELD", ""), "x")
    )


def heard(*seconds):
    rng = np.random.default_rng(5)
    rows = [
        LogMelTower().hear(rng.normal(0, 0.1, round(s * MEL.rate)).astype(np.float32)).x
        for s in seconds
    ]
    longest = max(map(len, rows))
    x = torch.zeros(len(rows), longest, rows[0].shape[1])
    for line, row in zip(x, rows, strict=True):
        line[: len(row)] = torch.from_numpy(row)
    return {"main": Stream(x, torch.arange(longest) < torch.tensor([[len(r)] for r in rows]))}


def read(*rows):
    """Word pieces by number."""
    x = torch.zeros(len(rows), 5, 2)
    for line, row in zip(x, rows, strict=True):
        line[: len(row)] = torch.tensor([[n // HALF, n % HALF] for n in row])
    return {"main": Stream(x, torch.arange(5) < torch.tensor([[len(row)] for row in rows]))}


def test_a_piece_is_the_log_mel_of_as_many_frames_as_ears_have_in_a_token():
    wave = np.random.default_rng(1).normal(0, 0.1, MEL.rate).astype(np.float32)

    found = LogMelTower().hear(wave)

    assert found.x.shape == (3, FRAMES * MEL.bands)  # a second is 3.1 pieces
    whole = log_mel(wave[: 3 * FRAMES * MEL.hop], MEL)[: 3 * FRAMES]
    np.testing.assert_allclose(found.x.reshape(-1, MEL.bands), whole, atol=1e-5)
    np.testing.assert_allclose(found.middle, [0.16, 0.48, 0.80], atol=1e-6)


def test_what_is_shorter_than_a_piece_is_one():
    assert len(LogMelTower().hear(np.full(100, 0.1, np.float32)).x) == 1


def test_word_pieces_are_told_as_two_numbers_that_half_precision_knows():
    told = PieceReader().read("heavy rain on a tin roof")

    assert told.x.max() < HALF
    assert told.x.shape[1] == 2
    assert len(told.x) >= 6


def test_padding_and_company_change_no_gist(tuned):
    tuned.eval()
    two, one = heard(3.0, 1.0), heard(3.0, 1.0)
    alone = {"main": Stream(*(part[1:, :3] for part in one["main"][:2]))}
    wide = Stream(
        *(torch.nn.functional.pad(x, (0, 0) * (x.dim() - 2) + (0, 4)) for x in two["main"][:2])
    )

    gists = tuned.audio_gist(two)

    torch.testing.assert_close(tuned.audio_gist({"main": wide}), gists, atol=1e-5, rtol=0)
    torch.testing.assert_close(tuned.audio_gist(alone)[0], gists[1], atol=1e-5, rtol=0)
    torch.testing.assert_close(gists.norm(dim=1), torch.ones(2))


def test_texts_are_read_by_their_pieces(tuned):
    tuned.eval()
    side = read([1, 290, 7], [1, 162, 34, 2])
    ids = torch.tensor([[1, 290, 7, 0], [1, 162, 34, 2]])
    mask = torch.tensor([[True, True, True, False], [True] * 4])

    wanted = tuned.both.matcher.text_gist(tuned.both.read(ids, mask))

    torch.testing.assert_close(tuned.text_gist(side), wanted)
    torch.testing.assert_close(
        tuned(side, heard(1.0)).scores[:, 0], wanted @ tuned.audio_gist(heard(1.0))[0]
    )


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tuned")
    told = [["a low hum"], ["a dog"], ["rain"], ["a whistle"]]
    write_told(folder, {"train": told, "dev": told})
    return Places(folder, folder / "cache")


@pytest.mark.parametrize("held", [(), ("ears",), ("ears", "words")])
def test_what_is_held_does_not_learn_and_all_else_does(places, held):
    text = (ROOT / "recipes/papers/tuned.toml").read_text(encoding="utf-8")
    recipe = parse_recipe(text.replace('"src/', f'"{ROOT}/src/'), "x")
    sets = {one: (f"manifest:{{data}}/m.csv#{one}",) for one in ("train", "dev")}
    recipe = replace(
        recipe,
        data=replace(recipe.data, **sets),
        start=replace(recipe.start, held=held),
        train=replace(recipe.train, batch=3),
    )
    learner = Retrieve(recipe, places, CPU)

    learner.losses(learner.draw(0))["nt_xent"].backward()

    learned = {
        name.split(".")[2]
        for name, one in learner.model.named_parameters()
        if one.grad is not None and one.grad.abs().sum() > 0 and "both" in name
    }
    assert learned == {"ears", "words", "matcher"} - {*held}


def test_a_matcher_that_sees_both_sides_is_refused(tmp_path):
    both_run(tmp_path / "run")
    text = RECIPE.replace("RUN", str(tmp_path / "run")).replace("HELD", "")

    with pytest.raises(UsageError, match="compares by gists"):
        Tuned(parse_recipe(text.replace('"pooled"', '"words"'), "x"))
