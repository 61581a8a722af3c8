"""Retrieve: what is drawn, which losses there are, and that a matcher learns on frozen features."""

import dataclasses
import signal

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from data.wavs import write_table, write_wav
from earmark.errors import DataError, UsageError
from earmark.lab.losses import cosine_pull, l1_mean_pull, l1_pull, nt_xent
from earmark.lab.objectives import Places
from earmark.lab.objectives.retrieve import LOSSES, Batch, Retrieve
from earmark.lab.recipe import FeatureRule, parse_recipe
from earmark.lab.train import train
from lab.loud import band_of_noise

torch.set_num_threads(1)
CPU = torch.device("cpu")
RATE = 32_000
SAID = ("a low hum", "a dog barking", "rain on a roof", "a high whistle", "a door", "thunder")
RECIPE = """
name = "tiny"
task = "retrieve"
seed = 3
[data]
train = ["manifest:{data}/m.csv#train"]
dev = ["manifest:{data}/m.csv#dev"]
[features]
tokens = 8
[matcher]
name = "pooled"
width = 16
[train]
device = "cpu"
batch = 4
"""


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    lines = []
    for split, seed in (("train", 0), ("dev", 100)):
        for number, caption in enumerate(SAID):
            path = folder / f"{split}{number}.wav"
            write_wav(path, band_of_noise(number / len(SAID), seed + number), rate=RATE)
            lines += [(path.name, caption, split), (path.name, f"{caption} again", split)]
    write_table(folder / "m.csv", "path,caption,split", *lines)
    return Places(folder, folder / "cache")


def recipe_of(more="", head=RECIPE):
    return parse_recipe(head + more, "tiny.toml")


def test_a_matcher_learns_which_sound_is_meant(places, tmp_path):
    text = "steps = 120\nrate = 1e-2\nwarmup = 5\naverage = 0.9\ndev_every = 120"
    before = Retrieve(recipe_of(), places, CPU)
    before = before.examine(before.model.eval())

    after = train(recipe_of(text), RECIPE + text, tmp_path, places, lambda progress: None)

    assert before["R@1"] < 0.6
    assert after["R@1"] > 0.8


def test_a_run_that_is_stopped_goes_on_to_the_same_losses(places, tmp_path):
    text = "steps = 6\ndev_every = 6"
    told = {"whole": [], "parts": []}

    def tell(name, at, progress):
        told[name].append((progress.step, progress.losses))
        if progress.step == at:
            signal.raise_signal(signal.SIGINT)

    def go(name, folder, at=None):
        return train(
            recipe_of(text), RECIPE + text, folder, places, lambda one: tell(name, at, one)
        )

    whole = go("whole", tmp_path / "a")
    with pytest.raises(KeyboardInterrupt):
        go("parts", tmp_path / "b", at=3)
    parts = go("parts", tmp_path / "b")

    assert told["parts"] == told["whole"]
    assert parts == whole


def test_every_sound_comes_once_before_any_comes_again(places):
    objective = Retrieve(recipe_of(), places, CPU)

    drawn = np.concatenate([objective.draw(step).sounds for step in range(3)])

    assert sorted(drawn[:6]) == sorted(drawn[6:]) == list(range(6))


def test_a_batch_depends_on_seed_and_step_alone(places):
    one, other = Retrieve(recipe_of(), places, CPU), Retrieve(recipe_of(), places, CPU)
    other.draw(5)

    for first, second in zip(one.draw(2), other.draw(2), strict=True):
        np.testing.assert_array_equal(first, second)


def test_each_sentence_is_right_for_the_sound_beside_it(places):
    objective = Retrieve(recipe_of(), places, CPU)

    for step in range(4):
        drawn = objective.draw(step)
        same = drawn.sounds[:, None] == drawn.sounds  # where a round ends a sound may come again
        assert (drawn.match == same).all()
        assert not drawn.doubt.any()


MATCH = torch.tensor([[True, False, False], [False, True, False]])
TEXT = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
AUDIO = torch.tensor([[0.6, 0.8], [0.0, 1.0], [1.0, 0.0]])


def batch(**given):
    plain = {
        "scores": TEXT @ AUDIO.T,
        "gists": (TEXT, AUDIO),
        "match": MATCH,
        "doubt": torch.zeros_like(MATCH),
        "temperature": torch.tensor(0.5),
        "separable": True,
    }
    return Batch(**plain | given)


