"""Which files a scan takes, and what it survives."""

import os
import sys
from pathlib import Path

import pytest

from earmark.library import scan as module
from earmark.library.nouns import Found, Place, Recording
from earmark.library.roots import areas
from earmark.library.scan import LATEST, is_sound, scan

links = pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only there names may be any bytes")


@pytest.fixture
def root(tmp_path):
    root = tmp_path.resolve() / "sounds"
    root.mkdir()
    return root


def put(root, *paths):
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(b"some bytes")


def paths(one):
    return [file.place.path for file in one.files]


def recording(root, path):
    return Recording(
        id=1, place=Place(root, path), size=1, mtime=1, digest="d", sound=1, seconds=1.0
    )


def refuse(monkeypatch, *folders):
    """Let the drive not list some folders."""
    listing = os.scandir

    def scandir(path):
        if Path(path) in folders:
            raise PermissionError(13, "Permission denied", str(path))
        return listing(path)

    monkeypatch.setattr(module.os, "scandir", scandir)


# what is taken


def test_sound_is_found_in_all_folders_and_told_in_order(root):
    put(root, "b/z.wav", "b/a.flac", "a.mp3", "b/c/d.opus")
    found = scan(root)
    assert paths(found) == ["a.mp3", "b/a.flac", "b/c/d.opus", "b/z.wav"]
    assert (found.there, found.ignored, found.unread) == (True, 0, [])


def test_size_and_time_of_a_file_are_told(root):
    (root / "rain.wav").write_bytes(bytes(37))
    os.utime(root / "rain.wav", ns=(5, 1_234_567_800))
    assert scan(root).files == [Found(Place(root, "rain.wav"), 37, 1_234_567_800)]


COMMON = """
3gp aac ac3 aif aifc aiff amr ape au avi bwf caf dts eac3 flac flv m2ts m4a m4b m4v mka mkv mov mp2
mp3 mp4 mpeg mpg mts mxf oga ogg ogv opus rf64 snd ts tta voc w64 wav webm wma wmv wv WAV Flac
"""


@pytest.mark.parametrize("suffix", COMMON.split())
def test_every_common_suffix_is_sound(suffix):
    assert is_sound(f"a.b.{suffix}")


@pytest.mark.parametrize("name", ["a.txt", "a.jpg", "wav", ".wav", "a.wav.bak", "a.wav ", "a."])
def test_other_names_are_not(name):
    assert not is_sound(name)


def test_other_files_are_counted(root):
    put(root, "a.wav", "b.txt", "c/cover.jpg", "c/notes")
    assert (paths(scan(root)), scan(root).ignored) == (["a.wav"], 3)


def test_hidden_files_and_folders_are_passed_over(root):
    put(
        root, "a.wav", "._a.wav", ".trash/b.wav", "c/.d/e.wav", "$RECYCLE.BIN/f.wav", "@eaDir/g.wav"
    )
    assert (paths(scan(root)), scan(root).ignored) == (["a.wav"], 0)


def test_a_hidden_folder_that_was_asked_for_is_looked_through(root):
    put(root, ".trash/b.wav", ".trash/.c.wav")
    assert paths(scan(root / ".trash")) == ["b.wav"]


def test_one_file_is_taken_whatever_its_name(root):
    put(root, "a.wav", "b.bin", ".c.wav")
    for name in ("a.wav", "b.bin", ".c.wav"):
        found = scan(root / name)
        assert [file.place for file in found.files] == [Place(root, name)]


def test_a_known_file_is_taken_whatever_its_name(root):
    put(root, "a.wav", "in/b.bin", "in/c.bin", "in/.d.wav", "in/.e.wav")
    known = [recording(root, "in/b.bin"), recording(root, "in/.d.wav")]
    found = scan(root, known=known)
    assert (paths(found), found.ignored) == (["a.wav", "in/.d.wav", "in/b.bin"], 1)
    assert paths(scan(root, known=[recording(root / "in", "c.bin")])) == ["a.wav"]


