"""The best hit opened in a player of this machine, at its moment.

The first player of the table that is installed is taken; without one, the program that the system
opens such files with, which cannot be told a time. Nothing goes through a shell, and a path is
whole, so that no name is taken for an option. The player stays when earmark has ended.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.audio.clock import clock
from earmark.errors import EarmarkError, no_file

if TYPE_CHECKING:
    from earmark.types import Hit

SOON = 1.0  # seconds within which a player that cannot play has ended


@dataclass(frozen=True, slots=True)
class Program:
    """How a program is started."""

    words: tuple[str, ...]  # {start} and {path} stand for those of the moment
    systems: tuple[str, ...] = ("linux", "darwin", "win32")

    @property
    def takes_times(self) -> bool:
        """Whether it can begin at a moment."""
        return any("{start}" in word for word in self.words)


PROGRAMS = (
    Program(("mpv", "--start={start}", "--", "{path}")),
    Program(("vlc", "--start-time={start}", "{path}")),
    Program(("ffplay", "-ss", "{start}", "-i", "{path}")),
    Program(("xdg-open", "{path}"), ("linux",)),
    Program(("open", "{path}"), ("darwin",)),
    Program(("explorer", "{path}"), ("win32",)),
)


def open_best(hit: Hit) -> str:
    """Open a hit: -> what was done, in words."""
    path = Path(os.path.abspath(hit.path))  # noqa: PTH100 - a link stays a link
    if "://" in hit.path:
        raise no_file(hit.path)
    if not path.is_file():
        raise EarmarkError(
            f"{path} cannot be opened: it is not there, or inside another file",
            hint="plug its drive in, or unpack the file that holds it",
        )
    program = _program()
    _start([_filled(word, hit, path) for word in program.words])
    opened = f"opened {path} with {program.words[0]}"
    if program.takes_times:
        return f"{opened} at {clock(hit.start, tenths=True)}"
    return f"{opened}, which cannot be told a time: go to {clock(hit.start, tenths=True)}"


def _program() -> Program:
    """Choose the first program that is there."""
    for program in PROGRAMS:
        if sys.platform in program.systems and shutil.which(program.words[0]):
            return program
    raise EarmarkError(
        "there is no player to open it with",
        hint="install mpv, VLC or ffplay, so that it is found on PATH",
    )


def _filled(word: str, hit: Hit, path: Path) -> str:
    """Fill a word; a path is no pattern, whatever its name."""
    return str(path) if word == "{path}" else word.replace("{start}", f"{hit.start:.2f}")


def _start(words: list[str]) -> None:
    """Start a program, and let it be; raise if it ends at once with an error."""
    quiet = subprocess.DEVNULL
    try:
        process = subprocess.Popen(  # noqa: S603 - no shell
            words, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
        )
        code = process.wait(SOON)
    except subprocess.TimeoutExpired:
        process.returncode = 0  # nobody waits for it, and Python need not remind of that
        return
    except OSError as error:
        raise EarmarkError(
            f"{words[0]} cannot be started: {error.strerror or error}",
            hint="install another player: mpv, VLC or ffplay",
        ) from error
    if code and words[0] != "explorer":  # which says 1 also when all is well
        raise EarmarkError(
            f"{words[0]} ended at once with the code {code}",
            hint="install mpv, VLC or ffplay, or open the file yourself",
        )
