"""Libraries that were built apart are one: the one that a single run would have made."""

import multiprocessing
import os
import random
import shutil
import signal
from contextlib import closing
from dataclasses import asdict, replace
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from earmark.audio.write import write
from earmark.errors import EarmarkError
from earmark.library.library import Library
from earmark.library.merge import Merged, innermost, merge, new_store_for
from earmark.library.nouns import Place, Said
from earmark.library.source import opened
from earmark.library.store import snapshot
from earmark.library.store.doctor import examine
from earmark.library.store.local import LocalStore
from earmark.library.store.lock import HeldError
from earmark.synth import make
from library.states import files_of, state_of
from library.store.contract import IDENTITY, ROOT, WIDTH, file, heard
from library.victim import Faults
from model.tiny import write_tiny

RATE = 8_000


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "tiny"
    write_tiny(folder)
    return folder


@pytest.fixture
def sounds(tmp_path):
    """Two folders with sounds in them, copies across, two that are broken, and tags."""
    folder = tmp_path / "sounds"
    kinds = ("dog_bark", "rooster", "piano", "roof_rain", "tone", "wind")
    for number, kind in enumerate(kinds):
        path = folder / ("field" if number % 2 else "house") / f"{kind}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        wave = make(kind, number, seconds=2.0 + number, rate=RATE)
        write(path, wave, RATE, tags={"title": f"The {kind} of the farm"})
    shutil.copyfile(folder / "house" / "piano.wav", folder / "field" / "copy of piano.wav")
    for place in ("house", "field"):
        (folder / place / "broken.wav").write_bytes(b"no sound at all " * 50)
    return folder


@pytest.fixture
def index(tmp_path, tiny):
    """Make a library of some runs: `index(name, [asked], [asked] ...)`."""

    def run(name, *runs, exclude=(), **options):
        with Library.create(tmp_path / name, model=tiny, **options) as library:
            for asked in runs:
                library.index(asked, exclude=exclude)
        return tmp_path / name

    return run


@pytest.fixture
def make_library(tmp_path):
    """Make a library by hand; what is done to it is given as functions of its store."""

    def make_one(name, *changes, identity=IDENTITY, **options):
        made = LocalStore.create(tmp_path / name, identity, **options)
        with closing(made) as store, store.writing("a test"):
            for change in changes:
                change(store)
        return tmp_path / name

    return make_one


def add(path, seed, mtime=5, root=ROOT, **said):
    def change(store):
        found = file(path, mtime=mtime, root=root)
        store.add(found, f"digest-{seed}", heard(seed), 20.0, Said(**said))

    return change


def share(path, seed, mtime=5, root=ROOT):
    return lambda store: store.share(file(path, mtime=mtime, root=root), f"digest-{seed}", Said())


def fail(path, digest, mtime=5):
    return lambda store: store.fail(file(path, mtime=mtime), digest, "it is empty")


def merged(into, *others, tell=None):
    with opened(others) as sources:
        is_new = not into.exists()
        with closing(new_store_for(into, sources) if is_new else LocalStore.open(into)) as store:
            return merge(store, sources, tell)


def hits_of(folder, words="a dog"):
    with Library.open(folder) as library:
        hits = library.search(words, limit=99, unsure=True)
    return [replace(hit, why=None) for hit in hits]


# what one run would have made


def test_folders_that_were_indexed_apart_give_what_one_run_over_both_gives(sounds, index, tmp_path):
    parts = [sounds / "house", sounds / "field"]
    whole = state_of(index("whole", parts))
    apart = [index(part.name, [part]) for part in parts]

    for number, order in enumerate(permutations(apart)):
        into = tmp_path / f"into-{number}"
        done = merged(into, *order)
        assert asdict(done) == {"brought": 9, "newer": 0, "older": 0, "known": 0, "heard": 6}
        assert state_of(into) == whole
        assert examine(into).found == ()
        assert hits_of(into) == hits_of(tmp_path / "whole")


