"""A drive of real files and the default store: what scans, changes and settling make of mishaps."""

import os
import sys
from itertools import permutations
from pathlib import Path

import pytest

from earmark.library.changes import plan
from earmark.library.hear import Outcome, digest_of
from earmark.library.nouns import Said
from earmark.library.roots import areas
from earmark.library.scan import scan
from earmark.library.settle import Settling
from earmark.library.store.local import LocalStore
from library.store.contract import IDENTITY, heard

links = pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")


class Indexer:
    """An index run with ears that hear a number in the bytes of a file."""

    def __init__(self, store):
        self.store = store
        self.heard = []

    def run(self, *asked, exclude=(), prune=False):
        with self.store.writing("a test"):
            known = list(self.store.recordings())
            found = areas(asked, self.store.roots())
            scans = [scan(area, exclude=exclude, known=known) for area in found]
            changes = plan(known, scans, prune=prune)
            settling = Settling(changes, self.store)
            for file in changes.fresh:
                settling.settle(self.outcome(file, settling))
            return settling.finish()

    def outcome(self, file, settling):
        try:
            digest = digest_of(file.place.full, lambda: None)
        except OSError as error:
            return Outcome(found=file, reason=str(error))
        if not settling.must_hear(file, digest):
            return Outcome(found=file, digest=digest)
        self.heard.append(file.place.full.read_bytes().decode())
        packed = heard(int(digest[:6], 16))
        return Outcome(found=file, digest=digest, packed=packed, seconds=20.0, said=Said())

    def knows(self):
        return {str(one.place.full): one.sound is not None for one in self.store.recordings()}


@pytest.fixture
def store(tmp_path):
    store = LocalStore.create(tmp_path / "library", IDENTITY)
    yield store
    store.close()


@pytest.fixture
def indexer(store):
    return Indexer(store)


@pytest.fixture
def root(tmp_path):
    root = tmp_path.resolve() / "sounds"
    put(root, "a.wav", "in/b.wav", "in/deep/c.wav", "in/deep/.hidden/d.wav", "z/e.wav")
    return root


def put(root, *paths, content=None):
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content or f"sound of {path}", encoding="utf-8")


def counts(report):
    names = ("indexed", "skipped", "moved", "copied", "failed", "removed", "away")
    return {name: getattr(report, name) for name in names if getattr(report, name)}


def files(root, *paths):
    return {str(root / path) for path in paths}


VISIBLE = ("a.wav", "in/b.wav", "in/deep/c.wav", "z/e.wav")


def test_a_year_of_mishaps(indexer, root):
    usb = root.parent / "usb"
    put(usb, "k.wav", "l.wav")
    assert counts(indexer.run(root, usb)) == {"indexed": 6}
    assert counts(indexer.run(root, usb)) == {"skipped": 6}

    os.utime(root / "a.wav", ns=(1, 1_000_000_000))
    assert counts(indexer.run(root, usb)) == {"skipped": 6}

    (root / "a.wav").rename(root / "A2.wav")  # renamed, moved to another folder, to another root
    (root / "in" / "b.wav").rename(root / "z" / "b.wav")
    (root / "z" / "e.wav").rename(usb / "e.wav")
    assert counts(indexer.run(root, usb)) == {"skipped": 3, "moved": 3}

    (root / "in" / "deep").rename(root / "deep")  # a folder
    assert counts(indexer.run(root, usb)) == {"skipped": 5, "moved": 1}

    (usb / "k.wav").rename(usb / "x")  # two files that change places
    (usb / "l.wav").rename(usb / "k.wav")
    (usb / "x").rename(usb / "l.wav")
    os.utime(usb / "k.wav", ns=(1, 2_000_000_000))
    os.utime(usb / "l.wav", ns=(1, 3_000_000_000))
    assert counts(indexer.run(root, usb)) == {"skipped": 4, "moved": 2}

    put(root, "copy.wav", content=(root / "A2.wav").read_text())
    assert counts(indexer.run(root, usb)) == {"skipped": 6, "copied": 1}
    assert len(indexer.heard) == 6

    usb.rename(root.parent / "unplugged")
    assert counts(indexer.run(root, usb)) == {"skipped": 4, "away": 3}
    usb.mkdir()  # where it was there is now an empty folder
    assert counts(indexer.run(root, usb)) == {"skipped": 4, "away": 3}
    usb.rmdir()
    (root.parent / "unplugged").rename(usb)
    assert counts(indexer.run(root, usb)) == {"skipped": 7}
    assert len(indexer.heard) == 6

    put(usb, "k.wav", content="cut")  # truncated, replaced, deleted
    put(usb, "l.wav", content="quite another sound")
    (root / "copy.wav").unlink()
    assert counts(indexer.run(root, usb)) == {"skipped": 4, "indexed": 2, "removed": 1}
    assert indexer.heard[6:] == ["cut", "quite another sound"]

    put(root, "copy.wav", content=(root / "A2.wav").read_text())  # deleted, and there again
    assert counts(indexer.run(root, usb)) == {"skipped": 6, "copied": 1}
    assert indexer.knows() == dict.fromkeys(
        files(root, "A2.wav", "z/b.wav", "deep/c.wav", "copy.wav")
        | files(usb, "e.wav", "k.wav", "l.wav"),
        True,
    )