def test_a_folder_named_like_a_sound_is_a_folder(root):
    put(root, "take.wav/1.wav")
    assert paths(scan(root)) == ["take.wav/1.wav"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_no_file(root):
    put(root, "b.wav")
    os.mkfifo(root / "a.wav")
    assert (paths(scan(root)), scan(root).ignored) == (["b.wav"], 1)
    assert scan(root / "a.wav").files == []


@LINUX
def test_names_that_are_no_text_survive(root):
    put(root, "caf\udce9.wav", "new\nline.wav")
    assert paths(scan(root)) == ["caf\udce9.wav", "new\nline.wav"]
    assert all(file.place.full.exists() for file in scan(root).files)


@LINUX
def test_a_time_far_beyond_all_others_still_fits_a_database(root):
    put(root, "a.wav")
    os.utime(root / "a.wav", ns=(0, 15 * 10**18))  # the year 2445
    if (root / "a.wav").stat().st_mtime_ns != 15 * 10**18:
        pytest.skip("this drive keeps no such time")
    assert scan(root).files[0].mtime == LATEST


def test_a_deep_tree_is_looked_through(root):
    deep = "/".join("d" * 300)
    put(root, f"{deep}/a.wav")
    assert paths(scan(root)) == [f"{deep}/a.wav"]


# what is left out


@pytest.mark.parametrize(
    ("globs", "left"),
    [
        ([], ["a.wav", "b.mp3", "old/c.wav", "x/Drafts/d.wav", "x/e.wav"]),
        (["*.mp3"], ["a.wav", "old/c.wav", "x/Drafts/d.wav", "x/e.wav"]),
        (["drafts"], ["a.wav", "b.mp3", "old/c.wav", "x/e.wav"]),
        (["old/"], ["a.wav", "b.mp3", "x/Drafts/d.wav", "x/e.wav"]),
        (["./old", "?.mp3"], ["a.wav", "x/Drafts/d.wav", "x/e.wav"]),
        (["x/*"], ["a.wav", "b.mp3", "old/c.wav"]),
        (["x/e.wav"], ["a.wav", "b.mp3", "old/c.wav", "x/Drafts/d.wav"]),
        (["*/*.wav"], ["a.wav", "b.mp3"]),
        (["**/drafts"], ["a.wav", "b.mp3", "old/c.wav", "x/e.wav"]),
        (["**/old"], ["a.wav", "b.mp3", "x/Drafts/d.wav", "x/e.wav"]),
        (["[ab].*"], ["old/c.wav", "x/Drafts/d.wav", "x/e.wav"]),
        (["e.wav", "sounds", ""], ["a.wav", "b.mp3", "old/c.wav", "x/Drafts/d.wav"]),
        (["*"], []),
    ],
)
def test_globs_leave_out_paths_names_and_folders(root, globs, left):
    put(root, "a.wav", "b.mp3", "old/c.wav", "x/Drafts/d.wav", "x/e.wav")
    found = scan(root, exclude=globs)
    assert paths(found) == left
    (leave_out,) = found.tops.values()
    everything = [file.place for file in scan(root).files]
    assert [p.path for p in everything if not leave_out.holds(p.full)] == left


def test_a_glob_may_be_a_whole_path(root):
    put(root, "a/x.wav", "b/a/x.wav")
    assert paths(scan(root, exclude=[str(root / "a")])) == ["b/a/x.wav"]


def test_globs_are_told_from_the_folder_that_was_asked_for(root):
    put(root, "rain/loud/x.wav", "rain/y.wav")
    (area,) = areas([root / "rain"], [root])
    assert paths(scan(area, exclude=["rain", "rain/*"])) == ["rain/loud/x.wav", "rain/y.wav"]
    assert paths(scan(area, exclude=["loud/*"])) == ["rain/y.wav"]
    outer, inner = areas([root], [root / "rain"])
    assert paths(scan(outer, exclude=["rain/loud"])) == []
    assert paths(scan(inner, exclude=["rain/loud"])) == ["y.wav"]
    assert paths(scan(inner, exclude=["rain"])) == []


def test_one_file_may_be_left_out_too(root):
    put(root, "a.wav")
    assert paths(scan(root / "a.wav", exclude=["a.*"])) == []


# roots in roots


def test_a_root_inside_is_left_to_its_own_scan(root):
    put(root, "a.wav", "in/b.wav", "in/deep/c.wav")
    outer, inner = (scan(area) for area in areas([root], [root / "in"]))
    assert [file.place for file in outer.files] == [Place(root, "a.wav")]
    assert [file.place for file in inner.files] == [
        Place(root / "in", "b.wav"),
        Place(root / "in", "deep/c.wav"),
    ]
    assert outer.unread == []


def test_a_part_of_a_root_is_told_from_the_root(root):
    put(root, "a.wav", "in/b.wav")
    (area,) = areas([root / "in"], [root])
    assert [file.place for file in scan(area).files] == [Place(root, "in/b.wav")]


def test_a_file_that_was_asked_for_twice_is_taken_once(root):
    put(root, "a.wav", "b.bin")
    (area,) = areas([root, root / "a.wav", root / "b.bin"])
    assert paths(scan(area)) == ["a.wav", "b.bin"]


def test_another_drive_in_a_root_becomes_a_root(root, monkeypatch):
    put(root, "a.wav", "usb/b.wav", "usb/in/c.wav", "z/d.wav")
    there = {path.stat().st_ino for path in (root / "usb", root / "usb" / "in")}
    monkeypatch.setattr(module, "drive_of", lambda info: info.st_ino in there)
    assert [file.place for file in scan(root).files] == [
        Place(root, "a.wav"),
        Place(root, "z/d.wav"),
        Place(root / "usb", "b.wav"),
        Place(root / "usb", "in/c.wav"),
    ]


# what is not there or may not be read


def test_a_root_that_is_not_there_is_no_error(root):
    found = scan(root / "none")
    assert (found.there, found.files, found.unread) == (False, [], [])
    put(root, "a.wav")
    assert not scan(root / "a.wav" / "none").there


def test_an_empty_root_is_there(root):
    assert (scan(root).there, scan(root).files) == (True, [])


def test_a_folder_without_permission_is_told_and_the_rest_is_taken(root, monkeypatch):
    put(root, "a.wav", "b/c.wav", "b/d/e.wav", "f/g.wav")
    refuse(monkeypatch, root / "b")
    found = scan(root)
    assert paths(found) == ["a.wav", "f/g.wav"]
    assert found.unread == [(root / "b", "Permission denied")]


def test_a_root_without_permission_is_told(root, monkeypatch):
    put(root, "a.wav")
    refuse(monkeypatch, root)
    found = scan(root)
    assert (found.there, found.files) == (True, [])
    assert found.unread == [(root, "Permission denied")]


def test_a_drive_that_fails_at_the_root_itself_is_told(root, monkeypatch):
    stat = Path.stat

    def fails(self, **how):
        if self == root:
            raise OSError(5, "Input/output error")
        return stat(self, **how)

    (area,) = areas([root])
    monkeypatch.setattr(Path, "stat", fails)
    found = scan(area)
    assert (found.there, found.unread) == (True, [(root, "Input/output error")])


class Entry:
    """A file that goes while its folder is listed."""

    def __init__(self, entry):
        self.entry, self.name, self.path = entry, entry.name, entry.path

    def __getattr__(self, name):
        return getattr(self.entry, name)

    def stat(self, **how):
        raise FileNotFoundError(2, "No such file or directory")


def test_a_file_that_cannot_be_asked_for_its_size_is_told(root, monkeypatch):
    put(root, "a.wav", "b.wav")
    listing = os.scandir

    class Listing:
        def __init__(self, path):
            self.inner = listing(path)

        def __enter__(self):
            self.inner.__enter__()
            return (Entry(e) if e.name == "a.wav" else e for e in self.inner)

        def __exit__(self, *how):
            return self.inner.__exit__(*how)

    monkeypatch.setattr(module.os, "scandir", Listing)
    found = scan(root)
    assert paths(found) == ["b.wav"]
    assert found.unread == [(root / "a.wav", "No such file or directory")]


# links


@links
def test_links_out_of_the_root_are_not_followed(root):
    outside = root.parent / "outside"
    put(outside, "x.wav", ".h/y.wav")
    put(root, "a.wav")
    (root / "folder").symlink_to(outside)
    (root / "hidden").symlink_to(outside / ".h")
    (root / "file.wav").symlink_to(outside / "x.wav")
    (root / "loose.wav").symlink_to(outside / "none.wav")
    assert paths(scan(root)) == ["a.wav"]
    assert scan(root).unread == []


@links
def test_links_to_what_is_met_anyway_are_not_followed(root):
    put(root, "takes/1.wav")
    (root / "best.wav").symlink_to(root / "takes" / "1.wav")
    (root / "all").symlink_to(root / "takes")
    assert paths(scan(root)) == ["takes/1.wav"]


@links
def test_links_to_what_is_hidden_inside_give_it_a_name(root):
    put(root, ".store/x1", ".store/deep/x2.wav", "blob")
    (root / "rain.wav").symlink_to(".store/x1")
    (root / "notes.txt").symlink_to(".store/x1")
    (root / "wind.wav").symlink_to("blob")
    (root / "more").symlink_to(".store/deep")
    assert paths(scan(root)) == ["more/x2.wav", "rain.wav", "wind.wav"]
    assert {file.size for file in scan(root).files} == {len(b"some bytes")}


@links
def test_links_to_what_is_left_out_are_not_followed(root):
    put(root, ".store/x1", ".store/deep/x2.wav")
    (root / "rain.wav").symlink_to(".store/x1")
    (root / "more").symlink_to(".store/deep")
    assert paths(scan(root, exclude=["deep"])) == ["rain.wav"]
    assert paths(scan(root, exclude=[".store"])) == []


@links
def test_links_into_another_root_are_not_followed(root):
    put(root, "a.wav", "in/.h/b.wav", "in/blob")
    (root / "h").symlink_to(root / "in" / ".h")
    (root / "blob.wav").symlink_to(root / "in" / "blob")
    outer, _ = (scan(area) for area in areas([root], [root / "in"]))
    assert paths(outer) == ["a.wav"]


@links
def test_loops_end(root):
    put(root, "a/b.wav", ".h/c.wav")
    (root / "a" / "up").symlink_to(root)
    (root / "a" / "self").symlink_to(root / "a" / "self")
    (root / "h").symlink_to(root / ".h")
    (root / ".h" / "again").symlink_to(root / ".h")
    (root / ".h" / "h").symlink_to(root / "h")
    assert paths(scan(root)) == ["a/b.wav", "h/c.wav"]
    assert scan(root).unread == []


def test_a_folder_met_by_two_real_ways_is_looked_through_once_and_told(root, monkeypatch):
    put(root, "a/x.wav", "b/x.wav")  # b: as a second mount of a
    same = {(root / name).stat().st_ino for name in "ab"}
    true = module.folder_id
    monkeypatch.setattr(
        module, "folder_id", lambda path, info: 0 if info.st_ino in same else true(path, info)
    )
    found = scan(root)
    assert paths(found) == ["a/x.wav"]
    assert found.unread == [(root / "b", f"it is the same folder as {root / 'a'}")]


def test_nothing_is_opened_or_made(root, monkeypatch):
    put(root, "a.wav", "b/c.mp3")
    before = sorted(root.rglob("*"))
    monkeypatch.setattr("builtins.open", None)
    monkeypatch.setattr(module.os, "open", None)
    assert len(scan(root).files) == 2
    assert sorted(root.rglob("*")) == before
