"""The check: what says the same is kept, what does not is refused, with the reason."""

import pytest

from earmark.lab.writers.facts import checked, facts_of, fault

SAME = [
    ("A dog barks.", "a canine is barking"),
    ("a man speaks while a dog barks", "a dog barks as a man is talking"),
    ("a dog barks, then a man speaks", "a man speaks after a dog barks"),
    ("a dog barks followed by thunder", "first a dog barks, then there is thunder"),
    ("thunder, preceded by a bark of a dog", "a dog barks; after that, thunder"),
    ("after rain, a dog barks", "rain, with a dog barking coming later"),
    ("a dog barks, then growls", "a dog growls after barking"),
    ("rain, then wind, then a horn", "a horn after wind, which came after rain"),
    ("one after the other: rain, wind, a horn", "rain followed by wind and then a horn"),
    ("a dog barks before a car passes by", "a car goes by, but only after a dog barks"),
    ("a dog barks twice", "two times a dog barks"),
    ("two dogs bark", "2 dogs bark"),
    ("a bark, now and then", "a bark every now and then again"),
    ("rain, louder than a dog barking", "a dog barking, quieter than rain"),
    ("rain and, more quietly, a dog", "rain at a higher volume than a dog"),
    ("a bell with rain in the background", "rain all the way through, and a bell at some point"),
    ("thunder in the distance", "distant thunder"),
    ("a dog and a cat without music", "a cat and a dog, but no music"),
    ("only rain", "nothing but rain"),
    ("a gunshot", "a gun is fired"),
    ("Birds are chirping", "birdsong"),
    ("several dogs bark", "multiple dogs barking"),
    ("before rain, a dog barks", "a dog barks, then rain"),
    ("dog barking", "barking of dogs"),
    ("a zube hums", "a humming zube"),
    ("a gronk and a zube", "a zube and a gronk"),
]
WRONG = [
    ("rain and thunder", "rain", "drops 'thunder'"),
    ("rain", "rain and distant music", "adds 'music'"),
    ("a man speaks", "a woman speaks", "drops 'man'"),
    ("a dog barks, then a man speaks", "a dog barks after a man speaks", "changes the order"),
    ("a man talks, then a woman talks", "a woman talks, then a man talks", "changes the order"),
    ("a dog barks and a man speaks", "a dog barks and then a man speaks", "changes the order"),
    ("a dog barks, then a man speaks", "a dog barks and a man speaks", "changes the order"),
    ("rain, then wind, then a horn", "rain, then a horn and wind", "changes the order"),
    ("a man, then a boy, then a dog", "a boy, then a man, then a dog", "changes the order"),
    ("a dog barks followed by a zube", "a dog barks and a zube", "changes the order"),
    ("two dogs and three cats", "three dogs and two cats", "says 'two' of another sound"),
    ("three dogs bark", "two dogs bark", "drops 'three'"),
    ("a dog barks", "a dog barks 5 times", "adds '5'"),
    ("a dog barks", "dogs bark", "says of another number than 'dog'"),
    ("a dog barks", "a dog barks twice", "adds 'twice'"),
    ("a dog and a cat but not music", "music and a cat but not a dog", "says of 'dog'"),
    ("a dog without music", "a dog and music", "says of 'music'"),
    ("there isn't any rain, but wind", "there is rain, but wind", "says of 'rain'"),
    ("a loud dog and a quiet cat", "a quiet dog and a loud cat", "says 'loud' of another sound"),
    ("rain, louder than a dog", "a dog, louder than rain", "changes what is louder"),
    ("rain, louder than a dog", "rain and a dog", "changes what is louder"),
    ("thunder far away", "thunder", "drops 'far away'"),
    ("a bell with a dog in the distance", "a dog with a bell in the distance", "says 'in the dist"),
    ("a bell with rain in the background", "rain with a bell in the background", "says 'backgr"),
    ("only rain", "rain", "drops 'only'"),
    ("a dog barks.", "A dog barks", "is the same sentence"),
    ("a zube", "a gronk", "names no known sound"),
]


@pytest.mark.parametrize(("sentence", "rewrite"), SAME)
def test_the_same_in_other_words_is_kept(sentence, rewrite):
    assert fault(sentence, rewrite) == ""
    assert fault(rewrite, sentence) == ""


@pytest.mark.parametrize(("sentence", "rewrite", "why"), WRONG)
def test_what_is_not_the_same_is_refused(sentence, rewrite, why):
    assert fault(sentence, rewrite).startswith(why)


def test_what_a_sentence_says_by_hand():
    facts = facts_of("With rain in the background, two dogs bark, then no horn.")

    sounds = [(one.word, one.form, one.denied, one.turn) for one in facts.of("sound")]
    assert sounds == [
        ("rain", "", False, 0),
        ("dogs", "many", False, 0),
        ("bark", "", False, 0),
        ("horn", "", True, 1),
    ]
    assert [facts.company(one) for one in facts.of("level")] == [facts.of("sound")[0].means]
    assert facts.order == set()  # rain lies behind it all, and the horn is denied


def test_rewrites_are_parted_and_each_is_kept_once():
    kept, refused = checked("a dog barks", ["A dog is barking.", "a dog, is barking", "a cat"])

    assert kept == ["A dog is barking."]
    assert list(refused) == ["a cat"]


def test_a_sound_that_is_not_known_may_go_beside_one_that_is():
    """A limit, as the page on writers says it."""
    assert fault("a dog barks and a zube", "a dog barks") == ""
