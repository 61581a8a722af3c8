"""`earmark moments` and `earmark describe`: one file, and no library."""

import json

import numpy as np
import pytest

from cli.shelf import BAD, SOUNDS, plain, vague
from earmark.audio.write import write
from earmark.cli.main import main
from earmark.search.describe.events import Saying
from earmark.synth import make

DOGS = f"sounds/{list(SOUNDS)[1]}"
RATE = 16_000
SAYINGS = [
    Saying("dog barking", 0.0, 5.0, 0.934, ((0.0, 1.5), (4.0, 5.0))),
    Saying("rain", 2.5, 62.04, 0.5, ((2.5, 62.04),)),
]
TEXT = "0:00-0:05 dog barking twice\n0:02-1:03 probably rain\n"


@pytest.fixture(autouse=True)
def without_library(here, monkeypatch):
    """None of these commands needs one."""
    monkeypatch.setenv("EARMARK_LIBRARY", str(here / "none"))


@pytest.fixture(scope="module")
def long(tmp_path_factory):
    """Half a minute of faint wind, and a siren from 12 s to 18 s."""
    path = tmp_path_factory.mktemp("long") / "wind.wav"
    wave = make("wind", 1, seconds=30.0, rate=RATE) * 0.05
    wave[12 * RATE : 18 * RATE] += make("police_siren", 2, seconds=6.0, rate=RATE)
    write(path, np.clip(wave, -1, 1), RATE)
    return path


def test_moments_are_found_where_they_are(long, capsys):
    assert main(["moments", str(long), "a police siren", "-", "rain", "-k1", "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    (hit,) = told["hits"]
    assert (told["query"], hit["path"], hit["duration"]) == (
        "a police siren - rain", str(long), 30.0,
    )  # fmt: skip
    assert 10 <= hit["start"] <= 14
    assert 16 <= hit["end"] <= 20


def test_moments_are_a_table_without_a_path(here, capsys):
    assert main(["moments", DOGS, "a", "dog", "-k", "1"]) == 0

    assert vague(capsys.readouterr().out, here) == "#  confidence  moment\n1  P  SPAN\n"


def test_moments_are_cut_and_labelled(here, tmp_path, capsys):
    assert (
        main(["moments", DOGS, "dog", "-k1", "--format", "audacity", "--cut", str(tmp_path)]) == 0
    )

    assert "\tdog (" in capsys.readouterr().out
    (made,) = tmp_path.iterdir()
    assert made.name.startswith("dogs 0m0")


def test_nothing_found_exits_with_1(here, monkeypatch, capsys):
    monkeypatch.setattr("earmark.search.one.moments_in", lambda *asked, **options: [])

    assert main(["moments", DOGS, "a", "zebra"]) == 1

    told = f"earmark: nothing in {DOGS} matches 'a zebra'"
    assert capsys.readouterr() == ("", f"{told}; --all shows the nearest anyway\n")
    assert main(["moments", DOGS, "a", "zebra", "--all"]) == 1
    assert capsys.readouterr() == ("", f"{told}\n")


# describe


@pytest.fixture
def told(monkeypatch):
    """What is heard, whatever the file."""
    monkeypatch.setattr("earmark.search.one.describe_file", lambda path, model: SAYINGS)


@pytest.mark.parametrize(
    ("options", "printed"),
    [
        ([], TEXT),
        (["--format", "text"], TEXT),
        (["--format", "vtt"], "WEBVTT\n\n00:00:00.000 --> 00:00:05.000\ndog barking twice\n\n"
         "00:00:02.500 --> 00:01:02.040\nprobably rain\n\n"),
        (["--format", "audacity"], "0.000000\t1.500000\tdog barking\n"
         "2.500000\t62.040000\tprobably rain\n4.000000\t5.000000\tdog barking\n"),
    ],
)  # fmt: skip
def test_what_is_heard_is_printed_byte_for_byte(options, printed, told, capsys):
    assert main(["describe", DOGS, *options]) == 0

    assert capsys.readouterr() == (printed, "")


@pytest.mark.parametrize("option", [["--json"], ["--format", "json"]])
def test_what_is_heard_is_also_json(option, here, told, capsys):
    assert main(["describe", DOGS, *option]) == 0

    found = json.loads(plain(capsys.readouterr().out, here))
    assert found["path"] == f"PLACE/{DOGS}"
    assert found["model"] == "earmark-small"
    assert [line["text"] for line in found["lines"]] == ["dog barking twice", "probably rain"]
    assert found["sayings"][0] == {
        "words": "dog barking",
        "start": 0.0,
        "end": 5.0,
        "confidence": 0.934,
        "parts": [[0.0, 1.5], [4.0, 5.0]],
    }


def test_captions_go_into_a_new_file_and_never_over_another(told, tmp_path, capsys):
    words = ["describe", DOGS, "--format", "vtt", "--out", str(tmp_path / "dogs.vtt")]

    assert main(words) == 0
    assert capsys.readouterr() == ("", "")
    assert (tmp_path / "dogs.vtt").read_text(encoding="utf-8").startswith("WEBVTT\n\n00:00:00.000")

    assert main(words) == 2
    assert "is there already" in capsys.readouterr().err
    assert main([*words[:-1], str(tmp_path / "none" / "dogs.vtt")]) == 3
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_who_has_no_measured_confidence_says_so(told, monkeypatch, capsys):
    monkeypatch.setattr("earmark.model.model.Model.background", None)

    assert main(["describe", DOGS]) == 0

    printed = capsys.readouterr()
    assert printed.out == TEXT
    assert "is not calibrated" in printed.err


def test_a_siren_is_called_a_siren(capsys):
    assert main(["describe", f"sounds/{list(SOUNDS)[2]}"]) == 0

    assert "siren" in capsys.readouterr().out


def test_a_file_that_cannot_be_named_exits_with_1(monkeypatch, capsys):
    monkeypatch.setattr("earmark.search.one.describe_file", lambda path, model: [])

    assert main(["describe", DOGS]) == 1

    assert capsys.readouterr() == (
        "",
        f"earmark: nothing in {DOGS} can be named; ask for it: earmark moments FILE WORDS\n",
    )


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["moments", "gone.wav", "a dog"], 3, "gone.wav: there is no such file"),
        (["moments", f"sounds/{BAD}", "a dog"], 3, "broken.wav: it is not sound"),
        (["moments", DOGS, ""], 2, "the query is empty"),
        (["moments", DOGS, "dog", "in:field"], 2, "filters choose among recordings"),
        (["moments", DOGS, "dog", "-k", "0"], 2, "0"),
        (["moments", DOGS, "dog", "--json", "-0"], 2, "--json and --paths-only at once"),
        (["describe", "gone.wav"], 3, "gone.wav: there is no such file"),
        (["describe", f"sounds/{BAD}"], 3, "broken.wav: it is not sound"),
        (["describe", DOGS, "--json", "--format", "text"], 2, "at once"),
        (["describe", DOGS, "--model", "gone"], 2, "gone"),
    ],
)
def test_what_cannot_be_asked_is_two_lines(words, code, said, capsys):
    assert main(words) == code

    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err
    assert len(printed.err.splitlines()) == 2
