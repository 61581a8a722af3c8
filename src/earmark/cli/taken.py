"""Options that some exams or some parts of a benchmark take; the others refuse them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from earmark.errors import UsageError


@dataclass(frozen=True, slots=True)
class Option:
    """An option, and who takes it."""

    name: str
    takers: tuple[str, ...]
    help: str
    default: Any = None
    reads: dict[str, Any] = field(default_factory=dict)  # what argparse has to know besides

    @property
    def dest(self) -> str:
        """The attribute that holds its value."""
        return self.name.removeprefix("--").replace("-", "_")


def add_options(parser: argparse.ArgumentParser, options: Sequence[Option]) -> None:
    """Declare them; what is not given is not there until `settle` has seen who is asked."""
    for one in options:
        told = f"{', '.join(one.takers)}: {one.help}"
        parser.add_argument(one.name, default=argparse.SUPPRESS, help=told, **one.reads)


def settle(args: argparse.Namespace, options: Sequence[Option], asked: Sequence[str]) -> None:
    """Refuse an option that nobody of those who are asked takes, and fill in what is not given."""
    for one in options:
        if not hasattr(args, one.dest):
            setattr(args, one.dest, one.default)
        elif not set(one.takers) & set(asked):
            raise _refused(one, options, asked)


def _refused(option: Option, options: Sequence[Option], asked: Sequence[str]) -> UsageError:
    others = ", ".join(one.name for one in options if set(one.takers) & set(asked))
    return UsageError(
        f"{option.name} does nothing here: it is for {', '.join(option.takers)}",
        hint=f"leave it away{f', or choose from: {others}' if others else ''}",
    )
