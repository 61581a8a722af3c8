"""The whole exam on clips that can be checked by hand, and as a command."""

import json
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.cli.main import main
from earmark.errors import UsageError
from earmark.lab.exam import exam, listeners
from earmark.lab.exam.exam import Exam, Wish
from earmark.lab.exam.listeners import Expert
from lab.exam.made import Level, clip, embed, write_data


class Deaf(Level):
    """Takes what is loud for quiet."""

    def hear(self, waves):
        heard = super().hear(waves)
        return heard._replace(scores=heard.scores.flip(1))


@pytest.fixture
def rows(tmp_path):
    """Two loud ESC clips and two quiet ones, and a clip of no set."""
    esc = {"fold": "1"}
    return [
        clip(tmp_path / "audio", "a", 0.75, "a loud sound", **esc),
        clip(tmp_path / "audio", "b", 0.25, "a quiet sound", **esc),
        clip(tmp_path / "audio", "c", 0.5, "a loud sound", **esc),
        clip(tmp_path / "audio", "d", 0.125, "a quiet sound", **esc),
        clip(tmp_path / "audio", "e", 0.375, "a quiet sound"),
    ]


def run(rows, first, *others, **wish):
    return Exam(rows, [first, *others], embed, Wish(**wish)).run(lambda text: None)


def test_the_first_is_examined_beside_the_second(rows):
    found = run(rows, Expert("deaf", Deaf()), Expert("level", Level()), by_text="esc-check")

    assert found["sets"].keys() == {"esc-check"}
    told = found["sets"]["esc-check"]
    assert (told["texts"], told["clips"], told["beside"]) == (2, 4, "level")
    assert told["ways"]["A"]["level"]["mAP"]["value"] == 1
    # All the wrong ones first: (1/3 + 2/4) / 2.
    assert told["ways"]["A"]["deaf"]["mAP"]["value"] == pytest.approx(5 / 12)
    assert told["ways"]["A"]["deaf"]["mAP"]["more"] == pytest.approx(5 / 12 - 1)
    assert found["agreement"]["level"]["clips"] == 5
    assert {one["text"] for one in found["texts"]["deaf"]} == {"a loud sound", "a quiet sound"}


def test_a_set_is_asked_again_in_noise_and_of_short_clips(rows):
    found = run(rows, Expert("level", Level()), snrs=(40.0, 5.0), lengths=(0.5,))

    assert found["noise"]["clean"] == {"level": 1}
    assert found["noise"]["pink"]["40"] == {"level": 1}
    assert found["noise"]["another clip"].keys() == {"40", "5"}
    assert found["lengths"] == {"0.5": {"level": 1}}


def test_where_there_is_no_clip_of_a_set_all_captions_are_asked(rows):
    plain = [replace(row, facts={}) for row in rows]

    found = run(plain, Expert("level", Level()))

    assert found["sets"].keys() == {"captions"}
    assert found["sets"]["captions"]["clips"] == 5
    assert "noise" not in found


def test_two_of_one_name_are_refused(rows):
    with pytest.raises(UsageError, match="two listeners of one name"):
        run(rows, Expert("level", Level()), Expert("level", Level()))


@pytest.mark.parametrize(
    ("wish", "problem"),
    [
        ({"by_text": "rare-check"}, "no set 'rare-check' is asked"),
        ({"lengths": (1.0, 0.0)}, "0 s of a clip are left"),
    ],
)
def test_what_would_tell_nothing_is_refused_before_anybody_hears(rows, wish, problem):
    level = Level()

    with pytest.raises(UsageError, match=problem):
        run(rows, Expert("level", level), **wish)

    assert level.lengths == []


@pytest.fixture
def data(rows, tmp_path, monkeypatch):
    """The same as a data set that the command can open; experts are stood in for."""
    write_data(tmp_path, rows)
    made = {"deaf": Deaf, "level": Level}
    table = {name: lambda name: Expert(name, made[name]()) for name in made}
    monkeypatch.setattr(listeners, "LISTENERS", table)
    monkeypatch.setattr(exam, "embedder", lambda: embed)
    return f"clips:{tmp_path}"


def test_the_command_prints_a_table_and_the_same_as_json(data, capsys):
    command = ["evaluate", "ears", data, "--model", "deaf", "--beside", "level"]

    assert main(command) == 0
    shown = capsys.readouterr().out
    assert main([*command, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)

    assert "esc-check: 2 texts, 4 clips" in shown
    assert "in noise (pink, 5 dB)" in shown
    assert "agrees with level on 5 clips" in shown
    assert told["command"] == "earmark evaluate ears DATA --model deaf --beside level --seed 0"
    assert told["sets"]["esc-check"]["ways"]["A"]["level"]["mAP"]["value"] == 1


def test_the_command_tells_how_it_was_asked(data, capsys):
    more = ["--snr", "--lengths", "0.5", "1", "--by-text", "esc-check", "--seed", "3"]

    assert (
        main(
            [
                "evaluate",
                "ears",
                f"{data}#check",
                "--model",
                "deaf",
                "--beside",
                "level",
                *more,
                "--json",
            ]
        )
        == 0
    )

    told = json.loads(capsys.readouterr().out)
    assert told["command"] == (
        "earmark evaluate ears DATA#check --model deaf --beside level --snr --lengths 0.5 1 "
        "--by-text esc-check --seed 3"
    )
    assert told["lengths"].keys() == {"0.5", "1"}


@pytest.mark.parametrize("missing", ["model", "data"])
def test_ears_need_clips_and_a_bundle(data, capsys, missing):
    given = {"data": [data], "model": ["--model", "deaf"]}
    del given[missing]

    assert main(["evaluate", "ears", *(word for part in given.values() for word in part)]) == 2

    assert len(capsys.readouterr().err.splitlines()) == 2
