"""Crowds are the same each time, begin with the smaller ones, and are heard once."""

import numpy as np
import pytest

from earmark.audio.write import write
from earmark.data import open_data
from earmark.errors import DataError
from earmark.score import crowds
from earmark.score.crowds import Moments, crowd_of_clips, crowd_of_scenes, hear
from earmark.synth import make
from model.tiny import RATE, new_model

KINDS = {"a dog barking": "dog_bark", "heavy rain": "heavy_rain", "a piano": "piano"}


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    folder = tmp_path_factory.mktemp("crowd")
    lines = ["path,caption"]
    for caption, kind in KINDS.items():
        write(folder / f"{kind}.wav", make(kind, 1, seconds=3.0, rate=RATE), RATE)
        lines.append(f"{kind}.wav,{caption}")
    write(folder / "silence.wav", np.zeros(RATE, np.float32), RATE)
    lines.append("silence.wav,nothing at all")
    (folder / "set.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return open_data(str(folder / "set.csv"))


def test_what_clips_are_missing_is_made_of_two_each(rows):
    crowd = crowd_of_clips(rows, 10, seed=1, rate=RATE)

    assert crowd.size == 10
    assert len(crowd.rows) == 4
    assert len(crowd.wave(0)) == 3 * RATE
    assert len(crowd.wave(9)) == 5 * RATE
    assert np.abs(crowd.wave(9)).max() <= 0.9
    # Each clip is right for its own caption alone, each mix for two.
    np.testing.assert_array_equal(crowd.questions.right[:, :4], np.eye(4, dtype=bool))
    np.testing.assert_array_equal(crowd.questions.right[:, 4:].sum(axis=0), [2] * 6)


def test_a_larger_crowd_begins_with_the_smaller(rows):
    small, large = (crowd_of_clips(rows, size, seed=1, rate=RATE) for size in (7, 9))

    np.testing.assert_array_equal(small.questions.right, large.questions.right[:, :7])
    np.testing.assert_array_equal(small.wave(6), large.wave(6))
    assert small.name == large.name


def test_rows_without_words_make_no_crowd(rows):
    with pytest.raises(DataError, match="1 of 1 rows have a caption"):
        crowd_of_clips(rows[:1], 10, seed=1, rate=RATE)


def test_a_crowd_is_heard_once_and_kept(rows, tmp_path):
    model, crowd = new_model(), crowd_of_clips(rows, 6, seed=1, rate=RATE)

    first = hear(model, crowd, cache=tmp_path)
    noted = []
    again = hear(model, crowd, cache=tmp_path, note=noted.append)
    more = hear(
        model, crowd_of_clips(rows, 8, seed=1, rate=RATE), cache=tmp_path, note=noted.append
    )

    assert noted == ["heard 7 of 8", "heard 8 of 8"]
    for heard in (again, more):
        np.testing.assert_array_equal(heard.vectors[: len(first.vectors)], first.vectors)
    assert len(more.counts) == 8


def test_a_cache_that_was_cut_short_is_heard_anew(rows, tmp_path):
    model, crowd = new_model(), crowd_of_clips(rows, 5, seed=1, rate=RATE)
    first = hear(model, crowd, cache=tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:100])

    np.testing.assert_array_equal(hear(model, crowd, cache=tmp_path).vectors, first.vectors)


def test_scenes_fill_up_with_short_ones(monkeypatch):
    monkeypatch.setattr(crowds, "CAPTIONED", 8)
    monkeypatch.setattr(crowds, "TAKES", 1)

    crowd = crowd_of_scenes(10, seed=1, rate=RATE)

    assert crowd.size == 10
    assert len(crowd.wave(9)) == 5 * RATE
    assert crowd.questions.right.shape == (len(crowd.questions.texts), 10)
    assert crowd.questions.right.any(axis=1).all()


def test_a_recording_scores_as_its_best_moment():
    vectors = np.array([[1, 0], [0, 1], [0.5, 0.5]], np.float16)
    heard = Moments(vectors, np.array([2, 1]))

    np.testing.assert_array_equal(
        heard.best(np.array([[1, 0], [0, 2]], np.float32)), [[1, 0.5], [2, 1]]
    )
    np.testing.assert_array_equal(heard.first, [[1, 0], [0.5, 0.5]])
