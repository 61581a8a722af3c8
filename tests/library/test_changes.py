"""What has changed since the last run, by sizes and times."""

from pathlib import Path

import pytest

from earmark.library.changes import plan
from earmark.library.nouns import Found, Place, Recording
from earmark.library.roots import Area, Top
from earmark.library.scan import Exclude, Scan

ROOT = Path("/sounds").absolute()
USB = Path("/usb").absolute()


def found(path, size=10, mtime=1, root=ROOT):
    return Found(Place(root, path), size, mtime)


def recording(number, path, size=10, mtime=1, root=ROOT, **more):
    how = {"digest": f"d{number}", "sound": number, "seconds": 3.0, **more}
    return Recording(id=number, place=Place(root, path), size=size, mtime=mtime, **how)


def scanned(*files, root=ROOT, tops=(), missing=(), exclude=(), unread=(), ignored=0):
    tops = [root / top for top in tops] or [root]
    return Scan(
        Area(root, tuple(Top(top, top) for top in tops)),
        {top: Exclude.of(top, exclude) for top in tops},
        frozenset(root / path for path in missing),
        list(files),
        ignored,
        [(root / path, "Permission denied") for path in unread],
    )


def told(changes):
    """Which recordings, by number, and which files, by path."""
    return {
        "same": [one.id for one in changes.same],
        "fresh": [file.place.path for file in changes.fresh],
        "gone": [one.id for one in changes.gone],
        "away": [one.id for one in changes.away],
    }


def lists(same=(), fresh=(), gone=(), away=()):
    return {"same": [*same], "fresh": [*fresh], "gone": [*gone], "away": [*away]}


def test_all_is_fresh_to_a_new_library():
    assert told(plan([], [scanned(found("a"), found("b"))])) == lists(fresh=["a", "b"])


def test_a_file_of_the_same_size_and_time_is_the_same():
    assert told(plan([recording(1, "a")], [scanned(found("a"))])) == lists(same=[1])


@pytest.mark.parametrize("file", [found("a", size=11), found("a", mtime=2), found("a", mtime=0)])
def test_a_file_of_another_size_or_time_is_fresh_and_nothing_is_gone(file):
    assert told(plan([recording(1, "a")], [scanned(file)])) == lists(fresh=["a"])


def test_a_file_that_is_not_met_is_gone():
    known = [recording(1, "a"), recording(2, "in/b")]
    assert told(plan(known, [scanned(found("a"))])) == lists(same=[1], gone=[2])


def test_a_name_in_other_letters_is_another_file():
    known = [recording(1, "Rain.wav")]
    assert told(plan(known, [scanned(found("rain.wav"))])) == lists(fresh=["rain.wav"], gone=[1])


def test_a_failed_file_is_tried_again_only_when_it_changes():
    known = [recording(1, "a", sound=None, reason="it is empty")]
    assert told(plan(known, [scanned(found("a"))])) == lists(same=[1])
    assert told(plan(known, [scanned(found("a", mtime=2))])) == lists(fresh=["a"])


def test_a_file_that_could_not_be_read_is_tried_again():
    known = [recording(1, "a", sound=None, digest="", reason="you may not read it")]
    assert told(plan(known, [scanned(found("a"))])) == lists(fresh=["a"])


def test_a_root_that_is_not_there_is_away():
    known = [recording(1, "a"), recording(2, "b")]
    assert told(plan(known, [scanned(missing=["."])])) == lists(away=[1, 2])


def test_a_root_that_is_suddenly_empty_is_away():
    assert told(plan([recording(1, "a")], [scanned(ignored=3)])) == lists(away=[1])


def test_a_root_with_one_other_file_is_there():
    assert told(plan([recording(1, "a")], [scanned(found("b"))])) == lists(fresh=["b"], gone=[1])


def test_a_part_that_is_not_there_is_away():
    known = [recording(1, "in/a"), recording(2, "b")]
    one = scanned(tops=["in"], missing=["in"])
    assert told(plan(known, [one])) == lists(away=[1])


def test_what_lies_under_a_folder_that_could_not_be_read_is_away():
    known = [recording(1, "in/deep/a"), recording(2, "inner/b"), recording(3, "c")]
    one = scanned(found("x"), unread=["in", "c"])
    assert told(plan(known, [one])) == lists(fresh=["x"], gone=[2], away=[1, 3])


def test_what_is_left_out_is_kept_as_it_is():
    known = [recording(1, "drafts/a"), recording(2, "b")]
    assert told(plan(known, [scanned(found("x"), exclude=["drafts"])])) == lists(
        same=[1], fresh=["x"], gone=[2]
    )
    assert told(plan(known, [scanned(missing=["."], exclude=["drafts"])])) == lists(
        same=[1], away=[2]
    )


def test_only_what_was_looked_at_can_be_gone():
    known = [recording(1, "in/a"), recording(2, "inner/b"), recording(3, "c", root=USB)]
    assert told(plan(known, [scanned(found("in/x"), tops=["in"])])) == lists(
        fresh=["in/x"], gone=[1]
    )
    assert told(plan(known, [scanned(found("c"), tops=["c"])])) == lists(fresh=["c"])
    assert told(plan(known, [])) == lists()


def test_roots_are_compared_one_by_one():
    known = [recording(1, "a"), recording(2, "a", root=USB), recording(3, "b", root=USB)]
    scans = [scanned(missing=["."]), scanned(found("a", root=USB), root=USB, ignored=2)]
    changes = plan(known, scans)
    assert told(changes) == lists(same=[2], gone=[3], away=[1])
    assert changes.ignored == 2


def test_to_prune_takes_a_missing_or_empty_folder_at_its_word():
    known = [recording(1, "a"), recording(2, "b", root=USB)]
    scans = [scanned(missing=["."]), scanned(root=USB)]
    assert told(plan(known, scans, prune=True)) == lists(gone=[1, 2])


def test_to_prune_takes_nothing_that_could_not_be_looked_at():
    known = [recording(1, "in/a"), recording(2, "drafts/b"), recording(3, "c", root=USB)]
    one = scanned(unread=["in"], exclude=["drafts"])
    assert told(plan(known, [one], prune=True)) == lists(same=[2], away=[1])
    everything = scanned(unread=["."])
    assert told(plan(known[:1], [everything], prune=True)) == lists(away=[1])


def test_what_could_not_be_read_is_told():
    assert plan([], [scanned(unread=["in"])]).unread == [(ROOT / "in", "Permission denied")]
