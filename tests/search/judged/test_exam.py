"""The whole exam, over judgements and answers that a person can work out."""

import pytest

from earmark.errors import DataError
from earmark.score.condensed import Listed
from earmark.search.judged.contents import Contents, settle
from earmark.search.judged.exam import Exam, listed
from search.judged.fakes import judgement, labels, shelf, system

NAMES = [f"{letter}.wav" for letter in "abcdefghijkl"]
HOME = shelf(NAMES)
SAID = (
    judgement("a.wav", True),
    judgement("b.wav", False),
    judgement("c.wav", True),
    judgement("d.wav", True, "wind"),
    judgement("e.wav", False, "wind"),
    judgement("gone.wav", True, "wind"),
    judgement("f.wav", False, "bees"),
)
OLD = {
    "rain": ["x.wav", "b.wav", "g.wav", "a.wav", "c.wav"],  # wrong, right, right: g is unjudged
    "wind": ["e.wav", "h.wav", "d.wav"],  # wrong, right
    "bees": ["f.wav"],
}
NEW = {
    "rain": ["i.wav", "a.wav", "j.wav", "k.wav", "c.wav", "b.wav"],  # right, right, wrong
    "wind": ["d.wav", "e.wav"],  # right, wrong
    "bees": ["f.wav"],
}


def settled(*said):
    return settle(labels(*said), Contents(HOME))


def run(*answers, said=SAID):
    systems = [system(one, HOME, name="AB"[n]) for n, one in enumerate(answers)]
    return Exam(systems, settled(*said)).run(lambda _: None)


def test_hits_that_nobody_judged_are_left_out():
    judged = settled(*SAID).queries["rain"]

    found = listed(system(OLD, HOME).whole("rain"), judged)

    assert found == Listed((False, True, True), wanted=2, judged=3)


def test_figures_by_hand():
    figures = {name: one["value"] for name, one in run(OLD)["systems"]["A"].items()}

    # rain: right at 2 and 3 of wrong, right, right; wind: right at 2 of wrong, right.
    assert figures == pytest.approx(
        {
            "mAP@10": ((1 / 2 + 2 / 3) / 2 + 1 / 2) / 2,
            "R@1": 0,
            "R@10": 1,
            "precision@10": (2 / 3 + 1 / 2) / 2,
        }
    )


def test_what_is_counted_and_what_is_left_out():
    told = run(OLD)

    assert (told["queries"], told["judged"], told["right answers"]) == (2, 5, 3)
    assert told["nothing wrong"] == 0
    assert told["left out"] == {
        "queries": ["bees"], "gone": 1, "changed": 0, "unclear": 0, "unheard": 0,
    }  # fmt: skip
    assert told["chance"]["R@1"] == pytest.approx((2 / 3 + 1 / 2) / 2)
    # Of rain 3 of 4 first hits are judged (x.wav is not of the library); of wind 2 of 3.
    assert told["judged of the first"]["A"] == pytest.approx((3 / 4 + 2 / 3) / 2)
    assert "decide" not in told


def test_two_systems_are_compared_query_by_query():
    told = run(OLD, NEW)

    one = told["systems"]["B"]["mAP@10"]
    assert one["value"] == 1
    assert one["more"] == pytest.approx(((1 - 7 / 12) + 1 / 2) / 2)
    assert one["more_low"] <= one["more"] <= one["more_high"]
    assert "more" not in told["systems"]["A"]["mAP@10"]
    assert told["decide"]["mAP@10"] == {"verdict": "untold", "queries": None, "labels": None}


def test_many_queries_decide_or_say_how_many_more_would():
    queries = [f"rain {n}" for n in range(20)]
    said = [
        one
        for query in queries
        for one in (judgement("a.wav", True, query), judgement("b.wav", False, query))
    ]
    old = {query: ["b.wav", "a.wav"] for query in queries}
    clear = {query: ["a.wav", "b.wav"] for query in queries}
    hardly = old | {query: clear[query] for query in queries[:2]}

    assert run(old, clear, said=said)["decide"]["R@1"]["verdict"] == "decided"
    told = run(old, hardly, said=said)["decide"]["R@1"]
    # d = 0.1 and s = 0.3078: 7.849 times 9.474, and 1.92, are 76.3; 57 more than 20, 2 labels each.
    assert told == {"verdict": "open", "queries": 57, "labels": 114}
    assert run(old, old, said=said)["decide"]["R@1"]["verdict"] == "untold"


def test_a_right_recording_shown_at_a_wrong_moment_is_not_found():
    home = shelf(["long.wav", "a.wav"], seconds=3600.0)
    said = labels(
        judgement("long.wav", True, at=(100, 110)),
        judgement("long.wav", False, at=(0, 10)),
        judgement("a.wav", True),
    )
    judged = settle(said, Contents(home)).queries["rain"]

    def told(start, end):
        return listed(
            system({"rain": [("long.wav", start, end), "a.wav"]}, home).whole("rain"), judged
        )

    wrong, right, elsewhere = told(2, 8), told(99, 109), told(500, 510)

    assert (wrong.right, right.right, elsewhere.right) == ((False, True), (True, True), (True,))
    assert {one.wanted for one in (wrong, right, elsewhere)} == {2}


@pytest.mark.parametrize("said", [(), SAID[:3], (*SAID[:3], judgement("gone.wav", True, "wind"))])
def test_too_few_queries_are_refused(said):
    with pytest.raises(DataError, match="have a recording that was judged right and is there"):
        run(OLD, said=said)
