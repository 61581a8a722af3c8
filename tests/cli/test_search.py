"""`earmark search` and `earmark similar` on a small real library, as a person meets them."""

import json
import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import soundfile

from cli.shelf import BAD, COPY, SOUNDS, plain, vague
from earmark.cli.answers import FORMATS
from earmark.cli.main import main
from earmark.library.library import Library
from earmark.search.answer import Answer
from earmark.search.confidence import Calibration
from earmark.search.explain import Why
from earmark.search.formats import FORMATS as WRITERS
from earmark.types import Hit
from model.tiny import write_tiny

RAIN, DOGS, SIREN, PIANO, CLOCK, VACUUM = (Path("sounds", name) for name in SOUNDS)
WHY = Why(place=1, score=0.5, typical=0.1, spread=0.1, among=6, evidence=0.0, alone=0.93)


@pytest.fixture
def told(here, monkeypatch):
    """Every search finds the same two moments, made by hand."""
    hits = [
        Hit(
            rank=1, path=str(here / RAIN), start=0.5, end=3.25, score=0.5, confidence=0.934,
            duration=4.0, tags={"title": "Rain on a tin roof"}, why=WHY,
        ),
        Hit(
            rank=2, path=str(here / CLOCK), start=1.0, end=2.0, score=0.25, confidence=0.5,
            duration=4.0, copies=(str(here / "sounds" / COPY[1]),), why=WHY,
        ),
    ]  # fmt: skip

    def answer(self, plan, wish):
        return Answer(query=plan.text, model="earmark-small", hits=hits, took_ms=1.5)

    monkeypatch.setattr(Library, "answer", answer)
    return here


TABLE = f"""\
#  confidence  moment           length  recording
1  0.93 sure   0:00.5 - 0:03.2    0:04  {RAIN}
2  0.50 maybe  0:01.0 - 0:02.0    0:04  {CLOCK} (+1 copy)
"""
EXPLAINED = f"""\
#  confidence  moment           length  recording
1  0.93 sure   0:00.5 - 0:03.2    0:04  {RAIN}
   - its best moment scores 0.500; half of the 6 recordings that were searched score under 0.100, \
so it stands 4.0 spreads above
   - place 1 by score alone
   - by its sound alone it is right with a probability of 0.93
"""
JSON = f"""\
{{
  "query": "a tin roof - clock",
  "model": "earmark-small",
  "hits": [
    {{
      "rank": 1,
      "path": "PLACE/{RAIN}",
      "start": 0.5,
      "end": 3.25,
      "score": 0.5,
      "confidence": 0.934,
      "duration": 4.0,
      "tags": {{
        "title": "Rain on a tin roof"
      }}
    }},
    {{
      "rank": 2,
      "path": "PLACE/{CLOCK}",
      "start": 1.0,
      "end": 2.0,
      "score": 0.25,
      "confidence": 0.5,
      "duration": 4.0,
      "tags": {{}},
      "copies": [
        "PLACE/sounds/{COPY[1]}"
      ]
    }}
  ],
  "took_ms": 0
}}
"""
CSV = f"""\
rank,path,start,end,score,confidence,duration
1,PLACE/{RAIN},0.5,3.25,0.5,0.934,4.0
2,PLACE/{CLOCK},1.0,2.0,0.25,0.5,4.0
"""
AUDACITY = f"""\
0.500000\t3.250000\t{RAIN.name}: a tin roof - clock (0.93)
1.000000\t2.000000\t{CLOCK.name}: a tin roof - clock (0.50)
"""
PATHS = f"PLACE/{RAIN}\nPLACE/{CLOCK}\n"


@pytest.mark.skipif(os.name == "nt", reason="the paths are written with slashes")
@pytest.mark.parametrize(
    ("options", "printed"),
    [
        ([], TABLE),
        (["--format", "table"], TABLE),
        (["--json"], JSON),
        (["--format", "json"], JSON),
        (["--format", "csv"], CSV),
        (["--format", "audacity"], AUDACITY),
        (["--paths-only"], PATHS),
        (["-0"], PATHS.replace("\n", "\0")),
        (["--paths-only", "-0"], PATHS.replace("\n", "\0")),
    ],
)
def test_it_prints_what_was_found_byte_for_byte(options, printed, told, capsysbinary):
    assert main(["search", "a", "tin", "roof", "-", "clock", *options]) == 0

    captured = capsysbinary.readouterr()
    assert plain(captured.out.decode("utf-8"), told) == printed
    assert captured.err == b""


def test_reasons_are_told_below_each_hit(told, capsys):
    assert main(["search", "--explain", "roof"]) == 0

    assert capsys.readouterr().out.startswith(EXPLAINED)


@pytest.mark.parametrize("name", FORMATS[1:])
def test_every_format_is_printed_as_it_is_made(name, told, capsysbinary):
    with Library.open() as library:
        answer = library.answer(type("Plan", (), {"text": "roof"}), None)

    assert main(["search", "roof", "--format", name]) == 0

    assert capsysbinary.readouterr().out == WRITERS[name](answer).encode("utf-8")


