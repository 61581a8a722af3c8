"""A library in one file, and back."""

import json
import multiprocessing
import os
import shutil
import signal
import tarfile
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from earmark.audio.write import write
from earmark.errors import EarmarkError, UsageError
from earmark.library.library import Library
from earmark.library.nouns import Said
from earmark.library.parcel import manifest, put
from earmark.library.parcel import write as writing
from earmark.library.parcel.blocks import BLOCK, END, header, padding, room, size_in
from earmark.library.parcel.put import unpack
from earmark.library.parcel.read import open_parcel
from earmark.library.parcel.write import pack
from earmark.library.store.doctor import examine
from earmark.library.store.local import LocalStore
from earmark.synth import make
from library.parcels import contents_of, tar_file, with_line, write_parcel
from library.states import files_of, state_of
from library.store.contract import IDENTITY, WIDTH, file, fill, heard
from model.tiny import write_tiny


@pytest.fixture
def store(tmp_path):
    with closing(LocalStore.create(tmp_path / "library", IDENTITY)) as store:
        yield store


def add(store, path, seed, **said):
    store.add(file(path), f"digest-{seed}", heard(seed), 20.0, Said(**said))


def fill_oddly(store):
    """Sounds whose order is not that of their digests, a copy, a bad file, words and a bad name."""
    with store.writing("a test"):
        add(store, "z.wav", 3, tags={"title": "Zürich"}, ucs="RAINRoof", warnings=("odd", "й"))
        add(store, "caf\udce9.wav", 1)
        add(store, "a.wav", 2)
        store.share(file("copy.wav"), "digest-3", Said())
        store.fail(file("bad.wav"), "", "it is empty")


@pytest.fixture
def parcel(store, tmp_path):
    fill_oddly(store)
    pack(store.folder, tmp_path / "out.earmark")
    return tmp_path / "out.earmark"


def refused(parcel, match):
    """Have a parcel refused in two lines, and nothing left behind."""
    home = parcel.parent / "home"
    home.mkdir(exist_ok=True)
    with pytest.raises(EarmarkError, match=match) as said:
        unpack(parcel, home / "new")
    assert len(str(said.value).splitlines()) == 2
    assert list(home.iterdir()) == []
    return said.value


# what it is


def test_what_was_packed_comes_back(store, parcel, tmp_path):
    unpack(parcel, tmp_path / "back" / "library")
    assert state_of(tmp_path / "back" / "library") == state_of(store.folder)
    assert examine(tmp_path / "back" / "library").found == ()
    with closing(LocalStore.open(tmp_path / "back" / "library")) as back:
        assert back.identity == IDENTITY
        assert back.status().roots == store.status().roots
    assert [path.name for path in (tmp_path / "back").iterdir()] == ["library"]


def test_any_tar_program_reads_it(parcel):
    with tarfile.open(parcel) as tar:
        members = tar.getmembers()
        assert [one.name for one in members] == [
            "earmark-library.json",
            "recordings.jsonl",
            "sounds.jsonl",
            "vectors/gists.i8",
            "vectors/gists.f16",
            "vectors/scales.f32",
            "vectors/times.f64",
            "vectors/tokens.i8",
            "vectors/token-scales.f32",
            "vectors/weights.f32",
            "vectors/token-times.f64",
        ]
        facts = {(one.mtime, one.uid, one.gid, one.uname, one.mode) for one in members}
        assert facts == {(0, 0, 0, "", 0o644)}
        told = json.load(tar.extractfile("earmark-library.json"))
        for part in told["parts"]:
            data = tar.extractfile(part["name"]).read()
            assert (len(data), sha256(data).hexdigest()) == (part["size"], part["sha256"])


