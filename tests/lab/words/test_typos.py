import numpy as np
import pytest

from earmark.lab.words.typos import (
    ASKING,
    SLIPS,
    asked,
    beside,
    doubled,
    dropped,
    near,
    roughen,
    slipped,
    swapped,
)
from earmark.scenes.templates import RULES


def rng(seed=0):
    return np.random.default_rng(seed)


def test_slips_by_hand():
    assert dropped("train", 2, rng()) == "trin"
    assert doubled("train", 2, rng()) == "traain"
    assert swapped("train", 3, rng()) == "trian"
    assert {near("train", 2, rng(seed)) for seed in range(40)} == {
        "trqin",
        "trwin",
        "trsin",
        "trzin",
    }


@pytest.mark.parametrize(
    ("letter", "keys"), [("a", "qwsz"), ("p", "ol"), ("g", "tyfhvb"), ("m", "jkn"), ("ü", "")]
)
def test_the_keys_beside_a_letter_touch_it(letter, keys):
    assert sorted(beside(letter)) == sorted(keys)


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.__name__)
def test_a_slip_spares_both_ends_of_a_word(slip):
    for place in range(1, 4):
        found = slip("train", place, rng(place))

        assert found != "train"
        assert (found[0], found[-1]) == ("t", "n")
        assert abs(len(found) - 5) <= 1


def test_a_letter_on_no_row_of_the_keyboard_stays():
    assert near("grüße", 2, rng()) == "grüße"


def test_a_slip_changes_one_long_word_alone():
    before = ["the", "old", "train", "is", "on", "a", "bridge"]
    changed = set()
    for seed in range(50):
        after = slipped(" ".join(before), frozenset(), rng(seed)).split()
        (one,) = (n for n, word in enumerate(after) if word != before[n])
        changed.add(before[one])

    assert changed == {"train", "bridge"}


def test_the_ends_of_a_word_stay_wherever_the_hand_slips():
    texts = {slipped("trainer", frozenset(), rng(seed)) for seed in range(200)}

    assert len(texts) > 15
    assert {(text[0], text[-1]) for text in texts} == {("t", "r")}


def test_a_slip_never_makes_a_word_that_means_something_else():
    texts = {slipped("a horse", {"hose", "hores"}, rng(seed)) for seed in range(300)}

    assert "a hrse" in texts
    assert not texts & {"a hose", "a hores"}


def test_short_words_stay_as_they_are():
    assert slipped("a cat or dog", frozenset(), rng()) == "a cat or dog"


def test_a_sentence_is_asked_for_without_its_full_stop():
    texts = {asked("rain on a roof. ", rng(seed)) for seed in range(300)}

    assert len(texts) == len(ASKING)
    assert {"find rain on a roof", "is there rain on a roof?", "rain on a roof sound"} <= texts


def test_long_sentences_are_not_asked_for():
    text = " ".join(["aa"] * 11)

    assert {roughen(text, frozenset(), rng(seed)) for seed in range(40)} == {text}


def test_half_of_the_time_a_short_sentence_is_asked_for():
    texts = [roughen("heavy rain", frozenset(), rng(seed)) for seed in range(400)]

    assert 150 < sum("heavy rain" in text for text in texts) < 250
    assert sum(len(text.split()) == 2 and text != "heavy rain" for text in texts) > 100


def test_the_same_seed_slips_the_same_way():
    texts = [roughen("a thunderstorm nearby", frozenset(), rng(5)) for _ in range(2)]

    assert texts[0] == texts[1]


def test_no_way_of_asking_is_a_template_that_scenes_keep_for_testing():
    kept = {text for rule in RULES.values() for text in rule.test}

    assert not kept & {asking.format("{a}") for asking in ASKING}
