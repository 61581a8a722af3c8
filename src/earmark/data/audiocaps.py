"""The AudioCaps layout: a CSV file for each split, and the clips however they were fetched.

The clips come from YouTube and many are gone, so clips that are not there are no error: `coverage`
counts them. The five captions of a clip of `val` and `test` make one row.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from earmark.data.layout import Coverage, Layout, not_here
from earmark.data.rows import SUFFIXES, Row
from earmark.data.tables import Line, read_csv
from earmark.errors import DataError

NAME = "audiocaps"
SEEKS = "train.csv, val.csv or test.csv with youtube_id and start_time (also in dataset/)"
HOME = "https://github.com/cdjkim/audiocaps (the captions; the sound has to be fetched by its ids)"
NEEDED = ("audiocap_id", "youtube_id", "start_time", "caption")
SPLITS = ("train", "val", "test")
LEAST = 0.01  # of the clips of a split; with no more of any, the folder must be the wrong one
SECONDS = 10  # of every clip

Clip = tuple[str, str]  # youtube id and start


def fits(folder: Path) -> bool:
    """Whether a table of captions is there; its header tells it from other files of such a name."""
    return any(b"youtube_id" in _header(table) for table in _tables(folder).values())


def read(folder: Path) -> list[Row]:
    """Read the clips that are there."""
    found, counts = _survey(folder)
    if not any(count.found >= max(1.0, LEAST * count.wanted) for count in counts.values()):
        wanted = sum(count.wanted for count in counts.values())
        names = sorted(path.name for path in folder.iterdir())
        raise DataError(
            f"{folder}: {len(found):,} of {wanted:,} clips are there; looked for YOUTUBEID.wav, "
            f"YOUTUBEID_START.wav, YYOUTUBEID.wav and AUDIOCAPID.wav (any audio suffix) "
            f"here and in audio/, SPLIT/ and audio/SPLIT/; found {', '.join(names[:5])}",
            hint=f"get it from {HOME}",
        )
    return found


def coverage(folder: Path) -> dict[str, Coverage]:
    """Count the clips that are there, for each split whose table is there."""
    return _survey(folder)[1]


def _survey(folder: Path) -> tuple[list[Row], dict[str, Coverage]]:
    tables = _tables(folder)
    if not tables:
        raise not_here(folder, NAME, SEEKS, HOME)
    rows: list[Row] = []
    counts = {}
    for split, table in tables.items():
        clips = _clips(table)
        there = _audio(folder, split)
        paths = {clip: _path(there, lines) for clip, lines in clips.items()}
        missing = tuple(clip[0] for clip, path in paths.items() if path is None)
        counts[split] = Coverage(len(clips) - len(missing), len(clips), missing)
        rows += [_row(path, split, clips[clip]) for clip, path in paths.items() if path]
    return rows, counts


def _tables(folder: Path) -> dict[str, Path]:
    places = {
        split: (folder / f"{split}.csv", folder / "dataset" / f"{split}.csv") for split in SPLITS
    }
    found = {split: [p for p in paths if p.is_file()] for split, paths in places.items()}
    return {split: paths[0] for split, paths in found.items() if paths}


def _header(table: Path) -> bytes:
    with table.open("rb") as file:
        return file.readline()


def _clips(table: Path) -> dict[Clip, list[Line]]:
    clips: dict[Clip, list[Line]] = {}
    for line in read_csv(table, NEEDED):
        start = line.cells["start_time"]
        if not start.replace(".", "", 1).isdecimal():
            raise line.wrong(f"start_time is {start!r}", "it is in whole seconds, such as 30")
        clips.setdefault((line.cells["youtube_id"], start), []).append(line)
    return clips


def _audio(folder: Path, split: str) -> dict[str, Path]:
    """Audio files by stem; those in the folder of the split win."""
    there: dict[str, Path] = {}
    for place in (folder, folder / "audio", folder / split, folder / "audio" / split):
        if place.is_dir():
            for path in sorted(place.iterdir()):
                if path.suffix.lower() in SUFFIXES:
                    there[path.stem] = path
    return there


def _path(there: dict[str, Path], lines: list[Line]) -> Path | None:
    return next((there[stem] for stem in _stems(lines) if stem in there), None)


def _stems(lines: list[Line]) -> Iterator[str]:
    """Names that programs which fetch the clips give them, the surest first."""
    name, start = lines[0].cells["youtube_id"], lines[0].cells["start_time"]
    first = int(float(start))
    for prefix in ("", "Y"):
        yield f"{prefix}{name}_{start}"
        yield f"{prefix}{name}_{first}_{first + SECONDS}"
        yield f"{prefix}{name}_{first}.000_{first + SECONDS}.000"
        yield f"{prefix}{name}_{1000 * first}_{1000 * (first + SECONDS)}"
        yield f"{prefix}{name}"
    for line in lines:
        yield line.cells["audiocap_id"]


def _row(path: Path, split: str, lines: list[Line]) -> Row:
    captions = (" ".join(line.cells["caption"].split()) for line in lines)
    return Row(
        audio=path,
        captions=tuple(dict.fromkeys(text for text in captions if text)),
        split=split,
        recording=f"youtube:{lines[0].cells['youtube_id']}",
        facts={"start_time": lines[0].cells["start_time"]},
    )


LAYOUT = Layout(
    name=NAME,
    seeks=SEEKS,
    home=HOME,
    fits=fits,
    read=read,
    coverage=coverage,
    also={"validation": "val"},
)
