"""`earmark listen`: lines as they come, from pipes that close and microphones that vanish."""

import io
import json
import os
import re
import subprocess
import sys
from datetime import datetime
from types import SimpleNamespace

import numpy as np
import pytest

from earmark.audio import microphone
from earmark.audio.mix import mix
from earmark.audio.read import read
from earmark.audio.write import write
from earmark.cli import listen
from earmark.cli.main import main
from earmark.errors import AudioError
from earmark.search.live.keep import Keeper
from earmark.synth import make

RATE = 16_000
EVENT, SECONDS = (4.0, 7.0), 10.0
RAW = ["--raw", "s16le", "--rate", str(RATE)]


@pytest.fixture(scope="module")
def wave():
    """Wind, and a siren in it."""
    siren = np.zeros(round(SECONDS * RATE), np.float32)
    start, end = (round(at * RATE) for at in EVENT)
    siren[start:end] = make("police_siren", 2, seconds=EVENT[1] - EVENT[0], rate=RATE)
    return mix(siren, make("wind", 1, seconds=SECONDS, rate=RATE), 10.0, rate=RATE) * 0.5


def raw(wave):
    return (np.clip(wave, -1, 1) * 32767).astype("<i2").tobytes()


@pytest.fixture
def piped(monkeypatch):
    """Pipes bytes in."""

    def pipe(content):
        stdin = SimpleNamespace(buffer=io.BytesIO(content), isatty=lambda: False)
        monkeypatch.setattr("sys.stdin", stdin)

    return pipe


