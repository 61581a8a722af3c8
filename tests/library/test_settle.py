"""What fresh files turn out to be: by hand, and whatever may happen to a drive within a year."""

import random
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earmark.library.changes import plan
from earmark.library.hear import Outcome
from earmark.library.nouns import Found, Place, Recording, Report, Said
from earmark.library.roots import Area, Top
from earmark.library.scan import Exclude, Scan
from earmark.library.settle import Settling

ROOT, USB = Path("/sounds").absolute(), Path("/usb").absolute()
BAD = "bad"  # bytes in which nothing can be heard
SOUND = object()  # stands for what was heard


class Shelf:
    """A store that keeps to the contract, and nothing more."""

    def __init__(self):
        self.rows = {}
        self.sounds = {}
        self.heard = []
        self.next = 1

    def recordings(self):
        return sorted(self.rows.values(), key=lambda r: (str(r.place.root), r.place.path))

    def sound_of(self, digest):
        return self.sounds.get(digest)

    def add(self, file, digest, packed, seconds, said):
        assert packed is SOUND
        assert digest not in self.sounds, "heard twice"
        self.heard.append(digest)
        self.sounds[digest] = self.next  # never given twice
        self.keep(file, digest, self.sounds[digest])

    def share(self, file, digest, said):
        self.keep(file, digest, self.sounds[digest])

    def fail(self, file, digest, reason):
        self.keep(file, digest, None, reason)

    def move(self, number, file, said=None):
        moved = replace(self.rows[number], place=file.place, size=file.size, mtime=file.mtime)
        self.drop([one.id for one in self.rows.values() if one.place == file.place])
        self.rows[number] = moved
        self.sweep()

    def remove(self, numbers):
        self.drop(numbers)
        self.sweep()

    def keep(self, file, digest, sound, reason=""):
        self.drop([one.id for one in self.rows.values() if one.place == file.place])
        self.rows[self.next] = Recording(
            id=self.next,
            place=file.place,
            size=file.size,
            mtime=file.mtime,
            digest=digest,
            sound=sound,
            seconds=3.0,
            reason=reason,
        )
        self.next += 1
        self.sweep()

    def drop(self, numbers):
        for number in list(numbers):
            self.rows.pop(number, None)

    def sweep(self):
        held = {one.sound for one in self.rows.values()}
        self.sounds = {digest: sound for digest, sound in self.sounds.items() if sound in held}


@dataclass(frozen=True)
class File:
    """A file of a drive that is made up."""

    bytes: str  # its digest, too
    mtime: int = 1

    @property
    def size(self):
        return len(self.bytes)


class Drives:
    """Roots with files in them."""

    def __init__(self, **files):
        self.files = {}
        self.plugged = {ROOT, USB}
        self.clock = 1
        for name, content in files.items():
            self.put(name, content)

    def put(self, name, content):
        self.clock += 1
        self.files[place(name)] = File(content, self.clock)

    def move(self, old, new):
        if place(old) in self.files:
            self.files[place(new)] = self.files.pop(place(old))

    def copy(self, old, new):
        if place(old) in self.files:
            self.files[place(new)] = self.files[place(old)]

    def swap(self, one, other):
        files = {place(one): place(other), place(other): place(one)}
        self.files = {files.get(p, p): file for p, file in self.files.items()}

    def touch(self, name):
        if place(name) in self.files:
            self.put(name, self.files[place(name)].bytes)

    def delete(self, name):
        self.files.pop(place(name), None)

    def plug(self, root):
        self.plugged ^= {root}

    def scans(self):
        return [self.scan(root) for root in (ROOT, USB)]

    def scan(self, root):
        there = root in self.plugged
        files = [
            Found(place, file.size, file.mtime)
            for place, file in sorted(self.files.items(), key=lambda one: one[0].path)
            if place.root == root and there
        ]
        area, tops = Area(root, (Top(root, root),)), {root: Exclude.of(root, ())}
        return Scan(area, tops, frozenset() if there else frozenset([root]), files, 0, [])


