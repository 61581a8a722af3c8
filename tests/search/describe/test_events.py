"""What is said, of likelihoods that are written down by hand."""

import numpy as np
import pytest

from earmark.search.describe.events import Run, Saying, chosen, counted, events, runs

WORDS = ["rain", "dog", "barking", "siren"]
NONE = np.zeros((4, 4), bool)
KIN = NONE.copy()
KIN[1, 2] = KIN[2, 1] = True  # a dog and its barking
NARROWER = NONE.copy()
NARROWER[1, 2] = True


def curves(**words):
    """Likelihoods a half second: [t, 4]."""
    length = max(map(len, words.values()))
    out = np.zeros((length, 4), np.float32)
    for word, values in words.items():
        out[: len(values), WORDS.index(word)] = values
    return out


def said(likely, *, kin=KIN, narrower=NARROWER, seconds=None):
    found = events(likely, WORDS, seconds or len(likely) / 2, kin, narrower)
    return [(one.words, one.parts, round(one.confidence, 3)) for one in found]


def test_nothing_is_said_where_nothing_is_likely():
    assert said(curves(rain=[0.44] * 20)) == []
    assert said(curves(rain=[0.0] * 3)) == []


def test_a_word_has_the_time_in_which_it_stays_likely():
    # It is said from where it passes 0.2, since 0.5 lies above 0.45; (0.3 + 0.5 + 0.4) / 3.
    assert said(curves(rain=[0.1, 0.3, 0.5, 0.4, 0.1])) == [("rain", ((0.5, 2.0),), 0.4)]


def test_the_end_is_never_behind_that_of_the_recording():
    assert said(curves(rain=[0.9, 0.9]), seconds=0.8) == [("rain", ((0.0, 0.8),), 0.9)]


def test_a_gap_is_closed_if_it_is_no_longer_than_what_is_beside_it():
    rain = [0.9] * 4 + [0.0] * 2 + [0.9] * 2 + [0.0] * 3 + [0.9]

    assert [(run.first, run.stop) for run in runs(curves(rain=rain))] == [(0, 8), (11, 12)]


def test_of_two_kin_one_is_said_at_a_time():
    found = chosen(curves(dog=[0.5] * 6, barking=[0.9] * 4), KIN)

    # The barking is surer; the dog has what it leaves.
    assert found == [Run(2, 0, 4), Run(1, 4, 6)]


def test_never_more_than_two_at_once_and_the_surest_first():
    likely = curves(rain=[0.5] * 12, siren=[0.8] * 2, barking=[0.6] * 4)

    # Rain holds most, and yet it gives way where two that are surer are heard.
    assert chosen(likely, NONE) == [Run(3, 0, 2), Run(2, 0, 4), Run(0, 2, 12)]
    assert [run.word for run in chosen(curves(rain=[0.9], siren=[0.8]), NONE)] == [0, 3]


def test_what_gives_way_for_a_moment_goes_on():
    wind = [0.5] * 4 + [0.5] * 2 + [0.5] * 4
    likely = curves(rain=wind, siren=wind, barking=[0.0] * 4 + [0.9] * 2)

    # In two moments of ten two that are surer are heard, and rain and siren are not over.
    assert chosen(likely, NONE) == [Run(2, 4, 6), Run(0, 0, 10), Run(3, 0, 10)]


def test_what_gives_way_to_its_kin_is_over():
    likely = curves(dog=[0.5] * 10, barking=[0.0] * 4 + [0.9] * 2)

    assert chosen(likely, KIN) == [Run(2, 4, 6), Run(1, 0, 4), Run(1, 6, 10)]


def test_what_is_left_of_a_run_must_be_likely_by_itself():
    likely = curves(rain=[0.9] * 4, barking=[0.8] * 4, siren=[0.5, 0.5, 0.5, 0.5, 0.3])

    assert {run.word for run in chosen(likely, NONE)} == {0, 2}


def test_a_narrower_word_is_said_if_it_is_nearly_as_likely():
    assert said(curves(dog=[0.8, 0.8], barking=[0.6, 0.6])) == [("barking", ((0.0, 1.0),), 0.6)]
    assert said(curves(dog=[0.8, 0.8], barking=[0.5, 0.5])) == [("dog", ((0.0, 1.0),), 0.8)]


def test_a_broader_word_is_never_put_in_place_of_a_narrower_one():
    likely = curves(dog=[0.79, 0.79], barking=[0.8, 0.8])

    assert said(likely) == [("barking", ((0.0, 1.0),), 0.8)]


def test_a_short_sound_that_comes_again_soon_is_said_once_with_its_parts():
    bark = [0.0, 0.9, 0.9] + [0.0] * 5 + [0.6] + [0.0] * 4

    # It was there for a second and for half of one: (2 * 0.9 + 0.6) / 3.
    assert said(curves(barking=bark)) == [("barking", ((0.5, 1.5), (4.0, 4.5)), 0.8)]


def test_what_comes_again_later_or_goes_on_for_long_is_said_again():
    later = [0.9] + [0.0] * 13 + [0.9]
    long = [0.9] * 11 + [0.0] * 6 + [0.9] * 2 + [0.0] * 4

    assert len(said(curves(barking=later))) == 2
    assert len(said(curves(rain=long))) == 2


def test_another_word_between_does_not_keep_them_apart():
    told = [
        Saying("dog", 0.0, 1.0, 0.9, ((0.0, 1.0),)),
        Saying("rain", 1.0, 2.0, 0.9, ((1.0, 2.0),)),
        Saying("dog", 3.0, 4.0, 0.7, ((3.0, 4.0),)),
    ]

    found = {one.words: one for one in counted(told)}

    assert found["dog"].parts == ((0.0, 1.0), (3.0, 4.0))
    assert found["dog"].confidence == pytest.approx(0.8)


def test_sayings_come_in_order_of_time_and_the_surest_first():
    likely = curves(siren=[0.0, 0.0, 0.9], rain=[0.6] * 3, barking=[0.7, 0.1, 0.1])

    assert [words for words, _, _ in said(likely)] == ["barking", "rain", "siren"]


def test_the_order_of_words_changes_nothing():
    rng = np.random.default_rng(5)
    likely = rng.random((40, 4), np.float32)
    turned = [3, 1, 0, 2]

    found = events(likely, WORDS, 20.0, KIN, NARROWER)
    again = events(
        likely[:, turned],
        [WORDS[n] for n in turned],
        20.0,
        KIN[np.ix_(turned, turned)],
        NARROWER[np.ix_(turned, turned)],
    )

    assert found == again
