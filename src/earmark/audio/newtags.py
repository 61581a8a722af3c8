"""Tags into new files: RIFF INFO and bext for WAV, Vorbis comments, and ID3 for AIFF."""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import mutagen
from mutagen import id3

from earmark.audio import wavtags
from earmark.errors import AudioError

MP3_KEYS = {"description": "TIT3"}  # FFmpeg's mp3 writer knows no description
_INFO = {name: key for key, name in wavtags.INFO.items()}
_ID3 = {"title": "TIT2", "artist": "TPE1", "album": "TALB", "genre": "TCON", "date": "TDRC"}
_BEXT = ("description", "originator", "time_reference")


def tag(path: Path, tags: Mapping[str, str]) -> None:
    """Write tags into a file that has none yet."""
    if not tags:
        return
    kind = path.suffix[1:].lower()
    if kind in ("wav", "rf64"):
        _tag_wav(path, tags)
    elif kind in ("flac", "ogg", "oga", "opus"):
        file = mutagen.File(path)
        file.update({key: [value] for key, value in tags.items()})
        file.save()
    elif kind in ("aiff", "aif"):
        _tag_aiff(path, tags)
    else:
        raise AudioError(path, f"{kind} files have no place for tags", hint="write wav or flac")


def _tag_aiff(path: Path, tags: Mapping[str, str]) -> None:
    file = mutagen.File(path)
    file.add_tags()
    for key, value in tags.items():
        if key == "comment":
            file.tags.add(id3.Frames["COMM"](encoding=3, lang="und", desc="", text=[value]))
        elif key in _ID3:
            file.tags.add(id3.Frames[_ID3[key]](encoding=3, text=[value]))
        else:
            file.tags.add(id3.Frames["TXXX"](encoding=3, desc=key, text=[value]))
    file.save()


def _tag_wav(path: Path, tags: Mapping[str, str]) -> None:
    """Append INFO and, where a field needs it, bext; then put the size at the front right."""
    info = b"".join(
        _chunk(_INFO[key], value.encode() + b"\0") for key, value in tags.items() if key in _INFO
    )
    body = _chunk("LIST", b"INFO" + info) if info else b""
    if any(key in tags for key in _BEXT):
        body += _chunk("bext", _bext(tags))
    with path.open("r+b") as file:
        end = file.seek(0, os.SEEK_END)
        file.write(b"\0" * (end % 2) + body)
        _resize(file)


def _resize(file: BinaryIO) -> None:
    size = file.seek(0, os.SEEK_END) - 8
    file.seek(0)
    is_long = file.read(4) != b"RIFF"
    file.seek(20 if is_long else 4)
    file.write(struct.pack("<Q" if is_long else "<I", size))


def _bext(tags: Mapping[str, str]) -> bytes:
    words = [tags.get(key, "").encode() for key in ("description", "originator")]
    date = tags.get("date", "").encode()
    samples = int(tags.get("time_reference", "0"))
    head = wavtags.BEXT.pack(words[0], words[1], b"", date, b"", samples)
    return head + b"\1\0" + bytes(wavtags.BEXT_LENGTH - len(head) - 2)


def _chunk(name: str, body: bytes) -> bytes:
    return struct.pack("<4sI", name.encode(), len(body)) + body + b"\0" * (len(body) % 2)
