"""What has changed since the last run, told by sizes and times alone; nothing is read or written.

    plan(known, scans) -> Changes: `same`, `fresh`, `gone`, `away`

The scans are those of `roots.areas`, one a root. `known` is all that the library knows, also of
other roots: a fresh file may turn out to be any of it, once its bytes were read (`settle.py`).
Every file of the scans is in `same` or `fresh`; every recording of the areas that were scanned is
in `same`, `gone` or `away`, or its place is in `fresh`. Recordings elsewhere are left alone.

Nested roots: a path belongs to the innermost root that is known already, of new ones to the outer
(`roots.py`). So a file has one place, in whichever way it was asked for, and is never heard twice.

A recording that a scan has not met is *gone* only if the scan can tell. It is *away*, and kept, if
what was asked for is not there, if the scan met no file at all (an unplugged drive often leaves an
empty folder), or if its folder could not be read. What is excluded is kept as it is.

Other bytes of the same size, with the old time put back on them, are not noticed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path

from earmark.library.nouns import Found, Recording
from earmark.library.scan import Scan


@dataclass(slots=True, kw_only=True)
class Changes:
    """How the library and the drive differ."""

    known: Sequence[Recording]
    same: list[Recording] = field(default_factory=list)  # nothing to do
    fresh: list[Found] = field(default_factory=list)  # new, or of another size or time: to be read
    gone: list[Recording] = field(default_factory=list)
    away: list[Recording] = field(default_factory=list)
    ignored: int = 0  # files that are not sound by their names
    unread: list[tuple[Path, str]] = field(default_factory=list)  # and why


class Fate(Enum):
    """What became of a recording that a scan has not met."""

    ELSEWHERE = auto()  # nobody has looked there
    KEPT = auto()
    AWAY = auto()
    GONE = auto()


def plan(known: Sequence[Recording], scans: Iterable[Scan], *, prune: bool = False) -> Changes:
    """Compare what is known with what was met.

    To prune is to take an empty or missing folder at its word: its recordings are gone.
    """
    by_root = {one.root: one for one in scans}
    fresh = {file.place: file for one in by_root.values() for file in one.files}
    changes = Changes(known=known)
    for recording in known:
        file = fresh.get(recording.place)
        if file is None:
            fate = fate_of(recording, by_root.get(recording.place.root), prune=prune)
            _file(changes, recording, fate)
        elif is_same(recording, file):
            del fresh[recording.place]
            changes.same.append(recording)
    changes.fresh = [*fresh.values()]
    changes.ignored = sum(one.ignored for one in by_root.values())
    changes.unread = [missed for one in by_root.values() for missed in one.unread]
    return changes


def is_same(recording: Recording, file: Found) -> bool:
    """Whether a file need not be read; what could not be read the last time is tried again."""
    was_read = recording.sound is not None or recording.digest
    return bool(was_read) and recording.found == file


def fate_of(recording: Recording, scan: Scan | None, *, prune: bool = False) -> Fate:
    """Say what became of a recording that the scan of its root has not met."""
    full = recording.place.full
    top = scan.top_of(full) if scan else None
    if scan is None or top is None:
        return Fate.ELSEWHERE
    if scan.tops[top].holds(full):
        return Fate.KEPT
    if any(path == full or path in full.parents for path, _ in scan.unread):
        return Fate.AWAY
    if top in scan.missing or not scan.files:
        return Fate.GONE if prune else Fate.AWAY
    return Fate.GONE


def _file(changes: Changes, recording: Recording, fate: Fate) -> None:
    lists = {Fate.KEPT: changes.same, Fate.AWAY: changes.away, Fate.GONE: changes.gone}
    if fate in lists:
        lists[fate].append(recording)
