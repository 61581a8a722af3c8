"""What the words of a query say about names and tags."""

from unicodedata import normalize

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earmark.search.keywords import content_words, evidence, indexable

NAMES = {1: "rain roof", 4: "rain", 7: "dog rain", 9: "thunder", 12: "rain"}


def having(word):
    return np.array([n for n, name in NAMES.items() if word in name.split()], np.int64)


def shares(words, total=20):
    ids, values = evidence(words, having, total)
    assert values.dtype == np.float32
    return dict(zip(ids.tolist(), values.tolist(), strict=True))


def test_a_rare_word_weighs_more_than_one_that_many_names_have():
    # rain in 4 of 20: log(1 + 21/5) = log 5.2; roof in 1: log(1 + 21/2) = log 11.5
    rain, roof = 1.648659, 2.442347

    found = shares("rain on a roof")

    assert found.keys() == {1, 4, 7, 12}
    assert found[1] == 1.0
    assert found[4] == pytest.approx(rain / (rain + roof), abs=1e-6)


def test_a_word_that_no_name_has_weighs_too():
    # siren in none of 20: log(1 + 21) = 3.091042
    assert shares("siren and thunder")[9] == pytest.approx(2.442347 / 5.533389, abs=1e-6)


def test_one_word_is_all_of_a_query_of_one_word():
    assert shares("THUNDER") == {9: 1.0}
    assert shares("the sound of thunder") == {9: 1.0}
    assert shares("thunder, thunder") == {9: 1.0}


def test_what_no_name_has_is_no_evidence():
    for words in ("siren", "", "of the", "!?"):
        ids, values = evidence(words, having, 20)
        assert (len(ids), ids.dtype) == (0, np.int64)
        assert (len(values), values.dtype) == (0, np.float32)


@given(st.lists(st.sampled_from(["rain", "roof", "dog", "thunder", "siren", "sound", "a"])))
def test_a_share_is_above_0_and_at_most_1(words):
    ids, values = evidence(" ".join(words), having, 12)

    assert ids.tolist() == sorted(set(ids.tolist()))
    assert ((values > 0) & (values <= 1)).all()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("the sound of a dog's bark", ["dog", "bark"]),
        ("door-knock, lo_fi 909", ["door", "knock", "lo", "fi", "909"]),
        ("Rain RAIN rain", ["rain"]),
        ("noise", ["noise"]),
        ("a noise recording", ["noise", "recording"]),
        ("white noise", ["white"]),
        ("it's take B", ["take"]),
        ("Straße 雨", ["strasse", "雨"]),
        (normalize("NFD", "Geräusch"), [normalize("NFC", "geräusch")]),
    ],
)
def test_words_that_say_what_is_heard_are_looked_up(query, words):
    assert content_words(query) == words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("RAINRoof_TinRoof02", "RAIN Roof Tin Roof 02 RAINRoof TinRoof02"),
        ("field/AMBUrban-ABC.wav", "field/AMB Urban-ABC.wav AMBUrban"),
        ("48kHz mp3", "48 k Hz mp 3 48kHz mp3"),
        ("plain words (2).wav", "plain words (2).wav"),
        ("HVAC_on", "HVAC on"),
        ("straßeNassÜber", "straße Nass Über straßeNassÜber"),
        (normalize("NFD", "RoofÜber"), normalize("NFC", "Roof Über RoofÜber")),
        ("caf\udce9Bar", "caf\udce9Bar"),
        ("", ""),
    ],
)
def test_words_that_are_written_together_are_found_by_their_parts_too(text, found):
    assert indexable(text) == found
