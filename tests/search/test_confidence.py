"""Confidence is a number that a person can work out from the score; the plain rule says it is."""

import math
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earmark.errors import EarmarkError
from earmark.model.background import background_bytes
from earmark.model.bundle import write_bundle
from earmark.model.model import Model
from earmark.model.page import BACKGROUND
from earmark.search.confidence import (
    Calibration,
    Fitted,
    Slopes,
    features,
    plain,
    read_fitted,
    usual,
    with_names,
)
from model.tiny import EARS, PAGE, WIDTH, contents_of

SLOPES = Slopes(base=-3.0, bank=0.5, library=0.25, score=2.0, size=-0.5)
FITTED = Fitted(words=SLOPES, sounds=None, line=0.2, share=0.4)
# Half of the bank points along the first axis and half against it.
BANK = np.repeat(np.eye(WIDTH, dtype=np.float32)[:1], 8, axis=0) * ([[1], [-1]] * 4)
ALONG = np.eye(WIDTH, dtype=np.float32)[0]


def calibration(fitted=FITTED):
    slopes = {"words": fitted.words} if fitted.words else {}
    return Calibration(True, fitted.line, fitted.share, slopes, BANK.astype(np.float32))


def asked(scores, *, of=None, among=100, typical=(0.1, 0.05), evidence=0.0, kind="words"):
    scores = np.array(scores)
    return (of or calibration()).confidence(
        scores,
        query=ALONG,
        typical=typical,
        among=among,
        evidence=np.full(len(scores), evidence),
        kind=kind,
    )


def test_a_confidence_can_be_worked_out_by_hand():
    # The bank gives 1 and -1 in turn: mean 0, spread 1. A library of 100 counts half, so
    # M' = (0.1 + 0) / 2 = 0.05 and D' = (0.05 + 1) / 2 = 0.525.
    found = asked([0.68])

    log_odds = -3 + 0.5 * 0.68 + 0.25 * (0.68 - 0.05) / 0.525 + 2 * 0.68 - 0.5 * math.log(100)
    assert found[0] == pytest.approx(1 / (1 + math.exp(-log_odds)))


def test_a_name_with_every_word_makes_20_times_the_odds_and_one_more():
    sound = asked([0.68])[0]
    named = asked([0.68], evidence=1.0)[0]

    odds = sound / (1 - sound)
    assert named / (1 - named) == pytest.approx(20 * odds + 1)


def test_a_hit_by_name_alone_is_an_even_bet():
    assert with_names(np.array([-40.0]), np.array([1.0]))[0] == pytest.approx(0.5)
    # Half of the words: 1/4 to 1.
    assert with_names(np.array([-40.0]), np.array([0.5]))[0] == pytest.approx(0.2)
    assert with_names(np.array([-40.0]), np.array([0.0]))[0] < 1e-17


def test_an_answer_in_a_larger_library_is_less_sure():
    assert asked([0.5], among=100)[0] > asked([0.5], among=10_000)[0]


def test_a_large_library_tells_what_is_typical_and_a_small_one_the_bank():
    bank, typical = (0.0, 1.0), (0.4, 0.1)

    library = [features(np.array([0.6]), bank, typical, n)[0, 1] for n in (0, 100, 10**9)]

    assert library == pytest.approx([0.6, (0.6 - 0.2) / 0.55, 2.0])


@given(
    st.floats(-0.3, 0.9), st.floats(1e-4, 0.5), st.integers(1, 10**7), st.floats(0, 1),
    st.sampled_from(["words", "sounds"]), st.floats(-0.2, 0.4), st.floats(0, 0.5),
)  # fmt: skip
def test_a_better_score_always_means_more(score, more, among, evidence, kind, middle, spread):
    found = asked(
        [score, score + more], among=among, typical=(middle, spread), evidence=evidence, kind=kind
    )

    assert 0 < found[0] < found[1] < 1


def test_without_a_calibration_a_plain_rule_says_so_and_refuses_nothing():
    found = Calibration.of(Model(PAGE, contents_of(PAGE).__getitem__))

    assert not found.calibrated
    assert found.line == 0
    assert found.share == 0.5
    # The best of e^8 strangers stands 4 spreads above the median: even odds there.
    assert plain(np.array([0.3]), (0.1, 0.05), round(math.exp(8)))[0] == pytest.approx(0, abs=1e-3)
    assert asked([0.1 + 0.05 * 5], of=found, among=10)[0] == pytest.approx(1 / (1 + math.exp(-2)))


def test_scores_all_alike_still_have_a_confidence():
    found = Calibration.of(Model(PAGE, contents_of(PAGE).__getitem__))

    assert 0 < asked([0.3], of=found, among=1, typical=(0.3, 0.0))[0] < 0.5
    assert 0 < asked([0.3], among=1, typical=(0.3, 0.0))[0] < 1


def test_a_kind_of_query_that_was_not_fitted_takes_the_plain_rule():
    assert asked([0.3], kind="sounds")[0] == pytest.approx(
        1 / (1 + math.exp(-plain(np.array([0.3]), (0.1, 0.05), 100)[0]))
    )


def test_scores_are_put_against_the_bank():
    half = np.array([[0.6, 0.8, 0, 0, 0, 0]], np.float32)  # gets 0.6 and -0.6 from the bank

    found = calibration().standardise(np.array([[0.3], [-0.6]]), half)

    np.testing.assert_allclose(found, [[0.5], [-1.0]], rtol=1e-6)


def test_a_spread_is_never_nothing():
    across = np.eye(WIDTH, dtype=np.float32)[1]

    assert usual(BANK.astype(np.float32), across) == (0.0, 0.05)


def test_a_bundle_brings_its_calibration(tmp_path):
    page = replace(PAGE, calibration=asdict(FITTED))
    rng = np.random.default_rng(1)
    bank = rng.standard_normal((9, WIDTH)).astype(np.float32)
    bank /= np.linalg.norm(bank, axis=1, keepdims=True)
    write_bundle(tmp_path / "b", page, contents_of(PAGE) | {BACKGROUND: background_bytes(bank)})

    found = Calibration.of(Model.load(tmp_path / "b"))

    assert (found.calibrated, found.line, found.share) == (True, 0.2, 0.4)
    assert found.slopes == {"words": SLOPES}
    np.testing.assert_allclose(found.bank, bank, atol=0.01)


def test_an_ears_only_model_is_asked_by_sounds():
    told = asdict(replace(FITTED, words=None, sounds=SLOPES))

    assert read_fitted(told).words is None
    assert EARS.text is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"line": 1.5}, "a line of 1.5"),
        ({"share": 0}, "a share of 0"),
        ({"words": {"base": 0.0}}, "words.bank: it is missing"),
        ({"words": asdict(replace(SLOPES, score=-1.0))}, "a better score would not give more"),
        ({"extra": 1}, "extra: no such key"),
    ],
)
def test_a_calibration_that_cannot_be_is_two_lines(change, said):
    with pytest.raises(EarmarkError, match=said) as caught:
        read_fitted(asdict(FITTED) | change)

    assert len(str(caught.value).splitlines()) == 2


def test_the_packaged_model_is_calibrated_for_words_and_for_sounds():
    model = Model.load()

    found = Calibration.of(model)

    assert found.calibrated
    assert set(found.slopes) == {"words", "sounds"}
    assert 0 < found.line < 0.2
    assert found.bank.shape == (512, model.width)
