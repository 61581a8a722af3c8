import math

import pytest

from earmark.lab.alarms import DivergedError, refuse_nonsense, worries


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_stops_a_run_and_is_named(value):
    with pytest.raises(DivergedError) as error:
        refuse_nonsense(12, {"fine": 1.0, "classes": value})

    assert error.value.problem == "step 12: classes is not a number any more"
    assert "lower the learning rate" in error.value.hint


def test_numbers_stop_nothing():
    refuse_nonsense(12, {"fine": -1e30, "zero": 0.0})


def test_collapsed_vectors_are_a_worry():
    assert worries({"spread": 0.95, "spread_text": -1.0}) == []

    (told,) = worries({"spread_text": 0.96})
    assert told == "spread_text is 0.96: all vectors have become nearly the same"


@pytest.mark.parametrize(("value", "count"), [(0.004, 1), (0.005, 0), (1.0, 0), (1.1, 1)])
def test_a_temperature_out_of_range_is_a_worry(value, count):
    assert len(worries({"temperature": value})) == count


def test_other_figures_are_no_worry():
    assert worries({"agreement": 0.99, "loss": 50.0}) == []
