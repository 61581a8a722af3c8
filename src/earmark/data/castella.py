"""The CASTELLA layout: captions of moments in recordings of minutes, and the recordings.

The recordings come from YouTube and many are gone, so recordings that are not there are no error:
`coverage` counts them. A row is one right stretch of a caption; the caption's name is a fact of it.
Other sets that Lighthouse has in the same form (Clotho-Moment, UnAV-100, TUT 2017) are read too.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from earmark.data.layout import Coverage, Layout, not_here
from earmark.data.rows import SUFFIXES, Row
from earmark.data.tables import some
from earmark.data.wanted import Wanted, read_wanted
from earmark.errors import DataError

NAME = "castella"
SEEKS = (
    "json/en/SPLIT.json, SPLIT.json, SET_SPLIT_release.jsonl or SPLIT.jsonl with captions and "
    "times, of train, val or test"
)
HOME = "https://github.com/line/CASTELLA (the captions; the sound has to be fetched by its ids)"
SPLITS = ("train", "val", "test")
FORMS = ("json/en/{}.json", "{}.json", "*_{}_release.jsonl", "{}.jsonl")  # the first there is read
MARKS = {".json": b'"moments"', ".jsonl": b'"relevant_windows"'}  # in the head of a table
HEAD = 65_536  # bytes
PLACES = ("", "audio", "download", "download/audio", "{}", "audio/{}")  # of sound, by split
_YOUTUBE = re.compile(r"[\w-]{11}", re.ASCII)


def fits(folder: Path) -> bool:
    """Whether a table of captions with times is there."""
    return any(_named(folder, split) for split in SPLITS)


def wanted(folder: Path) -> list[Wanted]:
    """Read what is asked, with the sound of each where it is there."""
    tables = _tables(folder)
    if not tables:
        raise not_here(folder, NAME, SEEKS, HOME)
    found = []
    for split, table in tables.items():
        there = _audio(folder, split)
        found += [
            replace(one, audio=there.get(one.recording) or there.get(f"Y{one.recording}"))
            for one in read_wanted(table, split)
        ]
    return found


def read(folder: Path) -> list[Row]:
    """Read every right stretch of the recordings that are there."""
    every = wanted(folder)
    rows = [row for one in every if one.audio for row in _rows(one, one.audio)]
    if not rows:
        raise no_sound(folder, every)
    return rows


def coverage(folder: Path) -> dict[str, Coverage]:
    """Count the recordings that are there, for each split whose table is there."""
    names: dict[str, dict[str, bool]] = {}
    for one in wanted(folder):
        names.setdefault(one.split, {})[one.recording] = one.audio is not None
    return {
        split: Coverage(
            sum(there.values()),
            len(there),
            tuple(name for name, is_there in there.items() if not is_there),
        )
        for split, there in names.items()
    }


def no_sound(folder: Path, every: list[Wanted]) -> DataError:
    """Make the error for a folder with captions and no recording."""
    count = len({one.recording for one in every})
    held = some(sorted(path.name for path in folder.iterdir()), 5)
    return DataError(
        f"{folder}: 0 of {count:,} recordings are there; looked for ID.wav and YID.wav (any audio "
        f"suffix) here and in audio/, download/, SPLIT/ and audio/SPLIT/; found {held}",
        hint=f"get it from {HOME}",
    )


def _tables(folder: Path) -> dict[str, Path]:
    found = {split: _named(folder, split) for split in SPLITS}
    for split, paths in found.items():
        if len(paths) > 1:
            raise DataError(
                f"{folder} holds several tables of {split}: {some([p.name for p in paths])}",
                hint="keep the tables of one data set in a folder",
            )
    return {split: paths[0] for split, paths in found.items() if paths}


def _named(folder: Path, split: str) -> list[Path]:
    """The tables of a split, of the first form that is there."""
    for form in FORMS:
        paths = [path for path in sorted(folder.glob(form.format(split))) if _is_table(path)]
        if paths:
            return paths
    return []


def _is_table(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return MARKS[path.suffix] in file.read(HEAD)


def _audio(folder: Path, split: str) -> dict[str, Path]:
    """Audio files by stem; those in the folder of the split win."""
    there: dict[str, Path] = {}
    for place in (folder / name.format(split) for name in PLACES):
        if place.is_dir():
            for path in sorted(place.iterdir()):
                if path.suffix.lower() in SUFFIXES:
                    there[path.stem] = path
    return there


def _rows(one: Wanted, audio: Path) -> list[Row]:
    is_youtube = _YOUTUBE.fullmatch(one.recording)
    return [
        Row(
            audio=audio,
            captions=(one.words,),
            split=one.split,
            start=span.start,
            end=span.end,
            recording=f"youtube:{one.recording}" if is_youtube else one.recording,
            facts={"qid": str(one.name)},
        )
        for span in one.right
    ]


LAYOUT = Layout(
    name=NAME,
    seeks=SEEKS,
    home=HOME,
    fits=fits,
    read=read,
    coverage=coverage,
    also={"validation": "val"},
)
