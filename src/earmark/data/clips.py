"""The layout of `clips.csv`: clips of many sources, each to be learned from or only measured on.

The `role` of a clip becomes its split, `train` or `check`; of the train recordings a tenth is
`dev`, which alone choices are made on. Clips of one Freesound number are one recording. Nothing
else in the table shows which clips belong together (file names are hashes), so every other clip is
a recording of its own.

Train clips that `earmark audit` found again in `check`, and dev clips that it found again in train,
stand in `left_out.csv` of this package; they become the split `left_out`, with the reason in
`facts["left_out"]`. Where they would have stood is `facts["side"]`, so that the audit can be rerun.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from earmark.data.layout import Layout, not_here
from earmark.data.rows import Row
from earmark.data.split import is_dev
from earmark.data.tables import Line, read_csv

NAME = "clips"
SEEKS = "clips.csv and the folder audio"
HOME = "whoever made it: it is put together from many sources and not published"
NEEDED = ("path", "role", "caption", "label", "freesound_id")
OWN = ("path", "caption", "label")  # columns that a row has a place for
ROLES = ("train", "check")
BETWEEN = " | "  # captions in one cell


def fits(folder: Path) -> bool:
    """Whether there is a table of clips."""
    return (folder / "clips.csv").is_file()


def read(folder: Path) -> list[Row]:
    """Read the clips of the table."""
    if not (fits(folder) and (folder / "audio").is_dir()):
        raise not_here(folder, NAME, SEEKS, HOME)
    lines = read_csv(folder / "clips.csv", NEEDED)
    return [_row(folder / "audio", line) for line in lines]


@cache
def left_out() -> Mapping[str, str]:
    """Clips that are left out of training and why, by path."""
    text = files("earmark.data").joinpath("left_out.csv").read_text(encoding="utf-8")
    return {row["path"]: row["why"] for row in csv.DictReader(text.splitlines())}


def _row(folder: Path, line: Line) -> Row:
    cells = line.cells
    path = cells["path"]
    number = cells["freesound_id"]
    recording = f"freesound:{number}" if number else path
    side = _side(line, recording)
    why = {"left_out": left_out()[path]} if side != "check" and path in left_out() else {}
    texts = cells["caption"].split(BETWEEN)
    return Row(
        audio=folder / path,
        captions=tuple(text.strip() for text in texts if text.strip()),
        split="left_out" if why else side,
        recording=recording,
        label=cells["label"],
        facts=line.others(OWN) | {"side": side, **why},
    )


def _side(line: Line, recording: str) -> str:
    role = line.cells["role"]
    if role not in ROLES:
        raise line.wrong(f"the role is {role!r}", "a role is 'train' or 'check'")
    return "dev" if role == "train" and is_dev(recording) else role


LAYOUT = Layout(name=NAME, seeks=SEEKS, home=HOME, fits=fits, read=read)
