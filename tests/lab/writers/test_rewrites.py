"""Rewrites in training: which there are, how often they are read, and never outside of it."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.errors import DataError, UsageError
from earmark.lab.objectives import Places
from earmark.lab.objectives.retrieve import Retrieve
from earmark.lab.recipe import parse_recipe
from earmark.lab.train import train
from earmark.lab.writers.rewrites import NONE, Rewrites, rewrites_of
from lab.loud import write_told

torch.set_num_threads(1)
CPU = torch.device("cpu")
SAID = ("a low hum", "a dog barking", "rain on a roof", "a shrill whistle", "a door", "thunder")
NEW = {"a dog barking": ("a canine woofing", "a woofing dog"), "thunder": ("a clap of thunder",)}
RECIPE = """
name = "tiny"
task = "retrieve"
seed = 3
[data]
train = ["manifest:{data}/m.csv#train"]
dev = ["manifest:{data}/m.csv#dev"]
REWRITES
[features]
tokens = 8
[matcher]
name = "pooled"
width = 16
[train]
device = "cpu"
batch = 6
"""


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    told = [[caption] for caption in SAID]
    write_told(folder, {"train": told, "dev": told})
    written = (
        {"writer": "a", "sentence": sentence, "rewrites": some, "refused": {}}
        for sentence, some in NEW.items()
    )
    (folder / "out.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in written))
    return Places(folder, folder / "cache")


def text_of(rewrites, share=0.5, more=""):
    named = f'rewrites = "{rewrites}"\nrewritten = {share}' if rewrites else ""
    return RECIPE.replace("REWRITES", named) + more


def objective(places, rewrites="{data}/out.jsonl", share=0.5):
    return Retrieve(parse_recipe(text_of(rewrites, share), "tiny.toml"), places, CPU)


def test_a_rewrite_is_drawn_as_often_as_the_recipe_says_and_only_of_its_own_sentence():
    rewrites = Rewrites(tuple("abc"), (np.array([0, 2]), np.array([], int), np.array([1])))
    sentences = np.tile([0, 1, 2], 4_000)

    found = rewrites.draw(sentences, 0.25, np.random.default_rng(0)).reshape(-1, 3)

    assert set(found[:, 0]) == {0, 2, NONE}
    assert set(found[:, 1]) == {NONE}
    assert set(found[:, 2]) == {1, NONE}
    assert np.mean(found[:, 0] != NONE) == pytest.approx(0.25, abs=0.02)
    assert np.mean(found[:, 0] == 2) == pytest.approx(0.125, abs=0.02)
    assert np.mean(found[:, 2] != NONE) == pytest.approx(0.25, abs=0.02)


def test_rewrites_are_read_from_a_file_of_any_writers(places, tmp_path):
    path = tmp_path / "more.jsonl"
    more = {
        "writer": "b",
        "sentence": "thunder",
        "rewrites": ["thunder claps", "a clap of thunder"],
    }
    path.write_text((places.data / "out.jsonl").read_text() + json.dumps(more) + "\n")

    found = rewrites_of(str(path), SAID, places)

    told = {text: [found.texts[n] for n in some] for text, some in zip(SAID, found.of, strict=True)}
    assert told["a dog barking"] == list(NEW["a dog barking"])
    assert told["thunder"] == ["a clap of thunder", "thunder claps"]
    assert told["a door"] == []


def test_rewrites_by_rules_pass_the_check_and_are_the_same_each_time(places):
    one, other = (rewrites_of("rules", SAID, places) for _ in range(2))

    assert one.texts == other.texts
    assert "a dog woofing" in one.texts
    assert max(map(len, one.of)) <= 2


def test_no_rewrites_are_named(places):
    found = rewrites_of("", SAID, places)

    assert (found.draw(np.arange(6), 1.0, np.random.default_rng(0)) == NONE).all()


@pytest.mark.parametrize(
    ("spec", "kind", "problem"),
    [
        ("endpoint", UsageError, "is not asked while something is trained"),
        ("ruls", DataError, "there is no file of rewrites"),
        ("{data}/m.csv", DataError, "no line of rewrites"),
        ("{data}/other.jsonl", UsageError, "has none of any of the 6 captions of train"),
    ],
)
def test_rewrites_that_are_not_there_are_refused(places, spec, kind, problem):
    other = {"writer": "a", "sentence": "a goat", "rewrites": ["one goat"]}
    (places.data / "other.jsonl").write_text(json.dumps(other) + "\n")

    with pytest.raises(kind, match=problem):
        rewrites_of(spec, SAID, places)


@pytest.mark.parametrize("share", [-0.1, 1.5])
def test_a_share_that_cannot_be_is_refused(share):
    with pytest.raises(UsageError, match=f"rewritten is a chance of {share}"):
        parse_recipe(text_of("rules", share), "tiny.toml")


def test_other_tasks_have_no_rewrites():
    with pytest.raises(UsageError, match=r"'hear' does not use rewrites in \[data\]"):
        parse_recipe('name = "x"\ntask = "hear"\n[data]\nrewrites = "rules"\n', "x.toml")


def test_all_else_of_a_batch_is_as_without_rewrites(places):
    plain, other = objective(places, ""), objective(places)

    for step in range(3):
        drawn, wanted = other.draw(step), plain.draw(step)
        for name in ("sounds", "texts", "noisy", "match", "doubt"):
            np.testing.assert_array_equal(getattr(drawn, name), getattr(wanted, name))
        assert (wanted.rewritten == NONE).all()


def test_a_batch_reads_rewrites_of_its_own_sentences_by_the_share(places):
    half, never, always = (objective(places, share=share) for share in (0.5, 0.0, 1.0))
    has = np.isin(np.arange(6), [SAID.index(text) for text in NEW])

    found = []
    for step in range(300):
        drawn = half.draw(step)
        found.append((drawn.rewritten != NONE)[has[drawn.texts]])
        assert (drawn.rewritten[~has[drawn.texts]] == NONE).all()
    assert np.mean(np.concatenate(found)) == pytest.approx(0.5, abs=0.06)
    assert all((never.draw(step).rewritten == NONE).all() for step in range(20))
    drawn = always.draw(0)
    assert ((drawn.rewritten != NONE) == has[drawn.texts]).all()


def test_what_is_read_is_what_the_tower_makes_of_the_rewrite(places):
    learner = objective(places, share=1.0)
    drawn = learner.draw(0)

    found = learner._sources[0].featured.text(drawn.texts, CPU, drawn.written, drawn.rewritten)[
        "main"
    ]

    for row, (text, number) in enumerate(zip(drawn.texts, drawn.rewritten, strict=True)):
        if number == NONE:
            (wanted,) = learner._sources[0].featured._text.stream(np.array([text]), CPU).x
        else:
            (wanted,) = learner._sources[0].featured._rewrites.stream(np.array([number]), CPU).x
        torch.testing.assert_close(found.x[row], wanted)
    alone = objective(places, "")._sources[0].featured.text(drawn.texts, CPU)["main"]
    changed = (found.x != alone.x).flatten(1).any(dim=1).numpy()
    np.testing.assert_array_equal(changed, drawn.rewritten != NONE)


def test_nothing_that_was_kept_is_worked_out_again(places):
    objective(places, "")
    before = {path: path.stat().st_mtime_ns for path in places.cache.glob("kept-*.f16")}

    objective(places)

    after = {path: path.stat().st_mtime_ns for path in places.cache.glob("kept-*.f16")}
    assert before.items() <= after.items()
    assert len(after) <= len(before) + 1


def test_dev_is_asked_as_it_is_written(places):
    plain, other = objective(places, ""), objective(places, share=1.0)
    other.model.load_state_dict(plain.model.state_dict())

    assert other.examine(other.model.eval()) == plain.examine(plain.model.eval())


def test_a_matcher_learns_from_captions_and_rewrites(places, tmp_path):
    more = "steps = 120\nrate = 1e-2\nwarmup = 5\naverage = 0.9\ndev_every = 120\n"
    text = text_of("rules", 0.5, more)

    after = train(parse_recipe(text, "t.toml"), text, tmp_path, places, lambda progress: None)

    assert after["R@1"] > 0.8
