"""Examine a library on disk, and mend what can be mended.

Examining writes nothing. A repair forgets a recording rather than let it be found by vectors that
may be wrong: the next index run hears it again, for the recordings themselves are untouched. It
is told as mended only when a second examination no longer finds it.
"""

from __future__ import annotations

from contextlib import closing, suppress
from pathlib import Path

from earmark.errors import EarmarkError
from earmark.library.nouns import Identity
from earmark.library.packed import Packed
from earmark.library.store.checks import (
    ENDS,
    ILL,
    LOOKS,
    LOOSE,
    UNFIT,
    Patient,
    broken,
    examined,
    ids,
)
from earmark.library.store.database import NAME, DamagedError, has_undo, stamp
from earmark.library.store.findings import Finding, Findings
from earmark.library.store.health import Health, remade
from earmark.library.store.local import LocalStore, no_library
from earmark.library.store.lock import holder, writer_lock
from earmark.library.store.rewrite import rewrite
from earmark.library.store.rows import Rows, Spot
from earmark.library.store.view import volume_folder, volumes
from earmark.library.store.volume import Remains, remove_others

UNDONE = Finding(
    kind="undone",
    what="a change that a stopped writer has not finished; nothing else is examined",
    count=1,
    remedy="undone by a repair, or when the library is next opened",
    harm=False,
)
BY_OPENING = {UNDONE.kind, "version"}  # kinds that are gone once the library was opened
TRIES = 3  # looks at a library that somebody changes meanwhile


def examine(folder: Path, *, repair: bool = False) -> Findings:
    """Look at all of a library; `repair` mends what can be mended, and looks again."""
    before = _look_at_rest(folder)
    if not repair:
        return before
    if not any(one.kind in BY_OPENING for one in before.found):
        return _repair(folder, before)
    LocalStore.open(folder).close()
    return before.after(_repair(folder, _look_at_rest(folder)))


def _repair(folder: Path, before: Findings) -> Findings:
    """Mend what was found, and look again."""
    if not any(one.mendable for one in before.found):
        return before
    _mend(folder, {one.kind for one in before.found})
    return before.after(_look_at_rest(folder))


def _look_at_rest(folder: Path) -> Findings:
    """Look again where what is wrong may only have been changed meanwhile."""
    for _ in range(TRIES):
        before = stamp(folder)
        found = _look(folder)
        if found.is_well or stamp(folder) == before:
            break
    return found


def _look(folder: Path) -> Findings:
    """Look once, from the database to the last vector."""
    if not (folder / NAME).is_file():
        raise no_library(folder)
    if has_undo(folder / NAME) and not holder(folder):
        return Findings(folder=folder, found=(UNDONE,))
    found: list[Finding] = []
    patient = None
    try:
        with closing(Rows(folder, reads_only=True)) as rows, rows.snapshot():
            identity = rows.identity()
            if identity is None:
                raise no_library(folder)
            patient = Patient(rows, identity, holder(folder))
            for look in LOOKS:
                found += look(patient)
                if any(one.kind in ENDS for one in found):
                    break
    except DamagedError as error:
        found.append(broken(error.problem, 1))
    except (TypeError, ValueError) as error:  # text where a number should be, or the like
        found.append(broken(f"its rows cannot be read ({error})", 1))
    if patient is None:
        return Findings(folder=folder, found=tuple(found))
    return Findings(
        folder=folder,
        found=tuple(found),
        recordings=patient.recordings,
        sounds=patient.sounds,
        room=patient.room,
        writer=patient.writer,
    )


def _mend(folder: Path, kinds: set[str]) -> None:
    with closing(Rows(folder)) as rows:
        if not rows.database.writable:
            raise EarmarkError(
                f"the library {folder} may only be read",
                hint="repair it where it may be written to, or examine it without a repair",
            )
        # What still is damaged then, the second look tells.
        with writer_lock(folder, "earmark doctor"), suppress(DamagedError):
            _mend_rows(rows, kinds)
            if kinds & {"files", *(kind for kind, _, _ in ILL.values())}:
                _mend_vectors(rows)
            remove_others(volumes(rows), volume_folder(rows))


def _mend_rows(rows: Rows, kinds: set[str]) -> None:
    """Mend the database: all of it or nothing."""
    if "indexes" in kinds:
        rows.all("REINDEX")
    with rows.changing():
        if "words" in kinds:
            rows.empty_words()
        for condition in (UNFIT[kind][1] for kind in UNFIT if kind in kinds):
            rows.drop(ids(rows, f"SELECT id FROM recordings WHERE {condition}"))
        rows.drop_loose(ids(rows, f"SELECT id FROM sounds WHERE {LOOSE}"))
        if "words" in kinds:
            rows.fill_words()


def _mend_vectors(rows: Rows) -> None:
    """Put what is whole, and what can be made again, into a new volume."""
    identity = rows.identity()
    if identity is None:
        raise no_library(rows.folder)
    remains = Remains(volume_folder(rows), identity.width, rows.filled)
    rewrite(rows, identity.width, lambda spot: _saved(spot, remains, identity)).close()


def _saved(spot: Spot, remains: Remains, identity: Identity) -> Packed | None:
    health, packed = examined(spot, remains, identity)
    if packed is None or health in {Health.LOST, Health.ODD, Health.UNLIKE}:
        return None
    return remade(packed, spot.seconds, identity) if health is Health.MENDABLE else packed
