"""One state of a library, whoever writes to it meanwhile."""

import multiprocessing
import os
from contextlib import closing

import numpy as np
import pytest

from earmark.errors import EarmarkError
from earmark.library.nouns import Said
from earmark.library.store import database, schema, snapshot
from earmark.library.store.local import LocalStore
from earmark.library.store.snapshot import snapshot as taken_of
from library.states import files_of
from library.store.contract import IDENTITY, file, fill, heard


@pytest.fixture
def store(tmp_path):
    with closing(LocalStore.create(tmp_path / "library", IDENTITY)) as store:
        yield store


def paths(taken):
    return [kept.found.place.path for kept in taken.kept()]


def same(sound, seed):
    wanted = heard(seed)
    names = type(wanted).__dataclass_fields__
    return all(np.array_equal(getattr(sound.packed, name), getattr(wanted, name)) for name in names)


def test_it_holds_what_the_library_holds(store):
    fill(store, [1, 2], title="Wet")
    with store.writing("a test"):
        store.share(file("copy.wav"), "digest-1", Said(ucs="RAIN", warnings=("odd",)))
        store.fail(file("bad.wav"), "zzz", "it is empty")
    with taken_of(store.folder) as taken:
        assert (taken.identity, taken.keeps_tokens) == (IDENTITY, True)
        assert (taken.roots(), taken.count()) == (store.roots(), 4)
        first, _, bad, copy = taken.kept()
        assert (first.found, first.digest, first.heard) == (file("1.wav"), "digest-1", True)
        assert first.said.tags == {"title": "Wet"}
        assert (bad.heard, bad.reason) == (False, "it is empty")
        assert copy.said == Said(ucs="RAIN", warnings=("odd",))
        assert same(taken.sound("digest-2"), 2)
        assert [digest for digest, _ in taken.sounds()] == ["digest-1", "digest-2"]


def test_what_happens_meanwhile_is_not_seen(store):
    fill(store, [1, 2, 3])
    with taken_of(store.folder) as taken, store.writing("a test"):
        store.remove([one.id for one in store.recordings()][:2])
        store.compact()
        store.add(file("late.wav"), "late", heard(9), 20.0, Said())
        assert paths(taken) == ["1.wav", "2.wav", "3.wav"]
        assert all(same(taken.sound(f"digest-{n}"), n) for n in (1, 2, 3))


def test_one_that_is_written_to_all_the_while_is_read(store):
    with store.writing("a test"):
        for seed in range(5):
            store.add(file(f"{seed}.wav"), f"digest-{seed}", heard(seed), 20.0, Said())
            with taken_of(store.folder) as taken:
                assert len(paths(taken)) == seed + 1
                assert same(taken.sound(f"digest-{seed}"), seed)


def test_no_byte_is_changed(store):
    fill(store, [1])
    store.close()
    before = files_of(store.folder)
    with taken_of(store.folder) as taken:
        paths(taken)
    assert files_of(store.folder) == before


def _die_open(folder):
    store = LocalStore.open(folder)
    fill(store, [7])
    os._exit(9)


def test_the_log_of_a_killed_writer_is_read_and_kept(store):
    fill(store, [1])
    store.close()
    process = multiprocessing.get_context("spawn").Process(target=_die_open, args=(store.folder,))
    process.start()
    process.join()
    log, base = (store.folder / f"library.db{end}" for end in ("-wal", ""))
    before = log.read_bytes(), base.read_bytes()
    assert before[0]
    with taken_of(store.folder) as taken:
        assert paths(taken) == ["1.wav", "7.wav"]
    assert (log.read_bytes(), base.read_bytes()) == before


def test_an_older_library_is_read_as_it_would_be_after_the_steps_and_not_changed(
    store, monkeypatch
):
    fill(store, [1])
    store.close()
    before = files_of(store.folder)
    more = (*schema.MIGRATIONS, "UPDATE recordings SET ucs = 'NEW';\n")
    monkeypatch.setattr(schema, "MIGRATIONS", more)
    with taken_of(store.folder) as taken:
        assert [kept.said.ucs for kept in taken.kept()] == ["NEW"]
    assert files_of(store.folder) == before


def test_a_newer_library_is_refused_by_its_name(store):
    store.rows.all("PRAGMA user_version = 99")
    told = pytest.raises(EarmarkError, match=f"{store.folder} is of version 99")
    with told, taken_of(store.folder):
        pass


def test_a_folder_without_a_library_is_refused(tmp_path):
    (tmp_path / database.NAME).touch()
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(EarmarkError, match=f"no library in {folder}"), taken_of(folder):
            pass


def test_a_file_that_is_no_database_is_told_by_the_librarys_name(store):
    store.close()
    (store.folder / database.NAME).write_bytes(b"no database at all, only words " * 99)
    with pytest.raises(EarmarkError, match=f"{store.folder} is damaged"), taken_of(store.folder):
        pass


def test_a_change_that_a_stopped_writer_left_is_told(store):
    store.close()
    (store.folder / f"{database.NAME}-journal").write_bytes(b"\xd9\xd5\x05\xf9" * 200)
    with pytest.raises(EarmarkError, match="not finished") as said, taken_of(store.folder):
        pass
    assert "earmark status --library" in said.value.hint


def test_damage_is_told_when_it_is_met(store):
    fill(store, [1, 2])
    with taken_of(store.folder) as taken:
        path = store.folder / "vectors" / "000001" / "weights.f32"
        data = bytearray(path.read_bytes())
        data[-1] ^= 64
        path.write_bytes(data)
        assert same(taken.sound("digest-1"), 1)
        with pytest.raises(EarmarkError, match=f"{store.folder} is damaged"):
            taken.sound("digest-2")
        with pytest.raises(EarmarkError, match="missing"):
            taken.sound("digest-3")
    store.rows.all("UPDATE recordings SET tags = '{'")
    with taken_of(store.folder) as taken, pytest.raises(EarmarkError, match="tags"):
        paths(taken)


def test_vectors_that_are_gone_are_told(store, monkeypatch):
    fill(store, [1])
    monkeypatch.setattr(snapshot, "TRIES", 2)
    (store.folder / "vectors" / "000001" / "gists.i8").unlink()
    with pytest.raises(EarmarkError, match="vectors are missing"), taken_of(store.folder):
        pass


def test_a_compaction_between_the_two_looks_only_costs_another_look(store, monkeypatch):
    fill(store, [1, 2])
    mapped, late = snapshot.open_volume, [True]

    def compacted_first(rows, width):
        if late:
            late.pop()
            with store.writing("a test"):
                store.remove([next(store.recordings()).id])
                store.compact()
        return mapped(rows, width)

    monkeypatch.setattr(snapshot, "open_volume", compacted_first)
    with taken_of(store.folder) as taken:
        assert paths(taken) == ["2.wav"]
        assert same(taken.sound("digest-2"), 2)


def test_a_copy_that_may_be_torn_is_made_again(store, monkeypatch):
    fill(store, [1])
    store.close()  # without a log, so it is opened as a file that nobody changes
    stamps = iter(range(9))
    monkeypatch.setattr(snapshot, "TRIES", 3)
    monkeypatch.setattr(snapshot, "stamp", lambda folder: next(stamps))
    with pytest.raises(EarmarkError, match="faster than it can"), taken_of(store.folder):
        pass
    kept = iter([1, 2, 5, 5])
    monkeypatch.setattr(snapshot, "stamp", lambda folder: next(kept))
    with taken_of(store.folder) as taken:
        assert paths(taken) == ["1.wav"]
