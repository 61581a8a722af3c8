import dataclasses
import math
from itertools import pairwise

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.errors import DataError, UsageError
from earmark.lab.checkpoint import Run
from earmark.lab.objectives import Places, new_objective, read
from earmark.lab.objectives.read import (
    SLICES,
    ReadWords,
    distances,
    group_of,
    neighbours,
    relations,
    tokenizer_of,
)
from earmark.lab.recipe import Recipe, parse_recipe
from earmark.lab.start import read_weights
from earmark.lab.towers import tokenizer
from earmark.lab.towers.tokenizer import encode
from earmark.lab.train import train

CPU = torch.device("cpu")
TEXT = """
name = "tiny"
task = "read"
seed = 3
[data]
sentences = ["phrases"]
[words]
vocabulary = 500
longest = 24
width = 16
depth = 1
heads = 2
dropout = 0.0
[train]
steps = 6
batch = 12
rate = 1e-2
warmup = 1
dev_every = 3
device = "cpu"
"""


class Teacher:
    """A sentence means how many of its words begin with an a or i, b or j ... h or p."""

    def to(self, device):
        return self

    def embed(self, sentences):
        rows = np.zeros((len(sentences), 8), np.float32)
        for row, text in zip(rows, sentences, strict=True):
            for word in text.lower().split():
                row[(ord(word[0]) - ord("a")) % 8] += 1
        rows -= rows.mean(axis=1, keepdims=True)
        return torch.from_numpy(rows)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture
def teacher(monkeypatch):
    monkeypatch.setattr(read, "open_expert", lambda name: Teacher())


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def recipe():
    return parse_recipe(TEXT, "tiny")


@pytest.fixture
def objective(recipe, teacher, cache):
    torch.manual_seed(0)
    return new_objective(recipe, Places(cache, cache), CPU)


def changed(recipe, part, **values):
    return dataclasses.replace(
        recipe, **{part: dataclasses.replace(getattr(recipe, part), **values)}
    )


def test_a_batch_is_decided_by_the_seed_and_the_step_alone(objective, recipe, teacher, cache):
    other = ReadWords(recipe, Places(cache, cache), CPU)
    first = objective.draw(7)
    other.draw(2)

    for one, same in zip(first, other.draw(7), strict=True):
        assert torch.equal(one, same)
    assert not torch.equal(first.taught, objective.draw(8).taught)


def test_another_seed_draws_other_sentences(objective, recipe, teacher, cache):
    other = ReadWords(dataclasses.replace(recipe, seed=4), Places(cache, cache), CPU)

    assert not torch.equal(objective.draw(0).taught, other.draw(0).taught)


def test_a_batch_holds_train_sentences_with_what_they_mean(objective, monkeypatch):
    monkeypatch.setattr(read, "ROUGH", 0.0)
    corpus = objective.corpus
    taught = {}
    for number in corpus.train:
        ids = objective._tokenizer.encode(corpus.sentences[number]).ids
        taught.setdefault(tuple(ids), []).append(
            corpus.meanings[number].astype(np.float32).tolist()
        )

    drawn = objective.draw(5)

    assert len(drawn.ids) == 12
    for ids, mask, meaning in zip(*drawn, strict=True):
        assert meaning.tolist() in taught[tuple(ids[mask].tolist())]


def test_in_an_epoch_every_sentence_comes_once_but_for_a_rest():
    numbers = np.arange(100, 199)

    first, second = (
        [group_of(numbers, group, size=32, seed=1) for group in groups]
        for groups in (range(3), range(3, 6))
    )

    for epoch in (np.concatenate(first), np.concatenate(second)):
        assert len(epoch) == len(set(epoch)) == 96
        assert set(epoch) <= set(numbers)
    assert set(first[0]) != set(second[0])


def test_a_group_of_steps_shares_out_its_sentences_from_short_to_long(objective):
    steps = [objective.draw(step) for step in range(SLICES)]
    texts, _ = objective._group(0)
    spans = sorted((one.mask.sum(1).min().item(), one.mask.sum(1).max().item()) for one in steps)

    assert sum(len(one.ids) for one in steps) == len(texts) == SLICES * 12
    assert all(one[1] <= later[0] for one, later in pairwise(spans))
    assert np.mean([one.mask.float().mean() for one in steps]) > 0.9


def test_long_and_short_batches_come_in_random_order(objective):
    lengths = [objective.draw(step).mask.sum().item() for step in range(SLICES)]

    assert lengths != sorted(lengths)
    assert lengths != sorted(lengths, reverse=True)


def test_few_sentences_are_shared_out_among_fewer_steps(recipe, teacher, cache):
    few = changed(changed(recipe, "data", sentences=("kinds",)), "train", batch=150)
    objective = ReadWords(few, Places(cache, cache), CPU)  # 2 batches of about 310 sentences

    first, second, third = (objective.draw(step).taught.tolist() for step in range(3))

    assert len(first) == len(second) == len(third) == 150


