"""Everything that can be damaged in a library is damaged once, told, and mended or forgotten."""

import json
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from earmark.errors import EarmarkError
from earmark.library.nouns import Said
from earmark.library.packed import quantise
from earmark.library.store import database, health, schema
from earmark.library.store.doctor import examine
from earmark.library.store.health import Health, health_of
from earmark.library.store.local import LocalStore
from earmark.library.store.lock import HeldError, writer_lock
from earmark.library.store.rows import Spot
from earmark.library.store.volume import COLUMNS, checksum, count_of
from library.store.contract import IDENTITY, ROOT, WIDTH, file, fill, heard, unit

QUERY = unit(np.random.default_rng(8), 1)[0]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A closed library of eight recordings, one of them twice, and one that failed."""
    store = LocalStore.create(tmp_path_factory.mktemp("whole") / "library", IDENTITY)
    fill(store, range(8), title="Wet")
    with store.writing("a test"):
        store.share(file("copy.wav"), "digest-3", Said())
        store.fail(file("bad.wav"), "zzz", "it is empty")
    store.close()
    return store.folder


@pytest.fixture
def folder(whole, tmp_path):
    """A library of one's own to damage."""
    return shutil.copytree(whole, tmp_path / "library")


def answers(folder):
    """The ranking of all sounds, by what was heard: bytes -> score and time."""
    store = LocalStore.open(folder)
    near = store.nearest(QUERY, limit=None)
    digests = {r.sound: r.digest for r in store.recordings() if r.sound is not None}
    found = {
        digests[sound]: (float(score), tuple(times))
        for sound, score, times in zip(near.sounds, near.scores, near.times, strict=True)
    }
    store.close()
    return found


def known(folder):
    store = LocalStore.open(folder)
    found = {r.place.path for r in store.recordings()}
    store.close()
    return found