def test_its_parts_by_hand(parcel):
    with tarfile.open(parcel) as tar:
        parts = {one.name: tar.extractfile(one).read() for one in tar.getmembers()}
    told = json.loads(parts["earmark-library.json"])
    counts = ("format", "recordings", "failed", "sounds", "seconds", "moments", "tokens")
    assert [told[name] for name in counts] == [1, 5, 1, 3, 80.0, 21, 120]
    assert told["roots"] == ["/sounds"]
    assert told["keeps_tokens"] is True

    recordings = list(map(json.loads, parts["recordings.jsonl"].decode().splitlines()))
    assert [row["path"] for row in recordings] == [
        "a.wav",
        "bad.wav",
        "caf\U0010fee9.wav",
        "copy.wav",
        "z.wav",
    ]
    assert recordings[4] == {
        "root": "/sounds",
        "path": "z.wav",
        "size": 100,
        "mtime": 5_000_000_000,
        "digest": "digest-3",
        "heard": True,
        "reason": "",
        "tags": {"title": "Zürich"},
        "ucs": "RAINRoof",
        "warnings": ["odd", "й"],
    }
    assert (recordings[1]["heard"], recordings[1]["reason"]) == (False, "it is empty")

    sounds = list(map(json.loads, parts["sounds.jsonl"].decode().splitlines()))
    assert [one["digest"] for one in sounds] == ["digest-1", "digest-2", "digest-3"]
    gists = np.concatenate([heard(seed).gists for seed in (1, 2, 3)])  # by digest, not by time
    assert parts["vectors/gists.i8"] == gists.tobytes()
    times = np.concatenate([heard(seed).token_times for seed in (1, 2, 3)])
    assert parts["vectors/token-times.f64"] == times.tobytes()
    assert len(parts["vectors/gists.f16"]) == 21 * WIDTH * 2


def test_the_order_of_indexing_and_what_was_removed_change_no_byte(tmp_path):
    parcels = set()
    for number, order in enumerate(permutations((1, 2, 3))):
        with closing(LocalStore.create(tmp_path / f"library-{number}", IDENTITY)) as store:
            with store.writing("a test"):
                add(store, "secret.wav", 99, tags={"title": "nobody's business"})
                for seed in order:
                    add(store, f"{seed}.wav", seed)
                (secret,) = [one.id for one in store.recordings() if "secret" in one.place.path]
                store.remove([secret])
                if number % 2:
                    store.compact()
            pack(store.folder, tmp_path / f"{number}.earmark")
        parcels.add((tmp_path / f"{number}.earmark").read_bytes())
    (parcel,) = parcels
    assert b"secret" not in parcel
    assert b"nobody" not in parcel


def test_packed_again_it_is_the_same_file(parcel, tmp_path):
    unpack(parcel, tmp_path / "back")
    pack(tmp_path / "back", tmp_path / "again.earmark")
    assert (tmp_path / "again.earmark").read_bytes() == parcel.read_bytes()


def test_libraries_without_tokens_or_with_nothing_at_all(tmp_path):
    for name, seeds, keeps in (("lean", [1, 2], False), ("empty", [], True), ("none", [], False)):
        with closing(LocalStore.create(tmp_path / name, IDENTITY, keeps_tokens=keeps)) as store:
            fill(store, seeds)
        pack(tmp_path / name, tmp_path / f"{name}.earmark")
        unpack(tmp_path / f"{name}.earmark", tmp_path / f"{name}-back")
        assert state_of(tmp_path / f"{name}-back") == state_of(tmp_path / name)


def test_packing_changes_no_byte_of_the_library(store, tmp_path):
    fill(store, [1])
    store.close()
    before = files_of(store.folder)
    pack(store.folder, tmp_path / "out.earmark")
    assert files_of(store.folder) == before


def test_it_holds_one_state_of_a_library_that_is_written_to(store, tmp_path, monkeypatch):
    fill_oddly(store)
    before, written, left = state_of(store.folder), writing.recording_line, [True]

    def meanwhile(kept):
        if left:
            left.pop()
            with store.writing("earmark index"):
                store.remove([one.id for one in store.recordings()][:2])
                add(store, "late.wav", 7)
                store.compact()
                add(store, "later.wav", 8)
        return written(kept)

    monkeypatch.setattr(writing, "recording_line", meanwhile)
    pack(store.folder, tmp_path / "out.earmark")
    unpack(tmp_path / "out.earmark", tmp_path / "back")
    assert not left
    assert state_of(tmp_path / "back") == before


