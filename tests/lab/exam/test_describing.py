"""The exam of descriptions, on clips made by code and on scenes written by hand."""

import json

import pytest

from earmark import Model
from earmark.cli.main import main
from earmark.data import open_data
from earmark.lab.exam.describing import (
    Told,
    Wish,
    bank_of,
    examine,
    judge_of_kinds,
    more_kinds,
    results,
    right_words,
    truth,
)
from earmark.scenes import Scene
from earmark.scenes.truth import Background, Event
from earmark.score.segments import Part
from earmark.search.describe.events import Saying
from earmark.search.describe.vocabulary import vocabulary
from lab.exam.made import write_pairs


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    write_pairs(folder)
    return folder


def saying(words, start, end, confidence):
    return Saying(words, start, end, confidence, ((start, end),))


def test_every_kind_has_words_of_the_vocabulary():
    known = {word.text for word in vocabulary()}

    assert set(right_words()) == {kind.name for kind in more_kinds()}
    for kind, words in right_words().items():
        assert words <= known, kind


def test_broader_and_narrower_words_are_right_but_for_what_is_only_broadly_true():
    right = right_words()

    assert {"siren", "police siren", "alarm"} <= right["siren"]
    assert {"rain", "rain on a roof", "water"} <= right["rain"]
    assert "thunder" not in right["rain"]
    assert "aircraft engine" in right["helicopter"]
    assert "jet engine" not in right["helicopter"]  # narrower than what is only broadly true


def test_a_kind_that_could_be_taken_for_it_leaves_doubt():
    judge = judge_of_kinds()

    assert "rain on a roof" in judge.allowed["sea_waves"]
    assert "rain on a roof" not in judge.right["sea_waves"]
    assert "dog barking" not in judge.allowed["sea_waves"]


def test_no_caption_is_of_two_kinds():
    captions = [caption for kind in more_kinds() for caption in kind.captions]

    assert len(captions) == len(set(captions))


def test_what_is_true_of_a_scene_are_its_events_and_its_background():
    event = Event(
        label="dog", group="dog", start=1.0, end=2.5, snr_db=9.0, distant=False,
        sound="a", recording="a", cut=(0.0, 1.5),
    )  # fmt: skip
    bed = Background(label="rain", group="water", sound="b", recording="b")
    scene = Scene(id="1", seconds=8.0, seed=0, level_db=-30.0, background=bed, events=(event,))

    assert truth(scene) == [Part("dog", 1.0, 2.5), Part("rain", 0.0, 8.0)]


def test_results_by_hand():
    told = [
        # A dog for 2 s in rain of 4 s. Said: rain all through, and a bell in the last second.
        Told(
            4.0,
            [Part("rain", 0.0, 4.0), Part("dog", 0.0, 2.0)],
            [saying("rain", 0.0, 4.0, 0.9), saying("bell", 3.0, 4.0, 0.5)],
        ),
        # A siren of 3 s that is called one for 2 s, and a barking that is none.
        Told(
            3.0,
            [Part("siren", 0.0, 3.0)],
            [saying("police siren", 0.0, 2.0, 0.6), saying("dog barking", 0.0, 1.0, 0.8)],
        ),
    ]

    found = results(told, judge_of_kinds())

    assert found["segments"]["precision"]["value"] == pytest.approx(6 / 8)
    assert found["segments"]["recall"]["value"] == pytest.approx(6 / 9)
    assert found["segments"]["F1"]["value"] == pytest.approx(12 / 17)
    assert found["sayings"]["plain"]["said"] == 2
    assert found["sayings"]["plain"]["value"] == 0.5
    assert found["sayings"]["probably"]["value"] == 0.5
    assert found["by kind"] == {"dog": [0, 2], "rain": [4, 4], "siren": [2, 3]}
    assert found["by word"]["police siren"] == [2, 2]
    assert found["by word"]["bell"] == [0, 1]


def test_what_is_in_doubt_is_told_apart():
    told = [Told(2.0, [Part("sea_waves", 0.0, 2.0)], [saying("rain", 0.0, 2.0, 0.9)])] * 2

    found = results(told, judge_of_kinds())

    assert found["sayings"]["plain"] | {"low": 0, "high": 0} == {
        "said": 2, "in doubt": 2, "value": 0.0, "low": 0, "high": 0,
    }  # fmt: skip
    assert found["doubt as wrong"]["precision"]["value"] == 0.0
    assert found["segments"]["recall"]["value"] == 0.0


def test_scenes_of_clips_are_described_the_same_in_any_number_of_jobs(data):
    bank, model = bank_of(open_data(f"clips:{data}#check")), Model.load()

    one, two = (
        examine(bank, model, Wish(size=6, seed=3, jobs=jobs), lambda text: None) for jobs in (1, 2)
    )

    assert one == two
    assert one["scenes"] == 6
    assert one["segments"]["F1"]["value"] > 0


def test_as_a_command(data, capsys):
    words = ["evaluate", "describe", f"clips:{data}#check", "--size", "5", "--seed", "2"]

    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["command"] == "earmark evaluate describe DATA#check --size 5 --seed 2"
    assert (told["scenes"], told["kinds"], told["clips"]) == (5, 12, 24)

    assert main(words) == 0
    printed = capsys.readouterr().out
    assert "F1, segments of 1 s" in printed
    assert "named worst, in seconds:" in printed


def test_without_clips_it_says_how(capsys):
    assert main(["evaluate", "describe"]) == 2

    assert len(capsys.readouterr().err.splitlines()) == 2
