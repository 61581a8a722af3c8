"""The words that recordings are described with."""

import csv
from collections import Counter
from pathlib import Path

import earmark
from earmark.search.describe.vocabulary import Word, broader, is_broader, vocabulary

PACKAGE = Path(earmark.__file__).parent


def test_it_is_some_hundreds_of_short_plain_phrases():
    words = [word.text for word in vocabulary()]

    assert 400 <= len(words) <= 527
    assert max(Counter(words).values()) == 1
    for phrase in words:
        assert phrase == phrase.strip().lower()
        assert 1 <= len(phrase.split()) <= 5
        assert phrase.replace(" ", "").replace("-", "").replace("'", "").isalpha()


def test_every_phrase_stands_beside_the_class_that_it_says():
    with (PACKAGE / "lab/words/phrases.csv").open(encoding="utf-8", newline="") as file:
        known = {row["class"] for row in csv.DictReader(file)}
    with (PACKAGE / "search/vocabulary.csv").open(encoding="utf-8", newline="") as file:
        classes = [row["class"] for row in csv.DictReader(file)]

    assert set(classes) <= known
    assert len(set(classes)) == len(classes)


def test_broader_words_stand_in_it_and_no_word_is_broader_than_itself():
    above = broader(vocabulary())  # would never end in a circle, and knows no word outside

    assert all(word not in more for word, more in above.items())
    assert above["rooster crowing"] >= {"chickens", "poultry", "bird"}
    assert above["rain on a roof"] == {"rain", "water"}
    assert above["rain"] == {"water"}


def test_most_words_may_be_said_and_places_may_not():
    said = {word.text for word in vocabulary() if word.said}

    assert len(said) > 0.9 * len(vocabulary())
    assert {"rain", "dog barking", "music", "beep"} <= said
    assert said.isdisjoint({"silence", "inside a small room", "echo", "sad music"})


def test_which_word_is_broader_than_which():
    words = (Word("dog"), Word("barking", ("dog",)), Word("yapping", ("barking",)), Word("rain"))

    # Each column's word is broader than the row's: a dog than both others, barking than yapping.
    assert is_broader(words).astype(int).tolist() == [
        [0, 0, 0, 0],
        [1, 0, 0, 0],
        [1, 1, 0, 0],
        [0, 0, 0, 0],
    ]
