"""Every command with a library on a server, as a person meets it, by the packaged model."""

import json
import os
import shutil
from contextlib import closing

import numpy as np
import pytest

from cli.shelf import plain
from earmark.audio.write import write
from earmark.cli.main import main
from earmark.library.library import Library
from earmark.library.store.served import link as lines
from earmark.synth import make
from library.store.servers import TOKEN

pytest.importorskip("pymilvus", reason="needs the client: pip install 'earmark[scale]'")
pytest.importorskip("milvus", reason="needs a server in a package, for Linux on x86-64: milvus")

RATE = 32_000
KINDS = ("dog_bark", "fire_siren", "heavy_rain", "church_bell")


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    """Four sounds, and a library of them in a folder to compare with."""
    place = tmp_path_factory.mktemp("place")
    for seed, kind in enumerate(KINDS):
        path = place / "sounds" / ("wet" if kind == "heavy_rain" else "dry") / f"{kind}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, make(kind, seed, seconds=4.0, rate=RATE), RATE)
    (place / "sounds" / "broken.wav").write_bytes(b"no sound " * 100)
    assert main(["index", str(place / "sounds"), "--library", str(place / "library")]) == 0
    return place


@pytest.fixture
def earmark(server, sounds, monkeypatch, capsys):
    """Run a command on the served library: what it printed, with names in place of folders."""
    address = f"milvus://127.0.0.1:{server.server.listen_port}/commands"
    monkeypatch.setenv("EARMARK_MILVUS_TOKEN", TOKEN)
    monkeypatch.setenv("EARMARK_LIBRARY", address)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(sounds)

    def run(*words, code=0):
        capsys.readouterr()
        assert main(list(words)) == code, capsys.readouterr().err
        printed = capsys.readouterr()
        return plain((printed.err if code else printed.out).replace(address, "ADDRESS"), sounds)

    return run


def hits(text):
    found = json.loads(text)["hits"]
    return [
        {key: hit[key] for key in ("path", "start", "end", "score", "confidence")} for hit in found
    ]


def test_a_library_on_a_server_does_all_that_one_in_a_folder_does(earmark, sounds):
    """One test, since each step stands on the one before and a server is slow to make a library."""
    assert "made a library in ADDRESS, with the model earmark-small" in earmark("index", "sounds")
    again = earmark("index", "sounds", "--json")
    assert json.loads(again)["skipped"] == 5
    local = ("--library", str(sounds / "library"))
    for words in (
        ("search", "a dog barks", "--all", "--json"),
        ("search", "rain in:wet", "--all", "--json"),
        ("search", "church bell longer:1s", "--all", "--json"),
        ("search", '"a dog barks" then "a siren"', "--all", "--json"),
        ("similar", "sounds/dry/fire_siren.wav", "--all", "--json"),
    ):
        ours, theirs = hits(earmark(*words)), hits(earmark(*words, *local))
        assert ours == theirs
        assert ours
    status = earmark("status")
    assert "library   ADDRESS" in status
    assert "holds     4 recordings, 0:16 of sound" in status
    assert "failed    1 file" in status
    assert "broken.wav" in earmark("status", "--failed")
    assert json.loads(earmark("status", "--json"))["library"] == "ADDRESS"

    shutil.copytree(sounds / "sounds", sounds / "moved")
    assert "5 recordings" in earmark("relocate", "sounds", "moved")
    assert earmark("index", "moved", "--json")
    assert "1 recording" in earmark("forget", "--yes", "moved/dry/fire_siren.wav")
    assert len(hits(earmark("search", "a siren", "--all", "--json"))) == 3
    assert "freed" in earmark("doctor", "--repair")

    merged = earmark("library", "merge", address_now().replace("commands", "merged"), "library")
    assert "made a library in" in merged
    assert "brought   5 recordings" in merged
    with closing(Library.open(address_now().replace("commands", "merged"))) as library:
        assert library.status().sounds == 4
        assert library.search("church bell", unsure=True)[0].path.endswith("church_bell.wav")


def address_now():
    return os.environ["EARMARK_LIBRARY"]


@pytest.mark.parametrize(
    "words",
    [
        ("doctor",),
        ("library", "pack", "milvus://localhost/x", "x.earmark"),
        ("library", "merge", "into", "milvus://localhost/x"),
    ],
)
def test_what_needs_a_folder_says_so(earmark, words):
    said = earmark(*words, code=2)
    assert "in a folder" in said
    assert said.count("\n") == 2


def test_a_wrong_address_is_told_in_two_lines(earmark, monkeypatch):
    monkeypatch.setattr(lines, "CONNECT", 1.0)
    said = earmark("status", "--library", "milvus://127.0.0.1:1/x", code=3)
    assert "cannot be reached" in said
    assert said.count("\n") == 2
    assert "there is no library at" in earmark(
        "search", "x", "--library", address_now() + "_none", code=3
    )
    assert "not the address" in earmark("status", "--library", "s3://bucket/x", code=2)


def test_an_index_run_whose_line_is_cut_is_gone_on_with(earmark, server, sounds, monkeypatch):
    address = address_now().replace("commands", "cut")
    send, tokens = lines.Link.insert, []

    def cut(self, name, rows, width):
        if "_tokens" in name and rows:
            tokens.append(name)
            if len(tokens) == 2:
                raise lines.LostError("the server cannot be reached", hint="the same command")
        send(self, name, rows, width)

    from earmark.library.store.served import pen

    monkeypatch.setattr(pen, "ENTRIES", 0)  # each sound is a batch
    with monkeypatch.context() as patch:
        patch.setattr(lines.Link, "insert", cut)
        said = earmark("index", "sounds", "--library", address, "--jobs", "1", code=3)
    assert "cannot be reached" in said
    report = json.loads(earmark("index", "sounds", "--library", address, "--json"))
    assert 0 < report["indexed"] < 4
    assert report["indexed"] + report["skipped"] + report["failed"] == 5
    with closing(Library.open(address)) as library:
        assert library.status().sounds == 4
        near = library.store.nearest(np.ones(256, np.float32), limit=9)
        assert len(near.sounds) == 4