def place(name):
    root, _, path = name.rpartition("_")
    return Place(USB if root else ROOT, path)


def outcome(drives, found, must_hear, changed=()):
    digest = drives.files[found.place].bytes
    if found.place in changed:
        return Outcome(found=found, digest=digest, changed=True)
    if not must_hear:
        return Outcome(found=found, digest=digest)
    if digest.startswith(BAD):
        return Outcome(found=found, digest=digest, reason="it is empty")
    return Outcome(found=found, digest=digest, packed=SOUND, seconds=3.0)


def index(drives, shelf, order=None, changed=(), prune=False, stop=None, hold=()):
    """Run as the pipeline does: files are looked at, heard and settled in an order of its own."""
    chance = random.Random(order)
    changes = plan(shelf.recordings(), drives.scans(), prune=prune)
    settling = Settling(changes, shelf)
    looked = [file for file in changes.fresh if file.place not in hold]
    hearing, alike = [], {}
    if order is not None:
        chance.shuffle(looked)

    def take(found):
        digest = drives.files[found.place].bytes
        if digest in alike:
            alike[digest].append(found)
        elif settling.must_hear(found, digest) and found.place not in changed:
            alike[digest] = []
            hearing.append(found)
        else:
            settling.settle(outcome(drives, found, must_hear=False, changed=changed))

    while looked or hearing:
        if stop is not None and chance.random() < stop:
            return None
        if looked and (not hearing or chance.random() < 0.5):
            take(looked.pop(0))
        else:
            done = outcome(drives, hearing.pop(0 if order is None else -1), must_hear=True)
            settling.settle(done)
            for waiting in alike.pop(done.digest):
                take(waiting)
    return settling.finish()


def stands(shelf):
    """What a shelf says of every place."""
    return {
        ("usb_" if one.place.root == USB else "") + one.place.path: one.digest
        for one in shelf.recordings()
    }


def counts(report):
    names = ("indexed", "skipped", "moved", "copied", "failed", "removed", "away")
    return {name: getattr(report, name) for name in names if getattr(report, name)}


ORDERS = pytest.mark.parametrize("order", range(6))


@pytest.fixture
def drives():
    return Drives(a="rain", b="wind", c="thunder")


@pytest.fixture
def shelf(drives):
    shelf = Shelf()
    index(drives, shelf)
    assert sorted(shelf.heard) == ["rain", "thunder", "wind"]
    shelf.heard.clear()
    return shelf


def test_a_second_run_does_nothing(drives, shelf):
    assert counts(index(drives, shelf)) == {"skipped": 3}


def test_a_touched_file_keeps_its_recording(drives, shelf):
    (number,) = (one.id for one in shelf.recordings() if one.place.path == "a")
    drives.touch("a")
    assert counts(index(drives, shelf)) == {"skipped": 3}
    assert shelf.rows[number].mtime == drives.files[place("a")].mtime
    assert shelf.heard == []


@pytest.mark.parametrize("new", ["z", "0", "usb_a", "A"])
def test_a_moved_file_keeps_its_recording(drives, shelf, new):
    (number,) = (one.id for one in shelf.recordings() if one.place.path == "a")
    drives.move("a", new)
    assert counts(index(drives, shelf)) == {"skipped": 2, "moved": 1}
    assert shelf.rows[number].place == place(new)
    assert shelf.heard == []


def test_a_deleted_file_is_forgotten_and_heard_again_when_it_comes_back(drives, shelf):
    file = drives.files[place("a")]
    drives.delete("a")
    assert counts(index(drives, shelf)) == {"skipped": 2, "removed": 1}
    assert "rain" not in shelf.sounds
    drives.files[place("a")] = file
    assert counts(index(drives, shelf)) == {"skipped": 2, "indexed": 1}
    assert shelf.heard == ["rain"]


