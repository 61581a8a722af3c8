"""A library by another model: what a fresh index by it holds, and the old one answers on."""

import multiprocessing
import os
import shutil
import signal
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from earmark.audio.write import write
from earmark.errors import EarmarkError, UsageError
from earmark.library import migrate as room
from earmark.library.library import Library
from earmark.library.store.contract import MovedError
from earmark.library.store.doctor import examine
from earmark.library.store.local import LocalStore
from earmark.synth import make
from library.states import state_of
from library.victim import Faults
from model.tiny import EARS, PAGE, write_tiny

RATE = 8_000
OTHER = replace(PAGE, name="other", seconds=replace(PAGE.seconds, window=1.6))
TUNED = replace(PAGE, name="tuned")


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Bundles: the old model, one with other times, one that differs in its words alone."""
    place = tmp_path_factory.mktemp("models")
    for page in (PAGE, OTHER, EARS):
        write_tiny(place / page.name, page)
    write_tuned(place / "tuned")
    return place


def write_tuned(folder):
    """The same ears, with a text network of other bytes."""
    from earmark.model.bundle import write_bundle
    from model.tiny import contents_of

    contents = contents_of(TUNED)
    contents["text.onnx"] += b"\x12\x04past"  # the name of who made the graph
    write_bundle(folder, TUNED, contents)


@pytest.fixture
def place(tmp_path):
    kinds = ("dog_bark", "rooster", "piano", "roof_rain", "tone")
    for number, kind in enumerate(kinds):
        path = tmp_path / "sounds" / ("in" if number % 2 else "out") / f"{kind}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        wave = make(kind, number, seconds=2.0 + number, rate=RATE)
        write(path, wave, RATE, tags={"title": f"The {kind} of the farm"})
    shutil.copyfile(tmp_path / "sounds/out/piano.wav", tmp_path / "sounds/in/copy.wav")
    (tmp_path / "sounds/in/broken.wav").write_bytes(b"no sound at all " * 50)
    return tmp_path


@pytest.fixture
def library(place, models):
    with Library.create(place / "library", model=models / "tiny") as library:
        library.index([place / "sounds"])
        yield library


def fresh(place, model):
    """What an index run by a model makes, packed: the same library is the same file."""
    with Library.create(place / "fresh", model=model) as library:
        library.index([place / "sounds"])
        library.pack(place / "fresh.earmark")
    return (place / "fresh.earmark").read_bytes()


def packed(library, place):
    library.pack(place / "moved.earmark")
    return (place / "moved.earmark").read_bytes()


def paths(hits):
    return [Path(hit.path).name for hit in hits]


@pytest.mark.parametrize("name", ["other", "tuned"])
def test_it_is_what_a_fresh_index_makes_bit_for_bit(library, place, models, name):
    done = library.migrate(models / name)

    assert (done.old, done.new, done.alike) == ("tiny", name, name == "tuned")
    assert (done.heard, done.known) == ((0, 5) if name == "tuned" else (5, 0))
    assert packed(library, place) == fresh(place, models / name)
    assert not (place / "library" / "moving").exists()
    assert examine(place / "library").found == ()


def test_the_model_is_found_again_when_it_is_opened(library, place, models):
    library.migrate(models / "other")

    with Library.open(place / "library") as again:
        assert again.model.name == "other"
        assert again.search("a dog", unsure=True)


def test_searches_by_the_old_model_answer_all_the_while(library, place, models):
    before = library.search("a dog", limit=9, unsure=True)
    seen = []

    def ask(_):
        with Library.open(place / "library") as other:
            seen.append((other.model.name, paths(other.search("a dog", limit=9, unsure=True))))
            seen.append((library.model.name, paths(library.search("a dog", limit=9, unsure=True))))

    library.migrate(models / "other", on_progress=ask)

    assert seen
    assert all(one == ("tiny", paths(before)) for one in seen)


def test_who_has_it_open_goes_on_with_the_new_model(library, place, models):
    with Library.open(place / "library") as reader:
        reader.search("a dog", unsure=True)
        library.migrate(models / "other")

        hits = reader.search("a dog", limit=9, unsure=True)
        assert reader.model.name == library.model.name == "other"
        assert paths(hits) == paths(library.search("a dog", limit=9, unsure=True))


def test_who_reads_its_store_is_told(library, place, models):
    with closing(LocalStore.open(place / "library")) as store:
        (first, *_) = (one for one in store.recordings() if one.sound is not None)
        store.moments(first.sound)
        library.migrate(models / "tuned")

        for ask in (lambda: store.moments(first.sound), store.writing("a test").__enter__):
            with pytest.raises(MovedError, match="moved to the model 'tuned'"):
                ask()


def test_a_dry_run_changes_nothing_and_tells(library, place, models):
    before = state_of(place / "library")
    (place / "sounds/in/tone.wav").unlink(missing_ok=True)
    (place / "sounds/out/tone.wav").unlink(missing_ok=True)

    done = library.migrate(models / "other", dry_run=True)

    assert (done.heard, done.known, [path.name for path, _ in done.missing]) == (4, 0, ["tone.wav"])
    assert done.seconds == pytest.approx(2 + 3 + 4 + 5)
    assert state_of(place / "library") == before
    assert library.migrate(models / "tuned", dry_run=True).alike


def test_files_that_are_gone_stop_it_before_the_switch(library, place, models):
    (place / "sounds/in/copy.wav").unlink()  # what it was copied from is there
    (place / "sounds/in/rooster.wav").unlink()
    dog = place / "sounds/out/dog_bark.wav"
    write_anew(dog, "wind")

    with pytest.raises(EarmarkError) as caught:
        library.migrate(models / "other")

    assert "the library stays with tiny" in caught.value.problem
    assert "and 1 more cannot be heard by other" in caught.value.problem
    assert library.model.name == "tiny"
    assert "rooster.wav" in paths(library.search("rooster", limit=9, unsure=True))

    done = library.migrate(models / "other", without=True)

    assert (done.heard, done.known) == (0, 3)
    reasons = {one.place.full.name: one.reason for one in library.failed()}
    assert reasons["rooster.wav"] == "the new model has not heard it: its file is not there"
    assert reasons["dog_bark.wav"].endswith("its file is not as it was indexed")
    report = library.index([place / "sounds"])
    assert (report.indexed, report.removed) == (1, 2)
    assert packed(library, place) == fresh(place, models / "other")


def write_anew(path, kind):
    path.unlink()
    write(path, make(kind, 99, seconds=6.0, rate=RATE), RATE)


def test_the_same_ears_need_no_file(library, place, models):
    shutil.rmtree(place / "sounds")

    assert library.migrate(models / "tuned").alike
    assert len(library.search("a dog", limit=9, unsure=True)) == 5


def test_what_comes_in_meanwhile_is_heard_too(library, place, models):
    def come(_):
        path = place / "sounds/late.wav"
        if not path.exists():
            write(path, make("wind", 7, seconds=2.0, rate=RATE), RATE)
            with Library.open(place / "library") as other:
                other.index([place / "sounds"])

    assert library.migrate(models / "other", on_progress=come).heard == 6
    assert packed(library, place) == fresh(place, models / "other")


def test_there_and_back_again(library, place, models):
    before = packed(library, place)
    (place / "moved.earmark").unlink()

    library.migrate(models / "other")
    library.migrate(models / "tiny")

    assert packed(library, place) == before


def test_a_model_that_only_hears_is_refused(library, models):
    with pytest.raises(UsageError, match="only hears"):
        library.migrate(models / "tiny-ears")


# kills


def _victim(folder, model, point, count):
    """Migrate in a process of its own, and die there."""
    import random

    faults = Faults(point, random.Random(1))
    add, switch = LocalStore.add, LocalStore.switch
    left = [count]

    def adding(self, *told):
        left[0] -= 1
        if not left[0]:
            if point is None:
                os.kill(os.getpid(), signal.SIGKILL)
            faults.armed = not point.startswith("compaction")
        return add(self, *told)

    def switching(self, *told):
        faults.armed = True
        return switch(self, *told)

    LocalStore.add, LocalStore.switch = adding, switching
    if point == "switch, after it":
        room.shutil.rmtree = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
    if point == "switch, before the old volume goes":
        faults.point = "compaction, before the old volume goes"
        from earmark.library.store import local

        local.remove_others = faults.die_first(local.remove_others)
    with Library.open(folder) as library:
        library.migrate(model, jobs=1)


@pytest.mark.parametrize(
    ("point", "count"),
    [
        (None, 1),
        (None, 3),
        ("append, in the middle of a column", 3),
        ("commit, right before", 2),
        ("commit, right after", 4),
        ("commit, right before", 99),  # of the switch
        ("commit, right after", 99),
        ("switch, before the old volume goes", 99),
        ("switch, after it", 99),
    ],
)
def test_a_kill_costs_nothing_that_was_finished(library, place, models, point, count):
    asked = "a dog", 9
    hits = paths(library.search(*asked, unsure=True))
    library.close()
    process = multiprocessing.get_context("fork").Process(
        target=_victim, args=(place / "library", models / "other", point, count)
    )
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL

    with Library.open(place / "library") as left:
        if left.model.name == "tiny":
            assert paths(left.search(*asked, unsure=True)) == hits
        done = left.migrate(models / "other")
        known = count - 1 if count < 9 else 5
        assert done.known >= min(known, 5)
        assert done.heard + done.known == 5
        assert packed(left, place) == fresh(place, models / "other")
        assert np.isfinite([hit.score for hit in left.search(*asked, unsure=True)]).all()
    assert examine(place / "library").found == ()
    assert not (place / "library" / "moving").exists()
