"""`earmark label`: keys and lines judge hits; what was judged is kept, and not asked again."""

import io
import json
import os
import sys
import threading

import pytest

from cli.shelf import plain
from earmark.cli import keys, player
from earmark.cli.main import main
from earmark.search.judged.labels import read_labels
from earmark.types import Hit
from model.tiny import write_tiny

RAIN = "rain/RAINRoof_Rain On A Tin Roof_EARM_DEMO.wav"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "my.jsonl"


@pytest.fixture
def typed(monkeypatch):
    """What stands in for a person."""

    def type_(*lines):
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))

    return type_


def judged(file):
    return [(one.query, one.path, one.right) for one in read_labels(file).judgements]


def test_hits_are_judged_one_at_a_time_and_kept_at_once(here, file, typed, capsys):
    typed("y", "", "what", "no", "s", "q")

    assert main(["label", str(file), "rain", "on", "a", "roof"]) == 0

    said = plain(capsys.readouterr().out, here)
    assert said.startswith("rain on a roof: 6 hits to judge, 0 judged\n\n1 of 6  0.9")
    assert f"of 0:04  PLACE/sounds/{RAIN}\nright? y, n, s (skip), q (quit): right\n" in said
    assert "(quit): ?\nright? y, n, s (skip), q (quit): ?\n" in said
    assert said.endswith("(quit): quit\n\nrain on a roof: 1 right, 1 wrong\n")
    assert judged(file)[0] == ("rain on a roof", RAIN, True)
    assert len(judged(file)) == 2


def test_what_was_judged_is_not_asked_again(here, file, typed, capsys):
    typed("y", "n")
    main(["label", str(file), "rain on a roof"])
    capsys.readouterr()
    typed("n", "n", "n", "n")

    assert main(["label", str(file), "rain on a roof"]) == 0

    said = capsys.readouterr().out
    assert said.startswith("rain on a roof: 4 hits to judge, 2 judged\n")
    assert said.endswith("rain on a roof: 1 right, 5 wrong\n")
    typed()
    assert main(["label", str(file), "rain on a roof"]) == 0
    assert capsys.readouterr().out.strip() == "rain on a roof: 0 hits to judge, 6 judged"


def test_without_words_every_query_of_the_file_is_gone_through(here, file, typed, capsys):
    file.write_text('{"query": "a piano"}\n{"query": "a dog barking"}\n', encoding="utf-8")
    typed("y", "y", "q")

    assert main(["label", str(file), "-k", "1"]) == 0

    assert [query for query, _, _ in judged(file)] == ["a piano", "a dog barking"]


def test_to_quit_ends_all_queries(here, file, typed):
    file.write_text('{"query": "a piano"}\n{"query": "a dog barking"}\n', encoding="utf-8")
    typed("q", "y")

    assert main(["label", str(file)]) == 0

    assert judged(file) == []


def test_the_end_of_what_is_typed_quits(here, file, typed, capsys):
    typed("y")

    assert main(["label", str(file), "a piano"]) == 0
    assert capsys.readouterr().out.endswith("quit\n\na piano: 1 right, 0 wrong\n")


@pytest.mark.parametrize(
    ("words", "query"),
    [
        (["rain", "-", "light music"], "rain - light music"),
        (["a dog", "then", "a door"], '"a dog" then "a door"'),
        (["in:house", "clock"], "in:house clock"),
        (["rain  on", "a roof"], "rain on a roof"),
        (["rain", "newer:10y"], "rain newer:10y"),
    ],
)
def test_what_a_shell_leaves_of_a_query_is_kept_so_that_it_means_the_same(
    here, file, typed, words, query
):
    typed("y")

    main(["label", str(file), "-k", "1", *words])

    assert [one for one, _, _ in judged(file)] == [query]


def test_a_query_that_no_line_can_hold_is_refused(here, file, capsys):
    assert main(["label", str(file), "rain", '-"light music"', 'a "b']) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_a_list_needs_no_library(file, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("EARMARK_LIBRARY", str(tmp_path / "none"))
    lines = [
        {"query": "rain", "right": True, "path": "a.wav", "when": "2026-01-31T14:05:09+01:00"},
        {"query": "wind"},
        {"query": "rain", "right": False, "path": "long.wav", "start": 61.5, "end": 70},
    ]
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")

    assert main(["label", str(file), "--list"]) == 0

    assert capsys.readouterr().out.splitlines() == [
        "rain: 1 right, 1 wrong",
        "  right  whole            2026-01-31  a.wav",
        "  wrong  1:01.5 - 1:10.0              long.wav",
        "wind: 0 right, 0 wrong",
    ]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ([], "has no queries yet"),
        (["--list"], "cannot be read: No such file"),
        (["rain", "-k", "0"], "a limit of 0 hits"),
        (["rain - "], "nothing stands after -"),
        (["rain", "--play", ""], "no player is named"),
        (["rain", "--play", "mpv '"], "cannot be read: No closing quotation"),
        (["rain", "--model", "nothing"], "no model is called 'nothing'"),
        (["rain", "--model", "earmark-small", "--model", "earmark-small"], "named twice"),
    ],
)
def test_wrong_words_are_two_lines(here, file, capsys, words, problem):
    assert main(["label", str(file), *words]) in (2, 3)

    said = capsys.readouterr().err
    assert problem in said
    assert len(said.splitlines()) == 2


