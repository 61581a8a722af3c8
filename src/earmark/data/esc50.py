"""The ESC-50 layout: splits are the folds, `fold1` to `fold5`; a recording is a source file."""

from __future__ import annotations

from pathlib import Path

from earmark.data.layout import Layout, not_here
from earmark.data.rows import Row, words_of
from earmark.data.tables import Line, read_csv

NAME = "esc50"
SEEKS = "meta/esc50.csv and the folder audio"
HOME = "https://github.com/karolpiczak/ESC-50"
TABLE = Path("meta") / "esc50.csv"
OWN = ("filename", "fold", "category", "src_file")  # columns that a row has a place for


def fits(folder: Path) -> bool:
    """Whether its table is there."""
    return (folder / TABLE).is_file()


def read(folder: Path) -> list[Row]:
    """Read all clips; the class in words is the caption."""
    if not (fits(folder) and (folder / "audio").is_dir()):
        raise not_here(folder, NAME, SEEKS, HOME)
    lines = read_csv(folder / TABLE, OWN)
    return [_row(folder / "audio", line) for line in lines]


def _row(audio: Path, line: Line) -> Row:
    words = words_of(line.cells["category"])
    return Row(
        audio=audio / line.cells["filename"],
        captions=(words,),
        split=f"fold{line.cells['fold']}",
        recording=f"freesound:{line.cells['src_file']}",
        label=words,
        facts=line.others(OWN),
    )


LAYOUT = Layout(name=NAME, seeks=SEEKS, home=HOME, fits=fits, read=read)
