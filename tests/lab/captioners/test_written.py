"""What was written is kept, read again, and numbered; learning goes on as if nothing happened."""

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

import json

import numpy as np

from earmark.lab.captioners import Asked
from earmark.lab.captioners.written import NONE, Written, written
from earmark.lab.features.kept import Sounds
from earmark.lab.pairs import not_known

ASKED = Asked(Sounds(waves=[None] * 3, key="k"), ("a", "b", "é"), not_known)


class Clerk:
    """Writes what it is given, and counts how often."""

    def __init__(self, rows, key="clerk"):
        self.rows, self.key, self.asked = rows, key, 0

    def write(self, asked):
        self.asked += 1
        torch.manual_seed(1)
        return self.rows


ROWS = [["rain", "a dog"], [], ["a dog", "“bell”"]]


def test_captions_are_numbered_once_each_and_gaps_are_none():
    found = Written.from_rows(ROWS)

    assert found.texts == ("rain", "a dog", "“bell”")
    assert found.of.tolist() == [[0, 1], [NONE, NONE], [1, 2]]


def test_where_nobody_wrote_anything_there_is_nothing():
    found = Written.from_rows([[], []])

    assert found.texts == ()
    assert found.of.tolist() == [[NONE], [NONE]]


def test_what_was_written_is_read_again(tmp_path):
    clerk = Clerk(ROWS)
    first, second = (written(clerk, ASKED, tmp_path) for _ in range(2))

    assert clerk.asked == 1
    assert second.texts == first.texts == ("rain", "a dog", "“bell”")
    np.testing.assert_array_equal(second.of, first.of)


def test_it_is_kept_as_a_table_of_captions(tmp_path):
    written(Clerk(ROWS), ASKED, tmp_path)

    (path,) = tmp_path.iterdir()
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert lines[2] == {"sound": "é", "captions": ["a dog", "“bell”"]}
    assert path.suffix == ".jsonl"


@pytest.mark.parametrize(
    ("key", "asked"),
    [
        ("another", ASKED),
        ("clerk", ASKED._replace(sounds=Sounds(waves=[None] * 3, key="other"))),
        ("clerk", ASKED._replace(names=("a", "b", "d"))),
    ],
    ids=["another captioner", "other sounds", "other names"],
)
def test_other_captions_are_kept_apart(tmp_path, key, asked):
    written(Clerk(ROWS), ASKED, tmp_path)
    other = Clerk([["x"], ["y"], ["z"]], key)

    assert written(other, asked, tmp_path).texts == ("x", "y", "z")


def test_writing_leaves_the_random_numbers_alone(tmp_path):
    """A matcher that is made afterwards begins alike, whether captions were written or read."""
    torch.manual_seed(3)
    wanted = torch.rand(2)
    for _ in range(2):
        torch.manual_seed(3)
        written(Clerk(ROWS), ASKED, tmp_path)
        assert torch.rand(2).equal(wanted)