def test_a_library_is_packed_inside_a_run_that_writes_to_it(store, tmp_path):
    with store.writing("earmark index"):
        add(store, "a.wav", 1)
        pack(store.folder, tmp_path / "out.earmark")
        add(store, "b.wav", 2)
    parcel = open_parcel(tmp_path / "out.earmark")
    parcel.verify()
    assert [kept.found.place.path for kept in parcel.kept()] == ["a.wav"]


# searching what was unpacked


def test_search_gives_the_same_with_the_sounds_away_and_after_a_relocation(tmp_path):
    write_tiny(tmp_path / "tiny")
    sounds = tmp_path / "sounds"
    for number, kind in enumerate(("dog_bark", "piano", "wind")):
        path = sounds / f"{kind}.wav"
        sounds.mkdir(exist_ok=True)
        write(path, make(kind, number, seconds=4.0 + number, rate=8000), 8000)
    with Library.create(tmp_path / "library", model=tmp_path / "tiny") as library:
        library.index([sounds])
        hits = library.search("a dog", unsure=True)
        told = library.pack(tmp_path / "out.earmark")
    assert (told.recordings, told.seconds) == (3, 15.0)
    shutil.rmtree(tmp_path / "library")
    sounds.rename(tmp_path / "elsewhere")

    with Library.unpack(tmp_path / "out.earmark", tmp_path / "back") as back:
        found = back.search("a dog", unsure=True)
        assert [replace(hit, why=None) for hit in found] == [
            replace(hit, why=None, away=True) for hit in hits
        ]
        assert back.relocate(sounds, tmp_path / "elsewhere") == 3
        found = back.search("a dog", unsure=True)
        assert [(hit.score, hit.start, hit.away) for hit in found] == [
            (hit.score, hit.start, False) for hit in hits
        ]


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_a_root_of_another_machine_is_relocated_by_the_name_it_had_there(store, tmp_path):
    there = tmp_path / "home" / "me"
    with store.writing("a test"):
        store.add(file("a.wav", root=there), "digest-1", heard(1), 20.0, Said())
    pack(store.folder, tmp_path / "out.earmark")
    (tmp_path / "disk" / "me").mkdir(parents=True)
    (tmp_path / "home").symlink_to(tmp_path / "disk")  # as /home is a link on some machines
    (tmp_path / "now").mkdir()
    with Library.unpack(tmp_path / "out.earmark", tmp_path / "back") as back:
        assert len(back.under(there)) == 1
        assert back.relocate(there, tmp_path / "now") == 1
        assert back.store.roots() == [tmp_path / "now"]


# damage


def test_any_bit_that_is_not_as_it_was_is_found(parcel):
    data = parcel.read_bytes()
    head = room(size_in(data[:BLOCK]))
    places = {*range(0, head, 5), *range(head, len(data), 41), len(data) - 1}
    for place in sorted(places):
        parcel.write_bytes(data[:place] + bytes([data[place] ^ 1 << place % 8]) + data[place + 1 :])
        with pytest.raises(EarmarkError) as said:
            open_parcel(parcel).verify()
        assert len(str(said.value).splitlines()) == 2
    parcel.write_bytes(data)
    open_parcel(parcel).verify()


@pytest.mark.parametrize("left", [0, 1, 511, 512, 2000, -513, -1])
def test_one_that_is_cut_short_is_told_and_not_unpacked(parcel, left):
    parcel.write_bytes(parcel.read_bytes()[:left])
    refused(parcel, "is not a packed library" if left in (0, 1) else "is damaged")


def test_what_stands_behind_its_end_is_told(parcel):
    parcel.write_bytes(parcel.read_bytes() + b"more")
    refused(parcel, "4 bytes stand behind its end")


def test_which_part_is_damaged_is_told(parcel):
    data = bytearray(parcel.read_bytes())
    at = data.index(b"vectors/weights.f32\0") + BLOCK
    data[at + 5] ^= 16
    parcel.write_bytes(data)
    said = refused(parcel, r"vectors/weights\.f32 in it is not what was packed")
    assert "pack the library anew" in said.hint


