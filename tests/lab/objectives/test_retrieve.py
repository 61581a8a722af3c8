"""Retrieve: what is drawn, which losses there are, and that a matcher learns on frozen features."""

import dataclasses
import signal

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.audio.mix import active, power
from earmark.errors import DataError, UsageError
from earmark.lab.features.featured import in_noise
from earmark.lab.features.kept import Sounds
from earmark.lab.losses import cosine_pull, l1_mean_pull, l1_pull, nt_xent, soft_targets
from earmark.lab.objectives import Places
from earmark.lab.objectives.drawing import mistaken
from earmark.lab.objectives.retrieve import LOSSES, Batch, Retrieve
from earmark.lab.pairs import Opener
from earmark.lab.recipe import FeatureRule, parse_recipe
from earmark.lab.train import train
from lab.loud import write_told

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
    told = [[caption, f"{caption} again"] for caption in SAID]
    write_told(folder, {"train": told, "dev": told})
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


def test_a_batch_in_blocks_has_the_same_losses(places):
    whole, blocks = (Retrieve(recipe_of(more), places, CPU) for more in ("", "at_once = 3\n"))
    blocks.model.load_state_dict(whole.model.state_dict())
    drawn = whole.draw(0)

    found = [one.losses(drawn)["nt_xent"] for one in (whole, blocks)]

    torch.testing.assert_close(found[0], found[1])
    for one in found:
        one.backward()
    for left, right in zip(whole.model.parameters(), blocks.model.parameters(), strict=True):
        torch.testing.assert_close(left.grad, right.grad, atol=1e-6, rtol=1e-4)


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


def test_a_share_of_the_sounds_is_told_what_belongs_to_another():
    told = mistaken(50, 0.2, seed=3)

    wrong = np.flatnonzero(told != np.arange(50))
    assert len(wrong) == 10
    assert sorted(told) == list(range(50))  # each caption set is still told once
    assert sorted(told[wrong]) == sorted(wrong)
    assert mistaken(50, 0, seed=3).tolist() == list(range(50))
    assert mistaken(50, 0.2, seed=4).tolist() != told.tolist()


def test_wrong_captions_are_fed_and_believed(places):
    right = Retrieve(recipe_of(), places, CPU)
    wrong = Retrieve(recipe_of(head=RECIPE.replace("[data]", "[data]\nwrong = 0.5")), places, CPU)

    for step in range(3):
        one, other = right.draw(step), wrong.draw(step)
        assert one.sounds.tolist() == other.sounds.tolist()
        np.testing.assert_array_equal(one.match, other.match)
        fits = right._sources[0].featured.pairs.task.match[other.texts, other.sounds]
        np.testing.assert_array_equal(
            fits, wrong._sources[0]._taken_for[other.sounds] == other.sounds
        )


def test_noise_is_heard_in_the_share_that_is_wanted_and_changes_what_is_heard(places):
    head = RECIPE.replace("tokens = 8", "tokens = 8\nnoisy = 0.5")
    noisy = Retrieve(recipe_of(head=head), places, CPU)

    share = np.concatenate([noisy.draw(step).noisy for step in range(60)]).mean()
    numbers, some = np.arange(4), np.array([True, False, True, False])
    plain = noisy._sources[0].featured.audio(numbers, CPU)["main"]
    mixed = noisy._sources[0].featured.audio(numbers, CPU, some)["main"]

    assert 0.4 < share < 0.6
    changed = (plain.x != mixed.x).flatten(1).any(dim=1)
    assert changed.tolist() == some.tolist()


@pytest.mark.parametrize("snr_db", [5.0, 15.0])
def test_noise_is_as_far_below_as_the_recipe_says(places, snr_db):
    rule = FeatureRule(noisy=1.0, noise_snr_db=(snr_db, snr_db))
    pairs = Opener(places).open("manifest:{data}/m.csv#train")

    loud = pairs.sounds.waves[0](8_000)
    noise = in_noise(pairs, rule).waves[0](8_000) - loud

    ratio = 10 * np.log10(power(loud[active(loud, 8_000)]) / power(noise))
    assert ratio == pytest.approx(snr_db, abs=0.1)


def test_silence_stays_silent_in_noise(places):
    pairs = Opener(places).open("manifest:{data}/m.csv#train")
    silent = dataclasses.replace(
        pairs, sounds=Sounds(waves=[lambda rate: np.zeros(rate, np.float32)], key="silent")
    )

    assert not in_noise(silent, FeatureRule(noisy=1.0)).waves[0](8_000).any()