def test_every_format_that_there_is_can_be_chosen():
    assert set(FORMATS) == {"table", *WRITERS} - {"paths"}


def test_moments_are_cut_into_new_files(told, tmp_path, capsys):
    folder = tmp_path / "new" / "cuts"

    for _ in range(2):
        assert main(["search", "roof", "--format", "csv", "--cut", str(folder)]) == 0

    printed = capsys.readouterr()
    assert plain(printed.out, told) == 2 * CSV.replace("a tin roof - clock", "roof")
    names = [f"{RAIN.stem} 0m00.5s-0m03.2s", f"{CLOCK.stem} 0m01.0s-0m02.0s"]
    assert printed.err.splitlines()[:2] == [f"earmark: wrote {folder / name}.wav" for name in names]
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        f"{name}{more}.wav" for name in names for more in ("", " 2")
    )
    assert soundfile.info(folder / f"{names[1]}.wav").frames == 16_000  # 1 s


def test_a_moment_that_cannot_be_cut_does_not_stop_the_others(told, tmp_path, monkeypatch, capsys):
    made = Library.answer
    gone = Hit(rank=1, path="gone.wav", start=0, end=1, score=0.5, confidence=0.95, duration=4.0)

    def answer(self, plan, wish):
        found = made(self, plan, wish)
        return replace(found, hits=[gone, *found.hits])

    monkeypatch.setattr(Library, "answer", answer)

    assert main(["search", "roof", "--cut", str(tmp_path)]) == 3

    said = capsys.readouterr().err.splitlines()
    assert said[0] == "earmark: gone.wav: there is no such file"
    assert [line[:15] for line in said[2:]] == ["earmark: wrote "] * 2


@pytest.mark.parametrize("option", [["-0"], ["--paths-only"], ["--format", "csv"]])
def test_names_that_are_no_text_come_out_byte_for_byte(option, told, monkeypatch, capsysbinary):
    odd = Hit(rank=1, path="/a\udcff.wav", start=0, end=1, score=0.5, confidence=0.9, duration=4.0)
    made = Library.answer
    monkeypatch.setattr(Library, "answer", lambda *asked: replace(made(*asked), hits=[odd]))

    assert main(["search", "roof", *option]) == 0

    assert b"/a\xff.wav" in capsysbinary.readouterr().out


def test_it_says_when_confidence_is_a_guess(told, monkeypatch, capsys):
    made = Library.answer
    monkeypatch.setattr(
        Library, "answer", lambda *asked: replace(made(*asked), calibrated=False, model="new")
    )

    assert main(["search", "roof"]) == 0
    assert capsys.readouterr().err == (
        "earmark: the model 'new' is not calibrated: confidence is a rough guess\n"
    )
    assert main(["search", "roof", "--json"]) == 0
    assert capsys.readouterr().err == ""


