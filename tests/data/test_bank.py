"""Scenes of real clips: any data set becomes a bank."""

import numpy as np
import pytest

from earmark.audio.write import write
from earmark.data import Row, bank_from_rows
from earmark.errors import DataError
from earmark.scenes import Plan, draw_scene, render

RATE = 16_000


def tone(hertz, seconds):
    time = np.arange(round(seconds * RATE)) / RATE
    return (0.4 * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


@pytest.fixture
def rows(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    write(tmp_path / "a" / "dog.wav", tone(400, 2), RATE)
    write(tmp_path / "b" / "long.wav", np.concatenate([tone(900, 4), tone(2000, 4)]), RATE)
    return [
        Row(tmp_path / "a" / "dog.wav", ("whatever",), recording="x", label="DogBark"),
        Row(
            tmp_path / "b" / "long.wav", ("A high tone.", "a whine"), start=5, end=7, recording="y"
        ),
        Row(tmp_path / "b" / "long.wav", (), recording="z"),
    ]


def test_labels_and_captions_become_labels_and_phrases(rows):
    bank = bank_from_rows(rows)

    assert sorted(bank.by_label) == ["DogBark", "a high tone"]
    assert bank.phrases("DogBark") == ["dog bark"]
    assert bank.phrases("a high tone") == ["a high tone", "a whine"]


def test_words_for_a_label_can_be_given(rows):
    bank = bank_from_rows(rows, phrases={"DogBark": ["a dog barking"]}, textures={"DogBark"})

    assert bank.phrases("DogBark") == ["a dog barking"]
    assert bank.textures() == ["DogBark"]


def test_sounds_are_named_below_the_data_set(rows):
    assert sorted(bank_from_rows(rows).by_name) == ["a/dog.wav", "b/long.wav@5-7"]


def test_a_stretch_of_a_file_is_heard_alone(rows):
    wave = bank_from_rows(rows).by_name["b/long.wav@5-7"].load(None, RATE)

    assert len(wave) == 2 * RATE
    assert np.abs(np.fft.rfft(wave)).argmax() == 2000 * 2


def test_a_scene_can_be_composed_of_rows(rows):
    bank = bank_from_rows(rows)
    scene = draw_scene(bank, Plan(seconds=(6, 6), events=(1, 2)), seed=3)

    assert len(render(scene, bank, RATE)) == 6 * RATE
    assert {event.recording for event in scene.events} <= {"x", "y"}


def test_rows_without_any_words_make_no_bank(rows):
    with pytest.raises(DataError, match="without sounds"):
        bank_from_rows(rows[2:])
    with pytest.raises(DataError, match="without sounds"):
        bank_from_rows([])
