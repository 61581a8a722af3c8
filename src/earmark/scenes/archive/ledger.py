"""What of an archive is made already, and by which code; a line for every finished file.

A file is taken as made when the same code would make it anew and it has the size and the time it
had when it was finished. So a run that was stopped goes on, and a second one has nothing to do.
"""

from __future__ import annotations

import json
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from earmark.scenes.archive.truth import File

LEDGER = ".made.jsonl"  # hidden, so that no one takes it for a part of the archive
_CODE = ("audio/newtags.py", "audio/write.py", "scenes", "synth")


class Ledger:
    """The list of finished files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / LEDGER
        self._lines = set(_lines(self._path)) - {""}

    def holds(self, file: File) -> bool:
        """Whether the file is there, as this code makes it."""
        return self._line(file) in self._lines

    def note(self, file: File) -> None:
        """Write down that a file is finished."""
        line = self._line(file)
        if line and line not in self._lines:
            self._lines.add(line)
            with self._path.open("a", encoding="utf-8", newline="\n") as out:
                out.write(f"\n{line}\n")  # on a line of its own, even after a torn one

    def _line(self, file: File) -> str:
        """Everything that must be the same, or nothing if there is no such file."""
        try:
            there = (self._folder / file.name).stat()
        except OSError:
            return ""
        made = blake2b(f"{code()} {file!r}".encode(), digest_size=16).hexdigest()
        return json.dumps([file.name, made, there.st_size, there.st_mtime_ns], ensure_ascii=True)


def _lines(path: Path) -> list[str]:
    """Read the lines there are; a torn one matches nothing."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").split("\n")
    except FileNotFoundError:
        return []


@cache
def code() -> str:
    """Digest of the code that decides what the files hold."""
    digest = blake2b(digest_size=16)
    for part in _CODE:
        for file in _under(files("earmark").joinpath(part)):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _under(place: Traversable) -> list[Traversable]:
    """Files of a folder and of those in it, in order; or the file itself."""
    if place.is_file():
        return [place] if place.name.endswith((".py", ".csv")) else []
    inside = sorted(place.iterdir(), key=lambda one: one.name)
    return [file for one in inside for file in _under(one)]
