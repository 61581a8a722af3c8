"""Other words for the captions of a set; what was written for measuring is never learned from."""

import csv
import re
from collections import Counter
from importlib.resources import files

import numpy as np
import pytest

from earmark.data import Row
from earmark.data.kinds import kinds
from earmark.lab.exam import wording
from earmark.lab.exam.wording import WAYS, free_queries, variants
from earmark.lab.words.sources import phrases
from earmark.score.protocols import captions
from earmark.synth.kinds import KINDS

FREE = [
    {"set": "esc-check", "caption": "a dog barking", "query": "woof woof"},
    {"set": "esc-check", "caption": "a dog barking", "query": "my neighbour's dog"},
    {"set": "esc-check", "caption": "rain falling", "query": "wet weather"},
    {"set": "esc-check", "caption": "a cow mooing", "query": "moo"},
    {"set": "urban-check", "caption": "a dog barking", "query": "hound in the street"},
]
VARIANTS = [
    {
        "set": "esc-check",
        "caption": "rain falling",
        "query": "heavy rainfall",
        "paraphrase": "a downpour",
    },
    {"set": "rare-check", "caption": "rain falling", "query": "drizzle", "paraphrase": "fine rain"},
]


@pytest.fixture
def task(tmp_path, monkeypatch):
    """Two dogs and one rain; nobody asks for a cow."""
    tables = {"free.csv": FREE, "variants.csv": VARIANTS}
    monkeypatch.setattr(wording, "_table", tables.__getitem__)
    words = {"x": "a dog barking", "y": "rain falling", "z": "a dog barking"}
    return captions([Row(tmp_path / f"{n}.wav", (text,)) for n, text in words.items()])


def test_free_queries_are_right_for_what_their_caption_is_right_for(task):
    free = free_queries("esc-check", task)

    assert free.task.texts == ("woof woof", "my neighbour's dog", "wet weather")
    assert free.captions == ("a dog barking", "a dog barking", "rain falling")
    np.testing.assert_array_equal(free.task.match, [[1, 0, 1], [1, 0, 1], [0, 1, 0]])
    assert free.task.sounds == task.sounds


def test_a_set_without_any_has_none(task):
    assert free_queries("rare-check", task) is None
    assert variants("animals-check", task) == {}


def test_a_query_is_put_in_every_way(task):
    found = variants("esc-check", task)

    assert found.keys() == {"plain", "typo", "upper case", "title case", "paraphrase"}
    assert found["plain"].task.texts == ("heavy rainfall",)
    assert found["upper case"].task.texts == ("HEAVY RAINFALL",)
    assert found["title case"].task.texts == ("Heavy Rainfall",)
    assert found["paraphrase"].task.texts == ("a downpour",)
    assert all(one.captions == ("rain falling",) for one in found.values())
    slip = found["typo"].task.texts[0]
    assert slip != "heavy rainfall"
    assert abs(len(slip) - len("heavy rainfall")) <= 1
    assert variants("esc-check", task)["typo"].task.texts == (slip,)


def test_a_query_of_short_words_alone_has_no_slip():
    assert WAYS["typo"]({"query": "a cat"}) == "a cat"


# What stands in the package.


def rows(name):
    text = files("earmark.lab.exam").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def plain(text):
    return " ".join(re.findall(r"[\w']+", text.casefold()))


def test_every_caption_has_five_free_queries_and_no_two_are_alike():
    free = rows("free.csv")

    assert set(Counter((row["set"], row["caption"]) for row in free).values()) == {5}
    assert len({plain(row["query"]) for row in free}) == len(free)
    assert len(free) == 5 * 119


def test_there_are_two_hundred_queries_with_a_paraphrase():
    found = rows("variants.csv")

    assert len(found) == 200
    assert all(plain(row["query"]) != plain(row["paraphrase"]) for row in found)
    known = {(row["set"], row["caption"]) for row in rows("free.csv")}
    assert {(row["set"], row["caption"]) for row in found} <= known


def test_nothing_that_is_measured_with_stands_in_what_is_learned_from():
    learned = {plain(phrase) for some in phrases().values() for phrase in some}
    learned |= {plain(phrase) for kind in KINDS.values() for phrase in kind.phrases}
    measured = {plain(row["query"]) for row in rows("free.csv")}
    measured |= {plain(row["paraphrase"]) for row in rows("variants.csv")}
    measured |= {plain(kind.phrases[2]) for kind in kinds()}  # every third is kept for testing

    assert not measured & learned
