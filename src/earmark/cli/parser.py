"""The argument parser of a command: argparse, with complaints of two lines.

Words to search for may begin with a hyphen (`rain - music`, `rain -music`), which argparse takes
for options. A parser with `free_words` sorts what was typed first: the options that it knows and
their values, wherever they stand, and words.

    --anything    is an option, known or not, so that a typing error is not searched for
    -k, -k5, -0   are options where the command has them; another single letter is a mistake
    - -music      are words
    --            everything behind it is words
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are two lines, like every other error here."""

    free_words = False  # words may begin with a hyphen

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where to read more; exit with 2."""
        self.exit(2, f"{self.prog}: {message}\nsee what it takes with: {self.prog} --help\n")

    def parse_known_args(  # type: ignore[override]  # argparse has it in two versions
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[Any, list[str]]:
        """Parse, after words were told from options."""
        given = sys.argv[1:] if args is None else args
        told = self._sorted(given) if self.free_words else given
        return super().parse_known_args(told, namespace)

    def _sorted(self, given: Sequence[str]) -> list[str]:
        """Put the options first, and words behind `--`."""
        options: list[str] = []
        words: list[str] = []
        left = iter(given)
        for one in left:
            if one == "--":
                words += left
            elif self._is_option(one):
                options += [one, *self._values(one, left)]
            else:
                words.append(one)
        return [*options, "--", *words] if words else options

    def _is_option(self, word: str) -> bool:
        if word.startswith("--"):
            return True
        if not word.startswith("-") or word == "-":
            return False
        known = word[:2] in self._option_string_actions
        return len(word) == 2 or (known and word[2:].isdigit())

    def _values(self, option: str, left: Iterator[str]) -> Iterator[str]:
        """The value of an option that takes one, if it does not stand in the same word."""
        name, glued, _ = option.partition("=")
        names = [known for known in self._option_string_actions if known.startswith(name)]
        if glued or not names or (not option.startswith("--") and len(option) > 2):
            return
        exact = name if name in names else names[0]
        if self._option_string_actions[exact].nargs is None:
            yield from (value for _, value in zip(range(1), left, strict=False))


def new_parser(name: str, does: str) -> Parser:
    """Make an empty parser for a command that `does` something."""
    return Parser(prog=f"earmark {name}", description=f"{does[0].upper()}{does[1:]}.")
