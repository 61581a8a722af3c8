"""`earmark evaluate confidence` asks in libraries with and without an answer."""

import json
from xml.etree import ElementTree

import pytest

from earmark.audio.write import write
from earmark.cli.main import main
from earmark.synth import make
from model.tiny import write_tiny

KINDS = {"a dog barking": "dog_bark", "heavy rain": "heavy_rain", "a piano": "piano"}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("confidence")
    write_tiny(folder / "tiny")
    lines = ["path,caption,split"]
    for caption, kind in KINDS.items():
        for seed in range(5):
            name = f"{kind}{seed}.wav"
            write(folder / name, make(kind, seed, seconds=2.0, rate=8_000), 8_000)
            lines.append(f"{name},{caption},test")
    (folder / "set.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def run(place, *words):
    return main(["evaluate", "confidence", *words, "--model", str(place / "tiny")])


def test_clips_are_asked_for_and_the_figures_are_told(place, capsys, tmp_path):
    plot = tmp_path / "plot.svg"
    data = f"{place / 'set.csv'}#test"

    assert run(place, data, "--size", "20", "--seed", "3", "--json", "--plot", str(plot)) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["command"] == "earmark evaluate confidence DATA#test --size 20 --seed 3"
    assert (told["asked"], told["recordings"]) == (6, 20)
    assert not told["calibrated"]
    assert told["figures"]["absent refused"]["value"] == 0  # the plain rule refuses nothing
    assert sum(one["hits"] for one in told["bins"]) == 60
    assert ElementTree.parse(plot).getroot().tag.endswith("svg")


def test_a_cache_changes_no_figure(place, capsys, tmp_path):
    words = (f"{place / 'set.csv'}#test", "--size", "18", "--json")
    out = []
    for more in ((), ("--cache", str(tmp_path)), ("--cache", str(tmp_path))):
        assert run(place, *words, *more) == 0
        out.append(json.loads(capsys.readouterr().out))

    assert out[0] == out[1] == out[2]


def test_scenes_are_asked_for_where_no_data_are_named(place, capsys, monkeypatch):
    monkeypatch.setattr("earmark.score.crowds.CAPTIONED", 12)
    monkeypatch.setattr("earmark.score.crowds.TAKES", 1)

    assert run(place, "--size", "15") == 0

    said = capsys.readouterr().out
    assert "tiny, confidence, scenes, libraries of 15" in said
    assert "not calibrated" in said
    assert "AUROC" in said
    assert "0.85 or more" in said


def test_clips_ask_by_their_sound_for_others_of_their_label(place, capsys, tmp_path):
    for kind in KINDS.values():
        (tmp_path / kind).mkdir()
        for seed in range(5):
            wave = make(kind, seed, seconds=2.0, rate=8_000)
            write(tmp_path / kind / f"{seed}.wav", wave, 8_000)

    assert run(place, str(tmp_path), "--size", "12", "--similar", "--json") == 0

    told = json.loads(capsys.readouterr().out)
    assert "clips by sound" in told["protocol"]
    assert "--similar" in told["command"]
    # 15 ask, of libraries without one of their own label: 10 recordings are left.
    assert (told["asked"], told["recordings"]) == (30, 15)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--similar"], "scenes do not ask by sound"),
        (["DATA", "--similar"], "nothing can be asked"),
    ],
)
def test_what_cannot_be_asked_is_two_lines(place, capsys, words, said):
    data = f"{place / 'set.csv'}#test"

    assert run(place, *[data if word == "DATA" else word for word in words], "--size", "20") > 1

    told = capsys.readouterr().err
    assert said in told
    assert len(told.splitlines()) == 2