def bytes_of(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def kinds(findings):
    return [one.kind for one in findings.found]


def only(findings, kind):
    assert kinds(findings) == [kind]
    return findings.found[0]


def sql(folder, *statements):
    """Change the database behind the library's back."""
    db = sqlite3.connect(folder / database.NAME, isolation_level=None)
    found = [db.execute(statement).fetchall() for statement in statements]
    db.close()
    return found


def column(name):
    return next(one for one in COLUMNS if one.name == name)


def flip(folder, name, at):
    """Change one byte of a vector file; a negative place counts from the end."""
    path = folder / "vectors" / "000001" / name
    data = bytearray(path.read_bytes())
    data[at] ^= 0x15
    path.write_bytes(data)


def forgotten_is_all_that_changed(before, folder, *digests):
    after = answers(folder)
    assert list(after) == [one for one in before if one not in digests]
    assert all(after[one] == before[one] for one in after)


# a library that is well


def test_a_whole_library_is_well_and_examining_it_writes_nothing(folder):
    before = bytes_of(folder)
    findings = examine(folder)
    assert findings.found == ()
    assert findings.is_well
    assert (findings.recordings, findings.sounds, findings.room) == (10, 8, 0)
    assert bytes_of(folder) == before


def test_repairing_a_whole_library_writes_nothing_either(folder):
    before = bytes_of(folder)
    assert examine(folder, repair=True).found == ()
    assert bytes_of(folder) == before


def test_a_library_is_examined_while_it_is_open_and_written_to(folder):
    store = LocalStore.open(folder)
    with store.writing("earmark index"):
        store.add(file("late.wav"), "late", heard(20), 20.0, Said())
        log = (folder / "library.db-wal").read_bytes()
        findings = examine(folder)
        assert (folder / "library.db-wal").read_bytes() == log
    assert findings.found == ()
    assert findings.sounds == 9
    assert "earmark index" in findings.writer
    store.close()


def test_what_a_killed_writer_left_in_the_log_is_examined_and_stays_there(folder):
    store = LocalStore.open(folder)
    fill(store, [20])
    killed = folder.with_name("killed")
    shutil.copytree(folder, killed, ignore=shutil.ignore_patterns("*-shm"))
    store.close()
    before = bytes_of(killed)
    assert before[Path("library.db-wal")]
    findings = examine(killed)
    assert (findings.found, findings.sounds) == ((), 9)
    after = bytes_of(killed)
    after.pop(Path("library.db-shm"), None)  # memory that SQLite shares between processes
    assert after == before


def test_a_library_of_any_model_is_examined(tmp_path):
    other = replace(IDENTITY, model="gone", digest="0" * 64, source="/no/such/bundle")
    store = LocalStore.create(tmp_path, other)
    fill(store, [1])
    store.close()
    assert examine(tmp_path).found == ()


def test_without_tokens_a_whole_library_is_well(tmp_path):
    store = LocalStore.create(tmp_path, IDENTITY, keeps_tokens=False)
    fill(store, range(3))
    store.close()
    findings = examine(tmp_path)
    assert (findings.found, findings.sounds) == ((), 3)


def test_a_new_library_is_well(tmp_path):
    LocalStore.create(tmp_path, IDENTITY).close()
    assert examine(tmp_path).found == ()


def test_a_sound_too_short_for_a_window_is_well(tmp_path):
    store = LocalStore.create(tmp_path, IDENTITY)
    with store.writing("a test"):
        store.add(file("x.wav"), "x", heard(1, 0.5), 0.5, Said())
    store.close()
    assert examine(tmp_path).found == ()


def test_no_library_is_an_error(tmp_path):
    with pytest.raises(EarmarkError, match="no library"):
        examine(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_room_of_what_was_removed_is_told(folder):
    store = LocalStore.open(folder)
    with store.writing("a test"):
        store.remove([r.id for r in store.recordings() if r.digest == "digest-5"])
    store.close()
    findings = examine(folder)
    # 7 moments: int8, float16, a scale and two times each; 40 tokens: int8, scale, weight, times
    assert findings.room == 7 * (24 + 48 + 4 + 16) + 40 * (24 + 4 + 4 + 16)
    assert findings.found == ()


# vectors


@pytest.mark.parametrize("name", ["gists.i8", "gists.f16", "scales.f32", "times.f64"])
def test_damaged_gists_are_made_again_from_their_tokens(folder, name):
    before = answers(folder)
    row = column(name).bytes_a_row(WIDTH)
    flip(folder, name, 7 * row + 3)  # of the second sound
    flip(folder, name, -1)  # of the last
    found = only(examine(folder), "gists")
    assert (found.count, found.mendable, found.harm) == (2, True, True)
    assert found.names == (str(ROOT / "1.wav"), str(ROOT / "7.wav"))
    findings = examine(folder, repair=True)
    assert findings.is_well
    assert only(findings, "gists").mended
    assert answers(folder) == before
    assert examine(folder).found == ()


@pytest.mark.parametrize(
    "name", ["tokens.i8", "token-scales.f32", "weights.f32", "token-times.f64"]
)
def test_a_sound_with_damaged_tokens_is_forgotten_with_all_its_recordings(folder, name):
    before = answers(folder)
    flip(folder, name, 3 * 40 * column(name).bytes_a_row(WIDTH) + 2)  # of the fourth sound
    found = only(examine(folder), "vectors")
    assert (found.count, found.names) == (1, (str(ROOT / "3.wav"), str(ROOT / "copy.wav")))
    assert "heard again" in found.remedy
    assert examine(folder, repair=True).is_well
    forgotten_is_all_that_changed(before, folder, "digest-3")
    assert not {"3.wav", "copy.wav"} & known(folder)
    assert "bad.wav" in known(folder)


def test_damaged_gists_without_tokens_are_forgotten(tmp_path):
    store = LocalStore.create(tmp_path, IDENTITY, keeps_tokens=False)
    fill(store, range(3))
    store.close()
    before = answers(tmp_path)
    flip(tmp_path, "gists.i8", 0)
    assert only(examine(tmp_path), "vectors").count == 1
    assert examine(tmp_path, repair=True).is_well
    forgotten_is_all_that_changed(before, tmp_path, "digest-0")


def test_what_was_forgotten_can_be_heard_again(folder):
    before = answers(folder)
    flip(folder, "tokens.i8", 0)
    examine(folder, repair=True)
    store = LocalStore.open(folder)
    fill(store, [0])
    store.close()
    assert answers(folder) == before


@pytest.mark.parametrize("name", [one.name for one in COLUMNS])
@pytest.mark.parametrize("how", ["cut", "gone"])
def test_files_that_are_cut_short_or_gone_cost_no_more_than_they_must(folder, name, how):
    before = answers(folder)
    path = folder / "vectors" / "000001" / name
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[: -column(name).bytes_a_row(WIDTH) - 1])
    findings = examine(folder)
    assert kinds(findings)[0] == "files"
    assert findings.found[0].names == (name,)
    assert not findings.is_well
    assert examine(folder, repair=True).is_well
    assert examine(folder).found == ()
    lost = {
        (False, "cut"): [],
        (False, "gone"): [],
        (True, "cut"): ["digest-7"],
        (True, "gone"): list(before),
    }[column(name).per_token, how]
    forgotten_is_all_that_changed(before, folder, *lost)
    store = LocalStore.open(folder)
    fill(store, [int(digest[-1]) for digest in lost])  # the next index run
    near = store.nearest(QUERY, limit=None)
    assert sorted(near.scores) == sorted(score for score, _ in before.values())
    store.close()


def test_a_volume_that_is_gone_costs_all_vectors_and_no_more(folder):
    (folder / "vectors" / "000001").rename(folder.parent / "elsewhere")
    assert kinds(examine(folder)) == ["files", "vectors"]
    assert examine(folder, repair=True).is_well
    assert known(folder) == {"bad.wav"}
    assert answers(folder) == {}


def store_one(folder, packed, seconds=20.0):
    store = LocalStore.create(folder, IDENTITY)
    with store.writing("a test"):
        store.add(file("x.wav"), "x", packed, seconds, Said())
        store.add(file("y.wav"), "y", heard(2), 20.0, Said())
    store.close()
    return answers(folder)


def changed(field, where, value):
    packed = heard(1)
    array = getattr(packed, field).copy()
    array[where] = value
    return replace(packed, **{field: array})


@pytest.mark.parametrize(
    "packed",
    [
        changed("scales", 2, np.nan),
        changed("scales", 2, 0.0),
        changed("scales", 2, -1.0),
        changed("halves", (2, 3), np.inf),
        changed("halves", (2, 3), 0.9),  # not what the int8 vector says
        changed("token_scales", 5, np.inf),
        changed("token_scales", 5, 0.0),
        changed("weights", 5, np.nan),
        changed("weights", 5, -0.5),
        changed("times", (0, 0), -0.1),
        changed("times", (6, 1), 20.1),
        changed("times", (2, 1), 4.9),  # ends before it begins
        changed("times", (2, 0), 2.4),  # begins before the one ahead of it
        changed("times", (2, 0), np.nan),
        changed("token_times", (39, 1), 20.1),
    ],
)
def test_numbers_that_cannot_be_are_told_and_forgotten(tmp_path, packed):
    with np.errstate(all="ignore"):
        before = store_one(tmp_path, packed)
        found = only(examine(tmp_path), "values")
        assert (found.count, found.names) == (1, (str(ROOT / "x.wav"),))
        assert examine(tmp_path, repair=True).is_well
    assert answers(tmp_path) == {"y": before["y"]}


def test_gists_of_other_tokens_are_told_and_forgotten(tmp_path):
    one, other = heard(1), heard(3)
    mixed = replace(one, gists=other.gists, halves=other.halves, scales=other.scales)
    before = store_one(tmp_path, mixed)
    assert only(examine(tmp_path), "unlike").count == 1
    assert examine(tmp_path, repair=True).is_well
    assert answers(tmp_path) == {"y": before["y"]}


def test_a_length_that_is_not_that_of_the_sound_is_told(folder):
    sql(folder, "UPDATE sounds SET seconds = 1e300 WHERE digest = 'digest-2'")
    sql(folder, "UPDATE sounds SET seconds = 61 WHERE digest = 'digest-4'")
    assert kinds(examine(folder)) == ["values", "unlike"]
    before = answers(folder)
    assert examine(folder, repair=True).is_well
    forgotten_is_all_that_changed(before, folder, "digest-2", "digest-4")


def test_gists_that_another_machine_rounded_otherwise_are_no_damage(tmp_path):
    packed = heard(1)
    halves = packed.halves.copy()
    halves[2, 3] = np.nextafter(halves[2, 3], np.float16(2))
    before = store_one(tmp_path, replace(packed, halves=halves))
    findings = examine(tmp_path, repair=True)
    assert not only(findings, "rounded").harm
    assert findings.is_well
    assert answers(tmp_path) == before


def test_the_gists_of_a_sound_are_compared_bit_for_bit(monkeypatch):
    packed = heard(1)
    spot = Spot(1, count_of(packed), count_of(packed), checksum(packed), 20.0)
    assert health_of(packed, spot, IDENTITY) is Health.WHOLE
    small, scales = quantise(packed.halves.astype(np.float32))  # of rounded gists: not the rule
    near = replace(packed, gists=small, scales=scales)
    spot = replace(spot, crc=checksum(near))
    assert health_of(near, spot, IDENTITY) is Health.ROUNDED
    monkeypatch.setattr(health, "APART", -1.0)
    assert health_of(near, spot, IDENTITY) is Health.UNLIKE


@pytest.mark.parametrize(
    "change", ["first = 99999", "first = -1", "token = 99999", "moments = 0", "moments = 1 << 50"]
)
def test_a_sound_that_lies_outside_of_the_files_is_forgotten(folder, change):
    before = answers(folder)
    sql(folder, f"UPDATE sounds SET {change} WHERE digest = 'digest-2'")
    assert only(examine(folder), "vectors").count == 1
    assert examine(folder, repair=True).is_well
    forgotten_is_all_that_changed(before, folder, "digest-2")


def test_a_repair_that_is_stopped_has_changed_nothing(folder, monkeypatch):
    flip(folder, "gists.i8", 0)
    before = bytes_of(folder / "vectors" / "000001")
    monkeypatch.setattr("earmark.library.store.volume.Appender.sync", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        examine(folder, repair=True)
    monkeypatch.undo()
    assert bytes_of(folder / "vectors" / "000001") == before
    assert kinds(examine(folder)) == ["gists", "leftovers"]
    assert examine(folder, repair=True).is_well


# rows


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM words WHERE rowid = 2",
        "INSERT INTO words (rowid, path) VALUES (99, 'ghost')",
        "DELETE FROM words_content WHERE id = 2",
        "DELETE FROM words_docsize WHERE id = 2",
        "DELETE FROM words_data WHERE id > 10",
        "UPDATE words_data SET block = x'00' WHERE id > 10",
        "UPDATE words_data SET block = x'00'",
        "DROP TABLE words",
        "DROP TABLE words_data",
        "DROP TABLE words_config",
    ],
)
def test_a_damaged_full_text_is_built_anew(folder, damage):
    before = answers(folder)
    sql(folder, damage)
    assert only(examine(folder), "words").count > 0
    findings = examine(folder, repair=True)
    assert findings.is_well
    assert only(findings, "words").mended
    store = LocalStore.open(folder)
    assert len(store.having("wet")) == 8
    assert len(store.having("copy")) == 1
    assert len(store.having("ghost")) == 0
    store.close()
    assert answers(folder) == before