def test_a_damaged_file_is_told_before_anybody_listens(here, file, capsys):
    file.write_text("{\n", encoding="utf-8")

    assert main(["label", str(file), "rain"]) == 3
    assert f"{file}, line 1: it is not JSON" in capsys.readouterr().err


def test_where_nothing_is_found_there_is_nothing_to_judge(here, file, capsys):
    assert main(["label", str(file), "rain", "in:nowhere"]) == 1


def test_two_models_put_their_hits_into_one_pool(here, file, typed, tmp_path, capsys):
    write_tiny(tmp_path / "tiny")
    words = ["label", str(file), "-k", "2", "--cache", str(tmp_path / "cache"), "an old vehicle"]
    typed(*"nnnn")

    assert main([*words, "--model", "earmark-small", "--model", str(tmp_path / "tiny")]) == 0

    said = capsys.readouterr()
    assert "hearing 7 recordings that tiny has not heard yet; what it hears is kept in" in said.err
    assert 2 < len(judged(file)) <= 4
    typed("q")
    main([*words, "--model", "earmark-small", "--model", str(tmp_path / "tiny")])
    again = capsys.readouterr()
    assert again.out.startswith("an old vehicle: 0 hits to judge")
    assert again.err == ""  # it was heard already


# players


class Started:
    """Stands in for a program: keeps how it was started."""

    def __init__(self):
        self.words, self.ended = [], 0

    def __call__(self, words, **options):
        assert not options.get("shell")
        self.words.append(words)
        return self

    def terminate(self):
        self.ended += 1

    def wait(self, timeout=None):
        return 0


def test_a_player_gets_each_moment_and_plays_it_again(here, file, typed, monkeypatch):
    started = Started()
    monkeypatch.setattr(player.subprocess, "Popen", started)
    typed("p", "y", "q")

    assert (
        main(["label", str(file), "a piano", "--play", "mpv --start={start} --length={seconds}"])
        == 0
    )

    paths = [words[-1] for words in started.words]
    assert paths[0] == paths[1] == str(here / "sounds" / "studio" / "piano.ogg")
    assert len(paths) == 3
    assert started.words[0][:2] == ["mpv", f"--start={0:.2f}"]
    assert started.ended == 3  # nothing plays on


def test_nothing_is_played_unless_a_player_is_named(here, file, typed, monkeypatch):
    started = Started()
    monkeypatch.setattr(player.subprocess, "Popen", started)
    typed("p", "y")

    main(["label", str(file), "a piano"])

    assert started.words == []


def test_names_of_files_are_no_words_of_a_command():
    hit = Hit(rank=1, path="/in/{start}; rm -rf ~.wav", start=1.5, end=4.0, score=0, confidence=0,
              duration=9)  # fmt: skip

    assert player.filled(["p", "{start}-{end}={seconds}", "{path}"], hit) == [
        "p", "1.50-4.00=2.50", hit.path,
    ]  # fmt: skip
    assert player.filled(["p", "-q"], hit) == ["p", "-q", hit.path]


def test_a_player_that_is_not_there_is_told(here, file, typed, capsys):
    typed("y")

    assert main(["label", str(file), "a piano", "--play", "no-such-player"]) == 3
    assert "no-such-player cannot be started: No such file" in capsys.readouterr().err


def test_a_player_that_does_not_listen_is_ended():
    hit = Hit(rank=1, path="x", start=0, end=1, score=0, confidence=0, duration=1)
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    stubborn = player.Player("x")
    stubborn._words = [sys.executable, "-c", code, "{path}"]
    stubborn.play(hit)
    process = stubborn._now

    stubborn.stop()

    assert process.poll() is not None


# keys


def test_on_a_terminal_one_key_is_enough(monkeypatch):
    pty = pytest.importorskip("pty", reason="terminals of this kind are those of Unix")
    head, tail = pty.openpty()
    with os.fdopen(tail, encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        threading.Timer(0.1, os.write, (head, b"Y")).start()

        assert keys.read_key() == "y"
    os.close(head)
