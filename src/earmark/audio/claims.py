"""What a file claims about itself in its name and its first bytes."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from earmark.audio import riff

SUFFIXES = {
    "wav": "wav wave bwf bw64 rf64 rifx",
    "w64": "w64",
    "aiff": "aif aiff aifc",
    "caf": "caf",
    "au": "au snd",
    "flac": "flac",
    "mp3": "mp3 mp2 mpga",
    "aac": "aac adts",
    "ogg": "ogg oga ogv opus spx",
    "mp4": "mp4 m4a m4b m4r m4v mov qt 3gp 3g2",
    "matroska": "mkv mka webm",
    "asf": "wma wmv asf",
    "avi": "avi",
    "flv": "flv",
    "mpegts": "ts mts m2ts",
    "wv": "wv",
    "ac3": "ac3",
    "eac3": "eac3 ec3",
}
_OWNER = {suffix: container for container, all_of in SUFFIXES.items() for suffix in all_of.split()}
_NAMES = {"mov": "mp4", "mpeg": "mpeg"}
_GUESSED = {
    "aac",
    "ac3",
    "eac3",
    "mpegts",
    "mpeg",
}  # raw streams: their length is not written anywhere


def container_name(formats: str) -> str:
    """Name a container by one word, from FFmpeg's list of names."""
    first = formats.split(",")[0]
    return _NAMES.get(first, first)


def wrong_suffix(path: Path, container: str) -> str | None:
    """Say so if the name ends in the suffix of another kind of file."""
    suffix = path.suffix[1:].lower()
    if suffix in _OWNER and container in SUFFIXES and _OWNER[suffix] != container:
        return f"file extension says {suffix} but it is {container}"
    return None


def claimed_seconds(file: BinaryIO, container: str, found: float | None) -> float | None:
    """How long the file says it lasts, if it does; what FFmpeg `found` may be a guess."""
    if container == "wav":
        return riff.claimed_seconds(file)
    if container in _GUESSED or (container == "mp3" and not _counts_its_frames(file)):
        return None
    return found


def _counts_its_frames(file: BinaryIO) -> bool:
    """Whether the first frame of an mp3 file is one of those that tell its length."""
    file.seek(0)
    head = file.read(10)
    if head[:3] == b"ID3":
        size = sum(
            (byte & 127) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=False)
        )
        file.seek(10 + size)
    start = file.read(4096)
    return any(mark in start for mark in (b"Xing", b"Info", b"VBRI"))