@pytest.mark.parametrize("data", [b"", b"words " * 200, bytes(4096)])
def test_another_file_is_told_apart(tmp_path, data):
    (tmp_path / "x.earmark").write_bytes(data)
    refused(tmp_path / "x.earmark", "is not a packed library")


def test_a_file_that_is_not_there_is_told(tmp_path):
    refused(tmp_path / "none.earmark", "could not be read: No such file")


def test_a_later_format_is_refused_with_what_to_update(parcel, monkeypatch):
    contents, told = contents_of(parcel), open_parcel(parcel).manifest
    with monkeypatch.context() as patch:
        patch.setattr(manifest, "FORMAT", 2)
        write_parcel(parcel, told, contents)
    said = refused(parcel, "is of format 2, and this earmark knows up to 1")
    assert "pip install --upgrade earmark" in said.hint


@pytest.mark.parametrize("name", ["../../evil", "/etc/evil", "vectors/../../evil", "evil"])
def test_parts_of_other_names_are_refused(parcel, name):
    contents, told = contents_of(parcel), open_parcel(parcel).manifest
    for place in (0, 5):
        names = list(contents)
        names[place] = name
        renamed = dict(zip(names, contents.values(), strict=True))
        write_parcel(parcel, told, renamed)
        refused(parcel, "is damaged: .*it names a part")


@pytest.mark.parametrize(
    "changes",
    [
        {"moments": 20},
        {"moments": -1},
        {"tokens": True},
        {"recordings": "5"},
        {"identity": replace(IDENTITY, width=25)},
        {"identity": replace(IDENTITY, model=None)},
        {"roots": (1,)},
    ],
)
def test_a_manifest_that_makes_no_sense_is_refused(parcel, changes):
    contents, told = contents_of(parcel), open_parcel(parcel).manifest
    write_parcel(parcel, replace(told, **changes), contents)
    refused(parcel, "does not say what it holds")


@pytest.mark.parametrize("head", [b"[]", b"{}", b"[" * 100_000, b'{"format":1}', b"\xff", b""])
def test_a_manifest_that_is_none_is_refused(parcel, head):
    parcel.write_bytes(tar_file(manifest.NAME, head) + END)
    refused(parcel, "does not say what it holds")


RECORDINGS, SOUNDS = manifest.RECORDINGS, manifest.SOUNDS


@pytest.mark.parametrize(
    ("name", "changes", "match"),
    [
        (RECORDINGS, {"path": "../../etc/passwd"}, "path"),
        (RECORDINGS, {"path": "/etc/passwd"}, "path"),
        (RECORDINGS, {"path": ""}, "path"),
        (RECORDINGS, {"path": "a\0.wav"}, "path"),
        (RECORDINGS, {"path": 7}, "path that is no text"),
        (RECORDINGS, {"size": 2**63}, "size that is no number"),
        (RECORDINGS, {"mtime": 1.5}, "mtime that is no number"),
        (RECORDINGS, {"heard": 1}, "tags"),
        (RECORDINGS, {"tags": {"title": 1}}, "tags"),
        (RECORDINGS, {"tags": None}, "holds"),
        (RECORDINGS, {"digest": "digest-9"}, "sound of a recording is missing"),
        (RECORDINGS, {"path": "bad.wav"}, "not those that were packed"),  # twice
        (RECORDINGS, {"more": 1}, "not as it is written"),
        (SOUNDS, {"moments": 6}, "not those that were packed"),
        (SOUNDS, {"digest": "digest-2"}, "not those that were packed"),
        (SOUNDS, {"crc": 5}, "vectors are not those"),
        (SOUNDS, {"seconds": -1.0}, "cannot be"),
        (SOUNDS, {"seconds": float("nan")}, "cannot be"),
        (SOUNDS, {"tokens": -40}, "cannot be"),
        (SOUNDS, {"seconds": "long"}, "holds"),
    ],
)
def test_rows_that_no_library_has_are_refused(parcel, name, changes, match):
    contents, told = contents_of(parcel), open_parcel(parcel).manifest
    write_parcel(parcel, told, with_line(contents, name, 0, **changes))
    open_parcel(parcel).verify()  # every digest is right
    refused(parcel, match)


