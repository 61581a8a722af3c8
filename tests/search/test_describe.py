"""Plain words for what is heard: the vocabulary, and what is said of hand-made recordings."""

import csv
from pathlib import Path

import numpy as np
import pytest

import earmark
from earmark import Model
from earmark.model.pool import TimeLine
from earmark.search.describe import Saying, above_all, confidence, describe, vocabulary
from earmark.synth import make

WIDTH = 60
WORDS = [f"word {n}" for n in range(WIDTH)]
PHRASES = Path(earmark.__file__).parent / "lab" / "words" / "phrases.csv"


def read(words):
    return np.eye(WIDTH, dtype=np.float32)[: len(words)]


def line_of(*parts, seconds=None):
    """A token a second; parts are seconds and the words that are heard in them."""
    tokens = []
    for length, *words in parts:
        token = np.zeros(WIDTH, np.float32)
        token[words] = 1.0
        tokens += [token] * length
    starts = np.arange(len(tokens), dtype=np.float64)
    times = np.stack([starts, starts + 1], axis=1)
    return TimeLine(
        np.array(tokens),
        np.ones(len(tokens), np.float32),
        times,
        times[:1],
        np.zeros((1, 0), np.float32),
        seconds or float(len(tokens)),
    )


def said(sayings):
    return [(one.words, one.start, one.end) for one in sayings]


def test_the_vocabulary_is_some_hundreds_of_short_plain_phrases():
    words = vocabulary()

    assert 400 <= len(words) <= 527
    assert len(set(words)) == len(words)
    for phrase in words:
        assert phrase == phrase.strip().lower()
        assert 1 <= len(phrase.split()) <= 5
        assert phrase.replace(" ", "").replace("-", "").replace("'", "").isalpha()


def test_every_phrase_stands_beside_the_class_that_it_says():
    with PHRASES.open(encoding="utf-8", newline="") as file:
        known = {row["class"] for row in csv.DictReader(file)}
    table = Path(earmark.__file__).parent / "search" / "vocabulary.csv"
    with table.open(encoding="utf-8", newline="") as file:
        classes = [row["class"] for row in csv.DictReader(file)]

    assert set(classes) <= known
    assert len(set(classes)) == len(classes)


def test_a_word_is_measured_against_all_words_of_its_window():
    # Mean 0.25 and spread 0.25: 0, 0, 0.5, 0.5; the other window is flat.
    found = above_all(np.array([[0, 0, 0.5, 0.5], [0.2, 0.2, 0.2, 0.2]]))

    np.testing.assert_allclose(found, [[-1, -1, 1, 1], [0, 0, 0, 0]], atol=1e-12)


def test_confidence_rises_and_is_even_where_it_is_said_to_be():
    assert confidence(3.9) == pytest.approx(0.5)
    assert confidence(3.0) < 0.3 < 0.7 < confidence(5.0) < 1


def test_what_is_heard_all_the_time_is_said_once():
    (saying,) = describe(line_of((20, 7)), read, WORDS)

    # One of 60 words: 1 - 1/60 above the mean, with a spread of sqrt(1/60 - 1/3600).
    assert saying == Saying("word 7", 0.0, 20.0, pytest.approx(confidence(np.sqrt(59))))


def test_words_have_the_times_of_their_windows():
    found = describe(line_of((10, 3), (10, 9)), read, WORDS)

    # The window from 7.5 to 12.5 s holds tokens with centres at 8, 9, 10, 11 and 12: two of one,
    # three of the other (a centre at the edge belongs to the window that begins there).
    assert said(found) == [("word 3", 0, 12.5), ("word 9", 7.5, 20)]


def test_what_comes_back_is_said_again():
    found = describe(line_of((10, 3), (10, 9), (10, 3)), read, WORDS)

    assert [one.words for one in found] == ["word 3", "word 9", "word 3"]


def test_of_one_time_the_likeliest_comes_first():
    line = line_of((10, 3, 9))
    line.tokens[:, 9] = 1.2

    assert [one.words for one in describe(line, read, WORDS)] == ["word 9", "word 3"]


def test_no_more_than_three_things_are_said_of_one_time():
    line = line_of((10, 1, 2, 3, 4))
    line.tokens[:, [1, 2, 3, 4]] = (0.99, 1.0, 0.97, 0.98)

    assert (above_all(line.tokens[:1].astype(np.float64)) > 3.5).sum() == 4
    assert [one.words for one in describe(line, read, WORDS)] == ["word 2", "word 1", "word 4"]


def test_nothing_is_said_where_no_word_stands_out():
    line = line_of((10, *range(WIDTH)))

    assert describe(line, read, WORDS) == []


def test_of_two_words_for_one_sound_the_better_is_said():
    def alike(words):
        vectors = read(words)
        vectors[4] = 0.9 * vectors[3] + np.sqrt(1 - 0.81) * vectors[4]
        return vectors

    assert said(describe(line_of((10, 3)), alike, WORDS)) == [("word 3", 0, 10)]


def test_a_word_that_any_sound_gets_is_not_said():
    class Hub:
        def standardise(self, scores, queries):
            assert scores.shape[1] == len(queries) == WIDTH
            return scores - np.eye(WIDTH)[7]  # word 7 usually scores 1

    assert said(describe(line_of((10, 7)), read, WORDS, Hub())) == []
    assert said(describe(line_of((10, 8)), read, WORDS, Hub())) == [("word 8", 0, 10)]


def test_a_word_goes_on_where_it_is_a_little_weaker():
    seven = range(3, 10)  # each of them stands sqrt(53 / 7) = 2.75 spreads above

    assert describe(line_of((5, *seven)), read, WORDS) == []
    assert said(describe(line_of((5, 3), (5, *seven)), read, WORDS)) == [("word 3", 0, 10)]


def test_of_a_sound_too_short_for_a_window_something_is_said():
    line = line_of((1, 3), seconds=0.4)

    assert said(describe(line, read, WORDS)) == [("word 3", 0, 0.4)]


def test_the_packaged_model_hears_crickets_and_then_a_siren():
    model = Model.load()
    parts = [
        make(kind, 4, seconds=15.0, rate=model.rate) for kind in ("crickets", "ambulance_siren")
    ]
    line = model.hear_wave(np.concatenate(parts), rate=model.rate)

    found = describe(line, model.embed_text, vocabulary())

    first = [one.words for one in found if one.end <= 17.5]
    later = [one.words for one in found if one.start >= 12.5]
    assert any("crickets" in words for words in first)
    assert any("siren" in words for words in later)
    assert not any("siren" in words for words in first)
