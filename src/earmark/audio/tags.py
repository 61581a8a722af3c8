"""What a file says about itself in words: tags of every common kind, and UCS names.

A broken tag never raises: what could be read is given, with a warning. Keys of all kinds of tag are
turned into the plain fields of `Tags`; what has no field is kept under its own key in `extra`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import BinaryIO

import av
import mutagen
from mutagen.id3 import ID3

from earmark.audio import riff, wavtags
from earmark.audio.source import Nameless
from earmark.audio.ucs import Ucs, is_cat_id, parse_name

LONGEST = 4096  # characters of one value; pictures and cue sheets are not words

# Keys that stand for a field: of ID3, Vorbis comments, MP4, ASF, APE, and FFmpeg's own.
FIELDS = {
    "title": "title tit2 \xa9nam name",
    "artist": "artist tpe1 \xa9art author aart",
    "album": "album talb \xa9alb wm/albumtitle",
    "comment": "comment comm \xa9cmt annotation wm/comments txxx:comment",
    "description": "description desc ldes txxx:description tit3 subtitle",
    "genre": "genre tcon \xa9gen wm/genre",
    "date": "date tdrc tyer tdat \xa9day year wm/year creation_time",
    "keywords": "keywords keyword keyw wm/keywords txxx:keywords tags",
    "originator": "originator txxx:originator",
    "time_reference": "time_reference txxx:time_reference",
}
_FIELD = {key: name for name, keys in FIELDS.items() for key in keys.split()}
_RANK = {key: rank for keys in FIELDS.values() for rank, key in enumerate(keys.split())}
# Keys of FFmpeg that say nothing about the sound.
TECHNICAL = (
    "encoder",
    "handler_name",
    "vendor_id",
    "language",
    "duration",
    "major_brand",
    "minor_version",
    "compatible_brands",
)
# What mutagen was seen to raise for tags with a few bytes changed.
BROKEN = (
    mutagen.MutagenError,
    struct.error,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    TypeError,
    ValueError,
)


Reader = Callable[[BinaryIO], Iterator[wavtags.Pair]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """What a file says about itself; empty where it says nothing."""

    title: str = ""
    artist: str = ""
    album: str = ""
    comment: str = ""
    description: str = ""
    genre: str = ""
    date: str = ""
    keywords: tuple[str, ...] = ()
    originator: str = ""
    time_reference: int | None = None  # samples since midnight
    ucs: Ucs | None = None
    extra: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def read_tags(path: str | PathLike[str]) -> Tags:
    """Read every tag of a file, and its name."""
    path, warnings = Path(path), list[str]()
    try:
        with path.open("rb") as file:
            pairs = list(_pairs(file, warnings))
    except OSError as error:
        pairs = []
        warnings.append(f"its tags could not be read: {error.strerror}")
    return _new_tags(path, pairs, warnings)


def _pairs(file: BinaryIO, warnings: list[str]) -> Iterator[wavtags.Pair]:
    """Yield what is found, from the reader that knows the kind of file best to the least."""
    head = file.read(12)
    if riff.order(head) is not None:
        yield from wavtags.read_pairs(file, warnings)
        if head[:4] == b"RIFF":
            yield from _guarded(_mutagen_pairs, file, warnings)
        return
    found = list(_guarded(_mutagen_pairs, file, warnings))
    yield from found
    if not found or head[:4] == b"FORM":
        yield from _guarded(_ffmpeg_pairs, file, warnings)


def _guarded(reader: Reader, file: BinaryIO, warnings: list[str]) -> Iterator[wavtags.Pair]:
    try:
        file.seek(0)
        yield from reader(file)
    except BROKEN as error:
        warnings.append(f"a tag is broken: {str(error) or type(error).__name__}")


def _mutagen_pairs(file: BinaryIO) -> Iterator[wavtags.Pair]:
    """Yield ID3, Vorbis comments, and the tags of MP4, ASF and APE."""
    known = mutagen.File(file)
    tags = None if known is None else known.tags
    if isinstance(tags, ID3):
        yield from _id3_pairs(tags)
    elif tags is not None:
        for key, value in tags.items():
            yield key.lower().removeprefix("----:com.apple.itunes:"), _joined(value)


def _id3_pairs(tags: ID3) -> Iterator[wavtags.Pair]:
    for frame in tags.values():  # type: ignore[no-untyped-call]
        described = getattr(frame, "desc", "") if frame.FrameID == "TXXX" else ""
        key = frame.FrameID.lower() + (f":{described.lower()}" if described else "")
        if hasattr(frame, "text"):
            yield key, _joined(frame.text)


def _ffmpeg_pairs(file: BinaryIO) -> Iterator[wavtags.Pair]:
    """Yield the tags of Matroska, QuickTime, CAF and the text chunks of AIFF."""
    options = {"protocol_whitelist": "none"}
    try:
        opened = av.open(Nameless(file), metadata_errors="replace", container_options=options)
    except av.FFmpegError:
        return
    with opened as container:
        for found in (container.metadata, *(stream.metadata for stream in container.streams)):
            for key, value in found.items():
                if key.lower() not in TECHNICAL:
                    yield key.lower(), value


def _joined(value: object) -> str:
    """Make one line of a value of any kind; bytes are text of unknown encoding."""
    if isinstance(value, bytes):
        return wavtags.text(value)
    if isinstance(value, (list, tuple)):
        return "; ".join(dict.fromkeys(_joined(one) for one in value))
    return str(getattr(value, "value", value))


def _new_tags(path: Path, pairs: Iterable[wavtags.Pair], warnings: list[str]) -> Tags:
    """Sort pairs into fields; the plainest key wins, then the first; the others become extra."""
    fields, extra = dict[str, str](), dict[str, str]()
    for key, value in sorted(pairs, key=lambda pair: _RANK.get(pair[0], 0)):
        value = value.strip()[:LONGEST]
        name = _FIELD.get(key, "")
        if value and name and name not in fields:
            fields[name] = value
        elif value and fields.get(name) != value:
            extra.setdefault(key, value)
    samples = fields.pop("time_reference", "")
    words = fields.pop("keywords", "").replace(",", ";").split(";")
    return Tags(
        **fields,
        keywords=tuple(word.strip() for word in words if word.strip()),
        time_reference=int(samples) if samples.isdecimal() else None,
        ucs=parse_name(path) or _tagged_ucs(fields, extra),
        extra=extra,
        warnings=tuple(warnings),
    )


def _tagged_ucs(fields: dict[str, str], extra: dict[str, str]) -> Ucs | None:
    """Read the UCS fields of an iXML document (ASWG)."""
    cat_id = extra.get("ixml.aswg.catid", "")
    if not is_cat_id(cat_id):
        return None
    return Ucs(
        cat_id=cat_id,
        user_category=extra.get("ixml.aswg.usercategory", ""),
        vendor_category=extra.get("ixml.aswg.vendorcategory", ""),
        fx_name=fields.get("title", ""),
        creator=extra.get("ixml.aswg.creatorid", ""),
        source=extra.get("ixml.aswg.sourceid", ""),
    )