def test_soft_targets_are_what_teachers_say_on_average(places, tmp_path):
    text = "steps = 2\ndev_every = 2"
    for name in ("a", "b"):
        seed = RECIPE.replace("seed = 3", f"seed = {ord(name)}")
        recipe = parse_recipe(seed + text, "tiny.toml")
        train(recipe, seed + text, tmp_path / name, places, lambda progress: None)
    taught = f"""
[loss]
soft = 1.0
[teachers]
matcher = "{tmp_path / "a"}, {tmp_path / "b"}"
"""
    objective = Retrieve(recipe_of(taught), places, CPU)
    drawn = objective.draw(0)
    sides = (
        objective._sources[0].featured.text(drawn.texts, CPU),
        objective._sources[0].featured.audio(drawn.sounds, CPU),
    )

    scores = [teacher(*sides).scores for teacher in objective._teachers]
    found = objective.losses(drawn)["soft"]

    assert len(scores) == 2
    assert not torch.equal(*scores)
    own = objective.model.matcher(*sides).scores
    wanted = soft_targets(own, (scores[0] + scores[1]) / 2, temperature=0.07)
    torch.testing.assert_close(found, wanted)


@pytest.mark.parametrize("half", ["[loss]\nsoft = 1.0\n", '[teachers]\nmatcher = "x"\n'])
def test_soft_targets_need_a_teacher_and_a_teacher_needs_them(places, half):
    with pytest.raises(UsageError, match="soft targets come from a teacher"):
        Retrieve(recipe_of("\n" + half), places, CPU)


TWO = RECIPE.replace('#train"]', '#train", "manifest:{data}/m.csv#dev"]')


def test_two_sets_take_turns_and_each_sound_of_one_comes_once_before_any_comes_again(places):
    learner = Retrieve(recipe_of("batch = 3\n", TWO.replace("batch = 4\n", "")), places, CPU)

    drawn = [learner.draw(step) for step in range(40)]

    for source in (0, 1):
        own = [one for one in drawn if one.source == source]
        assert 12 < len(own) < 28
        for first, second in zip(own[0::2], own[1::2], strict=False):
            assert sorted([*first.sounds, *second.sounds]) == list(range(6))
    np.testing.assert_array_equal(learner.draw(7).sounds, drawn[7].sounds)
    assert learner.losses(drawn[0])["nt_xent"] > 0


def test_one_set_is_drawn_as_it_is_beside_none(places):
    plain, two = (Retrieve(recipe_of("", head), places, CPU) for head in (RECIPE, TWO))
    first = next(step for step in range(9) if two.draw(step).source == 0)

    assert two.draw(first).sounds.tolist() == plain.draw(0).sounds.tolist()


SCENES = RECIPE.replace("manifest:{data}/m.csv#train", "scenes-synth-v1#train,size=12").replace(
    "manifest:{data}/m.csv#dev", "scenes-synth-v1#dev,size=6"
)


def test_an_order_is_learned_from_sentences_turned_round(places):
    learner = Retrieve(recipe_of("[loss]\norder = 1.0\n", SCENES), places, CPU)
    matcher, featured = learner.model.matcher, learner._sources[0].featured
    drawn = next(d for d in map(learner.draw, range(9)) if len(featured.turned(d.texts, CPU)[0]))
    rows, text = featured.turned(drawn.texts, CPU)
    audio = featured.audio(drawn.sounds[rows], CPU)

    own = matcher(featured.text(drawn.texts[rows], CPU), audio).scores.diagonal()
    other = matcher(text, audio).scores.diagonal()

    wanted = torch.nn.functional.softplus((other - own) / learner.model.temperature).mean()
    torch.testing.assert_close(learner.losses(drawn)["order"], wanted)


def test_an_order_needs_sentences_that_have_one(places):
    with pytest.raises(UsageError, match="no sentence of train has an order"):
        Retrieve(recipe_of("[loss]\norder = 1.0\n"), places, CPU)


def test_places_widen_what_is_heard(places):
    more = RECIPE.replace("tokens = 8", "tokens = 8\nplaces = 3")
    plain, wide = (Retrieve(recipe_of("", head), places, CPU)._dev for head in (RECIPE, more))

    assert wide.widths.audio["main"] == plain.widths.audio["main"] + 6
    assert wide.audio(np.arange(2), CPU)["main"].x.shape[2] == wide.widths.audio["main"]
