"""The table of words: what stands in it, and how words are found."""

from collections import Counter

import pytest

from earmark.lab.words.sources import phrases
from earmark.lab.writers.facts import facts_of
from earmark.lab.writers.words import known, named, rows, swaps, tokens

KINDS = {"sound", "level", "count", "not", "only", "plain"}


def test_every_row_is_of_a_kind_and_what_stands_for_a_word_is_known():
    for row in rows():
        assert row.kind in KINDS
        assert row.form in ("", "one", "many")
        assert all(word == word.casefold() for word in row.words)
        for into in swaps().get(row.words[0], ()):
            assert tuple(tokens(into, whole=True)) in known() or "'" in into


def test_a_word_is_swapped_by_one_row_alone():
    swapped = Counter(word for row in rows() if row.into for word in row.words)

    assert [word for word, count in swapped.items() if count > 1] == []


@pytest.mark.parametrize("row", [row for row in rows() if row.into], ids=lambda row: row.words[0])
def test_what_stands_for_a_word_means_the_same(row):
    def told(word):
        return [
            (one.kind, one.means, one.form) for _, _, said in named(tokens(word)) for one in said
        ]

    for word in row.words:
        for into in swaps()[word]:
            mine, others = told(word), told(into)
            assert len(mine) == len(others)
            for one, other in zip(mine, others, strict=True):
                assert one[0] == other[0]
                assert one[1] & other[1]


def test_the_longest_known_words_are_found_first():
    found = [
        some for some, is_known, _ in named(tokens("a car horn far away from zubes")) if is_known
    ]

    assert found == [("a",), ("car", "horn"), ("far", "away", "from")]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("A dog's bark, isn't it?", ["a", "dog", "bark", ",", "is", "not", "it", "?"]),
        ("clip-clop of two-tone horns", ["clip-clop", "of", "two", "tone", "horns"]),
        ("the dogs’ barks", ["the", "dogs", "barks"]),
    ],
)
def test_words_are_split(text, wanted):
    assert tokens(text) == wanted


def test_most_of_our_own_phrases_name_a_sound():
    every = [phrase for some in phrases().values() for phrase in some]

    found = sum(bool(facts_of(phrase).of("sound")) for phrase in every)

    assert found / len(every) > 0.85
