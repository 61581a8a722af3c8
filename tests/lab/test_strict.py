from dataclasses import dataclass, field

import pytest

from earmark.errors import UsageError
from earmark.lab.strict import build, refuse, settings_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Oven:
    heat: float = 180.0
    shelves: tuple[int, ...] = (1, 2)
    span: tuple[float, float] = (0.0, 1.0)
    fan: bool = False

    def __post_init__(self):
        refuse([("a heat below nothing", self.heat < 0)], "correct [oven]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cake:
    name: str
    eggs: int = 3
    oven: Oven = field(default_factory=Oven)
    grams: dict[str, float] = field(default_factory=dict)


def test_a_table_becomes_a_dataclass_and_keeps_the_defaults_it_leaves_out():
    table = {"name": "sponge", "oven": {"heat": 200, "shelves": [4]}, "grams": {"flour": 250}}

    cake = build(Cake, table, "cake.toml")

    assert cake == Cake(name="sponge", oven=Oven(heat=200.0, shelves=(4,)), grams={"flour": 250.0})
    assert type(cake.oven.heat) is float
    assert type(cake.grams["flour"]) is float


@pytest.mark.parametrize(
    ("table", "problem", "hint"),
    [
        ({}, "c.toml: 'name' is missing", "a recipe must say it"),
        ({"name": "x", "egs": 2}, "c.toml: unknown key 'egs'", "did you mean 'eggs'?"),
        ({"name": "x", "zzz": 2}, "c.toml: unknown key 'zzz'", "known: name, eggs, oven, grams"),
        ({"name": 3}, "c.toml: name is 3", 'it should be text in quotes, like "this"'),
        ({"name": "x", "eggs": 2.5}, "c.toml: eggs is 2.5", "it should be a whole number"),
        ({"name": "x", "eggs": True}, "c.toml: eggs is True", "it should be a whole number"),
        (
            {"name": "x", "oven": {"heatt": 1}},
            "c.toml: oven: unknown key 'heatt'",
            "did you mean 'heat'?",
        ),
        ({"name": "x", "oven": {"heat": "hot"}}, "c.toml: oven: heat is 'hot'", "a number"),
        ({"name": "x", "oven": {"fan": 1}}, "c.toml: oven: fan is 1", "true or false"),
        ({"name": "x", "oven": {"shelves": 2}}, "shelves is 2", "a list, like [1, 2]"),
        ({"name": "x", "oven": {"shelves": [1, "b"]}}, "shelves is 'b'", "a whole number"),
        ({"name": "x", "oven": {"span": [1.0]}}, "span is [1.0]", "a list of 2"),
        ({"name": "x", "oven": 3}, "c.toml: oven is 3", "a table of its own, [oven]"),
        ({"name": "x", "grams": {"egg": "big"}}, "grams.egg is 'big'", "a number"),
        ({"name": "x", "oven": {"heat": -1}}, "c.toml: oven: this cannot be: a heat", "correct"),
    ],
)
def test_what_is_wrong_is_named_with_its_place_and_what_would_be_right(table, problem, hint):
    with pytest.raises(UsageError) as error:
        build(Cake, table, "c.toml")

    assert problem in error.value.problem
    assert hint in error.value.hint
    assert len(str(error.value).splitlines()) == 2


def test_the_first_of_several_faults_is_told():
    with pytest.raises(UsageError, match="too hot"):
        refuse([("too cold", False), ("too hot", True), ("too wet", True)], "wait")


class Pan:
    def __init__(self, shelf, *, depth: float, lid: bool = False):
        self.shelf, self.depth, self.lid = shelf, depth, lid


def test_settings_are_what_a_class_can_be_told_by_keyword():
    assert settings_of(Pan, {"depth": 3}, "the pan") == {"depth": 3.0}
    assert settings_of(Pan, {"depth": 0.5, "lid": True}, "the pan") == {"depth": 0.5, "lid": True}


@pytest.mark.parametrize(
    ("settings", "problem", "hint"),
    [
        ({"dephth": 3}, "the pan has no setting 'dephth'", "did you mean 'depth'?"),
        ({"depth": 1, "shelf": 3}, "the pan has no setting 'shelf'", "known: depth, lid"),
        ({"lid": True}, "the pan needs 'depth'", "say depth = ..."),
        ({"depth": 1, "lid": 0}, "the pan: lid is 0", "true or false"),
    ],
)
def test_settings_that_cannot_be_are_told_by_name(settings, problem, hint):
    with pytest.raises(UsageError) as error:
        settings_of(Pan, settings, "the pan")

    assert error.value.problem == problem
    assert hint in error.value.hint
