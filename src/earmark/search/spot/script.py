"""Any script: which kind it is, and its lines."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from earmark.errors import UsageError
from earmark.search.spot.fountain import looks_like_fountain, read_fountain
from earmark.search.spot.lines import Line
from earmark.search.spot.listing import read_listing
from earmark.search.spot.sheet import read_sheet

SCREENPLAYS, SHEETS = (".fountain", ".spmd"), (".csv", ".tsv")
LARGEST = 20_000_000  # bytes; a long novel has one
MARKUP = {"{\\rtf": "RTF", "<?xml": "XML", "<!doctype": "HTML", "<html": "HTML"}
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Script:
    """What was read."""

    path: str
    lines: tuple[Line, ...]
    names: frozenset[str]  # of people in it, in small letters


def read_script(path: str | os.PathLike[str]) -> Script:
    """Read a screenplay in Fountain, a table of cues, or a plain text."""
    place = Path(path)
    text, where = _text(place), os.fspath(path)
    names: frozenset[str] = frozenset()
    if place.suffix.lower() in SHEETS:
        lines = list(read_sheet(text, where))
    elif place.suffix.lower() in SCREENPLAYS or looks_like_fountain(text):
        lines, names = read_fountain(text)
    else:
        lines = list(read_listing(text, where))
    return Script(where, tuple(lines), names)


def _text(path: Path) -> str:
    """Read text in UTF-8, in UTF-16 with its mark, or as Windows writes it in Western Europe."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(
            f"the script {path} cannot be read: {error.strerror or error}",
            hint="name a text file: a list of cues, a Fountain screenplay or a CSV",
        ) from error
    if len(raw) > LARGEST:
        raise _no_text(path, "it is far too long for a script")
    text = _decoded(raw).replace("\r\n", "\n").replace("\r", "\n")
    if _CONTROL.search(text):
        raise _no_text(path, "it is not text")
    kind = next((kind for sign, kind in MARKUP.items() if text[:20].lower().startswith(sign)), None)
    if kind:
        raise _no_text(path, f"it is {kind}, not plain text")
    return text


def _decoded(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _no_text(path: Path, problem: str) -> UsageError:
    return UsageError(
        f"the script {path} cannot be read: {problem}",
        hint="save it as plain text (.txt), as Fountain (.fountain) or as CSV",
    )