def test_on_a_terminal_paths_fit_the_window(told, monkeypatch, capsys):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "64")

    assert main(["search", "roof"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 64
    assert lines[1].endswith("  sounds/…of_EARM_DEMO.wav")


# from here on, everything is real


@pytest.mark.parametrize(
    ("words", "first"),
    [
        (["rain", "on", "a", "roof"], RAIN),
        (["a", "dog", "barking"], DOGS),
        (["a piano", "-", "rain"], PIANO),
        (["vacuum", "cleaner", "-rain"], VACUUM),
        (["in:street", "siren", "--no-keywords"], SIREN),
        (["-k", "1", "clock", "ticking"], CLOCK),
    ],
)
def test_sounds_are_found_with_words(words, first, here, capsys):
    assert main(["search", *words, "--all"]) == 0

    said = vague(capsys.readouterr().out, here).splitlines()
    more = " (+1 copy)" if first == CLOCK else ""
    assert said[:2] == [
        "#  confidence  moment  length  recording",
        f"1  P  SPAN  0:04  {first}{more}",
    ]


def test_the_command_line_gives_what_python_gives(here, capsys):
    assert main(["search", "a", "dog", "-k", "4", "--moments", "--all", "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    with Library.open() as library:
        hits = library.search("a dog", 4, moments=True, unsure=True)
    assert told["hits"] == [hit.as_dict() for hit in hits]
    assert (told["query"], told["model"]) == ("a dog", "earmark-small")
    assert len(hits) == 4


def test_copies_are_folded_unless_they_are_asked_for(here, capsys):
    clock, copy = str(here / CLOCK), str(here / "sounds" / COPY[1])

    main(["search", "clock", "--all", "-k1", "--json"])
    (hit,) = json.loads(capsys.readouterr().out)["hits"]
    main(["search", "clock", "--all", "-k2", "--json", "--duplicates"])
    pair = json.loads(capsys.readouterr().out)["hits"]

    assert (hit["path"], hit["copies"]) == (clock, [copy])
    assert [one["path"] for one in pair] == [clock, copy]


def test_an_example_finds_its_copy_and_not_itself(here, capsys):
    assert main(["similar", f"{CLOCK}@0:01-3", "--all"]) == 0

    lines = vague(capsys.readouterr().out, here).splitlines()
    assert lines[1] == f"1  P  SPAN  0:04  {Path('sounds', COPY[1])}"
    assert not any(line.endswith(str(CLOCK)) for line in lines)


def test_files_with_an_at_sign_are_files(tmp_path, here, capsys):
    odd = tmp_path / "rain@1-2"
    shutil.copyfile(RAIN, odd)

    assert main(["similar", str(odd), "--all", "--paths-only", "-k1"]) == 0

    assert capsys.readouterr().out == f"{here / RAIN}\n"


def test_elsewhere_paths_are_told_from_their_root(here, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)

    assert main(["search", "piano", "-k1", "--all"]) == 0

    lines = vague(capsys.readouterr().out, here).splitlines()
    assert lines[1:] == [f"1  P  SPAN  0:04  {PIANO.relative_to('sounds')}", "in PLACE/sounds"]


# nothing found, and what cannot be asked


@pytest.fixture
def picky(monkeypatch):
    """A model for which nothing is sure enough."""
    made = Calibration.of
    monkeypatch.setattr(Calibration, "of", lambda model: replace(made(model), line=1.0))


def test_nothing_found_is_told_in_a_line_and_exits_with_1(here, picky, capsys):
    assert main(["search", "a", "zebra"]) == 1
    assert capsys.readouterr() == (
        "",
        "earmark: nothing here matches 'a zebra'; --all shows the nearest anyway\n",
    )

    assert main(["search", "a", "zebra", "--all", "--paths-only", "-k1"]) == 0
    assert capsys.readouterr().out.startswith(str(here))


def test_programs_are_told_of_nothing_in_their_own_way(here, picky, capsys):
    assert main(["search", "a", "zebra", "--json"]) == 1

    printed = capsys.readouterr()
    assert plain(printed.out, here) == (
        '{\n  "query": "a zebra",\n  "model": "earmark-small",\n  "hits": [],\n  "took_ms": 0\n}\n'
    )
    assert "nothing here matches" in printed.err


def test_filters_that_let_nothing_through_are_blamed(here, capsys):
    assert main(["search", "rain", "in:nowhere"]) == 1
    assert capsys.readouterr() == (
        "",
        "earmark: nothing in the library is let through by the filters of 'rain in:nowhere'\n",
    )


def test_an_empty_library_says_so(tmp_path, capsys):
    Library.create(tmp_path / "empty").close()

    assert main(["search", "rain", "--library", str(tmp_path / "empty")]) == 1
    assert plain(capsys.readouterr().err, tmp_path) == (
        "earmark: the library PLACE/empty is empty; fill it with: earmark index FOLDER\n"
    )


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["search", ""], 2, "the query is empty"),
        (["search", "in:field"], 2, "filters alone find no sound"),
        (["search", "-", "rain"], 2, "only what should not be heard is said: 'rain'"),
        (["search", "rain", "-"], 2, "nothing stands after -"),
        (["search", "rain", "longer:x"], 2, "longer:x cannot be read"),
        (["search", "rain", "-k", "0"], 2, "a limit of 0 hits"),
        (["search", "rain", "--json", "--format", "csv"], 2, "--format csv and --json at once"),
        (["search", "rain", "-0", "--json"], 2, "--json and --paths-only at once"),
        (["search", "rain", "--explain", "--json"], 2, "--explain is for the table alone"),
        (["search", "rain", "--library", "no"], 3, "there is no library in PLACE/no"),
        (["search", "rain", "--model", "no"], 2, "no"),
        (["search", "rain", "--cut", str(RAIN)], 3, "cannot be a folder for sounds"),
        (["search", "@gone.wav"], 3, "gone.wav: there is no such file"),
        (["similar", "gone.wav"], 3, "gone.wav: there is no such file"),
        (["similar", f"{CLOCK}@3-1"], 2, "3-1"),
        (["similar", f"{CLOCK}@60-70"], 2, "has no sound from 60 s on"),
        (["similar", str(Path("sounds", BAD))], 3, "broken.wav: it is not sound"),
        (["similar", str(CLOCK), "--json", "-0"], 2, "--json and --paths-only at once"),
    ],
)
def test_what_cannot_be_asked_is_two_lines(words, code, said, here, capsys):
    assert main(words) == code

    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in plain(printed.err, here)
    assert len(printed.err.splitlines()) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["search"], "required: WORDS"),
        (["search", "rain", "--format", "xml"], "invalid choice: 'xml'"),
        (["search", "rain", "--no-such"], "unrecognized arguments: --no-such"),
        (["similar"], "required: FILE"),
    ],
)
def test_what_was_typed_wrong_is_two_lines(words, said, here, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(words)

    told = capsys.readouterr().err
    assert said in told
    assert len(told.splitlines()) == 2


def test_a_library_of_another_model_is_refused(here, tmp_path, capsys):
    write_tiny(tmp_path / "tiny")

    assert main(["search", "rain", "--model", str(tmp_path / "tiny")]) == 3

    said = capsys.readouterr().err
    assert "vectors of the model 'earmark-small', which 'tiny' (as it is now) does not make" in said
    assert len(said.splitlines()) == 2
