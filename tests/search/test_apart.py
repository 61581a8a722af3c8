"""What tells steps apart, worked out by hand: lopsided odds of three tokens."""

import numpy as np
import pytest

from earmark.search.apart import TELLS, rivals, shares
from earmark.search.course import Step

LIKELY = {  # odds of 4, 1, 1/4; 1/3, 1/3, 3; and 1/2, 2, 1/2: their medians are 1, 1/3 and 1/2
    "a": np.array([4 / 5, 1 / 2, 1 / 5]),
    "b": np.array([1 / 4, 1 / 4, 3 / 4]),
    "c": np.array([1 / 3, 2 / 3, 1 / 3]),
}


def steps(*told):
    return [Step(what, link) for what, link in told]


def share(odds):
    return odds**TELLS / (1 + odds**TELLS)


def test_a_step_has_most_of_where_it_is_heard_rather_than_its_rival():
    told = shares(LIKELY, steps(("a", "then"), ("b", "then")))

    # Above its median a stands 4, 1 and 1/4 times, and b 1, 1 and 9 times.
    assert told["a"] == pytest.approx([share(4), 1 / 2, share(1 / 36)])
    assert told["b"] == pytest.approx([share(1 / 4), 1 / 2, share(36)])
    assert told["c"] == pytest.approx([1, 1, 1])  # which is none of the steps


def test_of_several_rivals_the_nearest_counts():
    told = shares(LIKELY, steps(("a", "then"), ("b", "then"), ("c", "then")))

    # c stands 1, 4 and 1 times above its median: in the middle it is nearer than b.
    assert told["a"] == pytest.approx([share(4), share(1 / 4), share(1 / 36)])


def test_one_sound_by_itself_or_once_more_has_all():
    for some in (steps(("a", "then")), steps(("a", "then"), ("a", "then"))):
        assert shares(LIKELY, some)["a"] == pytest.approx([1, 1, 1])


def test_what_is_heard_together_or_anywhere_is_no_rival():
    told = steps(
        ("a", "then"), ("b", "while"), ("c", "then"), ("d", "with"), ("a", "then"), ("e", "then")
    )

    assert rivals(told) == {
        "a": ("c", "e"),
        "b": ("c", "e"),
        "c": ("a", "b", "e"),
        "e": ("a", "b", "c"),
    }


def test_what_is_never_or_surely_heard_is_a_number():
    sure = {"a": np.zeros(3), "b": np.array([1.0, 0.0, 1.0])}

    told = shares(sure, steps(("a", "then"), ("b", "then")))

    assert told["a"] == pytest.approx([0.5, 1, 0.5])
    assert told["b"] == pytest.approx([0.5, 0, 0.5])
