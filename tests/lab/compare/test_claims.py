"""Claims: a sum of figures and its interval by recording, and the three things it can say."""

import re
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.errors import DataError, UsageError
from earmark.lab.compare.claims import Claim, Term, missing, read_claims, settle
from earmark.lab.compare.outcome import Asked, Outcome, Test
from earmark.lab.compare.seeds import seed_noise
from earmark.lab.matchers import matcher_class
from earmark.lab.recipe import read_recipe
from earmark.score import rank

Test.__test__ = False  # it is no test of pytest's
WAY = "text to audio"
ROOT = Path(__file__).parents[3]


def outcome(found, seed=0, owners=None):
    """A run that finds at once what is 1 in `found`, and misses what is 0: a question each."""
    count = len(found)
    scores = np.zeros((count, 2))
    scores[:, 0] = found
    match = np.zeros((count, 2), bool)
    match[:, 0] = True
    owners = owners or [f"{number:03}" for number in range(count)]
    asked = Asked.of(rank(scores, match), tuple(owners), tuple(owners))
    test = Test(texts=count, sounds=2, asked={WAY: asked}, order={})
    return Outcome(
        recipe="r",
        seed=seed,
        key="k",
        parameters=1,
        seconds=1.0,
        dev={},
        milliseconds={},
        tests={"t": test, "u": test},
    )


def claim(*terms, **more):
    return Claim(number="1", says="x", terms=terms, test="t", **more)


MORE = claim(Term(recipe="new"), Term(recipe="old", weight=-1))


def test_a_plain_gap_by_hand():
    """Two of four against one of four, of seeds the mean: 3/4 and 1/4 are 1/2."""
    systems = {
        "new": [outcome([1, 1, 0, 0])],
        "old": [outcome([1, 1, 1, 0]), outcome([0, 0, 0, 1], seed=1)],
    }

    assert settle(MORE, systems).value == pytest.approx(0.5 - 0.5)
    assert settle(claim(Term(recipe="old")), systems).value == pytest.approx((0.75 + 0.25) / 2)
    half = claim(Term(recipe="new", weight=0.5))
    assert settle(half, systems).value == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("new", "old", "word"),
    [
        ([1] * 30 + [0] * 10, [1] * 10 + [0] * 30, "holds"),
        ([1] * 10 + [0] * 30, [1] * 30 + [0] * 10, "fails"),
        ([1, 0] * 20, [0, 1] * 20, "cannot tell"),
    ],
)
def test_three_things_can_be_said(new, old, word):
    found = settle(MORE, {"new": [outcome(new)], "old": [outcome(old)]})

    assert found.word == word
    assert found.low <= found.value <= found.high


def test_a_gap_of_gaps():
    """A gap of 2/4 in one place and of 1/4 in another: wider by 1/4."""
    systems = {
        name: [outcome(found)]
        for name, found in {
            "a": [1, 1, 1, 0],
            "b": [1, 0, 0, 0],
            "c": [1, 1, 1, 1],
            "d": [0, 1, 1, 1],
        }.items()
    }
    signs = zip("abcd", (1, -1, -1, 1), strict=True)
    wider = claim(*(Term(recipe=name, weight=sign) for name, sign in signs))

    assert settle(wider, systems).value == pytest.approx(0.25)


def test_the_smallest_effect_is_2_8_spreads_of_the_draws():
    """One system that finds half of 100 independent questions has a spread of a twentieth."""
    systems = {"new": [outcome([1, 0] * 50)]}

    found = settle(claim(Term(recipe="new")), systems)

    assert found.smallest == pytest.approx(2.8 * 0.05, rel=0.1)


def test_questions_of_one_recording_are_drawn_together():
    """The same answers of 20 recordings tell less than of 100."""
    answers, homes = [1] * 50 + [0] * 50, [f"{number // 5:02}" for number in range(100)]

    apart = settle(claim(Term(recipe="x")), {"x": [outcome(answers)]})
    together = settle(claim(Term(recipe="x")), {"x": [outcome(answers, owners=homes)]})

    assert together.value == apart.value
    assert together.high - together.low > 1.5 * (apart.high - apart.low)


