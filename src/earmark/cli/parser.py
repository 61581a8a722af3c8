"""The argument parser of a command: argparse, with complaints of two lines."""

from __future__ import annotations

import argparse
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are two lines, like every other error here."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where to read more; exit with 2."""
        self.exit(2, f"{self.prog}: {message}\nsee what it takes with: {self.prog} --help\n")


def new_parser(name: str, does: str) -> Parser:
    """Make an empty parser for a command that `does` something."""
    return Parser(prog=f"earmark {name}", description=f"{does[0].upper()}{does[1:]}.")