def test_recordings_whose_sound_is_missing_are_forgotten(folder):
    before = answers(folder)
    sql(folder, "DELETE FROM sounds WHERE digest = 'digest-3'")
    found = only(examine(folder), "sound")
    assert (found.count, found.names) == (2, (str(ROOT / "3.wav"), str(ROOT / "copy.wav")))
    assert examine(folder, repair=True).is_well
    forgotten_is_all_that_changed(before, folder, "digest-3")
    assert not {"3.wav", "copy.wav"} & known(folder)


def test_recordings_of_a_folder_that_is_not_known_are_forgotten(folder):
    sql(folder, "UPDATE recordings SET root = 77 WHERE path = '5.wav'")
    found = only(examine(folder), "folder")
    assert (found.count, found.names) == (1, ("5.wav",))
    assert examine(folder, repair=True).is_well
    assert "5.wav" not in known(folder)


def test_recordings_that_name_the_sound_of_other_bytes_are_forgotten(folder):
    before = answers(folder)
    sql(folder, "UPDATE recordings SET sound = 2 WHERE path = '5.wav'")
    assert kinds(examine(folder)) == ["bytes", "loose"]
    assert examine(folder, repair=True).is_well
    forgotten_is_all_that_changed(before, folder, "digest-5")


def test_recordings_whose_tags_cannot_be_read_are_forgotten(folder):
    sql(folder, "UPDATE recordings SET tags = '{\"tit' WHERE path = '5.wav'")
    sql(folder, "DELETE FROM words WHERE rowid = 1")
    assert kinds(examine(folder)) == ["tags", "words"]
    assert examine(folder, repair=True).is_well
    assert "5.wav" not in known(folder)