def test_a_file_that_comes_back_before_the_next_run_was_never_gone(drives, shelf):
    file = drives.files[place("a")]
    drives.delete("a")
    drives.files[place("a")] = file
    assert counts(index(drives, shelf)) == {"skipped": 3}


@pytest.mark.parametrize("content", ["ra", "other"])
def test_a_truncated_or_replaced_file_is_heard_again(drives, shelf, content):
    drives.put("a", content)
    assert counts(index(drives, shelf)) == {"skipped": 2, "indexed": 1}
    assert stands(shelf) == {"a": content, "b": "wind", "c": "thunder"}
    assert "rain" not in shelf.sounds


@ORDERS
def test_two_new_files_with_the_same_bytes_are_heard_once(order):
    drives, shelf = Drives(a="rain", b="rain", usb_c="rain"), Shelf()
    assert counts(index(drives, shelf, order)) == {"indexed": 1, "copied": 2}
    assert shelf.heard == ["rain"]


@ORDERS
def test_a_copy_of_a_known_file_is_not_heard(drives, shelf, order):
    drives.copy("a", "usb_a")
    assert counts(index(drives, shelf, order)) == {"skipped": 3, "copied": 1}
    assert shelf.heard == []


@ORDERS
def test_files_that_changed_places_keep_their_sounds(drives, shelf, order):
    drives.swap("a", "b")
    drives.touch("a")
    drives.touch("b")
    assert counts(index(drives, shelf, order)) == {"skipped": 1, "moved": 2}
    assert stands(shelf) == {"a": "wind", "b": "rain", "c": "thunder"}
    assert shelf.heard == []


@ORDERS
def test_a_ring_of_files_keeps_its_sounds(order):
    drives, shelf = Drives(a="1111", b="2222", c="3333", usb_d="4444"), Shelf()
    index(drives, shelf)
    shelf.heard.clear()
    for other in ("b", "c", "usb_d"):
        drives.swap("a", other)
    assert counts(index(drives, shelf, order)) == {"moved": 4}
    assert stands(shelf) == {"a": "4444", "b": "1111", "c": "2222", "usb_d": "3333"}
    assert shelf.heard == []


@ORDERS
def test_a_file_renamed_and_replaced_by_a_new_one_keeps_its_sound(drives, shelf, order):
    drives.move("a", "a-old")
    drives.put("a", "new rain")
    assert counts(index(drives, shelf, order)) == {"skipped": 2, "moved": 1, "indexed": 1}
    assert stands(shelf) == {"a": "new rain", "a-old": "rain", "b": "wind", "c": "thunder"}
    assert shelf.heard == ["new rain"]


@ORDERS
def test_a_file_moved_onto_another_takes_its_place(drives, shelf, order):
    drives.move("a", "b")
    assert counts(index(drives, shelf, order)) == {"skipped": 1, "moved": 1}
    assert stands(shelf) == {"b": "rain", "c": "thunder"}
    assert shelf.heard == []


@ORDERS
def test_a_file_copied_onto_another_is_a_copy(drives, shelf, order):
    drives.copy("a", "b")
    drives.touch("b")
    assert counts(index(drives, shelf, order)) == {"skipped": 2, "copied": 1}
    assert "wind" not in shelf.sounds


@ORDERS
def test_of_two_copies_at_other_places_one_was_moved(drives, shelf, order):
    drives.copy("a", "x")
    drives.move("a", "y")
    assert counts(index(drives, shelf, order)) == {"skipped": 2, "moved": 1, "copied": 1}


def test_nothing_is_set_aside_but_where_a_file_of_its_size_is_fresh(drives, shelf):
    moves = []
    shelf.move = lambda *how: moves.append(how)
    drives.put("a", "new rain")
    drives.put("x", "rustling")
    drives.put("c", "tornado")  # as large as what was there, but no other fresh file is
    index(drives, shelf)
    assert moves == []


