"""Hearing: what is drawn, what is compared, what is refused; and that it learns in seconds."""

import dataclasses
import signal
from functools import partial

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from safetensors.torch import load_file

from data.wavs import write_table, write_wav
from earmark.errors import DataError, EarmarkError, UsageError
from earmark.lab.checkpoint import Run
from earmark.lab.objectives import OBJECTIVES, Places, hear
from earmark.lab.objectives.hear import Hear, distances, takes_of
from earmark.lab.objectives.teaching import MEL
from earmark.lab.recipe import DataRule, EarsRule, StartRule, parse_recipe
from earmark.lab.sounds.plan import MixRule
from earmark.lab.start import WEIGHTS
from earmark.lab.train import train
from lab.loud import RECIPE, Loud, band_of_noise, write_clips

torch.set_num_threads(1)

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    write_clips(folder)
    return folder


@pytest.fixture
def places(data):
    return Places(data, data / "cache")


@pytest.fixture(autouse=True)
def loud_teaches(monkeypatch):
    monkeypatch.setattr(hear, "open_ears", lambda *_: Loud())


def recipe_of(extra=""):
    return parse_recipe(RECIPE + extra, "loud.toml")


def new(places, extra="batch = 4"):
    torch.manual_seed(2)
    return Hear(recipe_of(extra), places, CPU)


OF_BANDS = RECIPE.replace("[mix]", '[mix]\nmade_of = "bands"')
MUON = '\noptimiser = "muon"'


def test_a_recipe_of_seconds_learns_what_its_teacher_hears(places, tmp_path):
    text = "steps = 80\nbatch = 8\nrate = 2e-2\nwarmup = 5\naverage = 0.9\ndev_every = 80" + MUON
    untaught = new(places)
    before = untaught.examine(untaught.model.eval())

    recipe = parse_recipe(OF_BANDS + text, "loud.toml")
    after = train(recipe, text, tmp_path, places, lambda progress: None)

    assert before["agreement"] < 0.85
    assert after["agreement"] > 0.96
    assert after["best_class"] >= 0.75
    kept = load_file(tmp_path / WEIGHTS)
    assert kept.keys() == untaught.model.state_dict().keys()


@pytest.mark.parametrize(("head", "more"), [(RECIPE, ""), (OF_BANDS, MUON)])
def test_a_run_that_is_stopped_goes_on_to_the_same_losses(places, tmp_path, head, more):
    text = "steps = 5\nbatch = 2\ndev_every = 5" + more
    recipe = parse_recipe(head + text, "loud.toml")
    told = {"whole": [], "parts": []}

    def tell(name, at, progress):
        told[name].append((progress.step, progress.losses))
        if progress.step == at:
            signal.raise_signal(signal.SIGINT)

    whole = train(recipe, text, tmp_path / "a", places, partial(tell, "whole", None))
    with pytest.raises(KeyboardInterrupt):
        train(recipe, text, tmp_path / "b", places, partial(tell, "parts", 2))
    parts = train(recipe, text, tmp_path / "b", places, partial(tell, "parts", None))

    assert told["parts"] == told["whole"]
    assert parts == whole


def test_a_batch_depends_on_seed_and_step_alone(places):
    one, other = new(places), new(places)

    other.draw(7)
    losses = [objective.losses(objective.draw(3)) for objective in (one, other)]

    for name, value in losses[0].items():
        torch.testing.assert_close(losses[1][name], value, atol=0, rtol=0)
    assert one.draw(4).gain.tolist() != one.draw(3).gain.tolist()


@pytest.mark.parametrize("head", [RECIPE, OF_BANDS], ids=["waves", "bands"])
def test_its_losses_are_those_of_the_table_and_reach_all_that_learns(places, head):
    objective = Hear(parse_recipe(head, "loud.toml"), places, CPU)

    losses = objective.losses(objective.draw(0))
    sum(losses.values()).backward()

    assert losses.keys() == OBJECTIVES["hear"].losses.keys()
    assert all(loss.shape == () for loss in losses.values())
    still = [name for name, one in objective.model.named_parameters() if one.grad is None]
    assert still == []


def test_before_anything_is_learned_hardly_a_class_is_there_whatever_is_heard(places):
    objective = new(places)

    _, logits = objective.model(torch.randn(3, 64, 128) * 4)

    assert logits.tolist() == [[-6.0] * 4] * 3


