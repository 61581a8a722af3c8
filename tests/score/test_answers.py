"""A sound is as good as its best moment; a reranker decides the first of a text, those alone."""

import numpy as np
import pytest

from earmark.score import answers as room
from earmark.score.answers import Sounds, answers
from earmark.synth import make
from model.tiny import RATE, RERANKS, new_model

TEXTS = ["a dog barks", "rain", "zebra"]
KINDS = ("dog_bark", "heavy_rain", "piano", "tone")


def heard(model):
    times = model.page.seconds
    waves = [make(kind, 4, seconds=5.0 + n, rate=RATE) for n, kind in enumerate(KINDS)]
    lines = [model.hear_wave(wave, rate=RATE) for wave in waves]
    return Sounds.of(lines, times.window, times.hop)


def test_a_sound_is_as_good_as_its_best_moment():
    model = new_model()
    sounds = heard(model)

    found = answers(model, TEXTS, sounds)

    words = model.embed_text(TEXTS)
    for place, line in enumerate(sounds.lines):
        moments, _ = line.windows(2.0, 1.0)
        np.testing.assert_allclose(found[:, place], (words @ moments.T).max(axis=1), rtol=1e-5)
    assert found.shape == (3, 4)


def test_a_very_short_sound_has_an_answer_too():
    model = new_model()
    line = model.hear_wave(np.full(RATE // 50, 0.5, np.float32), rate=RATE)

    sounds = Sounds.of([line], 2.0, 1.0)

    assert np.isfinite(answers(model, TEXTS, sounds)).all()


def test_the_reranker_decides_where_it_is_asked():
    model = new_model(RERANKS)
    sounds = heard(model)

    found = answers(model, TEXTS, sounds)

    wanted = [model.judge(text, sounds.lines) for text in TEXTS]
    np.testing.assert_allclose(found, wanted, rtol=1e-5)


def test_what_is_not_reranked_comes_behind_in_its_old_order(monkeypatch):
    model, plain = new_model(RERANKS), new_model()
    sounds = heard(model)
    old = answers(plain, TEXTS, sounds)
    monkeypatch.setattr(room, "SHORTLIST", 2)

    found = answers(model, TEXTS, sounds)

    for row, before in zip(found, old, strict=True):
        first = set(np.argsort(-before)[:2].tolist())
        rest = [place for place in np.argsort(-before).tolist() if place not in first]
        order = np.argsort(-row, kind="stable").tolist()
        assert set(order[:2]) == first
        assert order[2:] == rest


def test_a_model_that_does_not_rerank_says_so():
    with pytest.raises(Exception, match="does not rerank") as caught:
        new_model().judge("rain", [])

    assert len(str(caught.value).splitlines()) == 2
