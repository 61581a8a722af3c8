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
    for name, does in cli.COMMANDS.items():
        assert f"{name} {does}" in " ".join(done.stdout.split())


def test_the_version_is_the_package_s():
    assert run("--version").stdout == f"earmark {__version__}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "no command was given\nsee what there is with: earmark --help"),
        (["lok"], "there is no command 'lok'\ndid you mean 'look'? see what there is"),
        (["--nothing"], "there is no command '--nothing'\nsee what there is"),
        (["look"], "required: FILE\nsee what it takes with: earmark look --help"),
        (["look", "--nothing", "x.wav"], "--nothing\nsee what it takes with: earmark look --help"),
    ],
)
def test_a_wrong_call_gets_two_lines_and_exits_with_2(words, said):
    done = run(*words)

    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 2
    assert done.stdout == ""


class Raising:
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
    monkeypatch.setattr(cli, "load", lambda name: Raising(error))

    assert cli.main(["look"]) == code
    assert capsys.readouterr().err == said


def test_a_bug_of_ours_is_not_hidden(monkeypatch):
    monkeypatch.setattr(cli, "load", lambda name: Raising(ZeroDivisionError()))

    with pytest.raises(ZeroDivisionError):
        cli.main(["look"])


@pytest.mark.parametrize("name", list(cli.COMMANDS))
def test_every_command_has_a_file_that_keeps_the_contract(name):
    command = cli.load(name)

    assert callable(command.add_arguments)
    assert callable(command.run)


def test_a_reader_that_goes_away_is_no_error():
    code = "import sys; from earmark.cli import main as m; m.load = lambda name: C; "
    code += "C = type('C', (), {'add_arguments': lambda p: None, "
    code += "'run': lambda a: print('x' * 100_000) or 0}); sys.exit(m.main(['look']))"
    program = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    program.stdout.read(10)
    program.stdout.close()

    assert program.stderr.read() == b""
    assert program.wait(30) == 0
    program.stderr.close()


def test_a_missing_extra_is_named_with_what_to_type():
    with pytest.raises(MissingExtraError, match=r"pip install 'earmark\[serve\]'"):
        require("no_such_package_here", extra="serve")
    require("json", extra="serve")
