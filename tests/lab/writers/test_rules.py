"""Rules: golden rewrites, and what they must never change."""

import numpy as np
import pytest

from earmark.errors import UsageError
from earmark.lab.writers import Wish, new_writer
from earmark.lab.writers.facts import fault
from earmark.lab.writers.rules import swapped
from earmark.lab.writers.shapes import shapes


class Always:
    """A die that always swaps, and takes the last that there is."""

    def random(self):
        return 0.0

    def integers(self, count):
        return count - 1


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a baby cries", "an infant cries"),
        ("an infant cries", "a baby cries"),
        ("an engine runs in the distance", "a motor runs far away"),
        ("a person's dogs bark loudly", "somebody's canines woof loudly"),
        ("children yell", "kids shout"),
        ("a race car and a car", "a race car and an automobile"),
        ("a man-made noise of a man", "a man-made sound of a guy"),
        ("the Car of a dead man", "the Car of a dead man"),
        ("it isn't a tyre", "it is not a tyre"),
        ("white noise", "white noise"),
        ("a television", "a TV"),
        ("a woman speaks", "a lady talks"),
        ("a woman is speaking a language", "a lady is speaking a language"),
    ],
)
def test_words_are_swapped(text, wanted):
    assert swapped(text, Always()) == wanted


@pytest.mark.parametrize(
    ("sentence", "some", "never"),
    [
        (
            "a dog barks followed by rain",
            ["after a dog barks, rain", "rain after a dog barks", "first a dog barks, then rain"],
            ["rain followed by a dog barks", "after rain, a dog barks"],
        ),
        (
            "rain, preceded by a bell",
            ["a bell, then rain", "rain after a bell"],
            ["rain, then a bell"],
        ),
        ("a man speaks while a dog barks", ["a dog barks while a man speaks"], []),
        ("rain with a bell in the background", ["with a bell in the background, rain"], []),
        ("the sound of a bell", ["a bell"], []),
        ("rain, louder than a bell", ["a bell, quieter than rain"], ["a bell, louder than rain"]),
        ("only rain", ["nothing but rain", "rain and nothing else"], ["rain"]),
    ],
)
def test_sentences_are_told_in_other_forms(sentence, some, never):
    found = shapes(sentence)

    assert set(some) <= set(found)
    assert not set(never) & set(found)


@pytest.mark.parametrize(
    "sentence",
    [
        "a dog barks, then growls",  # it is the dog that growls
        "a dog barks while a man speaks to it",
        "a bell before driving off",
        "a dog barks as well as a cat as a car passes, then rain; after that, wind",
        "people talk while walking",
    ],
)
def test_what_is_not_seen_through_keeps_its_order_of_words(sentence):
    core = sentence.split(" ")
    for form in shapes(sentence):
        assert form.split(" ")[: len(core) // 2] == core[: len(core) // 2] or "while a dog" in form


def test_golden_rewrites():
    """They were read once; a change of the table or of the rules moves them."""
    writer = new_writer("rules", Wish(count=3, seed=0))

    found = writer.write("A dog barks in the distance followed by a man speaking.")

    assert found.rewrites == (
        "A dog woofs far away; after that, a man talking.",
        "A canine woofs far away; after that, a guy talking.",
        "A canine barks far away and, after that, a man speaking.",
    )


CAPTIONS = [
    "Two dogs bark loudly, then a car passes by.",
    "a woman talks while several babies cry in the background",
    "Thunder in the distance after heavy rain, and no birds",
    "An engine revs, louder than people speaking",
]


@pytest.mark.parametrize("caption", CAPTIONS)
def test_rewrites_are_all_different_keep_their_end_and_pass_the_check(caption):
    found = new_writer("rules", Wish(count=5)).write(caption).rewrites

    assert len({*found, caption}) == len(found) + 1
    assert all(one.endswith(".") == caption.endswith(".") for one in found)
    assert all(one[0].isupper() == caption[0].isupper() for one in found)
    assert [fault(caption, one) for one in found] == [""] * len(found)


def test_the_same_seed_writes_the_same_whatever_was_written_before():
    one, other = (new_writer("rules", Wish(seed=4)) for _ in range(2))
    other.write(CAPTIONS[1])

    assert one.write(CAPTIONS[0]) == other.write(CAPTIONS[0])
    assert one.write(CAPTIONS[0]) != new_writer("rules", Wish(seed=5)).write(CAPTIONS[0])


def test_a_sentence_that_no_rule_is_for_is_told_so():
    found = new_writer("rules", Wish()).write("zube")

    assert found.rewrites == ()
    assert found.fault


def test_a_writer_that_is_not_there_is_refused():
    with pytest.raises(UsageError, match="no caption writer 'ruls'"):
        new_writer("ruls", Wish())


@pytest.mark.parametrize("wrong", [{"count": 0}, {"per_minute": 0.0}, {"timeout": np.nan}])
def test_a_wish_that_cannot_be_is_refused(wrong):
    with pytest.raises(UsageError, match="this cannot be"):
        Wish(**wrong)