def test_about_a_tenth_of_the_sentences_is_rough_and_keeps_its_plain_meaning(
    objective, monkeypatch
):
    monkeypatch.setattr(read, "roughen", lambda text, words, rng: "zzz")
    rough = objective._tokenizer.encode("zzz").ids
    drawn = [objective.draw(step) for step in range(60)]
    count = sum(
        bool(mask.sum() == len(rough) and ids[: len(rough)].tolist() == rough)
        for one in drawn
        for ids, mask in zip(one.ids, one.mask, strict=True)
    )
    corpus = objective.corpus
    meanings = {tuple(row) for row in corpus.meanings[corpus.train].astype(np.float32).tolist()}

    assert 40 < count < 110  # of 720
    assert all(tuple(row) in meanings for one in drawn for row in one.taught.tolist())


def test_gist_by_hand():
    given = torch.tensor([[3.0, 0.0], [1.0, 1.0]])
    taught = torch.tensor([[1.0, 0.0], [0.0, 2.0]])

    found = distances(given, taught)["gist"]

    assert found.item() == pytest.approx((0 + 1 - math.sqrt(0.5)) / 2)


def test_relations_by_hand():
    # Cosines of the pairs 12, 13, 23: the teacher's 0, 0.8, 0.6, the student's 0, 0, 1.
    taught = torch.tensor([[1.0, 0.0], [0.0, 2.0], [0.8, 0.6]])
    given = torch.tensor([[5.0, 0.0], [0.0, 1.0], [0.0, 3.0]])
    mean = (0 + 0.8 + 0.6) / 3
    vary = ((0 - mean) ** 2 + (0.8 - mean) ** 2 + (0.6 - mean) ** 2) / 3

    found = relations(given, taught)

    assert found.item() == pytest.approx((0.8**2 + 0.4**2) / 3 / vary, rel=1e-5)


def test_relations_do_not_ask_for_the_same_directions():
    taught = torch.nn.functional.normalize(torch.randn(6, 4), dim=1)
    turned = taught.flip(1) * 3

    assert relations(turned, taught).item() == pytest.approx(0, abs=1e-6)
    assert distances(turned, taught)["gist"].item() > 0.1


def on_circle(*degrees):
    angles = torch.deg2rad(torch.tensor(degrees))
    return torch.stack([angles.cos(), angles.sin()], dim=1)


def test_neighbours_by_hand():
    # By the teacher 0 and 5 belong together, 1 and 7, 2 and 3, 4 and 6. By the student the mate of
    # 0 is its fifth neighbour, of 5 its sixth, of 1 its seventh, of 7 its sixth; of others closer.
    taught = on_circle(0.0, 90.0, 180.0, 181.0, 270.0, 1.0, 271.0, 91.0)
    given = on_circle(0.0, 10.0, 21.0, 33.0, 46.0, 60.0, 75.0, 180.0)

    assert neighbours(given, taught) == 5 / 8
    assert neighbours(taught, taught) == 1


def test_what_a_sentence_means_does_not_depend_on_padding(objective):
    model = objective.model.eval()
    texts = ["rain", "a dog barks at the old train", "wind and rain"]
    ids, mask = encode(objective._tokenizer, texts)
    alone = [model(*encode(objective._tokenizer, [text])) for text in texts]

    assert not mask[0].all()
    torch.testing.assert_close(model(ids, mask), torch.cat(alone))


def test_the_tokenizer_travels_with_the_weights(objective, tmp_path):
    run = Run(tmp_path / "run", TEXT)
    run.save_weights(objective.model.state_dict())

    found = tokenizer_of(read_weights(tmp_path / "run"))

    assert found.to_str() == objective.tokenizer_json
    assert found.encode("rain on a roof").ids == objective._tokenizer.encode("rain on a roof").ids


def test_the_same_sentences_always_make_the_same_tokenizer(recipe, teacher, tmp_path):
    made = [
        ReadWords(recipe, Places(tmp_path, tmp_path / name), CPU).tokenizer_json for name in "ab"
    ]

    assert made[0] == made[1]


def test_word_pieces_are_learned_from_train_sentences_alone(recipe, teacher, cache, monkeypatch):
    given = []
    real = tokenizer.train_tokenizer

    def spied(sentences, **sizes):
        given.extend(sentences)
        return real(given, **sizes)

    monkeypatch.setattr(tokenizer, "train_tokenizer", spied)
    objective = ReadWords(changed(recipe, "words", vocabulary=300), Places(cache, cache), CPU)

    assert given == [objective.corpus.sentences[number] for number in objective.corpus.train]


