"""What is true of an archive, and what every file of it offers, however it is made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True, order=True)
class Sounding:
    """A kind of sound that is heard in a file of the archive from `start` to `end`."""

    path: str  # relative to the archive, with slashes
    start: float  # seconds
    end: float
    kind: str  # of `synth.KINDS`


class File(Protocol):
    """A file of the archive, before and after it is made; its repr says all that decides it."""

    @property
    def name(self) -> str:
        """Its path, relative to the archive, with slashes."""

    @property
    def after(self) -> str:
        """The name of the file that has to be there first, or nothing."""

    def make(self, folder: Path) -> None:
        """Write it below `folder`, over what stands there; the folders are there."""

    def soundings(self) -> Iterator[Sounding]:
        """Tell what is heard in it."""