def test_one_folder_that_was_indexed_in_parts_gives_what_one_run_over_it_gives(
    sounds, index, tmp_path
):
    whole = state_of(index("whole", [sounds]))
    one = index("one", [sounds], exclude=["house"])
    two = index("two", [sounds], exclude=["*.wav/*", "wind.wav", "rooster.wav"])

    assert asdict(merged(one, two)) == {
        "brought": 4,
        "newer": 0,
        "older": 0,
        "known": 3,
        "heard": 2,
    }
    assert state_of(one) == whole


def test_what_was_merged_is_known_to_the_next_index_run(sounds, index, tmp_path, tiny):
    into = index("house", [sounds / "house"])
    merged(into, index("field", [sounds / "field"]))
    before = state_of(into)
    with Library.open(into, model=tiny) as library:
        report = library.index([sounds / "house", sounds / "field"])
    assert (report.skipped, report.indexed + report.moved + report.failed) == (9, 0)
    assert state_of(into) == before


@pytest.mark.parametrize("order", [("outer", "inner"), ("inner", "outer")])
def test_roots_inside_one_another_are_settled_as_an_index_run_settles_them(
    sounds, index, tmp_path, tiny, order
):
    whole = state_of(index("whole", [sounds / "field"], [sounds]))
    made = {"outer": index("outer", [sounds]), "inner": index("inner", [sounds / "field"])}
    into = made[order[0]]
    merged(into, made[order[1]])

    assert state_of(into) == whole
    with Library.open(into, model=tiny) as library:
        assert library.index([sounds]).skipped == 9


def test_merging_twice_changes_nothing(sounds, index, tmp_path):
    into, other = index("house", [sounds / "house"]), index("field", [sounds / "field"])
    merged(into, other)
    before = state_of(into)
    with closing(LocalStore.open(into)) as store:
        ids = [(one.id, one.sound) for one in store.recordings()]

    assert merged(into, other, other, into) == Merged(known=5 + 5 + 9)
    assert state_of(into) == before
    with closing(LocalStore.open(into)) as store:
        assert [(one.id, one.sound) for one in store.recordings()] == ids


def test_packed_libraries_are_merged_like_folders(sounds, index, tmp_path):
    whole = state_of(index("whole", [sounds / "house", sounds / "field"]))
    into = index("house", [sounds / "house"])
    with Library.open(index("field", [sounds / "field"])) as field:
        field.pack(tmp_path / "field.earmark")
    with Library.open(into) as library:
        assert library.merge([tmp_path / "field.earmark"]).heard == 3
    assert state_of(into) == whole


def test_without_tokens_a_library_takes_over_what_it_would_have_kept(sounds, index, tmp_path):
    parts = [sounds / "house", sounds / "field"]
    whole = state_of(index("whole", parts, keeps_tokens=False))
    into = index("into", parts[:1], keeps_tokens=False)
    merged(into, index("field", parts[1:]))
    assert state_of(into) == whole
    assert examine(into).found == ()


def test_a_new_library_keeps_tokens_if_all_do(make_library, tmp_path):
    full = make_library("full", add("a.wav", 1))
    lean = make_library("lean", add("b.wav", 2), keeps_tokens=False)
    for number, order in enumerate(permutations([full, lean])):
        merged(tmp_path / f"into-{number}", *order)
    merged(tmp_path / "into-2", full)
    states = [state_of(tmp_path / f"into-{n}") for n in range(3)]
    assert states[0] == states[1]
    assert [state[-1] for state in states] == ["no", "no", "yes"]


def test_recordings_are_read_a_few_at_a_time_and_all_of_them(make_library, tmp_path, monkeypatch):
    monkeypatch.setattr(snapshot, "PAGE", 2)
    there = [add(f"{n}.wav", n) for n in range(5)] + [
        add(f"{n}.wav", n, root=Path("/a").absolute()) for n in range(5, 9)
    ]
    into = tmp_path / "into"
    merged(into, make_library("other", *there))
    assert state_of(into) == state_of(tmp_path / "other")


def test_progress_counts_recordings(make_library, tmp_path):
    told = []
    into = make_library("into", add("a.wav", 1))
    other = make_library("other", add("a.wav", 1), add("b.wav", 2), fail("c.wav", "zzz"))
    merged(into, other, tell=lambda *now: told.append(now))
    assert told == [(1, 3), (2, 3), (3, 3)]


