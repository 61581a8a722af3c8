"""Addresses as paths among paths, and what is listed there; the server is a memory of fsspec."""

import pickle
from pathlib import Path

import pytest

fsspec = pytest.importorskip(
    "fsspec", reason="addresses are an extra: pip install 'earmark[scale]'"
)

from earmark.errors import EarmarkError, MissingExtraError, UsageError, no_file
from earmark.library.nouns import Place, Recording
from earmark.library.remote import bucket
from earmark.library.remote.address import Address, apart, as_place, is_remote
from earmark.library.remote.bucket import copied, state, things
from earmark.library.remote.listing import lists, scans

TOP = as_place("memory://bucket/field")


@pytest.fixture
def files():
    """Some files, in the memory of this process."""
    system = fsspec.filesystem("memory")
    for name, content in {
        "field/rain.wav": b"1",
        "field/in/dog.WAV": b"22",
        "field/in/.hidden/cat.wav": b"333",
        "field/in/notes.txt": b"4444",
        "field/take.raw48": b"55555",
        "fields/other.wav": b"666666",
    }.items():
        system.pipe_file(f"/bucket/{name}", content)
    yield system
    system.store.clear()
    system.pseudo_dirs[:] = [""]


def paths(scan):
    return [found.place.path for found in scan.files]


def known(path, root=TOP):
    place = Place(root, path)
    return Recording(id=1, place=place, size=1, mtime=1, digest="d", sound=1, seconds=1.0)


def test_an_address_says_itself_as_it_was_typed():
    address = as_place("s3://bucket/prefix/")

    assert str(address) == "s3://bucket/prefix"
    assert str(address / "in/a.wav") == "s3://bucket/prefix/in/a.wav"
    assert address in (address / "in/a.wav").parents
    assert (address / "in/a.wav").relative_to(address).as_posix() == "in/a.wav"
    assert address.resolve() == address.absolute() == address == Address("s3://bucket/prefix")
    assert str(pickle.loads(pickle.dumps(address))) == "s3://bucket/prefix"
    assert not address.exists()


@pytest.mark.parametrize("text", ["sounds", "/a/b", "C:/sounds", "odd:/name", "S3://x"])
def test_all_else_is_a_path(text):
    assert not is_remote(as_place(text))


def test_paths_and_addresses_are_told_apart():
    one, two = Path("a"), as_place("s3://b/c")
    assert apart([one, two]) == ([one], [two])


def test_a_listing_is_a_scan(files):
    (scan,) = scans([TOP], [])

    assert scan.root == TOP
    assert paths(scan) == ["in/dog.WAV", "rain.wav"]
    assert [found.size for found in scan.files] == [2, 1]
    assert scan.ignored == 2
    assert not scan.missing
    assert scan.top_of(TOP / "in/dog.WAV") == TOP


def test_a_file_that_was_asked_for_has_the_address_around_it_for_its_root(files):
    (scan,) = scans([TOP / "take.raw48"], [])
    assert (scan.root, paths(scan)) == (TOP, ["take.raw48"])


def test_a_known_root_keeps_its_files_whoever_is_asked_for(files):
    inner, other = scans([TOP], [TOP / "in"]), scans([TOP / "in"], [TOP])

    assert {str(scan.root): paths(scan) for scan in inner} == {
        str(TOP): ["rain.wav"],
        str(TOP / "in"): ["dog.WAV"],
    }
    assert [(str(scan.root), paths(scan)) for scan in other] == [(str(TOP), ["in/dog.WAV"])]
    assert inner[0].top_of(TOP / "in/gone.wav") == TOP / "in"


def test_of_new_roots_the_outer_one_wins(files):
    (scan,) = scans([TOP / "in", TOP], [])
    assert (scan.root, paths(scan)) == (TOP, ["in/dog.WAV", "rain.wav"])


def test_what_is_excluded_is_left_out_and_what_is_known_is_taken(files):
    (scan,) = scans([TOP], [], exclude=["in"], known=[known("take.raw48")])
    assert paths(scan) == ["rain.wav", "take.raw48"]


def test_nothing_there_is_missing_and_not_an_error(files):
    (scan,) = scans([TOP / "nothing"], [])
    assert scan.missing == {TOP / "nothing"}
    assert not lists(TOP / "nothing")
    assert lists(TOP / "in")


def test_a_key_that_no_path_has_is_told(files):
    files.store["/bucket/field//odd.wav"] = files.store["/bucket/field/rain.wav"]
    (scan,) = scans([TOP], [])
    assert paths(scan) == ["in/dog.WAV", "rain.wav"]
    assert [reason for _, reason in scan.unread] == ["its name has parts that no path has"]


def test_the_tag_of_the_content_is_in_the_time(monkeypatch):
    told = [
        {"size": 5, "LastModified": "2026-01-02T03:04:05+00:00", "ETag": tag} for tag in "ab"
    ] + [{"size": 5, "created": 1_767_323_045.25}, {"size": 5}]
    sizes, times = zip(*map(bucket._state, told), strict=True)

    assert set(sizes) == {5}
    assert len(set(times)) == 4
    assert [time // 10**9 for time in times] == [1_767_323_045] * 3 + [0]
    assert times[2] == 1_767_323_045_250_000_000


def test_a_file_is_brought_here_by_its_name(files):
    file = TOP / "in/dog.WAV"
    with copied(file) as here:
        assert (here.name, here.read_bytes()) == ("dog.WAV", b"22")
    assert not here.exists()
    size, mtime = state(file)
    assert [(one.path, one.size, one.mtime) for one in things(file)] == [("", size, mtime)]
    with pytest.raises(FileNotFoundError):
        state(TOP / "in")


def test_what_hinders_is_told_in_two_lines(files, monkeypatch):
    for text, kind, problem in (
        ("nobody://x/y", UsageError, "nobody://x/y cannot be read: Protocol not known: nobody"),
        ("file:///tmp/x", UsageError, "lies in the file system"),
    ):
        with pytest.raises(kind, match=problem):
            scans([as_place(text)], [])

    def refuse(*args, **options):
        raise RuntimeError("no key fits")

    monkeypatch.setattr(type(files), "find", refuse)
    with pytest.raises(EarmarkError, match="bucket/field cannot be listed: no key fits"):
        scans([TOP], [])
    monkeypatch.setattr("earmark.library.remote.bucket.require", _missing)
    with pytest.raises(MissingExtraError, match="fsspec"):
        scans([TOP], [])


def _missing(module, *, extra):
    raise MissingExtraError(f"no {module}", hint=extra)


def test_a_command_that_needs_the_sound_says_where_it_is_not():
    assert no_file(as_place("s3://a/b.wav")).problem == (
        "s3://a/b.wav: it does not lie in the file system"
    )
    assert no_file(Path("s3://a/b.wav")).problem == no_file("s3://a/b.wav").problem
    assert "no such file" in no_file("C:/b.wav").problem
