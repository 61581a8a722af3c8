"""The Clotho layout, version 1 (no validation split) and 2, with the names that DCASE gives.

Files of one Freesound number, which the metadata table tells, are one recording; without that table
a file is known by its name, which is the same in both versions.
"""

from __future__ import annotations

import re
from pathlib import Path

from earmark.data.layout import Layout, not_here
from earmark.data.rows import Row
from earmark.data.tables import Line, read_csv

NAME = "clotho"
SEEKS = "clotho_captions_SPLIT.csv, SPLIT being development, validation or evaluation"
HOME = "https://zenodo.org/records/4783391"
SPLITS = ("development", "validation", "evaluation")
ALSO = {
    "train": "development",
    "val": "validation",
    "test": "evaluation",
    "development-training": "development",
    "development-validation": "validation",
    "development-testing": "evaluation",
}
_CAPTION = re.compile(r"caption_\d+")


def fits(folder: Path) -> bool:
    """Whether the captions of a split are there."""
    return any(_table(folder, "captions", split).is_file() for split in SPLITS)


def read(folder: Path) -> list[Row]:
    """Read every split whose captions are there."""
    if not fits(folder):
        raise not_here(folder, NAME, SEEKS, HOME)
    there = [split for split in SPLITS if _table(folder, "captions", split).is_file()]
    return [row for split in there for row in _read_split(folder, split)]


def _read_split(folder: Path, split: str) -> list[Row]:
    audio = _audio(folder, split)
    recordings = _recordings(_table(folder, "metadata", split))
    lines = read_csv(_table(folder, "captions", split), ("file_name", "caption_1"))
    return [_row(audio, split, line, recordings) for line in lines]


def _table(folder: Path, kind: str, split: str) -> Path:
    return folder / f"clotho_{kind}_{split}.csv"


def _audio(folder: Path, split: str) -> Path:
    unpacked = f"clotho_audio_{split}"
    places = (folder / split, folder / unpacked / split, folder / unpacked)
    return next((place for place in places if place.is_dir()), places[0])


def _recordings(table: Path) -> dict[str, str]:
    """Recording of every file; the published tables of metadata are not all UTF-8."""
    if not table.is_file():
        return {}
    lines = read_csv(table, ("file_name", "sound_id"), encoding="latin-1")
    numbers = {line.cells["file_name"]: line.cells["sound_id"].strip() for line in lines}
    return {name: f"freesound:{number}" for name, number in numbers.items() if number.isdecimal()}


def _row(audio: Path, split: str, line: Line, recordings: dict[str, str]) -> Row:
    name = line.cells["file_name"]
    texts = (" ".join(cell.split()) for key, cell in line.cells.items() if _CAPTION.fullmatch(key))
    return Row(
        audio=audio / name,
        captions=tuple(text for text in texts if text),
        split=split,
        recording=recordings.get(name, f"clotho:{name}"),
    )


LAYOUT = Layout(
    name=NAME,
    seeks=SEEKS,
    home=HOME,
    fits=fits,
    read=read,
    also=ALSO,
    cure=f"unpack clotho_audio_SPLIT.7z from {HOME} there: SPLIT/, clotho_audio_SPLIT/ or both",
)
