"""Scenes as a data set: their captions are right for them, their splits were made with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from earmark.data.layout import Layout, not_here
from earmark.data.rows import Row
from earmark.data.tables import numbered
from earmark.errors import DataError

NAME = "scenes"
SEEKS = "scenes.jsonl and the folder audio"
HOME = "earmark itself: earmark.scenes.write_scenes makes such a folder"


def fits(folder: Path) -> bool:
    """Whether the list of scenes is there."""
    return (folder / "scenes.jsonl").is_file()


def read(folder: Path) -> list[Row]:
    """Read the scenes, in the order of the list."""
    path = folder / "scenes.jsonl"
    if not path.is_file():
        raise not_here(folder, NAME, SEEKS, HOME)
    rows = []
    for number, text in numbered(path):
        try:
            rows.append(_row(folder, json.loads(text)))
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"{path}, line {number}: not a scene ({error!r})",
                hint=f"a scene has id, audio, split and captions; make the folder anew with {HOME}",
            ) from error
    return rows


def _row(folder: Path, scene: dict[str, Any]) -> Row:
    return Row(
        audio=folder / scene["audio"],
        captions=tuple(caption["text"] for caption in scene["captions"]),
        split=scene["split"],
        recording=scene["id"],
    )


LAYOUT = Layout(name=NAME, seeks=SEEKS, home=HOME, fits=fits, read=read)
