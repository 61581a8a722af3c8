"""The short form of `kills.py`; that program makes as many kills as one likes."""

import os
from collections import Counter

import pytest

from library.kills import run
from library.victim import POINTS, RANDOM

pytestmark = pytest.mark.skipif(
    os.name == "nt",
    reason="the writer is forked and killed by signals, and Windows has neither; "
    "the database and the files are written there by the same code",
)


def test_a_killed_writer_loses_no_finished_file_and_leaves_no_wrong_answer(tmp_path):
    points = [RANDOM, *POINTS, RANDOM, *POINTS]
    table = run(points, 7, tmp_path)
    assert {point: one.kills for point, one in table.items()} == Counter(points)
    assert [note for one in table.values() for note in one.notes] == []
    assert sum(one.lost for one in table.values()) == 0
    # Each of them died where it should: a change is there if its commit was reached.
    finished = {point for point, one in table.items() if one.finished == 2}
    assert finished - {RANDOM} == {"commit, right after", "compaction, before the old volume goes"}
