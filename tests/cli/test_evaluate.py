"""`earmark evaluate` asks a bundle what a protocol says, and prints figures beside chance."""

import json
from importlib import import_module
from pathlib import Path

import pytest

from earmark.audio.write import write
from earmark.cli import evaluate, runs, systems
from earmark.cli.exams import EXAMS, LISTS, OPTIONS
from earmark.cli.main import main
from earmark.synth import make
from model.tiny import write_tiny

KINDS = {"a dog barking": "dog_bark", "heavy rain": "heavy_rain", "a piano": "piano"}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A tiny bundle, and a manifest of two sounds a caption."""
    folder = tmp_path_factory.mktemp("evaluate")
    write_tiny(folder / "tiny")
    lines = ["path,caption,split"]
    for caption, kind in KINDS.items():
        for seed in range(2):
            name = f"{kind}{seed}.wav"
            write(folder / name, make(kind, seed, seconds=3.0, rate=8_000), 8_000)
            lines.append(f"{name},{caption},test")
    (folder / "set.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def told(place, capsys, *words):
    assert main(["evaluate", *words, "--model", str(place / "tiny"), "--json"]) == 0
    return json.loads(capsys.readouterr().out)["directions"]


def test_captions_of_a_manifest_are_asked_both_ways(place, capsys):
    found = told(place, capsys, "captions", f"{place / 'set.csv'}#test")

    there, back = found["text to audio"], found["audio to text"]
    assert (there["queries"], there["items"]) == (3, 6)
    assert (back["queries"], back["items"]) == (6, 3)
    # Two of six are right: the first of a random order is, with a chance of 2/6.
    assert there["figures"]["R@1"]["chance"] == pytest.approx(1 / 3)
    one = there["figures"]["mAP"]
    assert one["low"] <= one["value"] <= one["high"] <= 1


def test_more_jobs_give_the_same_figures(place, capsys):
    data = f"{place / 'set.csv'}#test"

    assert told(place, capsys, "captions", data, "--jobs", "1") == told(
        place, capsys, "captions", data, "--jobs", "4"
    )


def test_scenes_are_drawn_and_asked(place, capsys, monkeypatch):
    monkeypatch.setattr("earmark.cli.evaluate.TAKES", 1)

    found = told(place, capsys, "scenes", "--size", "12", "--seed", "3")

    assert found["text to audio"]["items"] == 12
    assert found["text to audio"]["figures"]["R@10"]["chance"] > 0.8


def test_people_get_a_table(place, capsys):
    words = ["evaluate", "captions", f"{place / 'set.csv'}#test", "--model", str(place / "tiny")]

    assert main(words) == 0

    said = capsys.readouterr().out
    assert "text to audio" in said
    assert "chance" in said
    assert "3 queries, 6 to be found" in said


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["captions"], "needs a data set"),
        (["caption", "x"], "no protocol is called 'caption'"),
        (["serach", "x"], "did you mean 'search'?"),
        (["captions", "nowhere.csv"], "is not there"),
        (["scenes", "--size", "1"], "pool of under two"),
        (["captions", "SET#none"], "has no split 'none'"),
        (["captions", "SET", "--plot", "x.svg"], "--plot does nothing here: it is for confidence"),
        (["depths", "SET", "--seed", "3"], "--seed does nothing here"),
        (["siblings", "SET", "--library", "x"], "--library does nothing here"),
        (["serach", "x", "--plot", "x.svg"], "did you mean 'search'?"),
        (["scenes", "--beside", "yamnet"], "nobody else hears sounds made by code"),
    ],
)
def test_wrong_words_are_two_lines(place, capsys, words, problem):
    words = [word.replace("SET", str(place / "set.csv")) for word in words]

    assert main(["evaluate", *words, "--model", str(place / "tiny")]) in (2, 3)

    said = capsys.readouterr().err
    assert problem in said
    assert len(said.splitlines()) == 2


def test_every_exam_is_a_file():
    files = Path(evaluate.__file__).parent.glob("exam_*.py")

    assert {path.stem for path in files} == {f"exam_{name}" for name in EXAMS}


@pytest.mark.parametrize(
    ("option", "exam"), [(one, exam) for one in OPTIONS for exam in one.takers]
)
def test_who_takes_an_option_reads_it(option, exam):
    """A file that never names an option would ignore it."""
    read = evaluate if exam == LISTS else import_module(f"earmark.cli.exam_{exam}")
    files = [read, systems, runs] if exam == "mine" else [read]
    text = "\n".join(Path(one.__file__).read_text(encoding="utf-8") for one in files)

    assert f"args.{option.dest}" in text
