import csv
import json
import os

import numpy as np
import pytest

from data.layouts import EXAMPLES
from data.wavs import RATE, noise, write_table, write_wav
from earmark.cli.main import main


@pytest.fixture
def sets(tmp_path):
    """Two manifests that share a stretch of one recording, and a caption."""
    wave = noise(4, 1)
    write_wav(tmp_path / "a" / "rain.wav", wave)
    write_wav(tmp_path / "b" / "cut.wav", wave[RATE : 3 * RATE])
    write_wav(tmp_path / "b" / "none.wav", np.zeros(RATE))
    write_table(tmp_path / "a" / "m.csv", "path,caption", ("rain.wav", "Rain."))
    lines = (("cut.wav", "rain"), ("none.wav", "nothing"))
    write_table(tmp_path / "b" / "m.csv", "path,caption", *lines)
    return str(tmp_path / "a" / "m.csv"), str(tmp_path / "b" / "m.csv")


def test_what_was_found_is_printed_and_is_no_failure(sets, capsys):
    code = main(["audit", *sets])

    printed = capsys.readouterr()
    assert code == 0
    assert "same sound: 1 pairs\nsame caption: 1 captions\n" in printed.out
    assert "1 and 1 rows: rain" in printed.out
    assert "none.wav: only 0.00 s of it are above -60 dBFS" in printed.out
    assert printed.err == ""


def test_json_holds_all_that_was_found(sets, capsys):
    main(["audit", *sets, "--json"])

    found = json.loads(capsys.readouterr().out)
    (pair,) = found["recordings"]
    assert pair["why"] == "sound"
    assert pair["plain"] > 0.99
    assert pair["at_a"] - pair["at_b"] == pytest.approx(1.0, abs=0.03)
    assert found["captions"] == [{"text": "rain", "in_a": 1, "in_b": 1}]
    assert found["seconds"] == [4.0, 3.0]


def test_pairs_are_written_to_a_new_file_only(sets, tmp_path, capsys):
    out = tmp_path / "pairs.csv"

    assert main(["audit", *sets, "--out", str(out)]) == 0
    assert main(["audit", *sets, "--out", str(out)]) == 2

    (pair,) = csv.DictReader(out.read_text(encoding="utf-8").splitlines())
    assert (pair["why"], pair["a"][-8:]) == ("sound", "rain.wav")
    assert "is there already" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such folder")
def test_pairs_that_cannot_be_written_are_an_error_after_the_findings(sets, capsys):
    assert main(["audit", *sets, "--out", "/dev/fd/none.csv"]) == 3

    printed = capsys.readouterr()
    assert "same sound: 1 pairs" in printed.out
    assert len(printed.err.splitlines()) == 2


def test_sets_of_which_nothing_can_be_heard_are_compared_by_id_and_bytes(tmp_path, capsys):
    for name in ("a", "b"):
        (tmp_path / f"{name}.wav").write_bytes(b"no sound")
        write_table(tmp_path / f"{name}.csv", "path,caption", (f"{name}.wav", name))

    assert main(["audit", str(tmp_path / "a.csv"), str(tmp_path / "b.csv")]) == 0

    assert "same bytes: 1 pairs" in capsys.readouterr().out


def test_missing_clips_of_a_published_set_are_counted(tmp_path, sets, capsys):
    caps = EXAMPLES["audiocaps"].make(tmp_path / "caps")

    main(["audit", str(caps), sets[0]])

    assert "train: 2 of 3 clips are there (66.7%)" in capsys.readouterr().out


def test_a_trial_tells_how_many_copies_were_found(sets, capsys):
    assert main(["audit", sets[0], "--trial", "1"]) == 0

    assert "cut of 1 s                        1 of 1       0\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ([], "either a second data set or --trial"),
        (["x.csv", "--trial", "3"], "either a second data set or --trial"),
        (["--trial", "0"], "a trial of 0 copies"),
        (["--trial", "1", "--out", "x.csv"], "a trial has no pairs"),
        (["x.csv", "--out", "no/where/x.csv"], "where is not a folder"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(more, problem, sets, capsys):
    assert main(["audit", sets[0], *more]) == 2

    assert problem in capsys.readouterr().err
