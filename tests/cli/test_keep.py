"""`earmark status`, `doctor`, `relocate` and `forget`: what a library holds, and keeping it so."""

import io
import json
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from cli.shelf import BAD, plain
from earmark.audio.write import write
from earmark.cli.doctor import lines
from earmark.cli.main import main
from earmark.library.library import Library
from earmark.library.store.findings import Finding, Findings
from earmark.synth import make
from model.tiny import new_model

RATE = 8_000


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """Sounds in `field` and a library of them, to be copied."""
    folder = tmp_path_factory.mktemp("own")
    for name, kind, seconds in (("rain", "heavy_rain", 3.0), ("old/piano", "piano", 2.0)):
        (folder / "field" / name).parent.mkdir(parents=True, exist_ok=True)
        wave = make(kind, 1, seconds=seconds, rate=RATE)
        write(folder / "field" / f"{name}.wav", wave, RATE)
    return folder


@pytest.fixture
def place(own, tmp_path, monkeypatch):
    """A folder of the test's own, with a library."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EARMARK_LIBRARY", str(tmp_path / "library"))
    shutil.copytree(own / "field", tmp_path / "field")
    with Library.create(model=new_model()) as library:
        library.index(["field"])
    return tmp_path


def told(capsys, place):
    """What was printed, without the size of the library."""
    printed = capsys.readouterr()
    return re.sub(r"[\d.]+ MB", "SIZE", plain(printed.out, place)), plain(printed.err, place)


# status


def test_status_says_what_the_library_holds(here, capsys):
    assert main(["status"]) == 0

    assert told(capsys, here) == (
        "library   PLACE/library (SIZE)\n"
        "model     earmark-small: a vector of 5 s every 2.5 s\n"
        "holds     7 recordings, 1 of them a copy, 0:28 of sound\n"
        "folders   PLACE/sounds\n"
        "failed    1 file, see: earmark status --failed\n",
        "",
    )


def test_status_names_what_is_odd(place, capsys):
    with Library.open(model=new_model()) as library:
        library.index([place / "field" / "old"])
        with library.store.writing("earmark index"):
            library.store.remove([one.id for one in library.under("field/old")])
            (place / "field").rename(place / "unplugged")
            assert main(["status"]) == 0

    said = told(capsys, place)[0].splitlines()
    assert said[2:5] == [
        "holds     1 recording, 0:03 of sound",
        "folders   PLACE/field (away)",
        "unused    33% of its vectors; free them with: earmark doctor --repair",
    ]
    assert re.fullmatch(r"writing   earmark index \(process \d+ on .*, since .*\)", said[5])


def test_status_as_json_has_all_of_it(here, capsys):
    assert main(["status", "--json"]) == 0

    found = json.loads(capsys.readouterr().out)
    assert found["library"] == str(here / "library")
    assert found["roots"] == [{"path": str(here / "sounds"), "away": False}]
    assert (found["recordings"], found["sounds"], found["failed"]) == (8, 6, 1)
    assert found["identity"]["model"] == "earmark-small"


def test_failed_files_are_listed_with_the_reason(here, capsys):
    assert main(["status", "--failed"]) == 0
    assert told(capsys, here)[0] == (
        f"PLACE/sounds/{BAD}: it is not sound, or too damaged to be read\n"
    )

    assert main(["status", "--failed", "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert one == {
        "path": str(here / "sounds" / BAD),
        "reason": "it is not sound, or too damaged to be read",
    }


def test_a_library_without_failures_says_so(place, capsys):
    assert main(["status", "--failed"]) == 0

    assert told(capsys, place)[0] == "every file in the library could be heard\n"


# doctor


def test_a_whole_library_is_told_to_be_whole(here, capsys):
    assert main(["doctor"]) == 0

    assert told(capsys, here)[0] == (
        "library   PLACE/library\n"
        "examined  8 recordings, 6 sounds, every vector\n"
        "The library is whole.\n"
    )


def test_damage_is_told_and_then_mended(place, capsys):
    files = sorted((place / "library" / "vectors").rglob("tokens*"))
    for file in files:
        os.truncate(file, 0)

    assert main(["doctor"]) == 3
    before = told(capsys, place)[0]
    assert main(["doctor", "--repair"]) == 0
    after = told(capsys, place)[0]

    assert "found     vector files that are missing or cut short" in before
    assert before.endswith("Something is wrong that can be mended: earmark doctor --repair\n")
    assert "mended    vector files that are missing or cut short" in after
    assert after.endswith("The library is whole.\n")


def test_unused_room_is_freed(place, capsys):
    assert main(["forget", "field/old", "--yes"]) == 0
    capsys.readouterr()

    assert main(["doctor"]) == 0
    assert "unused    SIZE; free it with: earmark doctor --repair\n" in told(capsys, place)[0]
    assert main(["doctor", "--repair"]) == 0
    assert "freed     SIZE\n" in told(capsys, place)[0]
    assert main(["doctor", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["is_well"], found["room"], found["freed"]) == (True, 0, 0)


def test_everything_the_doctor_says_is_aligned():
    mended = Finding(kind="a", what="bad words", count=1, remedy="made anew", mended=True)
    left = Finding(
        kind="b", what="lost sounds", count=1200, remedy="index anew", mendable=False,
        names=("/a/b.wav", "/a/c\n.wav"),
    )  # fmt: skip
    findings = Findings(
        folder=Path("lib"), found=(mended, left), recordings=1300, sounds=1, room=2_000_000,
        writer="earmark index (process 7)",
    )  # fmt: skip

    assert list(lines(findings, freed=0)) == [
        "library   lib",
        "examined  1,300 recordings, 1 sound, every vector",
        "writing   earmark index (process 7); what it changes now was not looked at",
        "mended    bad words",
        "          made anew",
        "found     lost sounds: 1,200",
        "            /a/b.wav",
        "            /a/c?.wav",
        "            and 1,198 more",
        "          index anew",
        "unused    2.0 MB; free it with: earmark doctor --repair",
        "Something is wrong that cannot be mended here.",
    ]


# relocate


def test_a_folder_that_has_moved_is_found_again_without_hearing_it(place, capsys):
    (place / "field").rename(place / "drive")

    assert main(["relocate", "field", "drive"]) == 0

    assert told(capsys, place) == ("2 recordings are now looked for in PLACE/drive\n", "")
    with Library.open() as library:
        assert [one.place.full for one in library.under("drive")] == [
            place / "drive" / "old" / "piano.wav",
            place / "drive" / "rain.wav",
        ]


# forget


class Terminal(io.StringIO):
    """Somebody sits there and types."""

    def isatty(self):
        return True


def recordings():
    with Library.open() as library:
        return library.status().recordings


def test_what_is_forgotten_is_said(place, capsys):
    assert main(["forget", "field/old", "--yes"]) == 0

    assert told(capsys, place) == (
        "forgot 1 recording, 0:02 of sound; the files are as they were\n",
        "",
    )
    assert recordings() == 1
    assert (place / "field" / "old" / "piano.wav").exists()


@pytest.mark.parametrize(
    ("typed", "done", "left"),
    [
        ("y\n", "forgot 2 recordings, 0:05 of sound; the files are as they were\n", 0),
        ("yes\n", "forgot 2 recordings, 0:05 of sound; the files are as they were\n", 0),
        ("n\n", "nothing was forgotten\n", 2),
        ("\n", "nothing was forgotten\n", 2),
        ("", "nothing was forgotten\n", 2),
    ],
)
def test_on_a_terminal_it_asks_first(typed, done, left, place, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", Terminal(typed))

    assert main(["forget", "field"]) == 0

    asked = "Forget 2 recordings, 0:05 of sound, in field? No file is touched. [y/N] "
    assert told(capsys, place) == (asked + done, "")
    assert recordings() == left


def test_without_a_terminal_it_must_be_told(place, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))

    assert main(["forget", "field"]) == 2

    assert told(capsys, place) == (
        "",
        "earmark: this would forget 2 recordings, 0:05 of sound, in field\n"
        "if so, say it with: earmark forget PATH --yes; no file is touched\n",
    )
    assert recordings() == 2


# what cannot be done


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["status", "--library", "no"], 3, "there is no library in PLACE/no"),
        (["doctor", "--library", "no"], 3, "there is no library in PLACE/no"),
        (["relocate", "a", "b", "--library", "no"], 3, "there is no library in PLACE/no"),
        (["forget", "a", "--library", "no"], 3, "there is no library in PLACE/no"),
        (["relocate", "field", "gone"], 2, "PLACE/gone is not a folder"),
        (["relocate", "gone", "field"], 2, "the library knows nothing in gone"),
        (["forget", "gone", "--yes"], 2, "the library knows nothing in gone"),
        (["forget", "field/gone.wav"], 2, "the library knows nothing in field/gone.wav"),
    ],
)
def test_what_cannot_be_done_is_two_lines(words, code, said, place, capsys):
    assert main(words) == code

    printed, complained = told(capsys, place)
    assert printed == ""
    assert said in complained
    assert len(complained.splitlines()) == 2
