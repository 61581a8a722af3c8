"""The UrbanSound8K layout: splits are the folds, `fold1` to `fold10`; a recording is an fsID."""

from __future__ import annotations

from pathlib import Path

from earmark.data.layout import Layout, not_here
from earmark.data.rows import Row, words_of
from earmark.data.tables import Line, read_csv

NAME = "urbansound8k"
SEEKS = "metadata/UrbanSound8K.csv and audio/fold1 to audio/fold10"
HOME = "https://urbansounddataset.weebly.com/urbansound8k.html"
TABLE = Path("metadata") / "UrbanSound8K.csv"
OWN = ("slice_file_name", "fsID", "fold", "class")  # columns that a row has a place for


def fits(folder: Path) -> bool:
    """Whether its table is there."""
    return (folder / TABLE).is_file()


def read(folder: Path) -> list[Row]:
    """Read all slices; the class in words is the caption."""
    if not (fits(folder) and (folder / "audio").is_dir()):
        raise not_here(folder, NAME, SEEKS, HOME)
    lines = read_csv(folder / TABLE, OWN)
    return [_row(folder / "audio", line) for line in lines]


def _row(audio: Path, line: Line) -> Row:
    words, fold = words_of(line.cells["class"]), f"fold{line.cells['fold']}"
    return Row(
        audio=audio / fold / line.cells["slice_file_name"],
        captions=(words,),
        split=fold,
        recording=f"freesound:{line.cells['fsID']}",
        label=words,
        facts=line.others(OWN),
    )


LAYOUT = Layout(name=NAME, seeks=SEEKS, home=HOME, fits=fits, read=read)
