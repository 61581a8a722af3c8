"""Engines side by side at toy size, in processes of their own as at full size."""

from dataclasses import replace

import numpy as np
import pytest

from bench.peers.ground import ground, needs_faiss
from earmark.bench.peers import vectors
from earmark.bench.peers.engines import ENGINES, OURS

THERE = (OURS, "faiss Flat")


@needs_faiss
def test_engines_are_told_beside_earmark_and_missing_ones_by_what_installs_them(
    tmp_path, monkeypatch
):
    few = {
        name: one if name in THERE else replace(one, module="nobody_has_it")
        for name, one in ENGINES.items()
    }
    monkeypatch.setattr(vectors, "ENGINES", few)

    found = list(vectors.figures(ground(tmp_path), sizes=[(1_500, 16)], runs=1))

    told = {one.what: one for one in found if one.peer == "faiss Flat"}
    assert list(told) == [
        "1,500 x 16, build",
        "1,500 x 16, on disk",
        "1,500 x 16, cold: open, one query",
        "1,500 x 16, warm query",
        "1,500 x 16, recall@10",
    ]
    *costs, recall = told.values()
    assert all(one.value > 0 and one.theirs > 0 and one.ratio > 0 for one in costs)
    assert told["1,500 x 16, on disk"].theirs == pytest.approx(1_500 * 16 * 4 / 1e6, rel=0.05)
    assert (recall.value, recall.theirs) == (100, 100)  # both are exact
    missing = [one for one in found if one.peer not in THERE]
    assert {one.peer for one in missing} == set(ENGINES) - set(THERE)
    assert {one.missing for one in missing} == {"no nobody_has_it: pip install 'earmark[peers]'"}
    assert not list((tmp_path).iterdir())  # gigabytes at full size


@needs_faiss
def test_an_engine_that_takes_too_long_is_left_out_and_said_so(tmp_path, monkeypatch):
    few = {name: replace(ENGINES[name], most=100) for name in THERE}
    few[OURS] = ENGINES[OURS]
    monkeypatch.setattr(vectors, "ENGINES", few)

    found = list(vectors.figures(ground(tmp_path), sizes=[(200, 16)], runs=1))

    assert {one.missing for one in found} == {"not measured beyond 100"}


def test_recall_is_told_for_the_question_that_was_asked():
    scores = np.zeros((1, 2_000), np.float32)
    scores[0, :10] = np.arange(10, 0, -1)  # the ten best moments, all of the first recording
    best = list(range(10))

    assert vectors._recall("faiss Flat", [best], scores) == 100
    assert vectors._recall("faiss Flat", [[*best[:5], 90, 91, 92, 93, 94]], scores) == 50
    scores[0, 100::100] = np.linspace(0.1, 0.9, 19)  # then one of each other recording
    ours = [0, *range(11, 20)]
    assert vectors._recall(OURS, [ours], scores) == 100
    assert vectors._recall(OURS, [[*ours[:9], 5]], scores) == 90
