"""The exam of a library on clips that can be checked by hand, and as a command."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.cli.main import main
from earmark.errors import UsageError
from earmark.lab.exam import exam, finding, listeners, wording
from earmark.lab.exam.finding import Finding, Wish
from earmark.lab.exam.listeners import Expert
from lab.exam.made import WORDS, Level, clip, embed, write_data
from model.tiny import RATE, new_model, write_tiny

FREE = [
    {"set": "esc-check", "caption": caption, "query": query}
    for caption, query in (("a loud sound", "loud"), ("a quiet sound", "quiet"))
]
VARIANTS = [
    {
        "set": "esc-check",
        "caption": "a loud sound",
        "query": "a loud sound",
        "paraphrase": "a quiet sound",  # so the paraphrase finds the wrong ones
    }
]


@pytest.fixture
def rows(tmp_path, monkeypatch):
    """Two loud ESC clips and two quiet ones, and a clip of no set."""
    tables = {"free.csv": FREE, "variants.csv": VARIANTS}
    monkeypatch.setattr(wording, "_table", tables.__getitem__)
    for words in ("A LOUD SOUND", "A Loud Sound"):
        monkeypatch.setitem(WORDS, words, WORDS["a loud sound"])
    monkeypatch.setattr(wording, "slipped", lambda text, words, rng: text)
    esc = {"fold": "1"}
    return [
        clip(tmp_path / "audio", "a", 0.75, "a loud sound", **esc),
        clip(tmp_path / "audio", "b", 0.25, "a quiet sound", **esc),
        clip(tmp_path / "audio", "c", 0.5, "a loud sound", **esc),
        clip(tmp_path / "audio", "d", 0.125, "a quiet sound", **esc),
        clip(tmp_path / "audio", "e", 0.375, "a quiet sound"),
    ]


def run(rows, **wish):
    level = Expert("level", Level(rate=RATE))
    return Finding(rows, new_model(), level, embed, Wish(**wish)).run(lambda text: None)


def test_captions_and_free_queries_are_asked_of_both(rows):
    found = run(rows, by_text="esc-check")

    told = found["sets"]["esc-check"]
    assert (told["texts"], told["clips"]) == (2, 4)
    assert told["systems"].keys() == {"tiny", "left whole", "composed"}
    assert told["systems"]["composed"]["mAP"]["value"] == 1
    assert 0.4 < told["systems"]["tiny"]["mAP"]["value"] <= 1
    assert "more" in told["systems"]["tiny"]["mAP"]
    assert (told["free"]["queries"], told["free"]["captions"]) == (2, 2)
    assert told["free"]["systems"]["composed"]["mAP"]["value"] == 1
    assert told["free"]["worst"]["composed"]["precision"] == 1
    assert {one["text"] for one in found["texts"]["tiny"]} == {"a loud sound", "a quiet sound"}


def test_every_way_of_putting_a_query_is_told_beside_the_plain_one(rows):
    found = run(rows)["variants"]

    assert found["queries"] == 1
    assert found["ways"]["plain"]["composed"]["value"] == 1
    assert found["ways"]["upper case"]["composed"]["of plain"] == 1
    # The two right ones come last of four: (1/3 + 2/4) / 2.
    assert found["ways"]["paraphrase"]["composed"]["value"] == pytest.approx(5 / 12)
    assert found["ways"]["paraphrase"]["composed"]["of plain"] == pytest.approx(5 / 12)


def test_the_set_is_asked_again_in_noise(rows):
    found = run(rows, snrs=(40.0, 5.0))["noise"]

    assert found["set"] == "esc-check"
    assert found["pink"].keys() == found["another clip"].keys() == {"40", "5"}
    assert found["pink"]["40"]["composed"] == 1
    assert found["pink"]["40"].keys() == {"tiny", "left whole", "composed"}


def test_a_set_that_is_not_there_is_refused_before_anybody_hears(rows):
    with pytest.raises(UsageError, match="no set 'rare-check' is asked"):
        run(rows, by_text="rare-check")


def test_the_worst_caption_is_the_one_whose_queries_find_least(rows):
    task = exam.sets_of(rows)[0][2]
    free = wording.free_queries("esc-check", task)
    # Of four clips (loud, quiet, loud, quiet): the first query has all of its own first.
    scores = np.array([[0.9, 0.1, 0.8, 0.2], [0.9, 0.1, 0.8, 0.7]], np.float32)

    found = finding._worst(free, scores)

    assert found == {"caption": "a quiet sound", "precision": pytest.approx((1 / 3 + 2 / 4) / 2)}


@pytest.fixture
def data(rows, tmp_path, monkeypatch):
    """The same as a data set that the command can open; the expert is stood in for."""
    write_data(tmp_path, rows)
    write_tiny(tmp_path / "tiny")
    table = {"level": lambda name: Expert(name, Level(rate=RATE))}
    monkeypatch.setattr(listeners, "LISTENERS", table)
    monkeypatch.setattr(exam, "embedder", lambda: embed)
    return f"clips:{tmp_path}#check", ["--model", str(tmp_path / "tiny"), "--beside", "level"]


def test_as_a_command(data, capsys):
    place, how = data

    assert main(["evaluate", "search", place, *how, "--json", "--snr", "40"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["command"] == (
        "earmark evaluate search DATA#check --model BUNDLE --beside level --snr 40 --seed 0"
    )
    assert told["composed"] == "level and a sentence model"
    assert told["sets"].keys() == {"esc-check"}


def test_people_get_tables(data, capsys):
    place, how = data

    assert main(["evaluate", "search", place, *how, "--by-text", "esc-check"]) == 0

    said = capsys.readouterr().out
    for part in ("2 captions, 4 clips", "2 free queries", "chance", "worst by tiny", "of plain"):
        assert part in said
    assert "esc-check in noise (pink, 5 dB)" in said


@pytest.mark.parametrize("words", [[], ["x", "--beside", "a", "b"]])
def test_a_search_needs_clips_and_one_expert(words, capsys):
    assert main(["evaluate", "search", *words]) == 2

    assert len(capsys.readouterr().err.splitlines()) == 2
