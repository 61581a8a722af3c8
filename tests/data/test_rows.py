from pathlib import Path, PureWindowsPath

import pytest

from earmark.data.rows import Row, is_known_id, recording_of, words_of


@pytest.mark.parametrize(
    ("path", "recording"),
    [
        (Path("audio/1-100032-A-0.wav"), "freesound:100032"),
        (Path("123__joe_x__rain__heavy.flac"), "freesound:123"),
        (Path("a/2024-01-02-3.wav"), "a/2024-01-02-3.wav"),
        (PureWindowsPath(r"a\rain.wav"), "a/rain.wav"),
    ],
)
def test_a_recording_is_named_by_its_number_or_else_its_path(path, recording):
    assert recording_of(path) == recording


@pytest.mark.parametrize(
    ("recording", "known"),
    [("freesound:1", True), ("youtube:x", True), ("clotho:a.wav", True), ("a/b.wav", False)],
)
def test_only_numbers_of_the_world_are_known_ids(recording, known):
    assert is_known_id(recording) is known


@pytest.mark.parametrize(
    ("label", "words"),
    [("crying_baby", "crying baby"), ("DogBark", "dog bark"), ("  Rain ", "rain"), ("TV", "tv")],
)
def test_a_label_becomes_words(label, words):
    assert words_of(label) == words


def test_rows_can_be_kept_in_a_set():
    row = Row(Path("a.wav"), ("rain",), facts={"use": "free"})

    assert {row, Row(Path("a.wav"), ("rain",), facts={"use": "free"})} == {row}