@pytest.mark.parametrize("order", [*permutations([".", "in", "in/deep", "in/b.wav"])])
def test_no_file_is_known_twice_in_whichever_order_nested_folders_are_asked_for(
    indexer, root, order
):
    for path in order:
        indexer.run(root / path)
    assert set(indexer.knows()) == files(root, *VISIBLE)
    assert len(indexer.heard) == len(list(indexer.store.recordings())) == len(VISIBLE)
    assert counts(indexer.run(root)) == {"skipped": len(VISIBLE)}
    assert counts(indexer.run(*(root / path for path in order))) == {"skipped": len(VISIBLE)}


def test_a_hidden_folder_that_was_asked_for_stays_when_the_one_around_it_is_indexed(indexer, root):
    hidden = root / "in" / "deep" / ".hidden"
    indexer.run(root)
    assert counts(indexer.run(hidden)) == {"indexed": 1}
    assert counts(indexer.run(root)) == {"skipped": 5}
    assert set(indexer.knows()) == files(root, *VISIBLE, "in/deep/.hidden/d.wav")


def test_a_file_of_an_odd_name_that_was_asked_for_stays_when_its_folder_is_indexed(indexer, root):
    put(root, "in/odd.bin")
    indexer.run(root / "in" / "odd.bin")
    assert counts(indexer.run(root)) == {"skipped": 1, "indexed": 4}
    put(root, "in/odd.bin", content="other bytes")
    assert counts(indexer.run(root)) == {"skipped": 4, "indexed": 1}
    (root / "in" / "odd.bin").unlink()
    assert counts(indexer.run(root)) == {"skipped": 4, "removed": 1}


def test_files_move_out_of_a_nested_root_and_into_it(indexer, root):
    indexer.run(root / "in")
    indexer.run(root)
    (root / "in" / "b.wav").rename(root / "b.wav")
    (root / "a.wav").rename(root / "in" / "a.wav")
    assert counts(indexer.run(root)) == {"skipped": 2, "moved": 2}
    assert set(indexer.knows()) == files(root, "b.wav", "in/a.wav", "in/deep/c.wav", "z/e.wav")


def test_a_nested_root_that_is_not_there_is_away(indexer, root):
    indexer.run(root / "in")
    indexer.run(root)
    (root / "in").rename(root.parent / "unplugged")
    assert counts(indexer.run(root)) == {"skipped": 2, "away": 2}
    assert counts(indexer.run(root, prune=True)) == {"skipped": 2, "removed": 2}


def test_what_is_left_out_later_stays_as_it_is(indexer, root):
    indexer.run(root)
    assert counts(indexer.run(root, exclude=["deep"])) == {"skipped": 4}
    put(root, "in/deep/c.wav", content="other bytes")
    assert counts(indexer.run(root, exclude=["deep"])) == {"skipped": 4}
    assert counts(indexer.run(root)) == {"skipped": 3, "indexed": 1}


def test_a_file_without_permission_is_tried_again_at_every_run(indexer, root, monkeypatch):
    opening = Path.open

    def refused(self, *how, **more):
        if self.name == "a.wav":
            raise PermissionError(13, "Permission denied")
        return opening(self, *how, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refused)
        assert counts(indexer.run(root)) == {"indexed": 3, "failed": 1}
        assert counts(indexer.run(root)) == {"skipped": 3, "failed": 1}
        assert indexer.knows()[str(root / "a.wav")] is False
    assert counts(indexer.run(root)) == {"skipped": 3, "indexed": 1}


@links
def test_a_root_under_two_names_is_known_once(indexer, root):
    link = root.parent / "link"
    link.symlink_to(root)
    indexer.run(root)
    assert counts(indexer.run(link)) == {"skipped": 4}
    assert counts(indexer.run(link / "in", link / "a.wav")) == {"skipped": 3}


@links
def test_a_root_that_moved_and_left_a_link_is_known_still(indexer, root):
    indexer.run(root)
    big = root.parent / "big"
    root.rename(big)
    root.symlink_to(big)
    assert counts(indexer.run(root)) == {"skipped": 4}
    assert counts(indexer.run(big)) == {"skipped": 4}


@pytest.mark.skipif(sys.platform != "linux", reason="only there names may be any bytes")
def test_names_that_are_no_text_stay_known(indexer, root):
    put(root, "caf\udce9.wav", content="coffee")
    assert counts(indexer.run(root)) == {"indexed": 5}
    assert counts(indexer.run(root)) == {"skipped": 5}
    (root / "caf\udce9.wav").rename(root / "caf\u00e9.wav")
    assert counts(indexer.run(root)) == {"skipped": 4, "moved": 1}
