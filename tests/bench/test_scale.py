"""`bench/scale`: what a moment costs, and machines that share a library."""

import json

import numpy as np
import pytest

from earmark.bench.scale.fleet import Fleet, fleet_for
from earmark.bench.scale.units import as_json, figures, measure


@pytest.fixture(scope="module")
def unit():
    return measure(1500, searches=4)


def test_a_size_is_measured_in_a_process_of_its_own(unit):
    assert unit.moments == 1500
    assert len(unit.search_ms) == 4
    assert all(0 < one < 5000 for one in (unit.open_ms, *unit.search_ms))
    assert 20 < unit.memory_mb < 2000


def test_bytes_are_those_of_the_vectors_and_little_more(unit):
    vectors = unit.width + 2 * unit.width + 4 + 16  # int8, float16, scale, two times

    assert vectors < unit.bytes_moment < vectors + 150  # rows, and the pages of a small database


def test_what_was_measured_is_told_and_kept(unit):
    told = [one.unit for one in figures((300,))]
    kept = json.loads(as_json([unit], "a machine"))

    assert len(told) == len(set(told)) == 5
    assert kept["machine"] == "a machine"
    assert kept["units"][0]["bytes_moment"] == unit.bytes_moment


def test_an_idle_machine_answers_after_its_parts_have_been_scanned():
    # 5 parts of 8 ms on 2 cores: 3 rounds; a query every 1,000 s finds nobody before it.
    fleet = Fleet(machines=1, cores=2, parts=5, sent_ms=0.0)

    np.testing.assert_allclose(fleet.answers(np.array([8.0]), 0.001, 50), 24.0)


def test_the_slowest_machine_counts_and_the_network_is_added():
    one = Fleet(machines=1, cores=1, parts=1, sent_ms=3.0)
    many = Fleet(machines=40, cores=1, parts=1, sent_ms=3.0)
    times = np.array([2.0] * 9 + [50.0])

    assert np.median(one.answers(times, 0.001, 400)) == 5.0
    assert np.median(many.answers(times, 0.001, 400)) == 53.0  # 1 - 0.9^40 = 0.985


@pytest.mark.parametrize("load", [0.3, 0.8])
def test_waiting_is_what_the_theory_of_queues_says(load):
    """One core, equal times, random arrivals: the mean wait is load / (2 (1 - load)) services."""
    fleet = Fleet(machines=1, cores=1, parts=1, sent_ms=0.0)

    took = fleet.answers(np.array([10.0]), rate=100 * load, queries=100_000)

    assert took.mean() - 10 == pytest.approx(10 * load / (2 * (1 - load)), rel=0.06)


def test_a_library_is_shared_over_as_few_machines_as_hold_it():
    # 23 million moments in parts of 5: 5 parts; a machine holds 2.
    assert fleet_for(23_000_000, 5_000_000, (16, 2)) == Fleet(machines=3, cores=16, parts=2)
    assert fleet_for(1, 5_000_000, (16, 2)) == Fleet(machines=1, cores=16, parts=1)
