"""Captions of what is heard at the same time."""

import numpy as np

from earmark.lab.words.caption import joined


def drawn(captions):
    return {joined(captions, np.random.default_rng(seed)) for seed in range(60)}


def test_one_caption_stays_but_for_its_full_stop():
    assert drawn(["A dog barks."]) == {"A dog barks"}


def test_two_are_joined_in_both_orders_and_many_ways():
    found = drawn(["A dog barks.", "Rain falls"])

    assert "A dog barks and rain falls" in found
    assert "Rain falls and a dog barks" in found
    assert len(found) > 6
    assert all("dog barks" in text and "ain falls" in text for text in found)


def test_three_are_all_named():
    for text in drawn(["a dog", "a cat", "a cow"]):
        assert all(word in text for word in ("a dog", "a cat", "a cow"))
