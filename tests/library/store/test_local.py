"""The default engine, beyond the contract: its files, its lock, its mishaps."""

import multiprocessing
import os
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from earmark.errors import EarmarkError, UsageError
from earmark.library.nouns import Said
from earmark.library.store import database, schema
from earmark.library.store.local import LocalStore
from earmark.library.store.lock import HeldError, holder, writer_lock
from earmark.library.store.volume import COLUMNS
from library.store.contract import IDENTITY, WIDTH, StoreContract, file, fill, heard, unit


@pytest.fixture
def make_store(tmp_path):
    made = []

    def make(**options):
        folder = tmp_path / f"library-{len(made)}"
        made.append(LocalStore.create(folder, IDENTITY, **options))
        return made[-1]

    yield make
    for store in made:
        store.close()


@pytest.fixture
def store(make_store):
    return make_store()


@pytest.fixture
def again():
    opened = []

    def reopen(store):
        store.close()
        opened.append(LocalStore.open(store.folder))
        return opened[-1]

    yield reopen
    for store in opened:
        store.close()


class TestContract(StoreContract):
    pass


ONES = np.ones(WIDTH, np.float32)


def test_a_library_that_is_not_there_is_an_error_and_makes_nothing(tmp_path):
    with pytest.raises(EarmarkError, match="no library"):
        LocalStore.open(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_a_library_is_not_made_over_another(store):
    with pytest.raises(UsageError, match="already"):
        LocalStore.create(store.folder, IDENTITY)


def test_a_library_whose_making_was_stopped_can_be_made(tmp_path):
    sqlite3.connect(tmp_path / database.NAME).close()
    (tmp_path / database.NAME).touch()
    with pytest.raises(EarmarkError, match="no library"):
        LocalStore.open(tmp_path)
    LocalStore.create(tmp_path, IDENTITY).close()


def test_another_database_is_not_touched(tmp_path):
    db = sqlite3.connect(tmp_path / database.NAME)
    db.execute("CREATE TABLE mine (x)")
    db.close()
    for attempt in (LocalStore.open, lambda folder: LocalStore.create(folder, IDENTITY)):
        with pytest.raises(EarmarkError, match="not the database of a library"):
            attempt(tmp_path)


def test_a_file_that_is_no_database_is_an_error(tmp_path):
    (tmp_path / database.NAME).write_bytes(b"some words that are no database at all" * 99)
    with pytest.raises(EarmarkError, match="damaged"):
        LocalStore.open(tmp_path)


def test_a_library_of_a_newer_version_is_refused_unchanged(store, again):
    store.rows.all("PRAGMA user_version = 99")
    with pytest.raises(EarmarkError, match="version 99") as caught:
        again(store)
    assert "pip install --upgrade" in caught.value.hint


def test_a_second_writer_is_told_who_the_first_is(store):
    other = LocalStore.open(store.folder)
    told = f"earmark index .process {os.getpid()}"
    with store.writing("earmark index"):
        with pytest.raises(HeldError, match=told), other.writing("another"):
            pass
        assert "earmark index" in holder(store.folder)
    with other.writing("another"):
        pass
    other.close()


def test_a_second_writer_may_wait(tmp_path):
    one, two = writer_lock(tmp_path, "one"), writer_lock(tmp_path, "two", wait=0.1)
    with one, pytest.raises(HeldError), two:
        pass


def _die_writing(folder):
    store = LocalStore.open(folder)
    with store.writing("a victim"):
        store.add(file("victim.wav"), "victim", heard(5), 20.0, Said())
        store._appender.append(heard(6))
        os._exit(9)


def test_a_killed_writer_leaves_its_finished_files_and_no_lock(store):
    fill(store, [1])
    process = multiprocessing.get_context("spawn").Process(
        target=_die_writing, args=(store.folder,)
    )
    process.start()
    process.join()
    assert process.exitcode == 9
    assert [r.digest for r in store.recordings()] == ["digest-1", "victim"]
    assert holder(store.folder) == ""
    fill(store, [2])
    assert np.array_equal(
        store.moments(store.sound_of("digest-2"))[0], heard(2).halves.astype(np.float32)
    )


def test_a_reader_sees_what_a_writer_in_between_has_added(store):
    reader = LocalStore.open(store.folder)
    assert reader.nearest(ONES, limit=9).among == 0
    fill(store, [1, 2])
    assert reader.nearest(ONES, limit=9).among == 2
    with store.writing("a test"):
        store.add(file("c.wav"), "c", heard(3), 20.0, Said())
        assert reader.nearest(ONES, limit=9).among == 3
        store.remove([next(store.recordings()).id])
        store.compact()
        assert reader.nearest(ONES, limit=9).among == 2
    reader.close()


def test_a_change_that_is_not_finished_is_not_seen(store):
    fill(store, [1])
    reader = LocalStore.open(store.folder)
    with store.writing("a test"), store._changing():
        store.rows.drop([r.id for r in store.recordings()])
        assert reader.nearest(ONES, limit=9).among == 1
    assert reader.nearest(ONES, limit=9).among == 0
    reader.close()


def test_vectors_that_a_power_failure_took_are_forgotten_and_heard_again(store, again):
    fill(store, [1, 2])
    store.rows.set("synced", store.sound_of("digest-1"))
    store.close()
    path = store.folder / "vectors" / "000001" / "gists.i8"
    data = bytearray(path.read_bytes())
    data[-4:] = bytes(4)
    path.write_bytes(data)
    store = LocalStore.open(store.folder)
    with store.writing("a test"):
        pass
    assert [r.digest for r in store.recordings()] == ["digest-1"]
    store.close()


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
def test_a_file_that_is_too_short_is_told(store, column):
    fill(store, [1])
    store.close()
    path = store.folder / "vectors" / "000001" / column.name
    path.write_bytes(path.read_bytes()[:-1])
    store = LocalStore.open(store.folder)
    with pytest.raises(EarmarkError, match="shorter") as caught:
        store.nearest(ONES, limit=1)
    assert "earmark doctor" in caught.value.hint
    with pytest.raises(EarmarkError, match="shorter"), store.writing("a test"):
        pass
    store.close()


def test_vectors_that_are_gone_are_told(store):
    fill(store, [1])
    (store.folder / "vectors" / "000001" / "gists.i8").unlink()
    with pytest.raises(EarmarkError, match="missing"):
        store.nearest(ONES, limit=1)


def test_leftovers_of_a_stopped_compaction_are_removed(store):
    fill(store, [1])
    (store.folder / "vectors" / "000002").mkdir()
    (store.folder / "vectors" / "000002" / "gists.i8").write_bytes(b"123")
    fill(store, [2])
    assert [p.name for p in (store.folder / "vectors").iterdir()] == ["000001"]


@pytest.mark.parametrize("how", ["compaction", "leftovers"])
def test_a_volume_goes_only_when_the_drive_surely_knows_the_one_that_counts(
    store, monkeypatch, how
):
    fill(store, [1])
    said, before = [], []
    store.rows.database.db.set_trace_callback(said.append)
    monkeypatch.setattr(
        "earmark.library.store.local.remove_others", lambda *_: before.append(list(said))
    )
    if how == "leftovers":
        (store.folder / "vectors" / "000002").mkdir()
    with store.writing("a test"):
        if how == "compaction":
            store.compact()
    (before,) = before
    last = max(n for n, one in enumerate(before) if "synchronous" in one)
    assert before[last] == "PRAGMA synchronous = EXTRA"
    assert "COMMIT" in before[last:]


def test_without_tokens_a_library_keeps_the_same_moments(make_store):
    plain, lean = make_store(), make_store(keeps_tokens=False)
    for store in (plain, lean):
        fill(store, [1, 2])
    query = unit(np.random.default_rng(0), 1)[0]
    first, second = (store.nearest(query, limit=None) for store in (plain, lean))
    assert np.array_equal(first.scores, second.scores)
    assert lean.tokens(lean.sound_of("digest-1")) is None
    assert not lean.keeps_tokens


def test_a_folder_that_may_only_be_read_can_be_searched(store, again, monkeypatch):
    fill(store, [1])
    monkeypatch.setattr(database, "is_writable", lambda folder: False)
    store = again(store)
    assert store.nearest(ONES, limit=1).among == 1
    assert any("only be read" in note for note in store.status().notes)
    with pytest.raises(EarmarkError, match="may only be read"), store.writing("a test"):
        pass


def test_on_a_network_drive_the_log_gives_way_to_a_journal(store, again, monkeypatch):
    fill(store, [1])
    monkeypatch.setattr(database, "is_remote", lambda folder: True)
    store = again(store)
    assert store.rows.one("PRAGMA journal_mode") == "delete"
    assert any("network" in note for note in store.status().notes)
    fill(store, [2])
    assert store.nearest(ONES, limit=5).among == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit on the size of files")
def test_a_full_drive_loses_nothing_that_was_finished(tmp_path):
    process = multiprocessing.get_context("spawn").Process(target=_fill_up, args=(tmp_path,))
    process.start()
    process.join()
    assert process.exitcode == 0
    store = LocalStore.open(tmp_path)
    kept = list(store.recordings())
    assert kept
    for recording in kept:
        seed = int(recording.digest.split("-")[1])
        vectors, _ = store.moments(recording.sound)
        assert np.array_equal(vectors, heard(seed).halves.astype(np.float32))
    store.close()


def _fill_up(folder):
    import resource

    store = LocalStore.create(folder, IDENTITY)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
    with pytest.raises(EarmarkError, match=r"could not be written|full|disk"):
        fill(store, range(1000))


OLD = schema.MIGRATIONS
MORE = (*OLD, "CREATE TABLE later (x);\nINSERT INTO later VALUES (3);\n")


def test_an_older_library_is_brought_up_to_date_when_it_is_opened(store, again, monkeypatch):
    fill(store, [1])
    monkeypatch.setattr(schema, "MIGRATIONS", MORE)
    store = again(store)
    assert store.rows.all("SELECT x FROM later") == [(3,)]
    assert store.nearest(ONES, limit=1).among == 1


def test_a_step_that_fails_changes_nothing(store, again, monkeypatch):
    fill(store, [1])
    broken = (*OLD, "CREATE TABLE later (x);\nSELECT nonsense FROM nowhere;\n")
    monkeypatch.setattr(schema, "MIGRATIONS", broken)
    with pytest.raises(EarmarkError):
        again(store)
    monkeypatch.setattr(schema, "MIGRATIONS", OLD)
    store = LocalStore.open(store.folder)
    assert store.nearest(ONES, limit=1).among == 1
    store.close()


def test_an_older_library_that_may_only_be_read_says_so(store, again, monkeypatch):
    fill(store, [1])
    monkeypatch.setattr(schema, "MIGRATIONS", MORE)
    monkeypatch.setattr(database, "is_writable", lambda folder: False)
    with pytest.raises(EarmarkError, match="older version"):
        again(store)


def test_nothing_is_written_outside_the_folder(tmp_path, make_store):
    store = make_store()
    fill(store, [1])
    assert {p.name for p in Path(store.folder).iterdir()} <= {
        "library.db",
        "library.db-wal",
        "library.db-shm",
        "vectors",
        "writer.lock",
    }