def test_weights_without_a_tokenizer_are_refused():
    with pytest.raises(DataError, match="no tokenizer"):
        tokenizer_of({"tower": torch.zeros(1)})


def test_a_run_starts_from_the_weights_and_word_pieces_of_another(
    objective, recipe, teacher, cache, tmp_path
):
    Run(tmp_path / "first", TEXT).save_weights(objective.model.state_dict())
    later = changed(recipe, "data", sentences=("kinds", "phrases"))
    later = changed(later, "start", words=str(tmp_path / "first"))

    second = ReadWords(later, Places(cache, cache), CPU)

    assert second.corpus.key != objective.corpus.key
    assert second.tokenizer_json == objective.tokenizer_json
    for one, same in zip(objective.model.parameters(), second.model.parameters(), strict=True):
        assert torch.equal(one, same)


def test_captions_of_its_own_clips_are_read_but_for_names_of_games(
    recipe, teacher, cache, monkeypatch
):
    row = dataclasses.make_dataclass("Row", ["captions", "facts"])
    rows = [row(("rain falls", "heavy rain"), {}), row(("sfx ui blip",), {"text_quality": "weak"})]
    asked = []
    monkeypatch.setattr(read, "rows_of", lambda specs, places: asked.append(specs) or rows)
    later = changed(recipe, "data", sentences=("clips", "kinds"), train=("clips:x#train",))

    corpus = ReadWords(later, Places(cache, cache), CPU).corpus

    assert asked == [("clips:x#train",)]
    assert corpus.sentences[:2] == ("rain falls", "heavy rain")
    assert "sfx ui blip" not in corpus.sentences


def test_too_few_sentences_for_a_batch_are_refused(recipe, teacher, cache):
    with pytest.raises(DataError, match="sentences to learn from, and 600 are needed") as caught:
        ReadWords(
            changed(changed(recipe, "data", sentences=("kinds",)), "train", batch=600),
            Places(cache, cache),
            CPU,
        )

    assert "batch smaller" in caught.value.hint


def test_a_teacher_that_reads_no_sentences_is_refused(recipe, monkeypatch, tmp_path):
    monkeypatch.setattr(read, "open_expert", lambda name: object())

    with pytest.raises(UsageError, match="yamnet is no sentence model"):
        ReadWords(
            dataclasses.replace(recipe, teachers={"words": "yamnet"}),
            Places(tmp_path, tmp_path),
            CPU,
        )


def test_a_teacher_is_not_opened_for_what_it_has_read(recipe, objective, cache, monkeypatch):
    monkeypatch.setattr(read, "open_expert", None)

    assert ReadWords(recipe, Places(cache, cache), CPU).corpus.key == objective.corpus.key


def test_dev_is_looked_at_and_nothing_else(objective, monkeypatch):
    monkeypatch.setattr(read, "DEV_MOST", 40)
    seen = []

    class Perfect(torch.nn.Module):
        def forward(self, ids, mask):
            seen.extend(tuple(row[real].tolist()) for row, real in zip(ids, mask, strict=True))
            return next(answers)

    answers = iter([batch.taught * 2 for batch in objective._dev])
    figures = objective.examine(Perfect())
    dev = {
        tuple(objective._tokenizer.encode(objective.corpus.sentences[n]).ids)
        for n in objective.corpus.dev
    }

    assert len(seen) == 40
    assert set(seen) <= dev
    assert list(figures) == ["meaning", "neighbours", "spread"]
    assert figures["meaning"] == pytest.approx(1)


def test_it_learns_a_batch_by_heart(objective):
    optimiser = torch.optim.Adam(objective.model.parameters(), 1e-2)
    drawn = objective.draw(0)
    for _ in range(80):
        found = objective.losses(drawn)
        (found["gist"] + found["relations"]).backward()
        optimiser.step()
        optimiser.zero_grad()

    assert found["gist"].item() < 0.15
    assert found["relations"].item() < 0.15


def test_the_loop_trains_it_and_goes_on_to_the_same_weights(recipe, teacher, cache, tmp_path):
    told = []
    places = Places(cache, cache)
    whole = train(recipe, TEXT, tmp_path / "whole", places, told.append)
    half: Recipe = changed(recipe, "train", steps=6, cooldown=0.0)
    train(changed(half, "train", steps=3), TEXT, tmp_path / "parts", places, told.append)
    train(half, TEXT, tmp_path / "parts", places, told.append)
    train(half, TEXT, tmp_path / "one", places, told.append)

    one, parts = (read_weights(tmp_path / name) for name in ("one", "parts"))
    assert set(whole) == {"meaning", "neighbours", "spread"}
    assert list(told[0].losses) == ["gist", "relations"]
    assert all(torch.equal(one[name], parts[name]) for name in one)
