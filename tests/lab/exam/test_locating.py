"""The exam on moments, on two recordings made by code, and on answers written by hand."""

import json

import numpy as np
import pytest

from earmark import Model
from earmark.audio.mix import mix
from earmark.audio.write import write
from earmark.cli.main import main
from earmark.data.open import open_wanted
from earmark.data.wanted import Wanted, line_of
from earmark.lab.exam.locating import WHOLE, Asked, examine, results
from earmark.score.windows import Window
from earmark.synth import make
from earmark.types import Moment

RATE, SECONDS = 16_000, 24.0
EVENTS = {"a dog barking": ("dog_bark", 14.0), "a car horn honking": ("car_horn", 5.0)}


def recording(kind, at):
    """Rain all through, and a sound in it: -> the wave, from when to when."""
    event = make(kind, 1, rate=RATE)[: 4 * RATE]
    start = round(at * RATE)
    whole = np.pad(event, (start, round(SECONDS * RATE) - start - len(event)))
    wave = mix(whole, make("light_rain", 2, seconds=SECONDS, rate=RATE), 20.0, rate=RATE)
    return (wave / np.abs(wave).max() / 2).astype(np.float32), (at, at + len(event) / RATE)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Two recordings with two captions each, and a caption of one that is gone."""
    folder = tmp_path_factory.mktemp("castella")
    lines = []
    for number, (words, (kind, at)) in enumerate(EVENTS.items()):
        wave, span = recording(kind, at)
        name = f"rec{number}"
        (folder / "audio").mkdir(exist_ok=True)
        write(folder / "audio" / f"{name}.flac", wave, RATE)
        for which, (text, one) in enumerate(((words, span), ("rain falling", (0, SECONDS))), 1):
            lines.append(caption(f"{name}_{which}", text, Moment(*one), name))
    lines.append(caption("gone_1", "rain", Moment(1, 2), "gone"))
    text = "".join(f"{line_of(one)}\n" for one in lines)
    (folder / "tiny_test_release.jsonl").write_text(text, encoding="utf-8")
    return folder


def caption(name, words, right, recording_="rec"):
    return Wanted(name=name, words=words, recording=recording_, seconds=SECONDS, right=(right,))


def told(capsys, *words):
    assert main(["evaluate", "moments", *map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_each_recording_is_heard_once_and_asked_all_that_is_asked_of_it(place, monkeypatch):
    heard, hear = [], Model.hear
    monkeypatch.setattr(Model, "hear", lambda self, path: heard.append(path) or hear(self, path))

    asked = examine(open_wanted(str(place)), Model.load(), jobs=1, note=lambda text: None)

    assert [path.stem for path in heard] == ["rec0", "rec1"]
    assert [one.name for one in asked.captions] == ["rec0_1", "rec0_2", "rec1_1", "rec1_2"]
    for one, answer in zip(asked.captions[::2], asked.answers[::2], strict=True):
        best = answer[0]
        assert best.start < one.right[0].end, one.words
        assert best.end > one.right[0].start, one.words
        assert 1 <= len(answer) <= 10
        assert [w.score for w in answer] == sorted((w.score for w in answer), reverse=True)


def test_results_by_hand():
    captions = [caption("a", "rain", Moment(0, 12)), caption("b", "dog", Moment(2, 4), "other")]
    answers = [[Window(0, 9, 0.9)], [Window(9, 10, 0.9), Window(2, 4, 0.8)]]

    found = results(Asked(captions, answers), "hand")

    assert (found["captions"], found["recordings"]) == (2, 2)
    own, whole = found["systems"]["hand"], found["systems"][WHOLE]
    assert own["R1@0.5"]["value"] == own["R1@0.7"]["value"] == 0.5
    assert own["mAP@0.5"]["value"] == pytest.approx((1 + 1 / 2) / 2)
    assert own["mAP"]["value"] == pytest.approx((6 / 10 + 1 / 2) / 2)  # 9 of 12 is 0.75
    assert whole["R1@0.5"]["value"] == 0.5  # 12 of 24
    assert whole["R1@0.7"]["value"] == 0.0


def test_as_a_command_and_its_answers_score_the_same_again(place, capsys, tmp_path):
    spec, kept = f"castella:{place}#test", tmp_path / "answers.jsonl"

    found = told(capsys, spec, "--write", kept)

    assert found["command"] == "earmark evaluate moments DATA#test"
    assert (found["captions"], found["recordings"], found["missing"]) == (4, 2, 1)
    assert found["systems"][WHOLE]["R1@0.7"]["value"] == 0.5  # the rain
    lines = kept.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["qid"] for line in lines] == ["rec0_1", "rec0_2", "rec1_1", "rec1_2"]

    empty = json.dumps({"qid": "gone_1", "pred_relevant_windows": []})
    both = tmp_path / "all.jsonl"
    both.write_text("\n".join([*lines, empty]), encoding="utf-8")
    again = told(capsys, spec, "--predictions", both)

    assert again["command"] == "earmark evaluate moments DATA#test --predictions FILE"
    for name, one in again["systems"]["all.jsonl"].items():
        (model,) = (system for system in found["systems"] if system != WHOLE)
        assert 5 * one["value"] == pytest.approx(4 * found["systems"][model][name]["value"])


def test_people_get_a_table(place, capsys):
    assert main(["evaluate", "moments", f"{place}#test", "--jobs", "1"]) == 0

    said = capsys.readouterr().out
    assert "4 captions of 2 recordings; 1 recordings are not there" in said
    assert "mAP@0.75" in said
    assert WHOLE in said


def test_a_file_that_is_there_is_not_written_over(place, capsys, tmp_path):
    kept = tmp_path / "kept.jsonl"
    kept.write_text("mine", encoding="utf-8")

    assert main(["evaluate", "moments", f"{place}", "--write", str(kept)]) == 2

    assert len(capsys.readouterr().err.splitlines()) == 2
    assert kept.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ([], "moments are asked of long recordings"),
        (["PLACE#dev"], "has no split 'dev'"),
        (["PLACE", "--predictions", "nowhere.jsonl"], "nowhere.jsonl"),
        (["PLACE/audio"], "no data set of a known layout"),
    ],
)
def test_wrong_words_are_two_lines(place, capsys, words, problem):
    words = [word.replace("PLACE", str(place)) for word in words]

    assert main(["evaluate", "moments", *words]) in (2, 3)

    said = capsys.readouterr().err
    assert problem in said
    assert len(said.splitlines()) == 2


def test_captions_without_any_sound_are_two_lines(place, capsys, tmp_path):
    table = "tiny_test_release.jsonl"
    (tmp_path / table).write_bytes((place / table).read_bytes())

    assert main(["evaluate", "moments", f"castella:{tmp_path}#test"]) == 3

    said = capsys.readouterr().err
    assert "none of 3 recordings is there" in said
    assert "--predictions" in said
    assert len(said.splitlines()) == 2