def test_sounds_that_no_recording_has_are_dropped(folder):
    before = answers(folder)
    sql(
        folder,
        "DELETE FROM recordings WHERE path = '5.wav'",
        "DELETE FROM words WHERE rowid NOT IN (SELECT id FROM recordings)",
    )
    assert only(examine(folder), "loose").count == 1
    assert examine(folder, repair=True).is_well
    forgotten_is_all_that_changed(before, folder, "digest-5")


def test_an_index_that_misses_an_entry_is_built_anew(folder):
    sql(
        folder,
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_master SET sql = 'CREATE INDEX recordings_sound ON recordings (sound) "
        "WHERE sound <> 3' WHERE name = 'recordings_sound'",
    )
    sql(folder, "REINDEX")
    sql(
        folder,
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_master SET sql = 'CREATE INDEX recordings_sound ON recordings (sound)' "
        "WHERE name = 'recordings_sound'",
    )
    assert kinds(examine(folder))[0] == "indexes"
    findings = examine(folder, repair=True)
    assert findings.found[0].mended
    assert findings.is_well


def test_several_things_are_mended_at_once(folder):
    before = answers(folder)
    sql(
        folder,
        "DELETE FROM words_data WHERE id > 10",
        "DELETE FROM sounds WHERE digest = 'digest-3'",
        "UPDATE recordings SET sound = 2 WHERE path = '5.wav'",
    )
    flip(folder, "gists.f16", 0)
    flip(folder, "tokens.i8", -1)
    found = kinds(examine(folder))
    assert found == ["sound", "bytes", "loose", "words", "gists", "vectors"]
    findings = examine(folder, repair=True)
    assert all(one.mended for one in findings.found)
    forgotten_is_all_that_changed(before, folder, "digest-3", "digest-5", "digest-7")