def test_rows_that_lack_something_are_refused(parcel):
    contents, told = contents_of(parcel), open_parcel(parcel).manifest
    for line in (b"{}\n", b"[]\n", b"\n", b"[" * 50_000 + b"\n", b'{"root":"\\ud800"}\n'):
        lines = contents[RECORDINGS].split(b"\n", 1)
        write_parcel(parcel, told, contents | {RECORDINGS: line + lines[1]})
        refused(parcel, "is damaged: recordings.jsonl in it holds")


# nothing half-written


def test_a_file_that_is_there_is_never_written_over(store, parcel):
    before = parcel.read_bytes()
    with pytest.raises(UsageError, match="is there already"):
        pack(store.folder, parcel)
    assert parcel.read_bytes() == before


def test_a_folder_that_holds_something_is_left_alone(parcel, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine", encoding="utf-8")
    for place in (tmp_path / "full", parcel):
        with pytest.raises(UsageError, match="is there already, and holds something"):
            unpack(parcel, place)
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]


def test_an_empty_folder_is_filled(store, parcel, tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    unpack(Path("out.earmark"), Path("empty"))
    assert state_of(tmp_path / "empty") == state_of(store.folder)


def test_damaged_vectors_are_not_packed(store, tmp_path):
    fill(store, [1, 2])
    path = store.folder / "vectors" / "000001" / "token-times.f64"
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)
    out = tmp_path / "out" / "x.earmark"
    out.parent.mkdir()
    with pytest.raises(EarmarkError, match=f"{store.folder} is damaged"):
        pack(store.folder, out)
    assert list(out.parent.iterdir()) == []


def test_a_place_that_cannot_be_written_to_is_told(store, parcel, tmp_path):
    with pytest.raises(EarmarkError, match="could not be written"):
        pack(store.folder, tmp_path / "none" / "x.earmark")
    with pytest.raises(EarmarkError, match="could not be written"):
        unpack(parcel, parcel / "in a file")


def test_stopped_in_the_middle_nothing_is_left(store, parcel, tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()
    kept, left = put.take_over, [2]

    def take_two(*what):
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return kept(*what)

    monkeypatch.setattr(put, "take_over", take_two)
    with pytest.raises(KeyboardInterrupt):
        unpack(parcel, home / "new")
    monkeypatch.setattr(writing, "sound_line", lambda one: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        pack(store.folder, home / "x.earmark")
    assert list(home.iterdir()) == []


def _die_in_the_middle(folder, out):
    real = os.fsync

    def die(number):
        real(number)
        os.kill(os.getpid(), signal.SIGKILL)

    os.fsync = die
    pack(folder, out)


@pytest.mark.skipif(os.name == "nt", reason="the writer is killed by a signal")
def test_killed_it_leaves_no_file_of_that_name_and_can_be_done_again(store, tmp_path):
    fill(store, [1])
    out = tmp_path / "out" / "x.earmark"
    out.parent.mkdir()
    process = multiprocessing.get_context("spawn").Process(
        target=_die_in_the_middle, args=(store.folder, out)
    )
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert not out.exists()
    (left,) = out.parent.iterdir()
    assert left.name.startswith(".x.earmark.")
    pack(store.folder, out)
    open_parcel(out).verify()


# blocks


@pytest.mark.parametrize("size", [0, 1, 512, 8**11 - 1, 8**11, 12_345_678_901_234])
def test_headers_say_to_tar_what_they_should(size):
    block = header("vectors/gists.i8", size)
    told = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
    assert (told.name, told.size, told.type) == ("vectors/gists.i8", size, tarfile.REGTYPE)
    assert size_in(block) == size
    assert len(block) == BLOCK
    assert (size + padding(size)) % BLOCK == 0
    assert room(size) == BLOCK + size + padding(size)
