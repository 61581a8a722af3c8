"""What a newcomer reads: the help of each command."""

import subprocess
import sys

import pytest

from earmark.cli.main import COMMANDS, GROUPS, HELP, main

NEW = [*GROUPS["your sounds"], *GROUPS["the library"]]
EXAMPLES = {"search": "earmark search rain", "similar": "dogs.wav@3-5.5"}


@pytest.mark.parametrize("name", COMMANDS)
def test_help_says_what_it_does_and_explains_every_option(name, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "100")

    with pytest.raises(SystemExit, match="0"):
        main([name, "--help"])

    said = capsys.readouterr().out
    assert said.startswith(f"usage: earmark {name}")
    does = COMMANDS[name]
    assert f"{does[0].upper()}{does[1:]}." in " ".join(said.split())
    assert EXAMPLES.get(name, "") in said


def test_the_first_help_fits_a_small_terminal():
    lines = HELP.splitlines()

    assert max(map(len, lines)) <= 100
    assert len(lines) <= 36


@pytest.mark.parametrize("name", NEW)
def test_help_loads_nothing_heavy(name):
    code = f"import sys; sys.argv = ['earmark', {name!r}, '--help']\n"
    code += "from earmark.cli.main import main\n"
    code += "try: main()\nexcept SystemExit: pass\nprint(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert not {"numpy", "onnxruntime", "rich", "av", "sqlite3"} & set(done.stderr.split())