# the same file known differently

OLD, NEW = 5, 7  # times
STATES = {  # what one library knows of a.wav
    "heard": add("a.wav", 1, OLD),
    "heard, touched": add("a.wav", 1, NEW),
    "other bytes, later": add("a.wav", 2, NEW),
    "other bytes, one time": add("a.wav", 2, OLD),
    "failed": fail("a.wav", "digest-1", OLD),
    "failed, later": fail("a.wav", "digest-3", NEW),
    "unread": fail("a.wav", "", OLD),
}


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ("heard", "heard, touched"),
        ("heard", "other bytes, later"),
        ("failed", "heard"),
        ("unread", "heard"),
        ("unread", "failed"),
        ("unread", "other bytes, one time"),
        ("heard", "failed, later"),
        ("failed", "heard, touched"),
    ],
)
def test_the_later_state_counts_and_of_one_time_the_heard_one(make_library, less, more):
    for first, second in ((less, more), (more, less)):
        into = make_library(f"into {first}", STATES[first], add("b.wav", 9))
        other = make_library(f"other {second}", STATES[second], add("c.wav", 8))
        done = merged(into, other)
        expected = Merged(brought=1, newer=1) if first == less else Merged(brought=1, older=1)
        assert replace(done, heard=0) == expected
        made = make_library(f"as {first}", STATES[more], add("b.wav", 9), add("c.wav", 8))
        assert state_of(into) == state_of(made)
        assert examine(into).is_well


def test_other_bytes_of_one_time_are_refused_before_anything_is_taken_over(make_library):
    into = make_library("into", STATES["heard"])
    other = make_library("other", add("0.wav", 3), STATES["other bytes, one time"])
    before = state_of(into)
    with pytest.raises(EarmarkError, match=r"a\.wav has other bytes in .*other") as said:
        merged(into, other)
    assert "earmark forget" in said.value.hint
    assert len(str(said.value).splitlines()) == 2
    assert state_of(into) == before


def test_a_sound_whose_place_has_later_bytes_stays_if_another_file_has_it(make_library):
    into = make_library("into", add("a.wav", 1, OLD))
    merged(into, make_library("other", add("a.wav", 2, NEW), add("moved.wav", 1)))
    made = make_library("made", add("a.wav", 2, NEW), add("moved.wav", 1))
    assert state_of(into) == state_of(made)


def test_what_the_index_would_share_is_shared(make_library):
    into = make_library("into", add("a.wav", 1), share("a copy.wav", 1))
    done = merged(into, make_library("other", add("b.wav", 1), share("c.wav", 1)))
    assert done == Merged(brought=2)
    assert state_of(into)[1] == (1, 1)


def test_what_is_odd_about_a_file_and_names_that_are_no_text_come_over(make_library, tmp_path):
    odd = "caf\udce9 й.wav"
    said = {"tags": {"title": "Zürich"}, "ucs": "RAINRoof", "warnings": ("cut short", "no end")}
    other = make_library("other", add(odd, 1, **said))
    merged(tmp_path / "into", other)
    assert state_of(tmp_path / "into") == state_of(other)


def test_places_are_told_from_the_innermost_root():
    roots = {Path("/s"), Path("/s/in"), Path("/s/in/deep")}
    assert innermost(Place(Path("/s"), "a.wav"), roots) == Place(Path("/s"), "a.wav")
    assert innermost(Place(Path("/s"), "in/a.wav"), roots) == Place(Path("/s/in"), "a.wav")
    deep = Place(Path("/s/in/deep"), "x/a.wav")
    assert innermost(Place(Path("/s"), "in/deep/x/a.wav"), roots) == deep
    assert innermost(Place(Path("/s"), "inside/a.wav"), roots) == Place(Path("/s"), "inside/a.wav")


# what is refused, and what stays as it is


def test_another_model_is_refused_with_both_names(make_library, tmp_path):
    other = make_library("other", identity=replace(IDENTITY, model="large", digest="e" * 64))
    into = make_library("into")
    for target in (into, tmp_path / "new"):
        with pytest.raises(EarmarkError, match=r"'large'.*'tiny'") as said:
            merged(target, into, other)
        assert len(str(said.value).splitlines()) == 2
    assert not (tmp_path / "new").exists()