def test_of_one_log_mel_the_expert_hears_every_frame_and_the_student_every_second_one():
    seen = []

    class Keeps(Loud):
        def from_mel(self, logmel):
            seen.append(logmel)
            return super().from_mel(logmel)

    mel = torch.arange(70.0)[None, :, None] + torch.arange(128.0) / 1000

    taught, heard = hear.both_hear(Keeps(), mel)

    assert seen[0].shape == (1, 1, 128, 70)
    assert seen[0][0, 0, 5, 69].item() == pytest.approx(69.005)
    torch.testing.assert_close(heard[0, :, 5], torch.arange(0.0, 70.0, 2) + 0.005)
    assert taught.scores.shape == (1, 4)


def test_what_learns_inside_is_the_tower_s(places):
    ears = new(places).model

    assert [*map(id, ears.inner_weights())] == [*map(id, ears.tower.inner_weights())]


def test_a_student_that_says_what_its_teacher_says_is_at_no_distance():
    torch.manual_seed(1)
    taught = Loud().from_mel(torch.randn(3, 1, 128, 64))

    class Copy(torch.nn.Module):
        embedding = tokens = staticmethod(lambda x: x)
        classes = staticmethod(lambda mean: taught.scores.logit())

    found = distances(Copy(), taught.tokens, taught)

    # What is left of cross-entropy is the entropy of the answers themselves.
    entropy = torch.nn.functional.binary_cross_entropy(taught.scores, taught.scores)
    assert found["classes"].item() == pytest.approx(entropy.item(), rel=1e-5)
    assert found["tokens"].item() == pytest.approx(0, abs=1e-5)
    assert found["embedding"].item() == pytest.approx(0, abs=1e-5)


def test_a_rough_precision_changes_the_student_and_not_the_teacher(places):
    objective = new(places)
    torch.nn.init.normal_(objective.model.classes.weight)  # at first it says the same to all
    drawn = objective.draw(0)
    plain = objective.losses(drawn)

    with torch.autocast("cpu", torch.bfloat16):
        rough = objective.losses(drawn)  # the teacher asserts float32

    for name, value in plain.items():
        assert rough[name].item() != value.item()
        assert rough[name].item() == pytest.approx(value.item(), rel=0.03)


def test_dev_clips_are_heard_from_their_start_as_they_are(places):
    objective = new(places)

    (waves,) = hear._waves(objective._dev, objective._recipe.mix.seconds)

    assert waves.shape == (12, round(1.28 * MEL.rate))
    wave = band_of_noise(3 / 12, 1_003)
    wanted = wave * (0.9 / np.abs(wave).max())
    np.testing.assert_allclose(waves[3, : len(wanted)], wanted, atol=1e-4)
    assert not waves[3, len(wanted) :].any()


def test_agreement_is_that_of_all_dev_clips_by_hand(places, monkeypatch):
    objective = new(places)
    monkeypatch.setattr(hear, "DEV_BATCH", 5)

    class Count(torch.nn.Module):
        """Says that only class 0 is in the first of a batch, only class 1 in the second ..."""

        def forward(self, logmel):
            return None, 100 * torch.eye(4)[torch.arange(len(logmel)) % 4] - 50

    said = torch.tensor([0, 1, 2, 3, 0] * 2 + [0, 1])  # batches of 5, 5 and 2
    right = (
        Loud()
        .hear(torch.cat(list(hear._waves(objective._dev, objective._recipe.mix.seconds))))
        .scores
    )
    cosines = right[torch.arange(12), said] / right.norm(dim=1)

    found = objective.examine(Count())

    assert found["agreement"] == pytest.approx(cosines.mean().item(), rel=1e-4)
    assert found["best_class"] == pytest.approx((right.argmax(1) == said).float().mean().item())


def test_weights_to_start_from_are_taken(places, tmp_path):
    first = new(places)
    Run(tmp_path, "").save_weights(first.model.state_dict())
    recipe = dataclasses.replace(recipe_of("batch = 4"), start=StartRule(ears=str(tmp_path)))

    torch.manual_seed(9)
    second = Hear(recipe, places, CPU)

    for name, value in first.model.state_dict().items():
        torch.testing.assert_close(second.model.state_dict()[name], value, atol=0, rtol=0)


