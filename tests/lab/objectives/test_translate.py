"""Other languages: what is drawn is by the seed, and a small reader learns in seconds."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.errors import UsageError
from earmark.lab.objectives import Places, translate
from earmark.lab.objectives.translate import Translate
from earmark.lab.recipe import parse_recipe
from earmark.lab.tongues import TONGUES

CPU = torch.device("cpu")
TEXT = """
name = "tiny"
task = "translate"
seed = 3
[data]
tongues = ["de", "fr", "da"]
[words]
vocabulary = 600
longest = 24
width = 32
depth = 1
heads = 2
dropout = 0.0
[train]
steps = 6
batch = 48
device = "cpu"
"""
LISTS = {
    "en": ("ANIMALS", "DOG"),
    "de": ("TIERE", "HUND"),
    "fr": ("ANIMAUX", "CHIEN"),
    "da": ("DYR", "HUND"),
}


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    data = tmp_path_factory.mktemp("data")
    (data / "text" / "ucs").mkdir(parents=True)
    for tongue, (category, name) in LISTS.items():
        row = {"CatID": "ANMLDog", "Category": category, "SubCategory": name, "Synonyms": []}
        (data / "text" / "ucs" / f"{tongue}.json").write_text(json.dumps([row]), encoding="utf-8")
    return Places(data, tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def objective(places):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(translate, "SENTENCES", 300)
        yield Translate(parse_recipe(TEXT, "here"), places, CPU)


def test_a_batch_is_drawn_by_its_step(objective):
    one, again, other = (objective.draw(step) for step in (5, 5, 6))

    assert all(torch.equal(a, b) for a, b in zip(one, again, strict=True))
    assert one.ids.shape != other.ids.shape or not torch.equal(one.ids, other.ids)
    torch.testing.assert_close(one.taught.norm(dim=1), torch.ones(48))


def test_all_languages_of_the_recipe_are_drawn_and_english_too(objective):
    drawn = torch.cat([objective.draw(step).tongues for step in range(12)])

    assert {TONGUES[n] for n in drawn.tolist()} >= {"en", "de", "fr"}
    assert {"de", "fr", "da"} <= {name for one in objective.pool.meanings for name in one.said}


def test_a_sentence_is_taught_what_the_bundle_says_of_it_in_english(objective):
    said = [objective._said("english", np.random.default_rng(n)) for n in range(3)]

    from earmark.model.model import Model

    wanted = Model.load().in_english().embed_text([one.text for one in said])
    np.testing.assert_allclose(objective._vectors[[one.row for one in said]], wanted, atol=2e-3)


@torch.no_grad()
def examined(objective):
    return objective.examine(objective.model.eval())


def test_it_learns(objective):
    torch.manual_seed(0)
    model = objective.model
    steps = torch.optim.Adam(model.parameters(), 3e-3)
    before = examined(objective)
    for step in range(60):
        parts = objective.losses(objective.draw(step))
        steps.zero_grad()
        (parts["gist"] + 0.2 * parts["tongue"]).backward()
        steps.step()
    after = examined(objective)

    assert after["meaning"] > before["meaning"] + 0.15
    assert after["tongue"] > 0.7


@pytest.mark.parametrize(
    ("tongues", "said"),
    [('["xx", "de"]', "no language 'xx'"), ('["da"]', "no language that has a book")],
)
def test_languages_that_there_are_not_are_refused(places, tongues, said):
    recipe = parse_recipe(TEXT.replace('["de", "fr", "da"]', tongues), "here")

    with pytest.raises(UsageError, match=said):
        Translate(recipe, places, CPU)


def test_a_recipe_of_another_task_does_not_take_languages():
    with pytest.raises(UsageError, match="does not use tongues"):
        parse_recipe(TEXT.replace('"translate"', '"read"'), "here")
