"""The table of commands; here and nowhere else errors become messages and exit codes.

Only the command that is asked for is imported, and until then nothing that Python does not need to
start, so that `earmark --help` answers at once (`earmark bench start` measures it).
"""

from __future__ import annotations

import os
import sys

from earmark import __version__
from earmark.errors import EarmarkError, UsageError

TYPE_CHECKING = False  # as typing has it, without the cost of importing it
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from typing import Protocol

    from earmark.cli.parser import Parser

    class Command(Protocol):
        """What the file of a command offers."""

        def add_arguments(self, parser: Parser) -> None:
            """Declare what the command takes."""

        def run(self, args: Namespace) -> int:
            """Do it and return the exit code: 0 found or done, 1 nothing found."""


GROUPS = {
    "your sounds": {
        "index": "hear the sounds in folders and keep them in a library",
        "search": "find recordings, and the moments in them, with words",
        "similar": "find recordings that sound like a file, or like a part of it",
        "moments": "find moments in one file with words; no library is needed",
        "spot": "find moments for what should be heard in a script, a screenplay, a list of cues",
        "describe": "say in plain words what is heard in one file, and when",
        "label": "say which hits are right, by which the search of your sounds is then scored",
        "listen": "tell live, from a microphone or a pipe, when something is heard",
        "look": "show how a file is read and cut",
        "demo": "make an archive of sounds, index it and find sounds in it with words",
        "serve": "open a page, an API and tools for assistants, on this machine",
        "mcp": "offer an assistant tools that search the library (MCP over stdio)",
    },
    "the library": {
        "status": "show what the library holds, and which files failed",
        "doctor": "check a library, and repair what can be repaired",
        "relocate": "tell the library that a folder is now found elsewhere",
        "forget": "take a folder or file out of the library; the files are not touched",
        "library": "merge libraries; move one to another model; pack, verify and unpack it",
    },
    "models": {
        "model": "list models, show what is in one, verify that it hears as it should",
        "train": "train by a recipe, or go on with a run that was stopped",
        "evaluate": "measure what a model finds, beside chance, with intervals",
        "compare": "train and test many recipes with several seeds, and put them side by side",
        "export": "turn a training run into a bundle that runs without torch",
        "audit": "find recordings and captions that stand in two data sets",
        "bench": "measure start, reading, indexing, search and memory on this machine",
    },
}
COMMANDS = {name: does for group in GROUPS.values() for name, does in group.items()}
HELP = "\n".join(
    [
        "usage: earmark COMMAND ...",
        "",
        "Find sounds with words: the recording, and the moment in it.",
        "Begin with:  earmark index FOLDER  and then  earmark search rain on a tin roof",
        *(
            line
            for title, group in GROUPS.items()
            for line in ("", f"{title}:", *(f"  {name:9} {does}" for name, does in group.items()))
        ),
        "",
        "  earmark COMMAND --help    what a command takes;  earmark --version   which version",
    ]
)
INTERRUPTED = 130  # what a shell reports for Ctrl-C


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    _forgive_consoles()
    try:
        code = _run(sys.argv[1:] if argv is None else argv)
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


def load(name: str) -> Command:
    """Import the file of a command."""
    from importlib import import_module

    command: Command = import_module(f"earmark.cli.{name}")
    return command


def _run(words: Sequence[str]) -> int:
    name, rest = (words[0], words[1:]) if words else ("", ())
    if name in ("-h", "--help"):
        print(HELP)
        return 0
    if name == "--version":
        print(f"earmark {__version__}")
        return 0
    if name not in COMMANDS:
        raise _no_such_command(name)
    from earmark.cli.parser import new_parser

    command, parser = load(name), new_parser(name, COMMANDS[name])
    command.add_arguments(parser)
    return command.run(parser.parse_args(rest))


def _no_such_command(name: str) -> UsageError:
    from difflib import get_close_matches

    close = get_close_matches(name, COMMANDS, n=1)
    guess = f"did you mean {close[0]!r}? " if close else ""
    problem = f"there is no command {name!r}" if name else "no command was given"
    return UsageError(problem, hint=f"{guess}see what there is with: earmark --help")


def _forgive_consoles() -> None:
    """Print a replacement for letters that file names have and a console lacks."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _leave_a_closed_pipe() -> None:
    """Keep Python from complaining at exit about a reader (`head`) that has gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
