"""`earmark spot` on a small real library, as a person meets it."""

import csv
import json
import os
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import soundfile

from cli.shelf import SOUNDS, plain, vague
from earmark.cli.main import load, main
from earmark.cli.parser import new_parser
from earmark.library.library import Library
from earmark.search.answer import Answer
from earmark.search.confidence import Calibration
from earmark.types import Hit

RAIN, DOGS, SIREN, PIANO, CLOCK, VACUUM = (Path("sounds", name) for name in SOUNDS)
SCRIPT = """\
# two scenes
0:12 A dog barks, and rain falls on the roof.
He thinks about his mother.
SFX: zebra
"""


@pytest.fixture
def script(tmp_path):
    """A script, in a folder of its own."""
    path = tmp_path / "script.txt"
    path.write_text(SCRIPT, encoding="utf-8")
    return str(path)


@pytest.fixture
def told(here, monkeypatch):
    """Dogs and rain are found, as by hand; zebras are not."""
    pools = {
        "dog barking": [(DOGS, 0.934, 0.5, 3.25), (SIREN, 0.5, 1.0, 2.0)],
        "rain falling on roof": [(RAIN, 0.75, 0.0, 4.0)],
    }

    def answer(self, plan, wish):
        hits = [
            Hit(
                rank=n, path=str(here / path), start=start, end=end, score=0.5,
                confidence=confidence, duration=4.0,
            )
            for n, (path, confidence, start, end) in enumerate(pools.get(plan.text, ()), start=1)
        ]  # fmt: skip
        return Answer(query=plan.text, model="earmark-small", hits=hits, took_ms=1.5)

    monkeypatch.setattr(Library, "answer", answer)
    return here


TABLE = f"""\
1  dog barking (0:12.0, line 2)
  0.93 sure    0:00.5 - 0:03.2  {DOGS}
  0.50 maybe   0:01.0 - 0:02.0  {SIREN}
2  rain falling on roof (0:12.0, line 2)
  0.75 likely  0:00.0 - 0:04.0  {RAIN}
3  zebra (line 4)
  nothing here matches
"""
LISTED = """\
line  cue  time    heard                 in
   2  1    0:12.0  dog barking           A dog barks, and rain falls on the roof.
   2  2    0:12.0  rain falling on roof  A dog barks, and rain falls on the roof.
   3  -            (nothing to hear)     He thinks about his mother.
   4  3            zebra                 zebra
"""


@pytest.mark.skipif(os.name == "nt", reason="the paths are written with slashes")
def test_each_cue_is_told_with_its_moments(told, script, capsys):
    assert main(["spot", script]) == 0

    assert capsys.readouterr() == (
        TABLE,
        "earmark: nothing here matches 1 of 3 cues; --all shows the nearest anyway\n",
    )


def test_on_a_terminal_lines_fit_the_window(told, script, monkeypatch, capsys):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")

    for options in ([], ["--list"]):
        assert main(["spot", script, *options]) == 0

    assert max(map(len, capsys.readouterr().out.splitlines())) <= 60


def test_lines_are_told_without_a_library(script, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("EARMARK_LIBRARY", str(tmp_path / "none"))

    assert main(["spot", script, "--list"]) == 0
    assert capsys.readouterr().out == LISTED

    assert main(["spot", script, "--list", "--json"]) == 0
    cues = json.loads(capsys.readouterr().out)
    assert [(one["cue"], one["query"], one["time"]) for one in cues] == [
        ("1", "dog barking", 12.0),
        ("2", "rain falling on roof", 12.0),
        ("3", "zebra", None),
    ]


def test_a_list_of_cues_is_a_script_again(told, script, tmp_path, capsys):
    assert main(["spot", script, "--list", "--csv"]) == 0
    sheet = tmp_path / "cues.csv"
    sheet.write_text(capsys.readouterr().out.replace("line 2", "x"), encoding="utf-8")

    assert main(["spot", str(sheet)]) == 0

    heads = [line for line in capsys.readouterr().out.splitlines() if line[0].isdigit()]
    assert heads == [
        "1  dog barking (0:12.0, line 2)",
        "2  rain falling on roof (0:12.0, line 3)",
        "3  zebra (line 4)",
    ]


@pytest.mark.parametrize("option", ["--csv", "--json", "--m3u", "--reaper"])
def test_other_programs_are_told_of_every_cue(option, told, script, capsys):
    assert main(["spot", script, option, "-k", "1"]) == 0

    out = capsys.readouterr().out
    assert all(words in out for words in ("dog barking", "rain falling on roof", "zebra"))
    assert (SIREN.name in out) is False
    if option == "--csv":
        assert len(list(csv.DictReader(out.splitlines()))) == 3
    if option == "--json":
        cues = json.loads(out)["cues"]
        assert [len(cue["hits"]) for cue in cues] == [1, 1, 0]


def test_moments_are_copied_under_the_names_of_their_cues(told, script, tmp_path, capsys):
    folder = tmp_path / "new" / "copies"

    for _ in range(2):
        assert main(["spot", script, "--csv", "--copy", str(folder)]) == 0

    names = ["001-1 dog barking", "001-2 dog barking", "002-1 rain falling on roof"]
    kinds = [".wav", ".flac", ".wav"]
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        f"{name}{more}{kind}"
        for name, kind in zip(names, kinds, strict=True)
        for more in ("", " 2")
    )
    said = capsys.readouterr().err.splitlines()
    assert said[0] == f"earmark: wrote {folder / names[0]}.wav"
    assert soundfile.info(folder / f"{names[1]}.flac").frames == 16_000  # 1 s


