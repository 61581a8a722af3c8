"""The nearest captions of train: near ones, never one's own, and of a run that may be asked."""

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

import shutil
from dataclasses import replace

from earmark.errors import DataError, UsageError
from earmark.lab.captioners import asked_of, plain
from earmark.lab.captioners.bank import Bank, _own
from lab.captioners import made


def test_a_sound_finds_what_was_written_of_those_that_sound_like_it(places, run):
    rows = Bank(made.lesson_of(places), run=str(run)).write(asked_of(made.opened(places, "dev")))

    alike = [row[0].startswith(said) for row, said in zip(rows, made.SAID, strict=True)]
    assert sum(alike) >= 5
    assert all(len(row) == 2 for row in rows)


def test_a_sound_of_train_is_never_given_what_was_written_for_it(places, run):
    train = made.opened(places, "train")

    rows = Bank(made.lesson_of(places), run=str(run)).write(asked_of(train))

    for row, sound in zip(rows, train.task.sounds, strict=True):
        assert len(row) == 2
        assert not {plain(text) for text in row} & {plain(text) for text in sound.captions}


def test_own_captions_are_known_by_sound_and_text(places):
    lesson = made.lesson_of(places)
    match = torch.zeros(6, 12, dtype=torch.bool)

    match[_own(lesson)] = True

    assert match.T.tolist() == lesson.train.task.match.tolist()  # here each belongs to one alone


def test_a_set_that_has_nothing_but_its_own_captions_has_none(places, run):
    lesson = made.lesson_of(places)
    task = lesson.train.task
    one = made.replaced(lesson.train, sounds=task.sounds[:1], texts=task.texts[:2])

    rows = Bank(replace(lesson, train=one), run=str(run)).write(asked_of(one))

    assert rows == [[]]


def test_what_another_run_learned_gives_another_key(places, run, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(run, other)
    weights = other / "model.safetensors"
    first = Bank(made.lesson_of(places), run=str(run)).key
    assert Bank(made.lesson_of(places), run=str(other)).key == first

    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(bytes(content))

    assert Bank(made.lesson_of(places), run=str(other)).key != first


def test_a_run_that_learned_from_other_data_is_refused(places, run, tmp_path):
    shutil.copytree(run, tmp_path / "other")
    recipe = tmp_path / "other" / "recipe.toml"
    recipe.write_text(recipe.read_text().replace("m.csv#train", "m.csv#dev", 1))

    with pytest.raises(UsageError, match=r"learned from manifest:.*#dev, and this recipe") as error:
        Bank(made.lesson_of(places), run=str(tmp_path / "other"))

    assert "captions of a test could come in" in error.value.hint


def test_a_run_that_is_not_there_is_named(places, tmp_path):
    with pytest.raises(DataError, match=r"nowhere.recipe\.toml cannot be read"):
        Bank(made.lesson_of(places), run=str(tmp_path / "nowhere"))
