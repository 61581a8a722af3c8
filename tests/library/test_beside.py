"""A second library of the same recordings, by another model."""

from dataclasses import replace

import pytest

from earmark.audio.write import write
from earmark.errors import UsageError
from earmark.library.beside import library_of
from earmark.library.library import Library
from earmark.synth import make
from model.tiny import EARS, PAGE, new_model

RATE = 8_000
OTHER = replace(PAGE, name="other", seconds=replace(PAGE.seconds, window=1.6))


def add(place, name, kind="dog_bark"):
    path = place / "sounds" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, make(kind, len(name), seconds=3.0, rate=RATE), RATE)


@pytest.fixture
def place(tmp_path):
    for name in ("a.wav", "in/b.wav", "leave/c.wav"):
        add(tmp_path, name)
    return tmp_path


@pytest.fixture
def library(place):
    with Library.create(place / "library", model=new_model()) as library:
        library.index([place / "sounds"], exclude=["leave"])
        yield library


def beside(library, place, page=OTHER, **more):
    return library_of(library, place / "library", new_model(page), place / "cache", **more)


def paths(library):
    return [one.place.path for one in library.store.recordings()]


def test_another_model_hears_what_the_library_knows_and_nothing_else(library, place):
    with beside(library, place) as other:
        assert paths(other) == paths(library) == ["a.wav", "in/b.wav"]
        assert other.model.name == "other"
        assert other.search("a dog", unsure=True)
    assert library.store.identity.model == "tiny"


def test_it_is_heard_once_and_brought_up_to_date(library, place):
    beside(library, place).close()
    add(place, "new.wav")
    (place / "sounds" / "a.wav").unlink()
    library.index([place / "sounds"], exclude=["leave"])
    seen = []

    with beside(library, place, on_progress=seen.append) as other:
        assert paths(other) == ["in/b.wav", "new.wav"]
    assert {one.files_total for one in seen} == {1}


def test_the_same_vectors_need_no_second_library(library, place):
    page = replace(PAGE, name="other-words", results={})

    with beside(library, place, page) as same:
        assert same.store.identity.digest == library.store.identity.digest
        assert same.model.name == "other-words"
    assert not (place / "cache").exists()


def test_two_libraries_do_not_share_what_is_beside_them(library, place):
    beside(library, place).close()
    with Library.create(place / "second", model=new_model()) as second:
        library_of(second, place / "second", new_model(OTHER), place / "cache").close()

    assert len(list((place / "cache").iterdir())) == 2


def test_a_folder_that_is_away_stays_as_it_was_heard(library, place):
    beside(library, place).close()
    (place / "sounds").rename(place / "unplugged")

    with beside(library, place) as other:
        assert paths(other) == ["a.wav", "in/b.wav"]


def test_a_model_that_reads_no_words_is_refused(library, place):
    with pytest.raises(UsageError, match="only hears"):
        beside(library, place, EARS)
    assert not (place / "cache").exists()
