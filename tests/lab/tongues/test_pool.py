"""What a reader of other languages learns from, and what only the exam sees."""

import json

import numpy as np
import pytest

from earmark.errors import DataError
from earmark.lab.tongues import WRITTEN
from earmark.lab.tongues.books import book
from earmark.lab.tongues.pool import Pool, Sentence, slots_of
from earmark.lab.tongues.ucs import entries, is_kept, kept_texts

LEARNED, KEPT = "DOGBark", "THUN"  # as the hash decides


def row(key, category, name, *synonyms):
    return {"CatID": key, "Category": category, "SubCategory": name, "Synonyms": list(synonyms)}


LISTS = {
    "en": [row(LEARNED, "ANIMALS", "DOG", "bark", "woof"), row(KEPT, "WEATHER", "THUNDER", "clap")],
    "de": [
        row(LEARNED, "TIERE", "HUND", "Bellen", "wuff"),
        row(KEPT, "WETTER", "DONNER", "Donnerschlag", "Hundegebell"),
        row("AIRMisc", "LUFT", "DIV", "verschiedenes"),
    ],
    "da": [row(LEARNED, "DYR", "HUND", "bjæffe")],
}


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "text" / "ucs"
    folder.mkdir(parents=True)
    for tongue, rows in LISTS.items():
        (folder / f"{tongue}.json").write_text(json.dumps(rows), encoding="utf-8")
    return tmp_path


def said(pool, tongue):
    return {text for one in pool.meanings for text in one.said.get(tongue, ())}


def test_the_hash_says_who_is_kept():
    assert not is_kept(LEARNED)
    assert is_kept(KEPT)


def test_a_list_has_names_and_synonyms_in_small_letters_and_no_rest(data):
    found = entries(data, "de")

    assert list(found) == [LEARNED, KEPT]
    assert found[LEARNED].name == "tiere hund"
    assert found[LEARNED].texts == ("hund", "bellen", "wuff")


def test_what_is_kept_is_no_text_in_any_language_but_english(data):
    pool = Pool(data, ["de"], ["da"])

    assert {"hund", "tiere hund", "bellen", "wuff"} <= said(pool, "de")
    assert not said(pool, "de") & {"donner", "wetter donner", "donnerschlag"}
    assert said(pool, "da") == {"dyr hund", "hund", "bjæffe"}
    assert kept_texts(data, "en") == frozenset()


def test_a_phrase_of_a_book_that_the_exam_asks_is_left_out(data):
    phrases = book("de").phrases["dog barking"]
    assert "Hundegebell" in phrases  # word for word a synonym that is kept above

    pool = Pool(data, ["de"], [])

    assert "Hundegebell" not in pool.books["de"].phrases["dog barking"]
    assert pool.books["de"].phrases["dog barking"]


def test_a_sub_category_means_what_all_its_english_texts_mean(data):
    (dog,) = (one for one in Pool(data, ["de"], []).meanings if "woof" in one.english)

    assert dog.english == ("animals dog", "dog", "bark", "woof")
    assert dog.said["en"] == dog.english


def test_a_sentence_is_said_in_every_language_with_a_book(data):
    pool = Pool(data, ["de"], [])
    rng = np.random.default_rng(0)
    one = Sentence("{a}, then {b}", {"a": "dog barking", "b": "thunder"})

    texts = {pool.say(one, "de", rng) for _ in range(40)}

    assert one.english == "dog barking, then thunder"
    assert len(texts) > 4
    dogs, thunders = (pool.books["de"].phrases[part] for part in one.parts.values())
    for text in texts:
        assert any(dog in text for dog in dogs)
        assert any(thunder in text for thunder in thunders)


def test_a_mixed_sentence_has_one_phrase_of_another_language(data):
    pool = Pool(data, ["de"], [])
    one = Sentence("{a}, then {b}", {"a": "dog barking", "b": "church bells"})

    texts = [pool.say(one, "de", np.random.default_rng(n), "en") for n in range(20)]

    assert all(("dog barking" in text) != ("church bells" in text) for text in texts)


def test_sentences_are_drawn_by_the_seed(data):
    pool = Pool(data, ["de"], [])

    assert pool.sentences(9, 1) == pool.sentences(9, 1)
    assert pool.sentences(9, 1) != pool.sentences(9, 2)
    assert all(set(one.parts) == set(slots_of(one.frame)) for one in pool.sentences(50, 3))


@pytest.mark.parametrize("tongue", WRITTEN)
def test_a_book_says_everything_that_the_others_say(tongue):
    first, own = book(WRITTEN[0]), book(tongue)

    assert own.phrases.keys() == first.phrases.keys()
    assert own.frames.keys() == first.frames.keys()
    assert set(first.words) == set(own.words)
    for english, texts in own.frames.items():
        assert all(slots_of(text) == slots_of(english) for text in texts)


def test_a_list_that_is_not_there_is_told(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        entries(tmp_path, "de")
