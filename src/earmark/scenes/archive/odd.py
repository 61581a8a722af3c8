"""What is odd in an archive: copies, silence, and files that are broken, empty or no sound."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from earmark.audio.write import write
from earmark.scenes.archive.takes import TAKES
from earmark.scenes.archive.truth import Sounding

HOLE = 6000  # bytes
_TAKES = {take.name: take for take in TAKES}


@dataclass(frozen=True, slots=True)
class Copy:
    """The same bytes in another place; with a hole, as a failing disk leaves them."""

    name: str
    after: str
    hole: int = 0

    def make(self, folder: Path) -> None:
        """Write the file."""
        path = folder / self.name
        shutil.copyfile(folder / self.after, path)
        if self.hole:
            data = bytearray(path.read_bytes())
            middle = len(data) // 2
            data[middle : middle + self.hole] = bytes(self.hole)
            path.write_bytes(data)

    def soundings(self) -> Iterator[Sounding]:
        """Tell what is heard: the same as in the other."""
        for one in _TAKES[self.after].soundings():
            yield Sounding(self.name, one.start, one.end, one.kind)


@dataclass(frozen=True, slots=True)
class NoSound:
    """A file in which nothing is heard: one that holds these bytes, or digital silence."""

    name: str
    data: bytes = b""
    silence: float = 0.0  # seconds
    after: str = ""

    def make(self, folder: Path) -> None:
        """Write the file."""
        path = folder / self.name
        if self.silence:
            wave = np.zeros((round(self.silence * 48_000), 2), np.float32)
            write(path, wave, 48_000, overwrite=True)
        else:
            path.write_bytes(self.data)

    def soundings(self) -> Iterator[Sounding]:
        """Tell that there is nothing."""
        yield from ()


ODD = (
    Copy("damaged.mp3", "yard/dogs.mp3", hole=HOLE),
    Copy("Backup/yard/dogs.mp3", "yard/dogs.mp3"),
    Copy("Downloads/piano (copy).mkv", "studio/piano.mkv"),
    NoSound("Recorder/2021-05-02/ZOOM0004.WAV", silence=20.0),
    NoSound("Downloads/interview.mp3"),
    NoSound("Projekte/Game/list of sounds.wav", b"sfx_ui_012  beep, short\nsfx_gun_a  pistol\n"),
)
