"""A sound played by a program of the person's choice: a list of words, never a line of a shell.

    --play "ffplay -nodisp -autoexit -ss {start} -t {seconds}"

{path}, {start}, {end} and {seconds} stand for those of the moment; a command without {path} gets
it as its last word.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from typing import TYPE_CHECKING

from earmark.errors import EarmarkError, UsageError

if TYPE_CHECKING:
    from earmark.types import Hit

NAMES = ("{path}", "{start}", "{end}", "{seconds}")
PATIENCE = 1.0  # seconds that a player gets to end


class Player:
    """Plays one moment at a time."""

    def __init__(self, command: str) -> None:
        self._words = _words_of(command)
        self._now: subprocess.Popen[bytes] | None = None

    def play(self, hit: Hit) -> None:
        """Begin to play a moment; what plays now stops."""
        self.stop()
        words = filled(self._words, hit)
        quiet = subprocess.DEVNULL
        try:
            self._now = subprocess.Popen(words, stdin=quiet, stdout=quiet, stderr=quiet)  # noqa: S603 - no shell
        except OSError as error:
            raise EarmarkError(
                f"{words[0]} cannot be started: {error.strerror or error}",
                hint="name a player that is installed: --play 'ffplay -nodisp -autoexit'",
            ) from error

    def stop(self) -> None:
        """End what plays."""
        if self._now is None:
            return
        self._now.terminate()
        try:
            self._now.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._now.kill()
            self._now.wait()
        self._now = None


def filled(words: list[str], hit: Hit) -> list[str]:
    """Put a moment into the words of a command."""
    numbers = (hit.start, hit.end, hit.end - hit.start)
    values = dict(zip(NAMES, (hit.path, *(f"{one:.2f}" for one in numbers)), strict=True))
    named = any("{path}" in word for word in words)
    return [_with(word, values) for word in [*words, *([] if named else ["{path}"])]]


def _with(word: str, values: dict[str, str]) -> str:
    """Fill one word from its left to its right, so that a name like {start} stays a name."""
    for name, value in values.items():
        before, found, after = word.partition(name)
        if found:
            return _with(before, values) + value + _with(after, values)
    return word


def _words_of(command: str) -> list[str]:
    try:
        words = shlex.split(command, posix=os.name != "nt")
    except ValueError as error:
        raise UsageError(
            f"the player {command!r} cannot be read: {error}", hint="close what is in quotes"
        ) from error
    if not words:
        raise UsageError("no player is named", hint="name one: --play 'ffplay -nodisp -autoexit'")
    return words
