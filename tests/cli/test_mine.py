"""`earmark evaluate mine` scores the search on one's own sounds by one's own judgements."""

import json

import pytest

from cli.shelf import SOUNDS
from earmark.cli import exam_mine
from earmark.cli.main import main
from earmark.library.library import Library
from earmark.search.judged.judgement import Judgement
from earmark.search.judged.labels import add_judgement
from model.tiny import write_tiny

QUERIES = {  # what is right
    "rain on a roof": ["rain"],
    "a dog barking": ["street/dogs.mp3"],
    "a piano": ["studio/piano.ogg"],
    "a ticking clock": ["house/clock.wav"],
    "something with a motor": ["house/vacuum.m4a", "street/siren.flac"],
}


@pytest.fixture
def file(here, tmp_path):
    """Everything judged for every query, by the names of the files."""
    path = tmp_path / "my.jsonl"
    with Library.open() as library:
        contents = {one.place.path: one.digest for one in library.store.recordings() if one.digest}
    for query, right in QUERIES.items():
        for name in SOUNDS:
            is_right = any(name.startswith(one) for one in right)
            add_judgement(path, Judgement(query=query, right=is_right, path=name,
                                          content=contents[name]))  # fmt: skip
    return path


def told(file, capsys, *words):
    assert main(["evaluate", "mine", str(file), *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_figures_stand_beside_chance_with_intervals(file, capsys):
    found = told(file, capsys)

    assert found["command"] == "earmark evaluate mine my.jsonl"
    assert (found["queries"], found["judged"], found["right answers"]) == (5, 30, 6)
    assert found["judged of the first"] == {"earmark-small": pytest.approx(1.0)}
    one = found["systems"]["earmark-small"]["mAP@10"]
    assert 0.8 < one["low"] <= one["value"] <= one["high"] <= 1
    assert found["chance"]["precision@10"] == pytest.approx(6 / 30)
    assert found["chance"]["R@1"] == pytest.approx(6 / 30)
    assert "decide" not in found


def test_two_models_are_compared_on_the_same_queries(file, tmp_path, capsys):
    write_tiny(tmp_path / "tiny")
    models = ["--model", str(tmp_path / "tiny"), "--model", "earmark-small", "--no-keywords"]

    found = told(file, capsys, *models, "--cache", str(tmp_path / "cache"))

    assert list(found["systems"]) == ["tiny", "earmark-small"]
    assert found["command"].endswith("--model BUNDLE --model earmark-small --no-keywords")
    one = found["systems"]["earmark-small"]["mAP@10"]
    assert one["more"] == pytest.approx(one["value"] - found["systems"]["tiny"]["mAP@10"]["value"])
    assert one["more"] > 0.2
    assert found["decide"]["mAP@10"] == {"verdict": "untold", "queries": None, "labels": None}
    assert (tmp_path / "cache" / "beside").is_dir()


def test_people_get_a_table_and_what_is_left_out(file, capsys):
    with file.open("a", encoding="utf-8") as kept:
        kept.write('{"query": "a bee", "right": true, "path": "gone.wav"}\n')

    assert main(["evaluate", "mine", str(file)]) == 0

    said = capsys.readouterr().out.splitlines()
    assert said[0] == "5 queries, 30 recordings judged for them, 6 right"
    assert said[1].split() == ["figure", "earmark-small", "chance"]
    assert [line.split()[0] for line in said[2:6]] == ["mAP@10", "R@1", "R@10", "precision@10"]
    assert said[7] == "of the first ten hits are judged: 100% of earmark-small"
    assert said[8] == ("left out: 1 judgement of files that are gone; 1 query with nothing right")


def out(more, verdict, queries=None, labels=None, asked=20):
    over = {"more": more, "more_low": more - 0.1, "more_high": more + 0.1}
    told = {"verdict": verdict, "queries": queries, "labels": labels}
    return {"queries": asked, "systems": {"A": {}, "B": {"mAP@10": over}},
            "decide": {"mAP@10": told}}  # fmt: skip


@pytest.mark.parametrize(
    ("found", "lines"),
    [
        (
            out(0.2, "decided", 0, 0),
            ["B finds more than A: mAP@10 +0.2000 (+0.1000 to +0.3000); these queries are enough "
             "to tell"],
        ),
        (
            out(-0.2, "decided", 0, 0),
            ["A finds more than B: mAP@10 -0.2000 (-0.3000 to -0.1000); these queries are enough "
             "to tell"],
        ),
        (
            out(0.05, "open", 41, 492),
            ["B against A: mAP@10 +0.0500 (-0.0500 to +0.1500) may be chance",
             "about 41 more queries like these, some 492 labels, would decide four times out of "
             "five"],
        ),
        (
            out(0.0, "untold"),
            ["B against A: mAP@10 +0.0000 (-0.1000 to +0.1000)",
             "how many more labels would decide cannot be told: the difference is about nothing "
             "beside how much the queries differ"],
        ),
        (
            out(0.3, "untold", asked=9),
            ["B against A: mAP@10 +0.3000 (+0.2000 to +0.4000)",
             "how many more labels would decide cannot be told: it takes 10 queries to know how "
             "much queries differ"],
        ),
    ],
)  # fmt: skip
def test_what_would_decide_is_said_in_plain_words(found, lines):
    assert list(exam_mine.decision(found)) == lines


def test_who_has_seen_little_is_sent_to_label(here, tmp_path, capsys):
    file = tmp_path / "my.jsonl"
    for query, path in (("a piano", "studio/piano.ogg"), ("a dog", "street/dogs.mp3")):
        add_judgement(file, Judgement(query=query, right=True, path=path))

    assert main(["evaluate", "mine", str(file)]) == 0

    said = capsys.readouterr().out
    assert "of the first ten hits are judged: 17% of earmark-small" in said
    assert f"judge the others first: earmark label {file}\n" in said
    assert "2 queries have nothing that was judged wrong: any order gives all there is" in said


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ([], "no file of judgements is named"),
        (["none.jsonl"], "none.jsonl cannot be read"),
        (["FILE", "--model", "a", "--model", "b", "--model", "c"], "3 models at once"),
        (["EMPTY"], "0 of 1 queries have a recording that was judged right and is there"),
        (["FILE", "--library", "nowhere"], "there is no library"),
    ],
)
def test_wrong_words_are_two_lines(file, tmp_path, capsys, words, problem):
    (tmp_path / "empty.jsonl").write_text('{"query": "rain"}\n', encoding="utf-8")
    names = {"FILE": str(file), "EMPTY": str(tmp_path / "empty.jsonl")}

    assert main(["evaluate", "mine", *(names.get(word, word) for word in words)]) in (2, 3)

    said = capsys.readouterr().err
    assert problem in said
    assert len(said.splitlines()) == 2


def test_other_protocols_take_one_model(capsys):
    assert main(["evaluate", "scenes", "--model", "a", "--model", "b"]) == 2
    assert "only 'mine' compares two" in capsys.readouterr().err
