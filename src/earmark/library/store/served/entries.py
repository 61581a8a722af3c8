"""Changes as entries of the log: plain values, and the nouns that they are of."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from earmark.library.nouns import Found, Place, Said
from earmark.library.store.served.log import Entry
from earmark.library.store.volume import Extent


def kept(
    file: Found, digest: str, said: Said, *, sound: list[Any] | bool, reason: str = ""
) -> Entry:
    """A file is kept: with a sound that comes with it, one that is known (True), or none."""
    return {
        "op": "keep",
        "file": told_file(file),
        "digest": digest,
        "sound": sound,
        "said": told_said(said),
        "reason": reason,
    }


def moved(recording: int, file: Found, said: Said | None) -> Entry:
    """A recording is elsewhere, or has another time."""
    return {"op": "move", "which": recording, "file": told_file(file), "said": told_said(said)}


def dropped(recordings: Iterable[int]) -> Entry:
    """Recordings are forgotten."""
    return {"op": "drop", "which": [int(one) for one in recordings]}


def new_sound(seconds: float, at: Extent, count: Extent) -> list[Any]:
    """Tell a sound that an entry brings."""
    return [seconds, at.moments, count.moments, at.tokens, count.tokens]


def told_file(file: Found) -> list[Any]:
    """Tell a file in an entry."""
    return [str(file.place.root), file.place.path, file.size, file.mtime]


def told_said(said: Said | None) -> dict[str, Any] | None:
    """Tell what a file says of itself in an entry."""
    if said is None:
        return None
    return {"tags": said.tags, "ucs": said.ucs, "warnings": list(said.warnings)}


def file_of(told: list[Any]) -> Found:
    """Read a file."""
    root, path, size, mtime = told
    return Found(Place(Path(root), path), size, mtime)


def said_of(told: dict[str, Any] | None) -> Said | None:
    """Read what a file says of itself."""
    if told is None:
        return None
    return Said(tags=told["tags"], ucs=told["ucs"], warnings=tuple(told["warnings"]))
