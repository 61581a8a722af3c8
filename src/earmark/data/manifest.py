"""Our own manifest: CSV or JSON lines with `path,caption` and, where wanted, `start,end,split`.

Paths are relative to the folder of the manifest. Several lines of one stretch give one row with
several captions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from earmark.data.layout import Layout
from earmark.data.rows import Row, recording_of
from earmark.data.tables import Line, read_csv, read_json_lines
from earmark.errors import DataError

NEEDED = ("path", "caption")
ALLOWED = (*NEEDED, "start", "end", "split")
JSON_LINES = (".jsonl", ".ndjson")
CSV = (".csv", ".tsv")

Key = tuple[str, float | None, float | None, str]


def read(path: Path) -> list[Row]:
    """Read a manifest, one row for every stretch, in the order of its first line."""
    if path.suffix.lower() in JSON_LINES:
        lines = read_json_lines(path, NEEDED, ALLOWED)
    else:
        lines = read_csv(path, NEEDED, allowed=ALLOWED)
    if not lines:
        raise DataError(f"{path} has no rows", hint="write one line for every path and caption")
    captions: dict[Key, list[str]] = {}
    for line in lines:
        captions.setdefault(_stretch(line), []).append(_caption(line))
    return [_row(path.parent, key, texts) for key, texts in captions.items()]


def _row(folder: Path, key: Key, captions: Sequence[str]) -> Row:
    name, start, end, split = key
    return Row(
        audio=folder / name,
        captions=tuple(dict.fromkeys(captions)),
        split=split,
        start=start,
        end=end,
        recording=recording_of(Path(name)),
    )


def _stretch(line: Line) -> Key:
    name = line.cells["path"].strip()
    if not name:
        raise line.wrong("the path is empty", "name an audio file, relative to the manifest")
    start, end = _seconds(line, "start"), _seconds(line, "end")
    if end is not None and end <= (start or 0.0):
        raise line.wrong(
            f"the stretch ends at {end:g} s, before it has begun at {start or 0.0:g} s",
            "give start and end in seconds from the start of the file, start first",
        )
    return Path(name).as_posix(), start, end, line.cells.get("split", "").strip()


def _caption(line: Line) -> str:
    text = " ".join(line.cells["caption"].split())
    if not text:
        raise line.wrong("the caption is empty", "write what is heard, or leave the line out")
    return text


def _seconds(line: Line, name: str) -> float | None:
    text = line.cells.get(name, "").strip()
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise line.wrong(f"{name} is {text!r}", "give seconds from the start, such as 12.5")
    return value


LAYOUT = Layout(
    name="manifest",
    seeks="a CSV or JSON lines file with path and caption",
    home="your own hand: see docs/data.md",
    fits=lambda path: path.is_file() and path.suffix.lower() in (*CSV, *JSON_LINES),
    read=read,
    cure="paths are relative to the folder of the manifest, with / between folders",
)
