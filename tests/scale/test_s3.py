"""An address on a server of S3 is a folder like any other; heard by this machine alone."""

import pytest

WHY = "addresses of S3 are an extra: pip install 'earmark[scale]' 'moto[server]'"
s3fs = pytest.importorskip("s3fs", reason=WHY)
pytest.importorskip("moto.server", reason=WHY)

from earmark.cli.main import main
from earmark.library.library import Library
from library.states import heard
from scale.archive import KINDS
from scale.s3 import ADDRESS

pytestmark = [  # servers and clients leave sockets open
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture
def library(tmp_path, tiny, bucket):
    with Library.create(tmp_path / "library", model=tiny) as made:
        report = made.index([ADDRESS])
        assert (report.indexed, report.failed) == (len(KINDS), 0)
        yield made


def test_what_is_heard_at_an_address_is_what_is_heard_in_a_folder(tmp_path, library, sounds, tiny):
    with Library.create(tmp_path / "other", model=tiny) as other:
        other.index([sounds])

    assert heard(library.store.folder) == heard(tmp_path / "other")


def test_hits_and_status_say_the_address(library):
    hits = library.search("a dog", limit=99, unsure=True, duplicates=True)

    assert sorted(hit.path for hit in hits) == sorted(
        f"{ADDRESS}/{'in/' * (number % 2)}{kind}.wav" for number, kind in enumerate(KINDS)
    )
    assert not any(hit.away for hit in hits)
    assert list(map(str, library.status().roots)) == [ADDRESS]
    inside = library.search("a dog in:field/in", limit=99, unsure=True, duplicates=True)
    assert len(inside) == len(KINDS) // 2


def test_only_what_has_changed_is_heard_again(library, bucket):
    assert library.index([ADDRESS]).skipped == len(KINDS)
    old = bucket.cat_file(f"{ADDRESS}/piano.wav")
    try:
        bucket.pipe_file(f"{ADDRESS}/piano.wav", old[:-2] + b"\0\1")  # in the same second, as long
        bucket.pipe_file(f"{ADDRESS}/copy.wav", old)
        bucket.pipe_file(f"{ADDRESS}/broken.wav", b"no sound")
        report = library.index([ADDRESS])
        assert (report.indexed, report.copied + report.moved, report.failed) == (1, 1, 1)
        assert str(library.failed()[0].place.full) == f"{ADDRESS}/broken.wav"
    finally:
        bucket.pipe_file(f"{ADDRESS}/piano.wav", old)
        bucket.rm([f"{ADDRESS}/copy.wav", f"{ADDRESS}/broken.wav"])
    report = library.index([ADDRESS])
    assert (report.indexed, report.moved, report.removed) == (0, 1, 1)


def test_an_address_is_forgotten_and_told_anew(library, sounds, bucket):
    assert library.forget(f"{ADDRESS}/in") == len(KINDS) // 2
    assert library.index([f"{ADDRESS}/in"]).indexed == len(KINDS) // 2
    assert library.status().roots == (library.store.roots()[0],)

    assert library.relocate(ADDRESS, sounds) == len(KINDS)
    report = library.index([sounds])
    assert (report.indexed, report.skipped) == (0, len(KINDS))


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["index", "s3://sounds/nothing"], "s3://sounds/nothing is not there"),
        (["index", "s3://nowhere/x"], "s3://nowhere/x is not there"),
        (["similar", f"{ADDRESS}/piano.wav"], f"{ADDRESS}/piano.wav: it does not lie in the file"),
        (["search", "a dog", "--all", "--cut", "cuts"], "it does not lie in the file system"),
        (["search", "a dog", "--all", "--open"], "it does not lie in the file system"),
    ],
)
def test_what_cannot_be_done_is_told_in_two_lines(library, words, problem, capsys, monkeypatch):
    monkeypatch.setenv("EARMARK_LIBRARY", str(library.store.folder))
    monkeypatch.chdir(library.store.folder.parent)

    assert main(words) > 1

    told = capsys.readouterr().err.splitlines()
    assert problem in told[-2]


def test_a_server_that_is_not_there_is_told(library, monkeypatch, capsys):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    s3fs.S3FileSystem.clear_instance_cache()
    where = ["--library", str(library.store.folder)]

    assert main(["index", ADDRESS, *where]) == 3

    assert f"{ADDRESS} cannot be listed: Could not connect" in capsys.readouterr().err
    assert library.status().recordings == len(KINDS)
