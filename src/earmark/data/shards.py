"""WebDataset shards: plain tars in which the files that share a key are one sample.

A key is a name up to the first dot of its last part, folders included. A sample has one sound, and
its words in `KEY.json`, or one caption a line in `KEY.txt`, or in both. Sounds are read where they
lie: the audio of a row is the path of the tar and behind it the name inside.

Samples without sound or without words, links, and names that lead out of their tar are left out;
`coverage` counts them. What could be meant in two ways is refused: a key with two sounds, a name
that is there twice. So is a tar that is damaged or compressed. Keys are unique within their tar
alone, so a recording is named by both.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from earmark.audio.member import TAR, Index, index_of
from earmark.data.layout import Coverage, Layout, not_here
from earmark.data.rows import SUFFIXES, Row, recording_of, words_of
from earmark.data.tables import read_text, some
from earmark.errors import AudioError, DataError

NAME = "shards"
SEEKS = "*.tar, not compressed, with KEY.flac (or another sound) beside KEY.json or KEY.txt"
HOME = "whoever made it: the package webdataset writes such tars"
SOUND, JSON, LINES = "sound", "json", "txt"  # what files of a sample are for
WORDS = ("caption", "captions", "text")  # fields with a text or a list of texts
OWN = (*WORDS, "label", "split", "recording")  # fields that a row has a place for
_COMPRESSED = re.compile(r"\.(tar\.\w+|tgz|tbz2?|txz)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sample:
    """The files of a tar that share a key."""

    tar: Path
    key: str
    names: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))  # by their use


@dataclass(frozen=True, slots=True)
class Told:
    """What the JSON file of a sample tells; nothing, if there is none."""

    path: Path
    cells: Mapping[str, Any]

    def wrong(self, name: str, hint: str) -> DataError:
        """Make the error for a field that is not what it should be."""
        found = json.dumps(self.cells[name])[:40]
        return DataError(f"{self.path}: {name!r} is {found}", hint=hint)

    def texts(self) -> Iterator[str]:
        """Yield the texts of all fields with words."""
        for name in WORDS:
            cell = self.cells.get(name)
            texts = cell if isinstance(cell, list) else [] if cell is None else [cell]
            if not all(isinstance(text, str) for text in texts):
                raise self.wrong(name, "write a text, or a list of texts")
            yield from texts

    def text(self, name: str) -> str:
        """Give a field as text; nothing, if it is not there."""
        if isinstance(self.cells.get(name), list | dict):
            raise self.wrong(name, "write a text or a number")
        return _text(self.cells.get(name))

    def facts(self) -> dict[str, str]:
        """Give the plain fields that hold something and that a row has no place for."""
        plain = {
            name: _text(cell)
            for name, cell in self.cells.items()
            if name not in OWN and not isinstance(cell, list | dict)
        }
        return {name: text for name, text in plain.items() if text}


class Found(NamedTuple):
    """A sample, or an entry that is none: its row, or why it has none."""

    name: str
    split: str
    row: Row | None
    why: str

    def __str__(self) -> str:
        return f"{self.name} ({self.why})"


def fits(place: Path) -> bool:
    """Whether it is a tar, or a folder with one in it or further below."""
    return next(_tars(place), None) is not None


def read(place: Path) -> list[Row]:
    """Read the samples that have both sound and words, tar by tar in the order of their paths."""
    found = list(_survey(place))
    rows = [one.row for one in found if one.row]
    if not rows:
        names = some([str(one) for one in found]) or "there are none"
        raise DataError(
            f"{place}: 0 of {len(found):,} samples have sound and words: {names}",
            hint=f"looked for {SEEKS}",
        )
    return rows


def coverage(place: Path) -> dict[str, Coverage]:
    """Count the samples that have sound and words, for each split."""
    splits: dict[str, list[Found]] = defaultdict(list)
    for one in _survey(place):
        splits[one.split].append(one)
    return {split: _coverage(found) for split, found in splits.items()}


def _coverage(found: Sequence[Found]) -> Coverage:
    missing = tuple(str(one) for one in found if one.row is None)
    return Coverage(len(found) - len(missing), len(found), missing)


def _survey(place: Path) -> Iterator[Found]:
    """Yield every sample of every tar, and before them the entries that are left out."""
    _refuse_compressed(place)
    tars = sorted(_tars(place))
    if not tars:
        raise not_here(place, NAME, SEEKS, HOME)
    root = place.parent if place.is_file() else place
    for tar in tars:
        index, split = _index(tar), _split(tar.relative_to(root))
        for name, why in index.odd.items():
            yield Found(f"{tar}: {name}", split, None, why)
        for sample in _samples(tar, index):
            yield _found(sample, split, root)


def _tars(place: Path) -> Iterator[Path]:
    return (path for path in _files(place) if path.suffix.lower() == TAR)


def _files(place: Path) -> Iterator[Path]:
    """The file itself, or all those of a folder that are meant to be seen."""
    paths = place.rglob("*") if place.is_dir() else [place]
    return (path for path in paths if not path.name.startswith(".") and path.is_file())


def _refuse_compressed(place: Path) -> None:
    names = sorted(path.name for path in _files(place) if _COMPRESSED.search(path.name))
    if names:
        raise DataError(
            f"{place}: {len(names):,} of its tars are compressed: {some(names)}",
            hint="decompress them to plain tars: what is in others cannot be read where it lies",
        )


def _index(tar: Path) -> Index:
    try:
        return index_of(tar)
    except AudioError as error:
        raise DataError(error.problem, hint=error.hint) from error
    except OSError as error:
        problem = f"{tar}: {error.strerror or error}"
        raise DataError(problem, hint="check that you may read it") from error


def _split(tar: Path) -> str:
    """The first folder on the way to a tar, or else what its name begins with."""
    begin = re.split(r"[\d-]", tar.stem, maxsplit=1)[0]  # train-000012.tar, train_12.tar
    return tar.parts[0] if len(tar.parts) > 1 else begin.strip("_. ")


def _samples(tar: Path, index: Index) -> Iterator[Sample]:
    """Yield the samples of a tar, in the order of their first files."""
    samples: dict[str, Sample] = {}
    for name in index.files:
        key, use = _key(name), _use(name)
        if key and use:
            samples.setdefault(key, Sample(tar, key)).names[use].append(name)
    return iter(samples.values())


def _key(name: str) -> str:
    """The name up to the first dot of its last part; nothing for a hidden file."""
    folder, slash, last = name.rpartition("/")
    stem = last.partition(".")[0]
    return f"{folder}{slash}{stem}" if stem else ""


def _use(name: str) -> str:
    """What a file of a sample is for; nothing, if only others know."""
    if PurePosixPath(name).suffix.lower() in SUFFIXES:
        return SOUND
    ending = name.rpartition("/")[2].partition(".")[2].lower()
    return ending if ending in (JSON, LINES) else ""


def _found(sample: Sample, split: str, root: Path) -> Found:
    """Make the row of a sample, if it has sound and words."""
    _refuse_two(sample)
    names = {use: some_names[0] for use, some_names in sample.names.items()}
    told = _told(sample.tar / names[JSON]) if JSON in names else Told(sample.tar, {})
    lines = read_text(sample.tar / names[LINES]).splitlines() if LINES in names else []
    captions = _captions([*told.texts(), *lines], told)
    split = told.text("split") or split
    if SOUND not in names or not captions:
        why = "no words" if SOUND in names else "no sound"
        return Found(str(sample.tar / sample.key), split, None, why)
    audio = sample.tar / names[SOUND]
    row = Row(
        audio=audio,
        captions=captions,
        split=split,
        recording=told.text("recording") or recording_of(audio.relative_to(root)),
        label=told.text("label"),
        facts=told.facts(),
    )
    return Found(str(audio), split, row, "")


def _refuse_two(sample: Sample) -> None:
    for use, names in sample.names.items():
        if len(names) > 1:
            kind = "sounds" if use == SOUND else f"{use} files"
            raise DataError(
                f"{sample.tar}: {sample.key!r} has {len(names)} {kind}: {some(names)}",
                hint="a key ends at the first dot of a name; give each sound a key of its own",
            )


def _told(path: Path) -> Told:
    hint = 'it is an object, such as {"caption": "rain"}'
    try:
        cells = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: this is not JSON ({error})", hint=hint) from error
    if not isinstance(cells, dict):
        raise DataError(f"{path}: {json.dumps(cells)[:40]} is not an object", hint=hint)
    return Told(path, cells)


def _captions(texts: Sequence[str], told: Told) -> tuple[str, ...]:
    """Each text once; where there is none, a label in words."""
    label = told.cells.get("label")
    plain = [" ".join(text.split()) for text in texts]
    named = [words_of(label)] if isinstance(label, str) and not any(plain) else []
    return tuple(dict.fromkeys(text for text in [*plain, *named] if text))


def _text(cell: object) -> str:
    """A plain value as text; a number as it is written."""
    return "" if cell is None else cell.strip() if isinstance(cell, str) else json.dumps(cell)


LAYOUT = Layout(
    name=NAME,
    seeks=SEEKS,
    home=HOME,
    fits=fits,
    read=read,
    coverage=coverage,
    cure="the tars were changed while they were read: try again",
)
