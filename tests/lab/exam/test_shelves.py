"""A library of its own for every set, asked as a person would ask it."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from data.wavs import write_wav
from earmark.data import Row
from earmark.lab.exam.shelves import NOT_FOUND, SHORTLIST, WHOLE, files_of, shelf
from earmark.score.answers import Sounds, answers
from earmark.synth import make
from model.tiny import RATE, RERANKS, new_model

TEXTS = ("a dog barks", "rain", "zebra")
KINDS = ("dog_bark", "heavy_rain", "piano", "tone", "whistle")


def quietly(_):
    pass


@pytest.fixture
def rows(tmp_path):
    waves = [make(kind, 4, seconds=3.0 + n, rate=RATE) for n, kind in enumerate(KINDS)]
    files = [write_wav(tmp_path / f"{n}.wav", wave) for n, wave in enumerate(waves)]
    return [Row(file, ("a sound",)) for file in files]


def asked(rows, model, **how):
    with shelf(files_of(rows), model, note=quietly, **how) as library:
        return library.answers(TEXTS)


def test_the_order_is_that_of_the_best_moments(rows):
    model = new_model()
    times = model.page.seconds

    found = asked(rows, model)

    lines = [model.hear(row.audio) for row in rows]
    wanted = answers(model, TEXTS, Sounds.of(lines, times.window, times.hop))
    np.testing.assert_array_equal(np.argsort(-found), np.argsort(-wanted))
    assert found.max() < 1
    assert found.min() > 0


def test_a_sound_that_cannot_be_heard_comes_last(rows, tmp_path):
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"no sound " * 100)

    found = asked([*rows[:2], Row(broken, ("a sound",))], new_model())

    assert (found[:, 2] == NOT_FOUND).all()
    assert (found[:, :2] > 0).all()


def test_of_a_stretch_only_that_is_heard(rows, tmp_path):
    dog, tone = make("dog_bark", 4, seconds=3.0, rate=RATE), make("tone", 4, seconds=3.0, rate=RATE)
    both = write_wav(tmp_path / "both.wav", np.concatenate([dog, tone]))
    parts = [Row(both, ("a",), start=0.0, end=3.0), Row(both, ("b",), start=3.0, end=6.0)]
    whole = [Row(write_wav(tmp_path / f"{n}.wav", w), ("a",)) for n, w in enumerate((dog, tone))]

    np.testing.assert_array_equal(asked(parts, new_model()), asked(whole, new_model()))


def test_what_is_altered_is_what_is_heard_and_the_files_stay(rows, tmp_path):
    before = [row.audio.read_bytes() for row in rows]

    def softer(number, wave, _):
        return wave / (1 + 9 * (number % 2))

    told = []
    with shelf(files_of(rows), new_model(), alter=softer, note=told.append) as library:
        found = library.answers(TEXTS)

    soft = []
    for n, kind in enumerate(KINDS):
        wave = softer(n, make(kind, 4, seconds=3.0 + n, rate=RATE), RATE)
        soft.append(Row(write_wav(tmp_path / "soft" / f"{n}.wav", wave), ("a sound",)))
    np.testing.assert_array_equal(found, asked(soft, new_model()))
    assert (found != asked(rows, new_model())).any()
    assert [row.audio.read_bytes() for row in rows] == before
    assert told[-1] == "indexed 5 of 5 sounds"


def test_a_model_that_reranks_is_asked_without_that_too(rows):
    model = new_model(RERANKS)
    with shelf(files_of(rows), model, note=quietly) as library:
        found = {name: answer(TEXTS) for name, answer in library.systems.items()}
    with shelf(files_of(rows), model.reranking(0), note=quietly) as library:
        assert list(library.systems) == [model.name, WHOLE]
        alone = library.answers(TEXTS)

    assert list(found) == [model.name, WHOLE, SHORTLIST]
    np.testing.assert_array_equal(found[SHORTLIST], alone)
    assert (found[model.name] != alone).any()


def test_a_sentence_is_asked_whole_too(rows):
    said = ["a bell ringing, then a dog barking"]
    with shelf(files_of(rows), new_model(), note=quietly) as library:
        split, whole = (answer(said) for answer in library.systems.values())

    assert (split != whole).any()
