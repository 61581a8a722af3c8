"""Recordings and sounds as lines of JSON, each in one form only.

Times and sizes are numbers, and names are text as a database has it (`store/names.py`). A line is
read only if it is what would be written, and says what a library can hold.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from earmark.library.nouns import Found, Kept, Place, Said
from earmark.library.remote.address import as_place
from earmark.library.store.names import from_text, to_text
from earmark.library.store.volume import Extent

WHOLE = 2**63  # a database keeps no larger number


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A sound: how many rows of the vectors it has, behind those of the sounds before it."""

    digest: str
    seconds: float
    moments: int
    tokens: int
    crc: int

    @property
    def count(self) -> Extent:
        """Its rows."""
        return Extent(self.moments, self.tokens)


def recording_line(kept: Kept) -> bytes:
    """Write what is kept of a file."""
    found, said = kept.found, kept.said
    return _line(
        root=to_text(str(found.place.root)),
        path=to_text(found.place.path),
        size=found.size,
        mtime=found.mtime,
        digest=kept.digest,
        heard=kept.heard,
        reason=kept.reason,
        tags={to_text(key): to_text(value) for key, value in said.tags.items()},
        ucs=said.ucs,
        warnings=list(said.warnings),
    )


def recording_of(line: bytes) -> Kept:
    """Read what is kept of a file, or raise `ValueError`."""
    row = _row(line, "root path digest reason ucs", "size mtime")
    tags, warnings = row["tags"], row["warnings"]
    texts = [*tags.keys(), *tags.values(), *warnings]
    if not (isinstance(row["heard"], bool) and all(isinstance(text, str) for text in texts)):
        raise ValueError("tags that are none")
    place = Place(as_place(from_text(row["root"])), from_text(row["path"]))
    _refuse_outside(place)
    kept = Kept(
        found=Found(place, row["size"], row["mtime"]),
        digest=row["digest"],
        heard=row["heard"],
        reason=row["reason"],
        said=Said(tags=tags, ucs=row["ucs"], warnings=tuple(warnings)),
    )
    _refuse_other(line, recording_line(kept))
    return kept


def sound_line(sound: Listed) -> bytes:
    """Write what is known of a sound."""
    return _line(
        digest=sound.digest,
        seconds=float(sound.seconds),
        moments=sound.moments,
        tokens=sound.tokens,
        crc=sound.crc,
    )


def sound_of(line: bytes) -> Listed:
    """Read what is known of a sound, or raise `ValueError`."""
    row = _row(line, "digest", "moments tokens crc")
    sound = Listed(**row)
    if not math.isfinite(sound.seconds) or min(sound.seconds, sound.moments, sound.tokens) < 0:
        raise ValueError("a sound that cannot be")
    _refuse_other(line, sound_line(sound))
    return sound


def _line(**row: object) -> bytes:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _row(line: bytes, texts: str, numbers: str) -> dict[str, Any]:
    """Read a line whose values are of the right kinds."""
    row: dict[str, Any] = json.loads(line)
    for name in texts.split():
        if not isinstance(row[name], str):
            raise ValueError(f"a {name} that is no text")
    for name in numbers.split():
        if type(row[name]) is not int or not -WHOLE < row[name] < WHOLE:
            raise ValueError(f"a {name} that is no number")
    return row


def _refuse_outside(place: Place) -> None:
    """Raise for a file that does not lie in its root."""
    inside = place.root in place.full.parents and ".." not in Path(place.path).parts
    if not inside or "\0" in str(place.full):
        raise ValueError(f"a path {place.path!r} that no recording has")


def _refuse_other(line: bytes, written: bytes) -> None:
    if line != written:
        raise ValueError("a line that is not as it is written")
