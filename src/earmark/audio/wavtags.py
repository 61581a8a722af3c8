"""Tags in WAV files: RIFF INFO, bext of broadcast waves, iXML of field recorders, and ID3."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO
from xml.etree import ElementTree

from earmark.audio import riff

Pair = tuple[str, str]  # a key, in lower case, and its value

INFO = {
    "INAM": "title",
    "IART": "artist",
    "IPRD": "album",
    "ICMT": "comment",
    "ISBJ": "description",
    "IGNR": "genre",
    "ICRD": "date",
    "IKEY": "keywords",
}
BEXT = struct.Struct("<256s32s32s10s8sQ")
BEXT_KEYS = ("description", "originator", "bext.originator_reference", "date", "bext.time")
BEXT_LENGTH = 602  # bytes up to the coding history
_IXML = {"note": "comment", "aswg.fxname": "title", "aswg.keywords": "keywords"}


class BrokenTagError(Exception):
    """A tag is not what its kind asks for."""


def text(raw: bytes) -> str:
    """Decode text as UTF-8, or else as Windows-1252, up to its first NUL."""
    raw = raw.split(b"\0")[0]
    try:
        return raw.decode("utf-8").strip()
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace").strip()


def read_pairs(file: BinaryIO, warnings: list[str]) -> Iterator[Pair]:
    """Yield every tag of ours in a WAV file: bext first, then INFO, then iXML."""
    readers = {"bext": bext_pairs, "LIST": info_pairs, "iXML": ixml_pairs}
    found = [chunk for chunk in riff.chunks(file) if chunk.name in readers]
    file.seek(0)
    ends = riff.order(file.read(12)) or "<"
    for name, reader in readers.items():
        for chunk in found:
            if chunk.name != name:
                continue
            if chunk.size < chunk.claimed:
                warnings.append(f"its {name} tag is cut short")
            try:
                yield from reader(riff.read(file, chunk), ends)
            except BrokenTagError as error:
                warnings.append(f"its {name} tag is broken: {error}")


def bext_pairs(body: bytes, ends: riff.Order = "<") -> Iterator[Pair]:
    """Yield what a broadcast extension chunk says."""
    if len(body) < BEXT.size:
        raise BrokenTagError(f"{len(body)} bytes are too few")
    *words, samples = struct.unpack_from(ends + BEXT.format[1:], body)
    yield from ((key, text(word)) for key, word in zip(BEXT_KEYS, words, strict=True))
    yield "time_reference", str(samples)
    yield "bext.coding_history", text(body[BEXT_LENGTH:])


def info_pairs(body: bytes, ends: riff.Order = "<") -> Iterator[Pair]:
    """Yield what a LIST chunk of type INFO says; nothing for other lists."""
    if body[:4] == b"INFO":
        for name, value in riff.parts(body, ends):
            yield INFO.get(name, f"info.{name.lower()}"), text(value)


def ixml_pairs(body: bytes, _: riff.Order = "<") -> Iterator[Pair]:
    """Yield the leaves of an iXML document under their path."""
    document = text(body)
    if "<!" in document.replace("<!--", ""):
        raise BrokenTagError("it declares types or entities, which iXML does not")
    try:
        root = ElementTree.fromstring(document)  # noqa: S314 - no entities can be in it
    except ElementTree.ParseError as error:
        raise BrokenTagError(str(error)) from error
    for path, value in _leaves(root):
        yield _IXML.get(path, f"ixml.{path}"), value


def _leaves(root: ElementTree.Element) -> Iterator[Pair]:
    waiting = [(root, "")]
    while waiting:
        element, path = waiting.pop(0)
        waiting += [(child, f"{path}{child.tag.lower()}.") for child in element]
        if path and not len(element) and element.text and element.text.strip():
            yield path[:-1], element.text.strip()
