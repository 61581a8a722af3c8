"""Recordings that the packaged model describes, and one without a bank."""

from types import SimpleNamespace

import numpy as np
import pytest

from earmark import Model
from earmark.search.describe import finder
from earmark.search.describe.finder import describe
from earmark.search.describe.vocabulary import Word
from earmark.search.one import Known, describe_known
from earmark.synth import make


@pytest.fixture(scope="module")
def model():
    return Model.load()


def told(wave, model):
    known = Known.of("a.wav", model.hear_wave(wave, rate=model.rate), model)
    return describe_known(known, model)


def test_crickets_and_then_a_siren(model):
    parts = [
        make(kind, 4, seconds=15.0, rate=model.rate) for kind in ("crickets", "ambulance_siren")
    ]

    found = told(np.concatenate(parts), model)

    first = {one.words for one in found if one.end <= 16.0}
    later = {one.words for one in found if one.start >= 13.0}
    assert any("crickets" in words for words in first)
    assert any("siren" in words for words in later)
    assert not any("siren" in words for words in first)


@pytest.mark.parametrize("seconds", [0.2, 12.0])
def test_silence_says_nothing(seconds, model):
    assert told(np.zeros(round(seconds * model.rate), np.float32), model) == []


def test_very_faint_noise_says_nothing(model):
    noise = np.random.default_rng(3).standard_normal(8 * model.rate).astype(np.float32)

    assert told(1e-4 * noise, model) == []


def test_what_stands_before_changes_nothing_far_behind(model):
    siren = make("police_siren", 2, seconds=10.0, rate=model.rate)
    silence = np.zeros(30 * model.rate, np.float32)

    alone = told(np.concatenate([silence, siren]), model)
    behind = told(np.concatenate([siren, silence[: 20 * model.rate], siren]), model)

    late = [(one.words, round(one.start), round(one.end)) for one in behind if one.start > 20]
    assert late == [(one.words, round(one.start), round(one.end)) for one in alone]
    assert late


def test_a_file_of_a_library_that_keeps_no_tokens_has_no_description(model):
    nothing = SimpleNamespace(tokens=None, seconds=3.0)

    assert describe_known(nothing, model) == []


def test_a_model_without_a_bank_describes_by_the_recording_alone(model, monkeypatch):
    bare = Model(model.page, lambda name: model._content(name))
    monkeypatch.setattr(type(bare), "background", None)
    wave = make("crickets", 4, seconds=10.0, rate=model.rate)
    known = Known.of("a.wav", model.hear_wave(wave, rate=model.rate), model)

    found = describe(known.tokens, known.seconds, bare)

    assert all(0.0 <= one.confidence <= 1.0 for one in found)


@pytest.fixture
def four_words(monkeypatch):
    """A vocabulary of four words, and likelihoods that are given: -> a function that describes."""
    words = (
        Word("animal", said=False),
        Word("dog", ("animal",)),
        Word("barking", ("dog",)),
        Word("rain"),
    )
    vectors = np.eye(4, dtype=np.float32)
    monkeypatch.setattr(finder, "vocabulary", lambda: words)
    monkeypatch.setattr(finder, "_broader", lambda: finder.is_broader(words))
    monkeypatch.setattr(finder, "asked_of", lambda model: SimpleNamespace(vectors=vectors))

    def told(*likely):
        made = np.array([likely] * 6, np.float32)
        monkeypatch.setattr(finder, "likely", lambda heard, seconds, asked: made)
        return {one.words for one in describe(None, 3.0, None)}

    return told


def test_what_is_no_sound_of_its_own_is_never_said(four_words):
    assert four_words(0.95, 0.6, 0.1, 0.1) == {"dog"}


def test_the_narrower_word_is_said_and_kin_are_not_said_at_once(four_words):
    assert four_words(0.1, 0.8, 0.7, 0.6) == {"barking", "rain"}
    assert four_words(0.1, 0.8, 0.3, 0.1) == {"dog"}
