"""The command line as a person meets it: help, mistakes, exit codes."""

import subprocess
import sys

import pytest

from earmark import __version__
from earmark.cli import main as cli
from earmark.errors import AudioError, EarmarkError, MissingExtraError, UsageError, require


def run(*words, **options):
    return subprocess.run(
        [sys.executable, "-m", "earmark", *words],
        capture_output=True,
        text=True,
        timeout=60,
        **options,
    )


def test_help_names_every_command():
    done = run("--help")

    assert done.returncode == 0
    assert done.stdout.startswith("usage: earmark")
    for name, command in cli.COMMANDS.items():
        assert name in done.stdout
        assert command.HELP in " ".join(done.stdout.split())


def test_the_version_is_the_package_s():
    assert run("--version").stdout == f"earmark {__version__}\n"


@pytest.mark.parametrize("words", [[], ["lok"], ["look"], ["look", "--nothing", "x.wav"]])
def test_a_wrong_call_gets_two_lines_and_exits_with_2(words):
    done = run(*words)

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 2
    assert done.stderr.splitlines()[1].startswith("see what it takes with: earmark")
    assert done.stdout == ""


class Raising:
    HELP = "raise"

    def __init__(self, error):
        self.error = error

    def add_arguments(self, parser):
        pass

    def run(self, args):
        raise self.error


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (EarmarkError("it is broken", hint="mend it"), 3, "earmark: it is broken\nmend it\n"),
        (UsageError("no such thing", hint="name one"), 2, "earmark: no such thing\nname one\n"),
        (AudioError("a.wav", "is empty", hint="copy it"), 3, "earmark: a.wav: is empty\ncopy it\n"),
        (KeyboardInterrupt(), 130, "earmark: stopped\n"),
    ],
)  # fmt: skip
def test_errors_become_words_and_codes(error, code, said, monkeypatch, capsys):
    monkeypatch.setitem(cli.COMMANDS, "raise", Raising(error))

    assert cli.main(["raise"]) == code
    assert capsys.readouterr().err == said


def test_a_bug_of_ours_is_not_hidden(monkeypatch):
    monkeypatch.setitem(cli.COMMANDS, "raise", Raising(ZeroDivisionError()))

    with pytest.raises(ZeroDivisionError):
        cli.main(["raise"])


def test_a_missing_extra_is_named_with_what_to_type():
    with pytest.raises(MissingExtraError, match=r"pip install 'earmark\[serve\]'"):
        require("no_such_package_here", extra="serve")
    require("json", extra="serve")