def test_what_cannot_be_used_is_told_and_counted(data, tmp_path):
    folder = tmp_path / "some"
    for name in ("good", "broken", "silent"):
        write_wav(folder / f"{name}.wav", band_of_noise(0.5, 1), rate=MEL.rate)
    (folder / "broken.wav").write_bytes(b"no sound")
    write_wav(folder / "silent.wav", np.zeros(9_000), rate=MEL.rate)
    lines = [(f"{name}.wav", "x", "train") for name in ("good", "broken", "silent")]
    write_table(folder / "m.csv", "path,caption,split", *lines, ("good.wav", "x", "dev"))
    told = []

    new(Places(folder, tmp_path / "cache", note=told.append))

    (note,) = told
    assert note.startswith("2 of 3 sounds cannot be used: ")
    assert "broken.wav" in note


def test_work_before_the_first_step_is_told(data, tmp_path):
    told = []

    place = Places(data, tmp_path, watch=lambda what, share: told.append(what))
    Hear(parse_recipe(OF_BANDS, "loud.toml"), place, CPU)

    works = ["decoding sounds", "listening to the sounds", "working out spectra"]
    assert list(dict.fromkeys(told)) == works


def test_copies_through_codecs_are_added_to_a_share_of_the_clips(places):
    specs = ("manifest:{data}/m.csv#train",)
    counts = [
        len(takes_of(DataRule(codecs=share), specs, places, seed=1)) for share in (0.0, 0.5, 1.0)
    ]

    assert (counts[0], counts[2]) == (12, 24)
    assert 12 < counts[1] < 24
    names = [take.name for take in takes_of(DataRule(codecs=0.5), specs, places, seed=1)]
    assert names == [take.name for take in takes_of(DataRule(codecs=0.5), specs, places, seed=1)]


def test_without_dev_clips_dev_is_made_by_code_of_sounds_that_training_does_not_hear(monkeypatch):
    recipe = dataclasses.replace(recipe_of(), data=DataRule(synthetic=2))

    taught = takes_of(recipe.data, (), Places(None, None), 1)
    examined = hear.dev_takes(recipe, Places(None, None))

    assert len(taught) == len(examined) > 50
    assert {take.name for take in taught}.isdisjoint(take.name for take in examined)


TRAIN = "manifest:{data}/m.csv#train"
WRONG = {  # what is wrong: (sections of the recipe, what the error says)
    "an unknown split": ({"data": DataRule(train=("manifest:{data}/m.csv#tarin",))}, "'tarin'"),
    "an unknown split of dev": (
        {"data": DataRule(train=(TRAIN,), dev=("manifest:{data}/m.csv#dve",))},
        "'dve'",
    ),
    "no dev": ({"data": DataRule(train=(TRAIN,))}, "has nothing to look at while it learns"),
    "no sound": ({"data": DataRule(dev=(TRAIN,))}, "there is no sound to train on"),
    "an unknown mixer": ({"mix": MixRule(made_of="band")}, "cannot be made of 'band'"),
    "an impossible width": ({"ears": EarsRule(width=0)}, "tokens of 0"),
    "no start": ({"start": StartRule(ears="nowhere")}, "no weights to start from"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_recipe_gets_two_lines_before_anything_is_decoded(data, tmp_path, name):
    change, said = WRONG[name]
    recipe = dataclasses.replace(recipe_of(), **change)

    with pytest.raises(EarmarkError) as error:
        Hear(recipe, Places(data, tmp_path / "cache"), CPU)

    assert said in error.value.problem
    assert len(str(error.value).splitlines()) == 2
    assert not (tmp_path / "cache").exists()


def test_so_does_an_unknown_optimiser(data, tmp_path):
    recipe = recipe_of('optimiser = "moun"')

    with pytest.raises(UsageError, match="no optimiser is called 'moun'\ndid you mean 'muon'"):
        train(recipe, "", tmp_path / "run", Places(data, tmp_path / "cache"), lambda told: None)

    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def real_ears(monkeypatch):
    monkeypatch.undo()


def test_a_missing_expert_gets_two_lines_that_say_where_it_goes(real_ears, data, tmp_path):
    with pytest.raises(DataError, match="an expert's file is missing") as error:
        Hear(recipe_of(), Places(data, tmp_path / "cache"), CPU)

    assert "efficientat_mn04.onnx" in str(error.value)
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("name", ["yamnet", "clap", "nobody"])
def test_a_teacher_of_another_front_end_is_refused(real_ears, places, name):
    recipe = dataclasses.replace(recipe_of(), teachers={"ears": name})

    with pytest.raises(UsageError, match=f"cannot be taught by '{name}'") as error:
        Hear(recipe, places, CPU)

    assert "efficientat_mn04" in error.value.hint