def test_what_is_set_aside_by_a_run_that_was_stopped_finds_its_place_in_the_next(drives, shelf):
    drives.swap("a", "b")
    drives.touch("a")
    drives.touch("b")
    changes = plan(shelf.recordings(), drives.scans())
    settling = Settling(changes, shelf)
    settling.settle(outcome(drives, changes.fresh[0], must_hear=False))
    assert sorted(stands(shelf)) == ["a", "a/1", "b", "c"]
    assert counts(index(drives, shelf)) == {"skipped": 2, "moved": 1}
    assert stands(shelf) == {"a": "wind", "b": "rain", "c": "thunder"}
    assert shelf.heard == []


def test_an_unplugged_drive_is_away_and_comes_back(drives, shelf):
    drives.put("usb_x", "hail")
    index(drives, shelf)
    shelf.heard.clear()
    drives.plug(USB)
    assert counts(index(drives, shelf)) == {"skipped": 3, "away": 1}
    drives.copy("usb_x", "x")
    assert counts(index(drives, shelf)) == {"skipped": 3, "copied": 1, "away": 1}
    drives.plug(USB)
    assert counts(index(drives, shelf)) == {"skipped": 5}
    assert shelf.heard == []


def test_a_file_of_a_drive_that_is_away_moves_only_when_it_is_pruned(drives, shelf):
    drives.put("usb_x", "hail")
    index(drives, shelf)
    shelf.heard.clear()
    drives.move("usb_x", "x")
    drives.plug(USB)
    assert counts(index(drives, shelf, prune=True)) == {"skipped": 3, "moved": 1}
    assert stands(shelf) == {"a": "rain", "b": "wind", "c": "thunder", "x": "hail"}
    assert shelf.heard == []


@ORDERS
def test_a_failed_file_is_tried_again_only_when_it_changes(order):
    drives, shelf = Drives(a=BAD, b="rain"), Shelf()
    assert counts(index(drives, shelf, order)) == {"indexed": 1, "failed": 1}
    assert counts(index(drives, shelf, order)) == {"skipped": 2}
    drives.move("a", "c")
    assert counts(index(drives, shelf, order)) == {"skipped": 1, "moved": 1}
    (bad,) = (one for one in shelf.recordings() if one.sound is None)
    assert (bad.place.path, bad.reason) == ("c", "it is empty")
    drives.touch("c")
    assert counts(index(drives, shelf, order)) == {"skipped": 1, "failed": 1}
    drives.put("c", "hail")
    assert counts(index(drives, shelf, order)) == {"skipped": 1, "indexed": 1}


def test_a_file_that_fails_loses_what_was_heard_at_its_place(drives, shelf):
    drives.put("a", BAD)
    assert counts(index(drives, shelf)) == {"skipped": 2, "failed": 1}
    assert "rain" not in shelf.sounds


def test_a_file_that_changes_while_it_is_read_is_left_for_the_next_run(drives, shelf):
    drives.put("a", "growing")
    report = index(drives, shelf, changed=[place("a")])
    assert counts(report) == {"skipped": 3}
    left = "it changed while it was read; it is left for the next run"
    assert report.warnings == [f"{ROOT / 'a'}: {left}"]
    assert stands(shelf)["a"] == "rain"
    assert counts(index(drives, shelf)) == {"skipped": 2, "indexed": 1}


@pytest.mark.parametrize("how", ["hold", "changed"])
def test_a_moved_file_that_is_left_for_the_next_run_keeps_its_sound(drives, shelf, how):
    drives.move("a", "x")
    drives.delete("c")
    report = index(drives, shelf, **{how: [place("x")]})
    assert report.removed == 1
    assert stands(shelf) == {"a": "rain", "b": "wind"}
    assert counts(index(drives, shelf)) == {"skipped": 1, "moved": 1}
    assert stands(shelf) == {"x": "rain", "b": "wind"}
    assert shelf.heard == []