# the folder


def test_leftover_volumes_are_removed_and_the_files_of_others_stay(folder):
    for name in ("vectors/000002/gists.i8", "vectors/mine/x", "notes.txt", "vectors/000001/odd"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"123")
    findings = examine(folder)
    assert kinds(findings) == ["leftovers", "strangers"]
    assert findings.is_well
    leftovers, strangers = findings.found
    assert leftovers.names == ("000002",)
    assert strangers.names == ("notes.txt", "vectors/000001/odd", "vectors/mine")
    assert not strangers.mendable
    assert (folder / "vectors/000002").exists()
    assert [one.mended for one in examine(folder, repair=True).found] == [True, False]
    assert not (folder / "vectors/000002").exists()
    for name in strangers.names:
        assert (folder / name).exists()


def test_a_writer_leaves_alone_what_is_no_volume(folder):
    for name in ("000009", "mine", "2024"):
        (folder / "vectors" / name).mkdir()
    store = LocalStore.open(folder)
    fill(store, [20])
    store.close()
    assert {p.name for p in (folder / "vectors").iterdir()} == {"000001", "mine", "2024"}


@pytest.mark.parametrize("at", [0, 20, 28, 60])
@pytest.mark.parametrize("repair", [False, True])
def test_a_damaged_header_is_told_and_nothing_is_touched(folder, at, repair):
    path = folder / database.NAME
    data = bytearray(path.read_bytes())
    data[at : at + 8] = bytes(byte ^ 0x5A for byte in data[at : at + 8])
    path.write_bytes(data)
    before = bytes_of(folder)
    try:
        findings = examine(folder, repair=repair)
    except EarmarkError as error:  # it looks like another version, or another's database
        assert "version" in error.problem or "not the database" in error.problem  # noqa: PT017
    else:
        found = only(findings, "database")
        assert not found.mendable
        assert "index anew" in found.remedy
        assert not findings.is_well
    assert bytes_of(folder) == before