def test_what_a_seed_moves_by_hand():
    """Two seeds find 1/5 and 3/5, variance 0.08: one run has it whole, the mean of two half."""
    one, three = [1, 0, 0, 0, 0], [1, 1, 1, 0, 0]
    systems = {"new": [outcome(three)], "old": [outcome(one), outcome(three, seed=1)]}

    assert seed_noise(MORE, systems) == pytest.approx((0.08 + 0.08 / 2) ** 0.5)
    assert seed_noise(claim(Term(recipe="old", weight=0.5)), systems) == pytest.approx(0.1)
    assert settle(MORE, systems).seeds == 1


def test_systems_with_more_seeds_say_more_of_what_a_seed_moves():
    """Variances 0.08 of two seeds and 0 of three others: 0.08 over one and two degrees."""
    one, three = [1, 0, 0, 0, 0], [1, 1, 1, 0, 0]
    systems = {
        "old": [outcome(one), outcome(three, seed=1)],
        "new": [outcome(one, seed=seed) for seed in range(3)],
    }

    assert seed_noise(claim(Term(recipe="old")), systems) == pytest.approx((0.08 / 3 / 2) ** 0.5)


def test_figures_of_one_run_move_together():
    systems = {"x": [outcome([1, 0, 0]), outcome([1, 1, 1], seed=1)]}
    gap = claim(Term(recipe="x", test="t"), Term(recipe="x", test="u", weight=-1))

    assert seed_noise(gap, systems) == 0


def test_where_all_have_one_seed_nothing_is_known_of_others():
    assert seed_noise(MORE, {"new": [outcome([1, 0])], "old": [outcome([0, 0])]}) == 0


def test_what_every_recording_shows_is_not_told_where_seeds_are_far_apart():
    """Each question is better answered on the whole, and the next seed may turn that round."""
    steady = [1, 0] * 20
    far = {"x": [outcome([1] * 40), outcome([0] * 40, seed=1)]}
    systems = {"new": [outcome([1] * 35 + [0] * 5)], "old": [outcome(steady)]}

    assert settle(MORE, systems).word == "holds"
    assert settle(MORE, systems | far).word == "cannot tell"


def test_what_was_asked_of_other_recordings_is_not_compared():
    systems = {"new": [outcome([1, 0])], "old": [outcome([1, 0, 1])]}

    with pytest.raises(ValueError, match="recordings"):
        settle(MORE, systems)


def test_what_has_not_run_is_missing():
    systems = {"new": [outcome([1, 0])]}
    elsewhere = claim(Term(recipe="new", test="nowhere"))

    assert missing(MORE, systems) == ["old"]
    assert missing(elsewhere, systems) == ["new"]
    assert missing(claim(Term(recipe="new", test="u")), systems) == []


def test_claims_are_read_and_mistakes_named(tmp_path):
    path = tmp_path / "claims.toml"
    path.write_text('[[claim]]\nnumber = "7"\nsays = "a finds more"\nterms = [{ recipe = "a" }]\n')
    (found,) = read_claims(path)
    assert found == Claim(number="7", says="a finds more", terms=(Term(recipe="a"),))

    path.write_text('[[claim]]\nnumber = "7"\nsays = "x"\nterms = [{ recpie = "a" }]\n')
    with pytest.raises(UsageError, match="unknown key 'recpie'"):
        read_claims(path)
    path.write_text("[[claim")
    with pytest.raises(DataError, match=r"claims\.toml"):
        read_claims(path)


CLAIMS = read_claims(ROOT / "docs" / "claims.toml")
RECIPES = {path.stem: read_recipe(path)[0] for path in (ROOT / "recipes/papers").glob("*.toml")}


@pytest.mark.parametrize("one", CLAIMS, ids=lambda one: one.number)
def test_the_claims_of_this_project_stand_on_its_recipes(one):
    """Each has terms or says why not; what it needs is asked by the recipes that it names."""
    assert bool(one.terms) != bool(one.closed)
    for term in one.terms:
        assert term.recipe in RECIPES
        assert (term.test or one.test) in RECIPES[term.recipe].data.test


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_the_recipes_of_this_project_name_matchers_that_there_are(name):
    rule = RECIPES[name].matcher

    matcher_class(rule.name, width=rule.width, **rule.settings)


def test_the_numbers_of_claims_are_their_own():
    numbers = [one.number for one in CLAIMS]

    assert len(set(numbers)) == len(numbers)
    assert all(re.match(r"\d+", number) for number in numbers)