@ORDERS
def test_files_that_change_places_while_one_is_held_back_keep_their_sounds(drives, shelf, order):
    drives.swap("a", "b")
    drives.touch("a")
    drives.touch("b")
    index(drives, shelf, order, hold=[place("b")])
    assert stands(shelf) == {"a": "wind", "a/1": "rain", "b": "wind", "c": "thunder"}
    index(drives, shelf, order)
    assert stands(shelf) == {"a": "wind", "b": "rain", "c": "thunder"}
    assert shelf.heard == []


def test_a_file_whose_sound_was_lost_meanwhile_is_left(drives, shelf):
    changes = plan(shelf.recordings(), [])
    settling = Settling(changes, shelf)
    settling.settle(Outcome(found=Found(place("z"), 4, 1), digest="none"))
    assert counts(settling.finish()) == {"skipped": 1}
    assert "z" not in stands(shelf)


def test_the_report_tells_seconds_and_what_was_not_read():
    one = Drives(a="rain").scan(ROOT)
    one = replace(one, ignored=4, unread=[(ROOT / "in", "Permission denied")])
    settling = Settling(plan([], [one]), Shelf())
    settling.settle(
        Outcome(found=one.files[0], digest="rain", packed=SOUND, seconds=2.5, said=Said())
    )
    assert settling.finish() == Report(
        indexed=1, ignored=4, seconds=2.5, warnings=[f"{ROOT / 'in'}: Permission denied"]
    )


# a year

NAMES = st.sampled_from(["a", "b", "c", "usb_a", "usb_b"])
CONTENT = st.sampled_from(["rain", "wind", "hail", "foghorn", BAD])
MISHAPS = st.one_of(
    st.tuples(st.just("put"), NAMES, CONTENT),
    st.tuples(st.just("move"), NAMES, NAMES),
    st.tuples(st.just("copy"), NAMES, NAMES),
    st.tuples(st.just("swap"), NAMES, NAMES),
    st.tuples(st.just("touch"), NAMES),
    st.tuples(st.just("delete"), NAMES),
    st.tuples(st.just("plug"), st.sampled_from([ROOT, USB])),
    st.tuples(
        st.just("index"),
        st.integers(0, 99),
        st.sampled_from([None, 0.1, 0.4]),
        st.sets(NAMES, max_size=2),
    ),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(MISHAPS, max_size=30), st.integers(0, 99))
def test_a_library_agrees_with_its_drives_after_a_year_of_mishaps(year, last):
    drives, shelf = Drives(), Shelf()
    for what, *how in [*year, ("index", last, None, ())]:
        if what != "index":
            getattr(drives, what)(*how)
            continue
        order, stop, hold = how
        before = shelf.recordings()
        sounds = set(shelf.sounds)
        shelf.heard.clear()
        report = index(drives, shelf, order, stop=stop, hold=[*map(place, hold)])
        assert not sounds & set(shelf.heard), "what was known was heard again"
        if report is not None and not hold:
            check(drives, shelf, before, report)


def check(drives, shelf, before, report):
    """Every root that can be seen is as the drive; the others are as they were."""
    there = {p: f for p, f in drives.files.items() if p.root in drives.plugged}
    seen = {p.root for p in there}
    now = {one.place: one for one in shelf.recordings()}
    assert {p for p in now if p.root in seen} == set(there)
    for where, file in there.items():
        one = now[where]
        assert (one.digest, one.size, one.mtime) == (file.bytes, file.size, file.mtime)
        assert (one.sound is None) == file.bytes.startswith(BAD)
    assert [one for one in now.values() if one.place.root not in seen] == [
        one for one in before if one.place.root not in seen
    ]
    assert set(shelf.sounds) == {one.digest for one in now.values() if one.sound}
    tally = Counter(counts(report))
    assert tally.total() - tally["removed"] - tally["away"] == len(there)
