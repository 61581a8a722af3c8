"""Other languages are read by a network beside the model, and English never is."""

from dataclasses import replace

import numpy as np
import pytest

from earmark.errors import EarmarkError, UsageError
from earmark.model.tongues import read_tongues, tongues_for
from model.tiny import EARS, RERANKS, new_model, write_tiny
from model.tiny_tongues import with_tongues, write_tongues

HUND, CHIEN = "ein Hund", "chien"


@pytest.fixture
def tongues(tmp_path):
    return read_tongues(write_tongues(tmp_path / "tongues"))


@pytest.fixture
def model(tongues):
    return with_tongues(new_model(), tongues)


def test_a_text_of_english_words_is_read_as_if_there_were_no_other_language(model):
    alone = new_model().in_english()

    for text in ("a dog barks", "A DOG, barks!", "dog", "rain 3"):
        np.testing.assert_array_equal(model.embed_text(text), alone.embed_text(text))
        assert model.translated(text) is None


def test_for_english_no_network_is_opened(tongues, tmp_path):
    (tmp_path / "tongues" / "tongues.onnx").unlink()
    model = with_tongues(new_model(), tongues)

    model.embed_text("a dog barks")
    with pytest.raises(EarmarkError, match=r"tongues\.onnx is missing"):
        model.embed_text(HUND)


def test_another_language_is_read_by_the_other_network(model):
    alone = model.in_english()

    found = model.translated(HUND)

    assert found.tongue == "de"
    assert model.translated(CHIEN).tongue == "fr"
    assert 0.6 < found.sure <= 1
    np.testing.assert_allclose(model.embed_text(HUND), -alone.embed_text(HUND), atol=1e-6)
    np.testing.assert_array_equal(model.read(HUND)[0], found.gist)


def test_a_word_that_is_not_known_may_be_english_all_the_same(model):
    alone = model.in_english()

    assert model.translated("z") is None
    np.testing.assert_array_equal(model.embed_text("z"), alone.embed_text("z"))


def test_a_slip_among_english_words_makes_no_other_language_of_them(model, tongues):
    for text in ("a zz", "zzzz"):
        assert tongues.read(text).english == pytest.approx(0.117, abs=0.001)

    assert model.translated("a zz") is None
    assert model.translated("zzzz").tongue == "fr"
    assert model.translated("a Hund h").tongue == "de"


def test_texts_side_by_side_are_read_each_by_itself(model):
    both = model.embed_text(["a dog barks", HUND])

    np.testing.assert_array_equal(both[0], model.embed_text("a dog barks")[0])
    np.testing.assert_array_equal(both[1], model.embed_text(HUND)[0])


def test_a_reranker_is_given_the_tokens_of_the_other_network(tongues):
    model = with_tongues(new_model(RERANKS), tongues)
    wave = np.sin(np.arange(16_000) / 7).astype(np.float32)
    line = model.hear_wave(wave, rate=8000)

    (score,) = model.judge(HUND, [line])

    tokens = model.translated(HUND).tokens
    assert score == pytest.approx((tokens @ line.tokens.T).max(axis=1).mean(), abs=1e-5)


def test_a_reader_serves_the_text_network_that_taught_it(tmp_path):
    write_tongues(tmp_path / "home" / "other", text="0" * 64)
    write_tongues(tmp_path / "home" / "right")
    bundle = write_tiny(tmp_path / "tiny")

    assert tongues_for(bundle.page, tmp_path / "home") is not None
    changed = replace(bundle.page, files=bundle.page.files | {"text.onnx": "1" * 64})
    assert tongues_for(changed, tmp_path / "home") is None
    assert tongues_for(bundle.page, tmp_path / "nowhere") is None
    own = {"own sounds": {"its text.onnx": bundle.page.files["text.onnx"]}}
    assert tongues_for(replace(changed, data=own), tmp_path / "home") is not None


def test_a_model_that_only_hears_has_no_languages():
    assert new_model(EARS).tongues is None


def test_a_changed_file_is_refused(tmp_path):
    folder = write_tongues(tmp_path / "tongues")
    (folder / "tokenizer.json").write_bytes(b"{}")

    with pytest.raises(EarmarkError, match=r"tokenizer\.json is not the file it was made with"):
        read_tongues(folder).read(HUND)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": "other"}, 'there is no "format"'),
        ({"version": 9}, "format version 9"),
        ({"tongues": 3}, "tongues"),
        ({"more": 1}, "more"),
    ],
)
def test_a_page_that_is_none_is_told(tmp_path, changes, said):
    with pytest.raises(EarmarkError, match=said):
        read_tongues(write_tongues(tmp_path / "tongues", **changes))


def test_a_text_of_nothing_is_refused(tongues, monkeypatch):
    class Empty:
        def encode(self, text):
            return type("Ids", (), {"ids": []})

    monkeypatch.setattr(type(tongues), "_tokenizer", Empty())

    with pytest.raises(UsageError, match="there is nothing in"):
        tongues.read("?")


@pytest.mark.parametrize(
    "text", ["Glockengeläut", "łódź", "雨の音。ドア", "дождь", "مطر", "비", "ﾈｺ", "1ª", "~ 3!"]
)
def test_letters_of_its_languages_are_known(tongues, text):
    assert tongues.knows_letters(text)


@pytest.mark.parametrize("text", ["βροχή", "גשם", "बारिश", "rain ฝน"])
def test_letters_of_others_are_not(tongues, text):
    assert not tongues.knows_letters(text)


def test_words_of_own_sounds_are_left_to_the_model(tongues):
    model = with_tongues(new_model(), tongues.beside(frozenset(["ein", "hund"])))

    assert model.translated(HUND) is None
    assert model.translated(CHIEN).tongue == "fr"
