"""Plots of the results page: points in order, and of the test that the page is about."""

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

sys.path.insert(0, str(Path(__file__).parents[3] / "tools"))
import results_docs
from earmark.lab.compare.outcome import Asked
from earmark.score import rank

WAY = "text to audio"


def run(**found):
    """A run whose tests find so many of four questions at once; in the order they are named."""
    tests = {}
    for spec, right in found.items():
        scores = np.where(np.arange(4)[:, None] < right, [[2.0, 1.0]], [[1.0, 2.0]])
        match = np.broadcast_to([True, False], (4, 2))
        asked = Asked.of(rank(scores, match), tuple("abcd"), tuple("abcd"))
        tests[spec.replace("_", "-")] = SimpleNamespace(asked={WAY: asked})
    return SimpleNamespace(tests={name.replace("noise", "x#noise"): t for name, t in tests.items()})


def test_noise_is_drawn_from_loud_to_faint_however_it_is_kept():
    one = run(noise_0=1, noise_10=3, noise_5=2)  # as sorted by letters

    assert results_docs._noise([one]) == [(0, 0.25), (5, 0.5), (10, 0.75)]


def test_a_plot_is_of_the_main_test_where_that_is_there():
    one = run(clips=4, main=1)
    one.tests = {"clips": one.tests["clips"], results_docs.MAIN: one.tests["main"]}

    assert results_docs._first([one]) == 0.25
    assert results_docs._first([run(clips=3)]) == 0.75
