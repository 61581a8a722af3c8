"""The ordinary files of the archive, a row of `takes.csv` each.

Kinds sound one after the other, over a texture if the row names one as its bed. Two rows with the
same kinds, seconds and seed are the same sound in two formats.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np

from earmark.audio.write import write
from earmark.scenes.archive.film import add_pictures
from earmark.scenes.archive.truth import Sounding
from earmark.synth.kinds import make
from earmark.types import Samples

GAP = 1.5  # seconds of silence, or of the bed alone, between kinds
BED = 0.2  # level of a bed against what sounds over it
PEAK = 0.95
AGAIN = 1000  # what the second take of a kind within a file adds to the seed


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """One file: what sounds in it, and how it is stored."""

    name: str
    kinds: tuple[str, ...]
    seconds: float  # of each
    seed: int
    bed: str  # a texture under all of it, or nothing
    rate: int
    channels: int
    subtype: str | None
    pictures: bool  # whether it is a film
    tags: tuple[tuple[str, str], ...]
    after: str = ""

    @property
    def length(self) -> float:
        """Seconds of the whole."""
        return len(self.kinds) * (self.seconds + GAP) - GAP

    def make(self, folder: Path) -> None:
        """Write the file."""
        path = folder / self.name
        write(
            path,
            self.sound(),
            self.rate,
            subtype=self.subtype,
            tags=dict(self.tags),
            overwrite=True,
        )
        if self.pictures:
            add_pictures(path, self.length)

    def soundings(self) -> Iterator[Sounding]:
        """Tell what is heard, and when."""
        for kind, (start, end) in zip(self.kinds, self._spans(), strict=True):
            yield Sounding(self.name, start, end, kind)
        if self.bed:
            yield Sounding(self.name, 0.0, self.length, self.bed)

    def sound(self) -> Samples:
        """Make it: -> [samples], or [samples, channels]."""
        wave = np.zeros(round(self.length * self.rate), np.float32)
        for number, (kind, (start, _)) in enumerate(zip(self.kinds, self._spans(), strict=True)):
            seed = self.seed + AGAIN * self.kinds[:number].count(kind)
            one = make(kind, seed, seconds=self.seconds, rate=self.rate)
            first = round(start * self.rate)
            wave[first : first + len(one)] = one
        if self.bed:
            wave += np.float32(BED) * make(self.bed, self.seed, seconds=self.length, rate=self.rate)
            wave *= np.float32(min(1.0, PEAK / max(float(wave.max()), -float(wave.min()))))
        if self.channels == 1:
            return wave
        return wave[:, None] * np.linspace(1.0, 0.4, self.channels, dtype=np.float32)

    def _spans(self) -> list[tuple[float, float]]:
        starts = (place * (self.seconds + GAP) for place in range(len(self.kinds)))
        return [(start, start + self.seconds) for start in starts]


def _read() -> tuple[Take, ...]:
    """Read the table."""
    text = files("earmark.scenes.archive").joinpath("takes.csv").read_text(encoding="utf-8")
    return tuple(
        Take(
            name=row["name"],
            kinds=tuple(row["kinds"].split(" + ")),
            seconds=float(row["seconds"]),
            seed=int(row["seed"]),
            bed=row["bed"],
            rate=int(row["rate"]),
            channels=int(row["channels"]),
            subtype=row["subtype"] or None,
            pictures=row["pictures"] == "yes",
            tags=tuple(_tag(one) for one in row["tags"].split("; ") if one),
        )
        for row in csv.DictReader(text.splitlines())
    )


def _tag(words: str) -> tuple[str, str]:
    key, _, value = words.partition("=")
    return key, value


TAKES = _read()
