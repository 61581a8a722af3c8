"""The table of commands; here and nowhere else errors become messages and exit codes."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from io import TextIOWrapper
from typing import NoReturn, Protocol

from earmark import __version__
from earmark.cli import audit, bench, demo, look
from earmark.errors import EarmarkError

INTERRUPTED = 130  # what a shell reports for Ctrl-C


class Command(Protocol):
    """What a file of this room offers."""

    HELP: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare what the command takes."""

    def run(self, args: argparse.Namespace) -> int:
        """Do it and return the exit code: 0 found or done, 1 nothing found."""


COMMANDS: dict[str, Command] = {"look": look, "audit": audit, "demo": demo, "bench": bench}


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are two lines, like every other error here."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where to read more; exit with 2."""
        self.exit(2, f"{self.prog}: {message}\nsee what it takes with: {self.prog} --help\n")


def make_parser() -> argparse.ArgumentParser:
    """Build the parser of the whole command line."""
    parser = Parser(prog="earmark", description="Find sounds with words.")
    parser.add_argument("--version", action="version", version=f"earmark {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        about = f"{command.HELP[0].upper()}{command.HELP[1:]}."
        command.add_arguments(commands.add_parser(name, help=command.HELP, description=about))
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a console may lack letters that file names have
    args = make_parser().parse_args(argv)
    try:
        code = COMMANDS[args.command].run(args)
        sys.stdout.flush()
    except EarmarkError as error:
        print(f"earmark: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("earmark: stopped", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        _leave_a_closed_pipe()
        return 0
    return code


def _leave_a_closed_pipe() -> None:
    """Keep Python from complaining at exit about a reader (`head`) that has gone."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
