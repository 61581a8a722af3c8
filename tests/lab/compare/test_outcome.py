"""What is kept of a run: small, and enough to work out every figure again."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.errors import DataError
from earmark.lab.compare.outcome import FIGURES, Asked, Outcome, Test, load, save
from earmark.lab.compare.table import cell, difference
from earmark.score import metric, rank

WAY = "text to audio"
Test.__test__ = False  # it is no test of pytest's


def asked(scores, match, homes, among="ab"):
    return Asked.of(
        rank(np.array(scores, float), np.array(match, bool)), tuple(homes), tuple(among)
    )


# Three questions about four sounds; the second has two right answers.
MATCH = [[1, 0, 0, 0], [0, 1, 1, 0], [0, 0, 0, 1]]
GOOD = [[9, 1, 2, 3], [5, 4, 9, 1], [1, 2, 3, 0]]  # best ranks 1, 1, 4
POOR = [[3, 9, 2, 1], [5, 4, 3, 1], [1, 2, 3, 9]]  # best ranks 2, 2, 1


def outcome(scores, seed=0, recipe="r", homes=("a", "b", "b")):
    return Outcome(
        recipe=recipe,
        seed=seed,
        key="k",
        parameters=12,
        seconds=3.5,
        dev={"R@1": 0.5},
        milliseconds={"query": 1.5},
        tests={"t": Test(texts=3, sounds=4, asked={WAY: asked(scores, MATCH, homes)}, order={})},
    )


def test_figures_are_those_of_the_ranking():
    found = asked(GOOD, MATCH, "abb")
    ranking = rank(np.array(GOOD, float), np.array(MATCH, bool))

    for name in FIGURES:
        assert found.figure(name) == pytest.approx(metric(name).of(ranking), abs=1e-4)
        assert found.chance[name] == pytest.approx(metric(name).at_chance(ranking))
    assert found.best.tolist() == [1, 1, 4]


def test_what_was_saved_is_read_again(tmp_path):
    save(outcome(GOOD), tmp_path / "deep" / "0.json")

    again = load(tmp_path / "deep" / "0.json")

    old, new = outcome(GOOD).tests["t"].asked[WAY], again.tests["t"].asked[WAY]
    assert (again.recipe, again.seed, again.key, again.dev) == ("r", 0, "k", {"R@1": 0.5})
    assert [new.figure(name) for name in FIGURES] == [old.figure(name) for name in FIGURES]
    assert new.owner.tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    "text", ["", "{", "{}", '{"tests": {"t": {"asked": {"x": {"best": "!"}}}}}']
)
def test_a_file_that_is_none_is_named(tmp_path, text):
    path = tmp_path / "0.json"
    path.write_text(text)

    with pytest.raises(DataError, match="not what a run came to") as error:
        load(path)

    assert "delete it" in error.value.hint


def test_a_cell_is_the_mean_over_seeds_and_their_deviation():
    found = cell([outcome(GOOD), outcome(POOR, seed=1)], "t", WAY, "R@1")

    # 2 of 3, and 1 of 3
    assert found.mean == pytest.approx(0.5)
    assert found.deviation == pytest.approx(np.std([2 / 3, 1 / 3], ddof=1))
    assert found.seeds == 2


def test_one_seed_has_no_deviation():
    assert cell([outcome(GOOD)], "t", WAY, "R@1").deviation is None


def test_a_difference_is_paired_by_question():
    found = difference([outcome(GOOD)], [outcome(POOR)], "t", WAY, "R@1")

    # The questions differ by 1, 1 and -1; recording b has the last two.
    assert found.value == pytest.approx(1 / 3)
    assert found.low == pytest.approx(0)
    assert found.high == pytest.approx(1)


def test_a_system_does_not_differ_from_itself():
    found = difference([outcome(GOOD)], [outcome(GOOD)], "t", WAY, "mAP@10")

    assert (found.value, found.low, found.high, found.p) == (0, 0, 0, 1)


def test_seeds_that_were_asked_other_questions_are_no_system():
    other = outcome(GOOD)
    fewer = Test(texts=1, sounds=4, asked={WAY: asked(GOOD[:1], MATCH[:1], "a")}, order={})
    other.tests["t"] = fewer

    with pytest.raises(ValueError, match="were asked"):
        difference([outcome(GOOD), other], [outcome(POOR)], "t", WAY, "R@1")


def test_a_recording_without_a_question_keeps_its_number_and_adds_nothing(tmp_path):
    """Two sets of questions about the same recordings are compared by them, whoever has none."""
    found = asked(GOOD, MATCH, "acc", among="dcabb")

    assert found.owner.tolist() == [0, 2, 2]
    assert found.recordings == 4
    one, other = outcome(GOOD), outcome(POOR)
    for run, homes in ((one, "acc"), (other, "adb")):
        scores = GOOD if run is one else POOR
        run.tests["t"].asked[WAY] = asked(scores, MATCH, homes, among="abcd")
    # Right at once: two of three questions; of the other one of three.
    assert difference([one], [other], "t", WAY, "R@1").value == pytest.approx(1 / 3)
    save(one, tmp_path / "0.json")
    assert load(tmp_path / "0.json").tests["t"].asked[WAY].recordings == 4
