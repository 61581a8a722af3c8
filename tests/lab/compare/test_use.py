"""What a search could do with a system, told from its recipe."""

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.errors import UsageError
from earmark.lab.compare.use import INDEX, LAB, RERANK, use_of
from earmark.lab.objectives.both import Both
from earmark.lab.recipe import read_recipe

RECIPES = Path(__file__).parents[3] / "recipes" / "papers"


@pytest.mark.parametrize(
    ("name", "kind", "why"),
    [
        ("pooled", INDEX, ""),
        ("captions-pairs", INDEX, ""),
        ("coattention-none", INDEX, ""),
        ("coattention-iterating", RERANK, ""),
        ("words", RERANK, ""),
        ("tuned", INDEX, ""),
        ("captions-all", INDEX, ""),
        ("interaction-captions", RERANK, ""),
        ("captions-all-decoder", LAB, "of captioners a bundle holds a bank alone"),
        ("mmt-both", LAB, "a bundle has one pair of ears"),
        ("hierarchy", LAB, "a vector of a whole clip tells no moment"),
        ("ensemble", "as its members", ""),
    ],
)
def test_it_follows_from_the_recipe(name, kind, why):
    recipe, _ = read_recipe(RECIPES / f"{name}.toml")

    assert use_of(recipe) == (kind, why)


def test_every_recipe_has_a_use():
    for path in RECIPES.glob("*.toml"):
        recipe, _ = read_recipe(path)
        assert use_of(recipe).kind


def test_the_task_of_search_refuses_what_is_for_the_lab_only():
    recipe, _ = read_recipe(RECIPES / "ce-mn04.toml")
    assert use_of(recipe).kind == LAB

    with pytest.raises(UsageError, match="one vector of a whole clip"):
        Both(recipe, torch.nn.Module(), torch.nn.Module())
