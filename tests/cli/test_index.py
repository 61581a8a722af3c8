"""`earmark index` as a person meets it; what it does to a library is tested beside that."""

import json
import re
import shutil
import sys
from dataclasses import replace

import pytest

from cli.shelf import plain
from earmark.audio.write import write
from earmark.cli.index import changes_of, line_of
from earmark.cli.main import main
from earmark.library.library import Library
from earmark.library.nouns import Report
from earmark.library.progress import Progress
from earmark.synth import make
from model.tiny import write_tiny

RATE = 8_000


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A model that hears at once."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    write_tiny(folder)
    return folder


@pytest.fixture
def place(tmp_path, monkeypatch, tiny):
    """A folder with two sounds, and no library yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EARMARK_LIBRARY", str(tmp_path / "library"))
    (tmp_path / "sounds").mkdir()
    for seed, kind in enumerate(("wind", "piano")):
        write(tmp_path / "sounds" / f"{kind}.wav", make(kind, seed, seconds=3.0, rate=RATE), RATE)
    return tmp_path


@pytest.fixture
def index(place, tiny, capsys):
    """Index the sounds: what was printed, without how long it took."""

    def run(*options, code=0):
        assert main(["index", "sounds", "--model", str(tiny), *options]) == code
        printed = capsys.readouterr()
        took = re.sub(r"in \d+:\d\d(, \d+ x real time)?", "in TIME", printed.out)
        return plain(took, place), printed.err

    return run


def test_the_first_run_makes_a_library_and_says_where(index):
    assert index() == (
        "made a library in PLACE/library, with the model tiny\n"
        "heard     2 recordings, 0:06 of sound in TIME\n"
        "known     0\n",
        "",
    )


def test_a_library_whose_making_was_cut_short_is_made(index, place):
    (place / "library").mkdir()
    (place / "library" / "library.db").write_bytes(b"")

    assert index()[0].startswith(
        "made a library in PLACE/library, with the model tiny\nheard     2"
    )


def test_later_runs_say_what_has_changed(index, place):
    sounds = place / "sounds"
    write(sounds / "rain.wav", make("heavy_rain", 1, seconds=2.0, rate=RATE), RATE)
    index()
    (sounds / "old").mkdir()
    (sounds / "wind.wav").rename(sounds / "old" / "wind.wav")
    shutil.copyfile(sounds / "piano.wav", sounds / "piano copy.wav")
    (sounds / "rain.wav").unlink()
    (sounds / "broken.wav").write_bytes(b"no sound" * 100)
    (sounds / "notes.txt").write_text("none", encoding="utf-8")

    assert index() == (
        "heard     0 recordings\n"
        "known     1\n"
        "moved     1\n"
        "copies    1 of what was heard already\n"
        "failed    1, see: earmark status --failed\n"
        "gone      1\n"
        "ignored   1 that are no sound by their names\n",
        "",
    )


def test_a_folder_that_is_away_costs_nothing_unless_it_is_pruned(index, place):
    index()
    (place / "sounds").rename(place / "unplugged")

    assert index()[0] == (
        "heard     0 recordings\n"
        "known     0\n"
        "away      2 in folders that are missing or empty: kept\n"
    )
    assert index("--prune")[0] == "heard     0 recordings\nknown     0\ngone      2\n"


def test_a_dry_run_says_what_would_be_done_and_makes_nothing(index, place):
    assert index("--dry-run")[0] == (
        "would make a library in PLACE/library, with the model tiny\n"
        "to read   2 files that are new or changed\n"
        "known     0\n"
    )
    assert not (place / "library").exists()

    index()
    (place / "sounds" / "wind.wav").unlink()

    assert index("--dry-run")[0] == (
        "to read   0 files that are new or changed\nknown     1\ngone      1\n"
    )
    with Library.open() as library:
        assert library.status().recordings == 2


def test_json_holds_the_report(index):
    report = json.loads(index("--json")[0])

    assert (report["indexed"], report["seconds"], report["failed"]) == (2, 6.0, 0)
    assert report.keys() == Report.__dataclass_fields__.keys()


def test_what_is_excluded_is_not_heard(index):
    assert (
        "heard     1 recording, 0:03 of sound" in index("--exclude", "wi*", "--exclude", "x/*")[0]
    )


def test_without_tokens_the_library_says_so_from_the_beginning(index, place, tiny, capsys):
    index("--no-tokens")
    with Library.open() as library:
        assert library.status().tokens == 0
    assert index("--no-tokens")[0] == "heard     0 recordings\nknown     2\n"

    other = ["--library", str(place / "other")]
    index(*other)
    assert "was made with tokens" in index("--no-tokens", *other, code=2)[1]


def test_progress_is_shown_on_a_terminal_only(index, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)

    said = index()[1]

    assert "2 of 2 files, 0:06 of sound, " in said
    assert said.endswith("\r\x1b[2K")  # and nothing of it is left


@pytest.mark.parametrize(
    ("now", "line"),
    [
        ({"files_done": 0, "seconds_done": 0.0, "took": 0.0}, "0 of 12,000 files"),
        (
            {"files_done": 3, "seconds_done": 7200.0, "took": 36.0},
            "3 of 12,000 files, 2:00:00 of sound, 200 x real time",
        ),
        (
            {"files_done": 3, "seconds_done": 7200.0, "took": 36.0, "seconds_total": 36_000.0},
            "3 of 12,000 files, 2:00:00 of sound, 200 x real time, 2:24 left",
        ),
    ],
)
def test_progress_says_files_hours_speed_and_time_left(now, line):
    told = {"files_total": 12_000, "seconds_total": None, "began": 0.0} | now

    assert line_of(Progress(**told)) == line


def test_what_a_server_does_when_all_is_heard_is_told():
    told = {"files_total": 7, "seconds_total": None, "began": 0.0, "took": 4.0}
    now = Progress(files_done=6, seconds_done=8.0, **told)

    assert line_of(now, "then more") == "6 of 7 files, 0:08 of sound, 2 x real time"
    assert line_of(replace(now, files_done=7), "then more").endswith("2 x real time, then more")


def test_ctrl_c_says_that_what_was_finished_is_kept(index, monkeypatch):
    def interrupted(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(Library, "index", interrupted)

    assert index(code=130)[1] == (
        "earmark: stopped; what was finished is kept, and the next run goes on from there\n"
    )


def test_many_warnings_are_cut_short(index, monkeypatch):
    report = Report(warnings=[f"file {n}\n: odd" for n in range(13)])
    monkeypatch.setattr(Library, "index", lambda *args, **options: report)

    lines = index()[1].splitlines()

    assert lines[0] == "earmark: file 0?: odd"
    assert lines[10:] == ["earmark: and 3 more warnings of this kind"]


def test_watching_prints_a_line_for_each_change(index, monkeypatch):
    reports = [
        Report(skipped=2),
        Report(skipped=2),
        Report(indexed=1, seconds=62.0, skipped=2, warnings=["/a: odd"]),
        Report(away=3),
        Report(away=3),
    ]

    def watch(once):
        for _ in reports:
            yield once()
        raise KeyboardInterrupt

    left = iter(reports)
    monkeypatch.setattr(Library, "index", lambda *args, **options: next(left))
    monkeypatch.setattr("earmark.library.watch.watch", watch)

    said, complained = index("--watch", code=130)

    told = re.sub(r"^\d\d:\d\d:\d\d", "TIME", said, flags=re.MULTILINE).splitlines()[1:]
    assert told == [
        "heard     0 recordings",
        "known     2",
        "TIME  heard 1 recording, 1:02 of sound",
        "TIME  3 away",
    ]
    assert complained.splitlines() == [
        "earmark: following changes, until Ctrl-C",
        "earmark: /a: odd",
        "earmark: stopped; what was finished is kept, and the next run goes on from there",
    ]


def test_a_change_is_told_in_a_line():
    report = Report(moved=1, copied=2, failed=3, removed=1000, away=4)

    assert changes_of(report, away=4) == "1 moved, 2 copied, 3 failed, 1,000 gone"
    assert changes_of(Report(), away=4) == "0 away"
    assert changes_of(Report(skipped=9, ignored=4), away=0) == ""


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["gone"], 2, "earmark: gone is not there"),
        (["sounds", "--jobs", "0"], 2, "0 jobs"),
        (["sounds", "--model", "gone"], 2, "gone"),
        (["sounds", "--watch", "--dry-run"], 2, "--watch and --dry-run at once"),
    ],
)
def test_what_cannot_be_indexed_is_two_lines(options, code, said, place, tiny, capsys):
    options = options if "--model" in options else [*options, "--model", str(tiny)]

    assert main(["index", *options]) == code

    told = plain(capsys.readouterr().err, place)
    assert said in told
    assert len(told.splitlines()) == 2


def test_no_library_is_made_for_a_path_that_is_not_there(place, capsys):
    assert main(["index", "gone"]) == 2

    assert not (place / "library").exists()


def test_another_model_is_refused(index, tmp_path, capsys):
    index()

    assert main(["index", "sounds", "--model", "earmark-small"]) == 3

    said = capsys.readouterr().err
    assert "this library holds vectors of the model 'tiny'" in said
    assert len(said.splitlines()) == 2


def test_a_wrong_number_of_jobs_makes_no_library(tmp_path, capsys):
    folder = tmp_path / "library"

    assert main(["index", str(tmp_path), "--jobs", "0", "--library", str(folder)]) == 2

    assert capsys.readouterr() == ("", "earmark: 0 jobs\ngive one job or more\n")
    assert not folder.exists()
