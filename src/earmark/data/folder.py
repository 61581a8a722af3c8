"""A folder with a sub-folder for each label; the label in words is the caption of what is in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from earmark.data.layout import Layout, not_here
from earmark.data.rows import SUFFIXES, Row, recording_of, words_of

NAME = "folder"
SEEKS = "sub-folders named by a label, with audio files in them"
HOME = "your own recordings, sorted into folders"


def fits(folder: Path) -> bool:
    """Whether a sub-folder holds an audio file."""
    return folder.is_dir() and next(_sounds(folder), None) is not None


def read(folder: Path) -> list[Row]:
    """Read every audio file below a sub-folder, in order of their paths."""
    rows = [_row(folder, path) for path in _sounds(folder)]
    if not rows:
        raise not_here(folder, NAME, SEEKS, HOME)
    return rows


def _sounds(folder: Path) -> Iterator[Path]:
    for label in sorted(path for path in folder.glob("*/") if not _is_hidden(path)):
        for path in sorted(label.rglob("*")):
            if path.suffix.lower() in SUFFIXES and not _is_hidden(path) and path.is_file():
                yield path


def _is_hidden(path: Path) -> bool:
    """Whether it is not meant to be seen, such as what a Mac leaves beside dog.wav: ._dog.wav."""
    return path.name.startswith(".")


def _row(folder: Path, path: Path) -> Row:
    inside = path.relative_to(folder)
    words = words_of(inside.parts[0])
    return Row(audio=path, captions=(words,), recording=recording_of(inside), label=words)


LAYOUT = Layout(name=NAME, seeks=SEEKS, home=HOME, fits=fits, read=read)