def test_whole_files_are_copied_as_they_are(told, script, tmp_path):
    assert main(["spot", script, "--copy", str(tmp_path / "a"), "--whole", "-k1"]) == 0

    made = tmp_path / "a" / "001 dog barking.mp3"
    assert made.read_bytes() == DOGS.read_bytes()
    assert len(list(made.parent.iterdir())) == 2


def test_a_moment_that_cannot_be_copied_does_not_stop_the_others(
    told, script, tmp_path, monkeypatch, capsys
):
    made = Library.answer

    def answer(self, plan, wish):
        found = made(self, plan, wish)
        first = [replace(hit, path=str(told / "gone.mp3")) for hit in found.hits[:1]]
        return replace(found, hits=[*first, *found.hits[1:]])

    monkeypatch.setattr(Library, "answer", answer)

    assert main(["spot", script, "--copy", str(tmp_path / "a")]) == 3

    said = capsys.readouterr().err
    assert "gone.mp3: there is no such file" in said
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["001-2 dog barking.flac"]


# from here on, everything is real


def test_sounds_of_a_script_are_found(here, tmp_path, capsys):
    script = tmp_path / "a.fountain"
    script.write_text(
        "INT. FLAT - DAY\n\nA clock ticks. A DOG BARKS outside.\n\nANNA\nIs that a piano?\n\n"
        "A siren wails.\n",
        encoding="utf-8",
    )

    assert main(["spot", str(script), "--all", "-k1", "--no-keywords"]) == 0

    lines = vague(capsys.readouterr().out, here).splitlines()
    assert lines[2:] == [
        "2  clock ticking (line 3)",
        f"  P  SPAN  {CLOCK} (+1 copy)",
        "3  dog barking outside (line 3)",
        f"  P  SPAN  {DOGS}",
        "4  siren wailing (line 8)",
        f"  P  SPAN  {SIREN}",
    ]


def test_the_command_line_gives_what_python_gives(here, script, capsys):
    assert main(["spot", script, "--json", "--all", "-k2"]) == 0

    told = json.loads(capsys.readouterr().out)
    with Library.open() as library:
        sheet = library.spot(script, 2, unsure=True)
    assert {**sheet.as_dict(), "took_ms": 0} == {**told, "took_ms": 0}
    assert len(sheet.spotted) == 3


# what cannot be done


def test_nothing_found_is_told_and_exits_with_1(here, script, monkeypatch, capsys):
    made = Calibration.of
    monkeypatch.setattr(Calibration, "of", lambda model: replace(made(model), line=1.0))

    assert main(["spot", script]) == 1

    printed = capsys.readouterr()
    assert printed.out.count("nothing here matches") == 3
    assert printed.err == (
        "earmark: nothing here matches any of 3 cues; --all shows the nearest anyway\n"
    )


def test_an_empty_library_is_told_so(script, tmp_path, capsys):
    Library.create(tmp_path / "empty").close()

    assert main(["spot", script, "--library", str(tmp_path / "empty")]) == 1

    assert "is empty; fill it with" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "options", "code", "said"),
    [
        ("He thinks.", [], 2, "nothing can be heard in PLACE/a.txt"),
        ("RIFF\0\0", [], 2, "the script PLACE/a.txt cannot be read: it is not text"),
        ("rain", ["--library", "no"], 3, "there is no library in"),
        ("rain", ["-k", "0"], 2, "a limit of 0 hits"),
        ("rain", ["--csv", "--json"], 2, "--json and --csv at once"),
        ("rain", ["--whole"], 2, "--whole says what is copied"),
        ("rain", ["--list", "--m3u"], 2, "--list searches nothing"),
        ("rain", ["--list", "--copy", "x"], 2, "--list searches nothing"),
        ("rain", ["--copy", "a.txt"], 3, "a.txt cannot be a folder for sounds"),
    ],
)
def test_what_cannot_be_done_is_two_lines(
    text, options, code, said, here, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")

    assert main(["spot", str(tmp_path / "a.txt"), *options]) == code

    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in plain(printed.err, tmp_path)
    assert len(printed.err.splitlines()) == 2


def test_a_script_without_cues_is_listed_and_exits_with_1(tmp_path, capsys):
    (tmp_path / "a.txt").write_text("He thinks about his mother.\n", encoding="utf-8")

    assert main(["spot", str(tmp_path / "a.txt"), "--list"]) == 1

    printed = capsys.readouterr()
    assert "(nothing to hear)" in printed.out
    assert printed.err == (
        "earmark: nothing can be heard in it; mark what you want, as in SFX: a door slams\n"
    )


# the page


PAGE = (Path(__file__).parents[2] / "docs" / "spot.md").read_text(encoding="utf-8")


def test_the_python_of_the_page_runs(here, script, monkeypatch, capsys):
    monkeypatch.chdir(Path(script).parent)
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)

    exec(compile(code, "docs/spot.md", "exec"), {})

    assert capsys.readouterr().out.startswith("1 dog barking 12.0 [")


def test_the_example_of_the_page_is_what_it_gives(tmp_path, capsys):
    play, listed = re.findall(r"\n```\n(Title: .*?)```.*?\n```\n(line .*?)```", PAGE, re.DOTALL)[0]
    (tmp_path / "lamp.fountain").write_text(play, encoding="utf-8")

    assert main(["spot", str(tmp_path / "lamp.fountain"), "--list"]) == 0

    assert capsys.readouterr().out == listed


def test_every_option_of_the_page_exists():
    parser = new_parser("spot", "does")
    load("spot").add_arguments(parser)
    known = {option for action in parser._actions for option in action.option_strings}

    used = set(re.findall(r"(?<=[\s`])--[a-z0-9-]+", PAGE))
    assert used <= known
    assert {"--csv", "--json", "--m3u", "--reaper", "--copy", "--whole", "--list"} <= used
