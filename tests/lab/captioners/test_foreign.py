"""A foreign captioner: two kinds of network, opened from a folder that holds all of it."""

import pytest

pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")
pytest.importorskip(
    "transformers", reason="this captioner needs transformers: pip install 'earmark[experts]'"
)

import numpy as np

from earmark.errors import DataError
from earmark.lab.captioners import Asked
from earmark.lab.captioners.foreign import Foreign
from earmark.lab.features.kept import Sounds
from earmark.lab.pairs import not_known
from lab.captioners import made, tiny_speech
from lab.experts import tiny_text

KINDS = [tiny_speech.whisper, tiny_speech.speech_encoder_decoder]


def noises(*seconds):
    rng = np.random.default_rng(2)
    waves = [(0.1 * rng.standard_normal(16_000 * n)).astype(np.float32) for n in seconds]
    names = tuple(map(str, seconds))
    return Asked(Sounds(waves=[lambda rate, x=x: x for x in waves], key="n"), names, not_known)


@pytest.mark.parametrize("make", KINDS, ids=lambda make: make.__name__)
def test_it_says_words_of_its_own(make, places, tmp_path, capfd):
    make(tmp_path)
    capfd.readouterr()

    rows = Foreign(made.lesson_of(places), folder=str(tmp_path)).write(noises(1, 2))

    assert len(rows) == 2
    words = {word for row in rows for text in row for word in text.split()}
    assert words
    assert words <= set(tiny_text.WORDS)
    assert capfd.readouterr() == ("", "")


def test_what_it_is_told_is_the_sound(places, tmp_path, monkeypatch):
    tiny_speech.speech_encoder_decoder(tmp_path)
    captioner, heard = Foreign(made.lesson_of(places), folder=str(tmp_path)), []
    plain = captioner._model.generate
    monkeypatch.setattr(
        captioner._model, "generate", lambda x, **told: heard.append(x) or plain(x, **told)
    )

    captioner.write(noises(1, 2))

    assert [x.shape for x in heard] == [(1, 16_000), (1, 32_000)]
    assert heard[0].std().item() == pytest.approx(1, abs=0.01)  # as its extractor makes it


def test_another_folder_has_another_key(places, tmp_path):
    keys = set()
    for make in KINDS:
        folder = tmp_path / make.__name__
        make(folder)
        keys.add(Foreign(made.lesson_of(places), folder=str(folder)).key)

    assert len(keys) == 2


@pytest.mark.parametrize("file", ["", "preprocessor_config.json", "tokenizer_config.json"])
def test_what_is_missing_in_the_folder_is_named(places, tmp_path, file):
    folder = tmp_path / "model"
    if file:
        tiny_speech.whisper(folder)
        (folder / file).unlink()

    with pytest.raises(DataError, match=file or "model"):
        Foreign(made.lesson_of(places), folder=str(folder))
