"""Questions are chosen by name; what cannot be measured is said, and the rest goes on."""

import json
import subprocess
import sys

import pytest

from bench.peers.ground import ground
from earmark.bench import peers
from earmark.bench.figure import Figure
from earmark.bench.peers import given, memory, vectors
from earmark.cli.bench import told
from earmark.cli.main import main
from earmark.errors import MissingExtraError

FIGURE = Figure(
    part="memory", what="index", value=193.7, unit="MB", ratio=0.5, low=0.456, high=0.6,
    peer="librosa 1", theirs=387.4,
)  # fmt: skip


def test_one_question_is_asked_by_its_name(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(memory, "figures", lambda given: [FIGURE])

    assert main(["bench", "peers", "--only", "memory", "--json", str(tmp_path / "a.json")]) == 0

    head, row, *_ = capsys.readouterr().out.splitlines()
    assert head.split() == [
        "part",
        "what",
        "value",
        "unit",
        "ratio",
        "between",
        "to",
        "theirs",
        "budget",
    ]
    assert " ".join(row.split()) == "memory index 194 MB 0.50 0.46 to 0.60 librosa 1 387"
    kept = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert kept["figures"] == [FIGURE.as_dict()]


def test_an_unknown_question_is_refused(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["bench", "peers", "--only", "colour"])

    said = capsys.readouterr().err
    assert "colour" in said
    assert all(name in said for name in peers.QUESTIONS)


def test_a_question_without_its_packages_is_told_and_the_next_one_asked(monkeypatch):
    def lacks(given):
        raise MissingExtraError("this needs 'torch'", hint="pip install 'earmark[lab]'")

    monkeypatch.setattr(vectors, "figures", lacks)
    monkeypatch.setattr(memory, "figures", lambda given: [FIGURE])
    said = []

    found = list(peers.figures(["vectors", "memory"], None, tell=said.append))

    assert found == [FIGURE]
    assert said == ["vectors is not measured: this needs 'torch'; pip install 'earmark[lab]'"]


def test_a_program_that_fails_ends_its_question_and_no_other(monkeypatch):
    def fails(given):
        yield FIGURE
        subprocess.run([sys.executable, "-c", "raise SystemExit(7)"], check=True)

    monkeypatch.setattr(vectors, "figures", fails)
    monkeypatch.setattr(memory, "figures", lambda given: [FIGURE])
    said = []

    found = list(peers.figures(["vectors", "memory"], None, tell=said.append))

    assert found == [FIGURE, FIGURE]
    assert said[0].startswith("vectors ends here: ")
    assert said[0].endswith("-c raise SystemExit(7) failed with 7")


def test_what_was_measured_before_a_ctrl_c_is_kept(monkeypatch, tmp_path, capsys):
    def stopped(given):
        yield FIGURE
        raise KeyboardInterrupt

    monkeypatch.setattr(vectors, "figures", stopped)
    asked = ["bench", "peers", "--only", "vectors", "memory", "--json", str(tmp_path / "a.json")]

    assert main(asked) == 130

    assert "librosa 1" in capsys.readouterr().out
    kept = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert kept["figures"] == [FIGURE.as_dict()]


def test_a_long_file_is_indexed_and_loaded(tmp_path):
    [found] = memory.figures(ground(tmp_path), minutes=2)

    assert 50 < found.value < 400
    assert found.met
    # Two minutes of stereo and of its mean, in float32, and what Python and its packages take.
    assert 60 < found.theirs < 800
    assert found.ratio == pytest.approx(found.value / found.theirs)


def test_what_would_not_fit_into_memory_is_not_loaded(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "peak_mb", lambda *_: 200.0)
    monkeypatch.setattr(memory, "_file", lambda path, minutes: path)
    monkeypatch.setattr(memory, "_free", lambda: 9_000.0)

    [found] = memory.figures(ground(tmp_path), minutes=180)

    assert found.missing == "needs some 9,863 MB, which are not free"
    assert found.theirs is None


def test_without_librosa_its_parts_stand_in_and_the_table_says_so(monkeypatch):
    monkeypatch.setattr(given, "find_spec", lambda name: None)

    loader = given.Loader.find(None)

    assert loader.package == "soundfile"
    assert "no librosa: pip install 'earmark[peers]'" in loader.called


def test_a_python_without_librosa_is_refused(monkeypatch, capsys):
    def fails(command, **_):
        raise subprocess.CalledProcessError(1, command, stderr="ModuleNotFoundError: no librosa\n")

    monkeypatch.setattr(given.subprocess, "run", fails)

    assert main(["bench", "peers", "--librosa", "python"]) == 2
    assert "python has no librosa that works: ModuleNotFoundError" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (0.01234, "0.012"), (1.234, "1.23"), (12.34, "12.3"), (99.6, "99.6"),
     (100.0, "100"), (1234.5, "1,234"), (13_129.0, "13,129"), (None, "")],
)  # fmt: skip
def test_a_value_is_written_to_three_digits(value, text):
    assert told(value) == text
