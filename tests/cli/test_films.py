"""Films on the command line: opened in a player at the moment, and cut with their pictures."""

import os
import signal
import stat
import subprocess
import sys

import numpy as np
import pytest

from audio.films import looked_at, make_film
from cli.shelf import RATE
from earmark.audio.write import write
from earmark.cli import opening
from earmark.cli.main import main
from earmark.synth import make
from earmark.types import Hit

DOG_FROM = 8.0
SAYS = '#!/bin/sh\nprintf "%s\\n" "$@" > "$0.said"\n'
ENDS = "#!/bin/sh\nexit 3\n"
STAYS = '#!/bin/sh\nprintf "%s\\n" "$@" > "$0.said"\nexec sleep 30\n'


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Twelve seconds, and in them a dog."""
    wave = 0.02 * make("wind", 3, seconds=12.0, rate=48_000)
    first = round(DOG_FROM * 48_000)
    wave[first:] += make("dog_bark", 5, seconds=4.0, rate=48_000)[: len(wave) - first]
    folder = tmp_path_factory.mktemp("film")
    wave = np.clip(wave, -1, 1).astype(np.float32)
    return make_film(folder, "mkv", name="--a $(dog) film", wave=wave, seconds=12.0)


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """A PATH on which nothing is but what a test puts there: name -> what it does."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    found = lambda name: str(folder / name) if (folder / name).exists() else None  # noqa: E731
    monkeypatch.setattr(opening.shutil, "which", found)

    def install(**programs):
        for name, does in programs.items():
            path = folder / name.replace("_", "-")
            path.write_text(does, encoding="utf-8")
            path.chmod(path.stat().st_mode | stat.S_IEXEC)
        return folder

    return install


def said(folder, name):
    return (folder / f"{name}.said").read_text(encoding="utf-8").splitlines()


def open_(film, *more):
    return main(["moments", str(film), "a dog barking", "-k1", "--open", *more])


@pytest.mark.skipif(sys.platform != "linux", reason="players of other systems are other programs")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("mpv", ["--start={start}", "--", "{path}"]),
        ("vlc", ["--start-time={start}", "{path}"]),
        ("ffplay", ["-ss", "{start}", "-i", "{path}"]),
    ],
)
def test_the_best_hit_is_opened_at_its_moment(film, programs, name, words, capsys):
    folder = programs(**{name: SAYS})

    assert open_(film) == 0

    told = said(folder, name)
    start = next(float(a.rpartition("=")[2]) for a in told if a[-1].isdigit())
    assert start == pytest.approx(DOG_FROM, abs=0.7)
    assert told == [word.format(start=f"{start:.2f}", path=film) for word in words]
    assert f"earmark: opened {film} with {name} at 0:0" in capsys.readouterr().err


def test_the_first_player_of_the_table_is_taken(film, programs):
    folder = programs(vlc=SAYS, mpv=SAYS, xdg_open=SAYS)

    assert open_(film) == 0

    assert (folder / "mpv.said").exists()
    assert not (folder / "vlc.said").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems open files with other programs")
def test_what_cannot_be_told_a_time_is_said(film, programs, capsys):
    folder = programs(xdg_open=SAYS)

    assert open_(film) == 0

    assert said(folder, "xdg-open") == [str(film)]
    assert "with xdg-open, which cannot be told a time: go to 0:0" in capsys.readouterr().err


def test_a_player_goes_on_when_earmark_has_ended(film, programs):
    folder = programs(mpv=STAYS)
    started = []
    real = subprocess.Popen

    class Popen(real):
        def __init__(self, *words, **options):
            super().__init__(*words, **options)
            started.append((self, options))

    opening.subprocess.Popen = Popen
    try:
        assert open_(film) == 0
    finally:
        opening.subprocess.Popen = real

    [(process, options)] = started
    assert said(folder, "mpv")
    assert options.get("shell") is None
    os.kill(process.pid, 0)  # it is there
    os.kill(process.pid, signal.SIGKILL)  # its own way would think that it has ended
    process.returncode = None
    process.wait()


@pytest.mark.parametrize(
    ("does", "problem"),
    [
        ({}, "there is no player to open it with"),
        ({"mpv": ENDS}, "mpv ended at once with the code 3"),
        ({"mpv": "no program"}, "mpv cannot be started: Exec format error"),
    ],
)
def test_what_cannot_be_opened_is_two_lines(film, programs, does, problem, capsys):
    programs(**does)

    assert open_(film) == 3

    told = capsys.readouterr().err.splitlines()
    assert told[-2] == f"earmark: {problem}"
    assert len(told) == 2


def test_a_hit_whose_file_is_away_is_not_opened(tmp_path):
    gone = Hit(rank=1, path=str(tmp_path / "a.mp4"), start=1, end=2, score=0, confidence=1,
               duration=9)  # fmt: skip

    with pytest.raises(opening.EarmarkError, match="cannot be opened: it is not there"):
        opening.open_best(gone)


def test_where_nothing_is_found_nothing_is_opened(film, programs, monkeypatch):
    folder = programs(mpv=SAYS)
    monkeypatch.setattr("earmark.search.one.moments_in", lambda *asked, **options: [])

    assert open_(film) == 1

    assert [one.name for one in folder.iterdir()] == ["mpv"]


def test_hits_of_a_search_are_opened_too(here, programs):
    folder = programs(mpv=SAYS)

    assert main(["search", "a dog barking", "--open", "--json"]) == 0

    assert said(folder, "mpv")[-1].endswith("dogs.mp3")


def test_a_moment_of_a_film_is_cut_with_its_pictures(film, tmp_path, capsys):
    folder = tmp_path / "cuts"

    assert main(["moments", str(film), "a dog barking", "-k1", "--cut", str(folder)]) == 0

    [made] = folder.iterdir()
    assert made.suffix == ".mkv"
    assert len(looked_at(made)[0]) > 20
    assert f"earmark: wrote {made} (begins 0." in capsys.readouterr().err


def test_why_a_film_gave_its_sound_alone_is_said(tmp_path, capsys):
    wave = make("dog_bark", 5, seconds=4.0, rate=48_000)
    film = make_film(tmp_path, "mpg", wave=wave, seconds=4.0)
    folder = tmp_path / "cuts"

    assert main(["moments", str(film), "a dog", "-k1", "--all", "--cut", str(folder)]) == 0

    assert ".wav (sound alone: films of the kind mpeg are not written)" in capsys.readouterr().err


def test_of_a_sound_nothing_more_is_said(tmp_path, capsys):
    write(tmp_path / "dog.wav", make("dog_bark", 5, seconds=3.0, rate=RATE), RATE)
    words = ["moments", str(tmp_path / "dog.wav"), "a dog", "-k1", "--all"]

    assert main([*words, "--cut", str(tmp_path / "cuts")]) == 0

    assert capsys.readouterr().err.splitlines()[-1].endswith(".wav")