def test_a_library_that_keeps_tokens_takes_none_without(make_library):
    into = make_library("into", add("a.wav", 1))
    lean = make_library("lean", add("b.wav", 2), keeps_tokens=False)
    with pytest.raises(EarmarkError, match="keeps no tokens"):
        merged(into, lean)
    assert len(state_of(into)[0]) == 1


def test_a_folder_without_a_library_is_refused(make_library, tmp_path):
    into = make_library("into", add("a.wav", 1))
    with pytest.raises(EarmarkError, match="no library"):
        merged(into, tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_damaged_vectors_are_never_handed_on(make_library):
    into = make_library("into")
    other = make_library("other", add("a.wav", 1), add("b.wav", 2), add("c.wav", 3))
    gists = other / "vectors" / "000001" / "gists.i8"
    data = bytearray(gists.read_bytes())
    data[7 * WIDTH + 3] ^= 1  # of the second sound
    gists.write_bytes(data)
    with pytest.raises(EarmarkError, match="damaged") as said:
        merged(into, other)
    assert f"earmark doctor --library {other}" in said.value.hint
    assert [path for _, path in state_of(into)[0]] == ["a.wav"]
    assert examine(into).is_well


def test_no_byte_of_the_others_is_changed(make_library, tmp_path):
    others = [make_library("one", add("a.wav", 1)), make_library("two", add("b.wav", 2))]
    before = [files_of(other) for other in others]
    merged(tmp_path / "into", *others)
    assert [files_of(other) for other in others] == before


def test_one_that_is_being_written_to_takes_nothing_over(make_library):
    into, other = make_library("into"), make_library("other", add("a.wav", 1))
    with closing(LocalStore.open(into)) as store, store.writing("earmark index"):
        told = pytest.raises(HeldError, match="earmark index")
        with told:
            merged(into, other)


def test_readers_see_whole_recordings_while_others_are_taken_over(make_library):
    into = make_library("into", add("a.wav", 0))
    other = make_library("other", *(add(f"{n}.wav", n) for n in range(1, 4)))
    seen = []
    with closing(LocalStore.open(into)) as reader:
        merged(
            into,
            other,
            tell=lambda *_: seen.append(reader.nearest(np.ones(WIDTH, np.float32), limit=9).among),
        )
    assert seen == [2, 3, 4]


# kills


def _die_merging(into, others, point, after):
    faults, left, keep = Faults(point, random.Random(after)), [after], LocalStore.add

    def add_or_die(store, *what):
        faults.armed = not left[0]
        left[0] -= 1
        return keep(store, *what)

    LocalStore.add = add_or_die
    merged(into, *others)
    os._exit(7)


@pytest.mark.skipif(os.name == "nt", reason="the writer is killed by a signal")
def test_a_killed_merge_has_taken_over_whole_recordings_and_goes_on(make_library, tmp_path):
    inner = ROOT / "in"
    into = make_library("into", add("0.wav", 0), add("in/x.wav", 50))
    others = [
        make_library("one", *(add(f"{n}.wav", n) for n in range(1, 5)), share("copy.wav", 1)),
        make_library("two", *(add(f"{n}.wav", n, root=inner) for n in range(5, 9))),
    ]
    whole = make_library(
        "whole",
        *(add(f"{n}.wav", n) for n in range(5)),
        share("copy.wav", 1),
        add("x.wav", 50, root=inner),
        *(add(f"{n}.wav", n, root=inner) for n in range(5, 9)),
    )
    wanted, counts = state_of(whole)[0], []
    points = ["append, in the middle of a column", "commit, right before", "commit, right after"]
    for after, point in enumerate([*points, points[0]]):
        process = multiprocessing.get_context("spawn").Process(
            target=_die_merging, args=(into, others, point, after)
        )
        process.start()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        state = state_of(into)[0]
        assert state.items() <= wanted.items()
        assert examine(into).is_well
        counts.append(len(state))
    assert counts == [2, 3, 6, 10]  # by hand: the roots are settled, then 0, 1, 3 and 4 come
    merged(into, *others)
    assert state_of(into) == state_of(whole)
