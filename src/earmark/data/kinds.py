"""A bank of real clips for measuring scenes: kinds of sound, by the captions that clips have.

`kinds.csv` names for each kind the captions of its clips, the group of kinds that it could be taken
for, whether it is steady enough for a background, and words that are true of every clip of it; of
these every third is kept for testing, as in any bank. Clips with other captions are left out.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from earmark.data.rows import Row
from earmark.errors import DataError
from earmark.scenes.bank import Bank
from earmark.scenes.from_clips import Clip, bank_from_clips


@dataclass(frozen=True, slots=True)
class Kind:
    """What is true of all clips of a kind."""

    name: str
    group: str
    texture: bool
    captions: tuple[str, ...]
    phrases: tuple[str, ...]


@cache
def kinds() -> tuple[Kind, ...]:
    """Read the table."""
    text = files("earmark.data").joinpath("kinds.csv").read_text(encoding="utf-8")
    return tuple(
        Kind(
            name=row["kind"],
            group=row["group"],
            texture=bool(row["texture"]),
            captions=tuple(row["captions"].split("|")),
            phrases=tuple(row["phrases"].split("|")),
        )
        for row in csv.DictReader(text.splitlines())
    )


def bank_of_kinds(rows: Sequence[Row], table: Sequence[Kind] | None = None) -> Bank:
    """Make a bank of the rows that have a caption of a kind, of `kinds()` or of another table."""
    known = {caption: kind for kind in table or kinds() for caption in kind.captions}
    named = ((row, known.get(row.captions[0] if row.captions else "")) for row in rows)
    found = [(row, kind) for row, kind in named if kind]
    if not found:
        raise DataError(
            f"none of {len(rows)} rows has a caption of a known kind of sound",
            hint="compose scenes of clips:FOLDER#check, or name no data: of sounds made by code",
        )
    return bank_from_clips(
        Clip(
            path=row.audio,
            label=kind.name,
            phrases=kind.phrases,
            recording=row.recording,
            texture=kind.texture,
            group=kind.group,
            name=_name(row),
            start=row.start or 0.0,
            end=row.end,
        )
        for row, kind in found
    )


def _name(row: Row) -> str:
    """Name a clip by its file and folder, wherever the data set lies."""
    name = f"{row.audio.parent.name}/{row.audio.name}"
    return name if row.start is None and row.end is None else f"{name}@{row.start or 0:g}"