def test_damaged_pages_are_told_and_nothing_is_touched(folder):
    path = folder / database.NAME
    data = bytearray(path.read_bytes())
    (((page,),),) = sql(folder, "SELECT rootpage FROM sqlite_master WHERE name = 'recordings'")
    data[4096 * (page - 1) : 4096 * (page - 1) + 64] = b"\xff" * 64
    path.write_bytes(data)
    before = bytes_of(folder)
    findings = examine(folder, repair=True)
    assert not only(findings, "database").mendable
    assert bytes_of(folder) == before


def test_a_database_cut_short_is_told(folder):
    path = folder / database.NAME
    path.write_bytes(path.read_bytes()[:-8192])
    assert not only(examine(folder, repair=True), "database").mendable


@pytest.mark.parametrize("key", ["identity", "moments", "volume"])
def test_settings_that_cannot_be_read_are_told(folder, key):
    sql(folder, f"UPDATE settings SET value = '?' WHERE key = '{key}'")
    findings = examine(folder, repair=True)
    assert not only(findings, "database").mendable
    if key == "identity":
        with pytest.raises(EarmarkError, match="damaged"):
            LocalStore.open(folder)


# who may do what


def test_a_folder_that_may_only_be_read_is_examined_and_not_repaired(folder, monkeypatch):
    flip(folder, "gists.i8", 0)
    monkeypatch.setattr(database, "is_writable", lambda folder: False)
    before = bytes_of(folder)
    assert kinds(examine(folder)) == ["gists"]
    with pytest.raises(EarmarkError, match="may only be read"):
        examine(folder, repair=True)
    assert bytes_of(folder) == before


def test_nothing_is_repaired_while_somebody_writes(folder):
    flip(folder, "gists.i8", 0)
    with (
        writer_lock(folder, "earmark index"),
        pytest.raises(HeldError, match="earmark index"),
    ):
        examine(folder, repair=True)


def test_an_older_library_is_told_and_a_repair_brings_it_up_to_date(folder, monkeypatch):
    more = (*schema.MIGRATIONS, "CREATE TABLE later (x);\n")
    flip(folder, "gists.i8", 0)
    monkeypatch.setattr(schema, "MIGRATIONS", more)
    before = bytes_of(folder)
    assert kinds(examine(folder)) == ["version"]
    assert bytes_of(folder) == before
    findings = examine(folder, repair=True)
    assert findings.is_well
    assert [(one.kind, one.mended) for one in findings.found] == [
        ("version", True),
        ("gists", True),
    ]
    assert examine(folder).found == ()


def test_a_change_that_was_stopped_on_a_network_drive_is_undone_by_a_repair(folder, monkeypatch):
    monkeypatch.setattr(database, "is_remote", lambda folder: True)
    before = answers(folder)
    store, killed = LocalStore.open(folder), folder.with_name("killed")
    store.rows.all("PRAGMA cache_size = 1")  # so that pages are written before the end
    with store.writing("a victim"), store._changing():
        store.rows.drop([1, 2, 3])
        store.rows.all("UPDATE recordings SET reason = ?", ("x" * 9000,))
        shutil.copytree(folder, killed)
    store.close()
    left = bytes_of(killed)
    assert left[Path("library.db-journal")]
    assert only(examine(killed), "undone").mendable
    assert bytes_of(killed) == left
    assert examine(killed, repair=True).is_well
    assert examine(killed).found == ()
    assert answers(killed) == before


def test_findings_are_plain_json_values(folder):
    flip(folder, "gists.i8", 0)
    told = json.loads(json.dumps(examine(folder).as_dict()))
    assert told["is_well"] is False
    assert told["found"][0]["kind"] == "gists"