def test_a_child_process_tells_what_is_piped_into_it_while_the_pipe_is_open(wave, tmp_path):
    words = ["listen", "a", "police", "siren", *RAW, "--json", "--keep", str(tmp_path / "hits")]
    usual = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    child = subprocess.Popen(
        [sys.executable, "-m", "earmark", *words], env=usual,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    within = round((EVENT[1] + 2.0) * RATE)
    child.stdin.write(raw(wave[:within]))
    child.stdin.flush()

    told = json.loads(child.stdout.readline())  # and there it would hang if it waited for more
    more, said = child.communicate(raw(wave[within:]))

    assert (more, child.returncode) == (b"", 0)
    assert said.decode() == "earmark: heard 0:10, told 1 moment\n"
    assert told["query"] == "a police siren"
    assert (told["start"], told["end"]) == pytest.approx(EVENT, abs=1.0)
    assert 0.5 < told["confidence"] <= 1
    assert told["told"] - told["end"] <= 2.0
    assert datetime.fromisoformat(told["when"]).tzinfo
    kept = read(told["file"], rate=RATE)
    assert len(kept) / RATE == pytest.approx(told["told"] - told["start"] + 2.0, abs=0.05)


def test_queries_are_told_side_by_side_for_people(wave, piped, capsys):
    piped(raw(wave))

    assert main(["listen", "a police siren", "--also", "a siren - rain", *RAW]) == 0

    told = capsys.readouterr()
    lines = told.out.splitlines()
    assert {line.split("  ")[-1] for line in lines} == {"a police siren", "a siren - rain"}
    assert all(re.match(r"\d\d:\d\d:\d\d  0\.\d\d \w+ +  0:0[34]\.\d - ", line) for line in lines)
    assert told.err == "earmark: heard 0:10, told 2 moments\n"


def test_nothing_heard_exits_with_1(piped, capsys):
    piped(raw(np.zeros(5 * RATE, np.float32)))

    assert main(["listen", "a police siren", *RAW, "--json"]) == 1

    assert capsys.readouterr() == ("", "earmark: heard 0:05, told 0 moments\n")


def test_a_wav_says_its_own_rate_and_gives_the_same(wave, piped, tmp_path, capsys):
    write(tmp_path / "wind.wav", wave, RATE)
    found = []
    for content, words in (
        (raw(wave), RAW),
        ((tmp_path / "wind.wav").read_bytes(), ["--wav"]),
        (np.stack([wave, wave], axis=1).astype("<f4").tobytes(),
         ["--raw", "f32le", "--rate", str(RATE), "--channels", "2"]),
    ):  # fmt: skip
        piped(content)
        assert main(["listen", "a police siren", *words, "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        found.append((told["start"], told["end"]))

    assert found[1] == pytest.approx(found[0], abs=0.05)
    assert found[2] == pytest.approx(found[0], abs=0.05)


def test_a_drive_that_is_full_does_not_end_the_listening(
    wave, piped, tmp_path, monkeypatch, capsys
):
    def full(self, told, began):
        raise AudioError(tmp_path / "a.flac", "it could not be written (full)", hint="make room")

    monkeypatch.setattr(Keeper, "keep", full)
    piped(raw(wave))

    assert main(["listen", "a police siren", *RAW, "--json", "--keep", str(tmp_path)]) == 0

    told = capsys.readouterr()
    assert json.loads(told.out)["file"] is None
    assert "it could not be written (full)\nmake room\n" in told.err


class Vanishing:
    """A microphone that sends a sound and is gone then; the first ones are not there at all."""

    opened = 0
    missing = 0
    sound = np.zeros(0, np.float32)
    lost = 0

    def __init__(self, device, *, rate, channels):
        Vanishing.opened += 1
        if Vanishing.opened <= Vanishing.missing:
            raise microphone.none_there(device, [])
        self.name, self.rate = "USB Mic", RATE

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def __iter__(self):
        for at in range(0, len(self.sound), 1600):
            yield self.sound[at : at + 1600]
        raise microphone.GoneError(self.name, "the microphone sends no sound any more", hint="see")


@pytest.fixture
def vanishing(monkeypatch):
    monkeypatch.setattr(microphone, "Microphone", Vanishing)
    monkeypatch.setattr(microphone, "look_again", lambda: None)
    monkeypatch.setattr(listen, "AGAIN", 0.0)
    monkeypatch.setattr(Vanishing, "opened", 0)
    monkeypatch.setattr(Vanishing, "missing", 0)
    return Vanishing


def test_a_microphone_that_vanishes_is_told_and_what_went_on_is_kept(
    vanishing, wave, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(vanishing, "sound", wave[: round(6.5 * RATE)])

    assert main(["listen", "a police siren", "--json", "--keep", str(tmp_path)]) == 3

    told = capsys.readouterr()
    assert told.err == (
        "earmark: listening to USB Mic at 16000 Hz, until Ctrl-C\n"
        "earmark: USB Mic: the microphone sends no sound any more\nsee\n"
    )
    hit = json.loads(told.out)
    assert (hit["start"], hit["end"]) == pytest.approx((EVENT[0], 6.5), abs=1.0)
    (kept,) = tmp_path.iterdir()
    assert str(kept) == hit["file"]


def test_a_microphone_that_is_away_is_waited_for_and_time_goes_on(
    vanishing, wave, monkeypatch, capsys
):
    monkeypatch.setattr(vanishing, "sound", wave)
    monkeypatch.setattr(vanishing, "missing", 2)
    clock = iter(range(0, 9000, 1000))
    monkeypatch.setattr(listen.time, "monotonic", lambda: next(clock))

    def sleep(seconds):
        if vanishing.opened == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(listen.time, "sleep", sleep)

    assert main(["listen", "a police siren", "--wait", "--json"]) == 130

    told = capsys.readouterr()
    first, second = (json.loads(line) for line in told.out.splitlines())
    assert second["start"] - first["start"] == pytest.approx(1000)
    assert told.err.splitlines() == [
        "earmark: there is no microphone; waiting for it",
        "earmark: listening to USB Mic at 16000 Hz, until Ctrl-C",
        "earmark: USB Mic: the microphone sends no sound any more; waiting for it",
        "earmark: listening to USB Mic at 16000 Hz, until Ctrl-C",
        "earmark: USB Mic: the microphone sends no sound any more; waiting for it",
        "earmark: stopped; heard 33:30, told 2 moments",
    ]


class Losing:
    """A microphone that cannot be heard as fast as it sends."""

    rate, lost = 1000, 0

    def __iter__(self):
        for self.lost in (0, 1000, 1500, 1990, 2010, 3000):
            yield np.zeros(1, np.float32)


def test_a_machine_that_is_too_slow_says_so_and_again_at_twice_as_much(capsys):
    args = SimpleNamespace(keep=None, json=False, line=0.5, model=None)

    listen.Listener(args, [listen.plan_of("rain")]).hear(Losing())

    said = capsys.readouterr().err
    assert [line.split(": ")[2] for line in said.splitlines()] == [
        "1.0 s of sound are lost so far",
        "2.0 s of sound are lost so far",
    ]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, "the following arguments are required: WORDS"),
        (["", *RAW], 2, "the query is empty"),
        (["- rain", *RAW], 2, "only what should not be heard is said"),
        (["rain", "in:field", *RAW], 2, "filters choose among recordings"),
        (["rain", "--also", "wind longer:5s", *RAW], 2, "filters choose among recordings"),
        (["a dog", "then", "a door", *RAW], 2, "an order in time is not followed live"),
        (["rain", "--raw", "s16le"], 2, "raw samples do not tell their rate"),
        (["rain", "--raw", "s24le", "--rate", "8000"], 2, "raw samples of kind 's24le'"),
        (["rain", "--raw", "s16le", "--rate", "7"], 2, "a rate of 7 Hz"),
        (["rain", "--raw", "s16le", "--rate", "loud"], 2, "invalid int value"),
        (["rain", *RAW, "--channels", "0"], 2, "0 channels"),
        (["rain", *RAW, "--wav"], 2, "--raw and --wav at once"),
        (["rain", "--wav", "--rate", "8000"], 2, "a WAV tells its rate"),
        (["rain", "--wav"], 3, "it is no WAV"),
        (["rain", *RAW, "--device", "USB"], 2, "--device is for microphones"),
        (["rain", *RAW, "--wait"], 2, "--wait is for microphones"),
        (["rain", *RAW, "--line", "1.5"], 2, "a line of 1.5"),
        (["rain", *RAW, "--line", "nan"], 2, "a line of nan"),
        (["rain", *RAW, "--model", "gone"], 2, "gone"),
        (["@gone.wav", *RAW], 3, "gone.wav: there is no such file"),
        (["rain", *RAW, "--keep", "file/hits"], 3, "file/hits cannot be a folder"),
    ],
)
def test_what_cannot_be_asked_is_two_lines(words, code, said, piped, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    piped(b"nothing that is a WAV")
    try:
        found = main(["listen", *words])
    except SystemExit as left:
        found = left.code

    assert found == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err
    assert len(printed.err.splitlines()) == 2


def test_a_terminal_pipes_nothing_in(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))

    assert main(["listen", "rain", *RAW]) == 2

    assert "nothing is piped in" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("device", "names", "said"),
    [("Piano", ["1 USB Mic"], "there is not one microphone 'Piano'"), (None, [], "no microphone")],
)
def test_a_microphone_that_is_not_there_is_two_lines(device, names, said, monkeypatch, capsys):
    def none(device, **asked):
        raise microphone.none_there(device, names)

    monkeypatch.setattr(microphone, "Microphone", none)

    assert main(["listen", "rain", *(["--device", device] if device else [])]) == 2

    printed = capsys.readouterr()
    assert said in printed.err
    assert len(printed.err.splitlines()) == 2
