"""`earmark look` as a person meets it."""

import json

import numpy as np
import pytest

from earmark.audio.write import write
from earmark.cli.look import one_line
from earmark.cli.main import main
from earmark.synth import make


@pytest.fixture
def rain(tmp_path):
    path = tmp_path / "RAINLite_Rain On Leaves_EARM_TEST.wav"
    write(path, make("light_rain", 1, seconds=12, rate=16_000), 16_000, tags={"title": "Rain"})
    return path


def test_it_says_how_a_file_is_read_and_cut(rain, capsys):
    assert main(["look", str(rain)]) == 0

    said = capsys.readouterr().out
    assert said.splitlines()[0] == str(rain)
    assert "wav pcm_s16le, 16000 Hz, mono" in said
    assert "0:12.0, read at" in said
    assert "title      Rain" in said
    assert "RAINLite" in said
    assert "stretches  2, cut at quiet places" in said
    assert "0:12.0" in said.splitlines()[-1]


def test_json_holds_the_same_facts(rain, capsys):
    assert main(["look", "--json", str(rain)]) == 0

    row = json.loads(capsys.readouterr().out)
    assert (row["container"], row["rate"], row["channels"], row["bits"]) == ("wav", 16_000, 1, 16)
    assert row["heard"] == 12
    assert row["moments"][0]["start"] == 0
    assert row["moments"][-1]["end"] == 12
    assert row["tags"]["title"] == "Rain"
    assert row["warnings"] == []


def test_a_picture_is_drawn_once_and_never_over_a_file(rain, capsys):
    picture = rain.with_suffix(".svg")

    assert main(["look", str(rain), "--picture", str(picture)]) == 0
    drawn = picture.read_text(encoding="utf-8")
    assert main(["look", str(rain), "--picture", str(picture)]) == 2
    assert main(["look", str(rain), "--picture", str(rain)]) == 2

    assert drawn.startswith("<svg")
    assert "nothing is overwritten" in capsys.readouterr().err
    assert rain.read_bytes()[:4] == b"RIFF"


def test_a_picture_that_cannot_be_written_is_two_lines(rain, capsys):
    assert main(["look", str(rain), "--picture", str(rain.parent / "no" / "such.svg")]) == 2

    assert len(capsys.readouterr().err.splitlines()) == 2


def test_a_bad_file_is_reported_and_the_next_one_read(rain, capsys):
    bad = rain.parent / "bad.wav"
    bad.write_bytes(b"this is not sound at all" * 40)

    assert main(["look", str(bad), str(rain), str(rain.parent / "gone.mp3")]) == 3

    said = capsys.readouterr()
    assert str(rain) in said.out
    assert len(said.err.splitlines()) == 4
    assert "there is no such file" in said.err


def test_one_picture_for_two_files_is_refused(rain, capsys):
    assert main(["look", str(rain), str(rain), "--picture", "x.svg"]) == 2
    assert "one picture cannot show 2 files" in capsys.readouterr().err


def test_what_is_odd_about_a_file_is_said(rain, capsys):
    flac = rain.with_name("really.mp3")
    flac.write_bytes(rain.read_bytes())

    main(["look", str(flac)])

    assert "warning    file extension says mp3 but it is wav" in capsys.readouterr().out


def test_silence_left_out_shows_in_the_times(tmp_path, capsys):
    path = tmp_path / "pause.wav"
    tone = np.sin(np.arange(32_000) / 9).astype(np.float32) / 2
    write(path, np.concatenate([tone, np.zeros(96_000, np.float32), tone]), 32_000)

    main(["look", "--json", str(path)])

    moments = json.loads(capsys.readouterr().out)["moments"]
    assert moments == [{"start": 0, "end": 1.1}, {"start": 3.9, "end": 5.0}]


def test_a_tag_that_holds_anything_stays_on_one_line():
    assert one_line("a\x1b[31m\nb  c\x07") == "a [31m b c"
    assert one_line("x" * 200, 10) == "xxxxxxxxx…"