def test_pulls_are_over_the_matches_alone():
    # Cosines 0.6 and 1; sums of differences 0.4 + 0.8 and 0.
    assert cosine_pull(TEXT, AUDIO, MATCH).item() == pytest.approx((0.4 + 0) / 2)
    assert l1_pull(TEXT, AUDIO, MATCH).item() == pytest.approx((1.2 + 0) / 2)
    assert l1_mean_pull(TEXT, AUDIO, MATCH).item() == pytest.approx(1.2 / 2 / 2)


def test_pulls_of_nothing_are_nothing():
    none = torch.zeros_like(MATCH)

    assert [pull(TEXT, AUDIO, none).item() for pull in (cosine_pull, l1_pull)] == [0, 0]


def test_with_no_weight_on_the_pulls_the_hybrid_loss_is_the_plain_one(places):
    plain = Retrieve(recipe_of(), places, CPU)
    drawn = plain.draw(0)

    assert set(plain.losses(drawn)) == {"nt_xent", "gist"}
    wanted = nt_xent(TEXT @ AUDIO.T, MATCH, temperature=0.5)
    torch.testing.assert_close(LOSSES["nt_xent"](batch()), wanted)


def test_pulls_alone_make_everything_the_same(places, tmp_path):
    text = "steps = 150\nrate = 1e-2\nwarmup = 5\naverage = 0.9\ndev_every = 150"
    alone = "[loss]\nnt_xent = 0\ngist = 0\ncosine = 1\nl1 = 0.1\n"
    spread = {}
    for name, head in (("pulls", RECIPE + text + "\n" + alone), ("both", RECIPE + text)):
        recipe = parse_recipe(head, "tiny.toml")
        train(recipe, head, tmp_path / name, places, lambda progress: None)
        objective = Retrieve(
            dataclasses.replace(
                recipe,
                start=dataclasses.replace(recipe.start, matcher=str(tmp_path / name)),
            ),
            places,
            CPU,
        )
        gists = objective.model.matcher.audio_gist(objective._dev.audio(np.arange(6), CPU))
        spread[name] = (gists @ gists.T).mean().item()

    assert spread["pulls"] > 0.9
    assert spread["both"] < 0.7


def test_a_pair_in_doubt_is_no_negative():
    doubt = torch.tensor([[False, False, True], [False, False, False]])
    without = torch.tensor([0, 1])

    found = LOSSES["nt_xent"](batch(doubt=doubt, match=MATCH)).item()

    assert found < LOSSES["nt_xent"](batch()).item()
    row = nt_xent((TEXT @ AUDIO.T)[:1, without], MATCH[:1, without], temperature=0.5)
    assert LOSSES["nt_xent"](
        batch(scores=(TEXT @ AUDIO.T)[:1], match=MATCH[:1], doubt=doubt[:1])
    ).item() == pytest.approx(row.item())


def test_gists_learn_by_themselves_only_where_they_do_not_say_it_all():
    assert LOSSES["gist"](batch()).item() == 0
    found = LOSSES["gist"](batch(separable=False, scores=torch.zeros(2, 3)))
    torch.testing.assert_close(found, LOSSES["nt_xent"](batch()))


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("[features]\naudio = []", "no tower that hears"),
        ('[features]\naudio = ["yamnet", "yamnet"]', "some twice"),
        ("[features]\ntokens = 0", "0 tokens"),
        ('[features]\naudoi = ["yamnet"]', "unknown key 'audoi'"),
    ],
)
def test_features_that_cannot_be_are_refused(said, problem):
    head = RECIPE.replace("[features]\ntokens = 8", said)

    with pytest.raises(UsageError, match=problem):
        parse_recipe(head, "tiny.toml")


def test_a_batch_of_more_than_there_is_is_refused(places):
    with pytest.raises(UsageError, match="a batch of 7 from 6 sounds"):
        Retrieve(recipe_of(head=RECIPE.replace("batch = 4", "batch = 7")), places, CPU)


@pytest.mark.parametrize("what", ["train", "dev"])
def test_data_that_are_not_named_are_asked_for(places, what):
    head = RECIPE.replace(f'{what} = ["manifest:{{data}}/m.csv#{what}"]', "")

    with pytest.raises(UsageError, match=f"takes one {what}") as error:
        Retrieve(recipe_of(head=head), places, CPU)

    assert f"scenes-v1#{what}" in error.value.hint


def test_data_that_are_not_there_are_named(tmp_path):
    with pytest.raises(DataError):
        Retrieve(recipe_of(), Places(tmp_path / "none", tmp_path), CPU)


def test_towers_have_the_names_of_streams():
    assert FeatureRule(audio=("yamnet", "earmark-small")).audio[0] == "yamnet"
