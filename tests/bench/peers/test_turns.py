"""How surely one is ahead of another, worked out by hand."""

import pytest

from earmark.bench.peers.turns import beside, between, in_turns


def test_all_are_measured_in_turn_and_the_first_round_does_not_count():
    said = []

    def thing(name, values):
        found = iter(values)
        return lambda: said.append(name) or next(found)

    took = in_turns({"A": thing("A", [9, 1, 2]), "B": thing("B", [9, 3, 4])}, runs=2)

    assert "".join(said) == "ABABAB"
    assert took == {"A": [1, 2], "B": [3, 4]}


@pytest.mark.parametrize(
    ("count", "rank"),
    [(2, 1), (5, 1), (6, 1), (8, 1), (9, 2), (11, 2), (12, 3)],
)
def test_bounds_are_those_ranks_that_a_table_of_the_sign_test_gives(count, rank):
    values = [float(n) for n in range(count, 0, -1)]

    assert between(values) == (rank, count + 1 - rank)


def test_a_figure_tells_medians_and_the_ratios_of_neighbours():
    found = beside([1, 4, 2], [2, 4, 8], scale=10, part="p", what="w", unit="ms", peer="x")

    assert (found.value, found.theirs) == (20, 40)
    assert (found.ratio, found.low, found.high) == (0.5, 0.25, 1.0)


def test_of_one_round_there_are_no_bounds():
    found = beside([3], [2], part="p", what="w", unit="s", peer="x")

    assert (found.ratio, found.low, found.high) == (1.5, None, None)
