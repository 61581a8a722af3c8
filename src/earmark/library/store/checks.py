"""What is looked at in a library, one function a thing; none of them writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from earmark.errors import EarmarkError
from earmark.library.nouns import Identity
from earmark.library.packed import Packed
from earmark.library.store.database import NAME, told
from earmark.library.store.findings import ANEW, NAMES, Finding
from earmark.library.store.health import Health, health_of
from earmark.library.store.lock import NAME as LOCK
from earmark.library.store.rows import Rows, Spot
from earmark.library.store.switch import MOVING
from earmark.library.store.view import volume_folder, volumes
from earmark.library.store.volume import COLUMNS, Extent, Remains, others, rows_in, size_of

OURS = {NAME, f"{NAME}-wal", f"{NAME}-shm", f"{NAME}-journal", LOCK, "vectors", MOVING}
AGAIN = "forgotten by a repair, and heard again at the next index run"
UNFIT = {  # what is wrong with recordings: kind -> words, and which they are
    "folder": (
        "recordings of a folder that is not known",
        "NOT EXISTS (SELECT 1 FROM roots WHERE roots.id = root)",
    ),
    "sound": (
        "recordings whose sound is missing",
        "sound NOT NULL AND NOT EXISTS (SELECT 1 FROM sounds WHERE sounds.id = sound)",
    ),
    "bytes": (
        "recordings that name a sound heard in other bytes",
        "EXISTS (SELECT 1 FROM sounds WHERE sounds.id = sound "
        "AND sounds.digest <> recordings.digest)",
    ),
    "tags": (
        "recordings whose tags cannot be read",
        "NOT (json_valid(tags) AND json_valid(warnings))",
    ),
}
LOOSE = "NOT EXISTS (SELECT 1 FROM recordings WHERE sound = sounds.id)"
ILL = {  # what is wrong with vectors: health -> kind, words, remedy
    Health.MENDABLE: (
        "gists",
        "sounds with damaged gists and whole tokens",
        "the gists are made again from their tokens",
    ),
    Health.LOST: ("vectors", "sounds with damaged vectors", AGAIN),
    Health.ODD: ("values", "sounds with numbers or times that cannot be", AGAIN),
    Health.UNLIKE: ("unlike", "sounds whose gists are not those of their tokens", AGAIN),
}


@dataclass(slots=True)
class Patient:
    """A library that is looked at, in one state of its database."""

    rows: Rows
    identity: Identity
    writer: str
    recordings: int = 0
    sounds: int = 0
    room: int = 0

    @property
    def folder(self) -> Path:
        """Where the volume lies that counts."""
        return volume_folder(self.rows)


def _pages(patient: Patient) -> Iterator[Finding]:
    """Look at the pages of the database, as SQLite does."""
    said = [text for (text,) in patient.rows.all("PRAGMA integrity_check") if text != "ok"]
    said = [text for text in said if "FTS5" not in text]  # which `_words` looks at
    indexes = [text for text in said if " index " in text]
    if len(indexes) < len(said):
        yield broken(next(text for text in said if text not in indexes), len(said))
    elif indexes:
        yield Finding(
            kind="indexes",
            what="entries of the database that its indexes do not have, or have wrongly",
            count=len(indexes),
            remedy="the indexes are built anew",
        )


def _version(patient: Patient) -> Iterator[Finding]:
    """Look whether steps to this version are left."""
    if not patient.rows.is_current():
        yield Finding(
            kind="version",
            what="the library is of an older version, and is not examined further",
            count=1,
            remedy="brought up to date by a repair, or when it is next opened",
            harm=False,
        )


def _recordings(patient: Patient) -> Iterator[Finding]:
    """Look for recordings whose rows fit no others."""
    rows = patient.rows
    patient.recordings = rows.one("SELECT count(*) FROM recordings")
    for kind, (what, condition) in UNFIT.items():
        unfit = ids(rows, f"SELECT id FROM recordings WHERE {condition}")
        if unfit:
            names = _some(rows.names(unfit[:NAMES]))
            yield Finding(kind=kind, what=what, count=len(unfit), remedy=AGAIN, names=names)


def _loose(patient: Patient) -> Iterator[Finding]:
    """Look for sounds that no recording has."""
    patient.sounds = patient.rows.one("SELECT count(*) FROM sounds")
    if loose := patient.rows.one(f"SELECT count(*) FROM sounds WHERE {LOOSE}"):
        yield Finding(
            kind="loose",
            what="sounds that no recording has",
            count=loose,
            remedy="dropped by a repair",
        )


def _words(patient: Patient) -> Iterator[Finding]:
    """Look whether the full text has every recording, nothing else, and an index that fits."""
    try:
        count = _unfit_words(patient.rows)
    except EarmarkError:  # it cannot even be read
        count = max(1, patient.recordings)
    if not count and not _has_whole_index(patient.rows):
        count = max(1, patient.recordings)
    if count:
        yield Finding(
            kind="words",
            what="recordings whose full text is missing, damaged or of nothing",
            count=count,
            remedy="the full text is built anew",
        )


def _unfit_words(rows: Rows) -> int:
    missing = "SELECT count(*) FROM recordings WHERE id NOT IN (SELECT rowid FROM words)"
    surplus = "SELECT count(*) FROM words WHERE rowid NOT IN (SELECT id FROM recordings)"
    return int(rows.one(missing)) + int(rows.one(surplus))


def _has_whole_index(rows: Rows) -> bool:
    """Ask SQLite; that is an INSERT, so it is done to a copy in a file of SQLite's own."""
    with closing(sqlite3.connect("", isolation_level=None)) as copy:
        with told(rows.folder):
            rows.database.db.backup(copy)
        try:
            copy.execute("INSERT INTO words (words) VALUES ('integrity-check')")
        except sqlite3.Error:
            return False
    return True


def _files(patient: Patient) -> Iterator[Finding]:
    """Look whether the vector files are as long as they should be, and what of them is dead."""
    width, filled = patient.identity.width, patient.rows.filled
    whole = rows_in(patient.folder, width)
    short = [column.name for column in COLUMNS if whole[column.name] < filled.of(column)]
    if short:
        yield Finding(
            kind="files",
            what="vector files that are missing or cut short",
            count=len(short),
            remedy="gists are made again from their tokens; sounds whose tokens are gone are "
            "forgotten, and heard again at the next index run",
            names=tuple(short),
        )


def _vectors(patient: Patient) -> Iterator[Finding]:
    """Look at every sound: its sum, its numbers, its times, its gists beside its tokens."""
    rows, sick = patient.rows, dict[Health, list[int]]()
    remains = Remains(patient.folder, patient.identity.width, rows.filled)
    live = 0
    for spot in rows.spots():
        live += sum(spot.count.of(c) * c.bytes_a_row(patient.identity.width) for c in COLUMNS)
        health, _ = examined(spot, remains, patient.identity)
        sick.setdefault(health, []).append(spot.sound)
    patient.room = max(0, size_of(patient.folder) - live)
    for health, (kind, what, remedy) in ILL.items():
        if sounds := sick.get(health):
            names = _some(rows.names(rows.holding(sounds)[:NAMES]))
            yield Finding(kind=kind, what=what, count=len(sounds), remedy=remedy, names=names)
    if rounded := sick.get(Health.ROUNDED):
        yield Finding(
            kind="rounded",
            what="sounds whose gists another machine rounded in other ways",
            count=len(rounded),
            remedy="nothing needs to be done",
            mendable=False,
            harm=False,
        )


def _leftovers(patient: Patient) -> Iterator[Finding]:
    """Look for volumes that do not count, if nobody is making one just now."""
    left = [] if patient.writer else others(volumes(patient.rows), patient.folder)
    if left:
        yield Finding(
            kind="leftovers",
            what="volumes that a stopped compaction left behind",
            count=len(left),
            remedy="removed by a repair, or when something is next indexed",
            harm=False,
            names=_some(path.name for path in left),
        )


def _strangers(patient: Patient) -> Iterator[Finding]:
    """Look for files that are not ours; they stay where they are."""
    home, vectors = patient.rows.folder, volumes(patient.rows)
    columns = {column.name for column in COLUMNS}
    known = {vectors / path.name for path in (*others(vectors, patient.folder), patient.folder)}
    strangers = [path for path in home.iterdir() if path.name not in OURS]
    strangers += [path for path in _inside(vectors) if path not in known]
    strangers += [path for path in _inside(patient.folder) if path.name not in columns]
    if strangers:
        names = _some(path.relative_to(home).as_posix() for path in sorted(strangers))
        yield Finding(
            kind="strangers",
            what="files or folders in the library's folder that are not of the library",
            count=len(strangers),
            remedy="left alone; move them elsewhere, if you know them",
            mendable=False,
            harm=False,
            names=names,
        )


LOOKS: tuple[Callable[[Patient], Iterable[Finding]], ...] = (
    _pages,
    _version,
    _recordings,
    _loose,
    _words,
    _files,
    _vectors,
    _leftovers,
    _strangers,
)
ENDS = {"database", "version"}  # kinds after which the rest cannot be looked at


def broken(problem: str, count: int) -> Finding:
    """Give the finding that ends an examination."""
    return Finding(
        kind="database",
        what=f"the database is damaged: {problem}",
        count=count,
        remedy=ANEW,
        mendable=False,
    )


def examined(spot: Spot, remains: Remains, identity: Identity) -> tuple[Health, Packed | None]:
    """Tell how a sound is, and give its rows, if there are any."""
    if not _is_inside(spot, remains.filled):
        return Health.LOST, None
    packed = remains.packed(spot.first, spot.count)
    return health_of(packed, spot, identity), packed


def _is_inside(spot: Spot, filled: Extent) -> bool:
    end = spot.first + spot.count
    return (
        spot.count.moments > 0
        and min(spot.first.moments, spot.first.tokens, spot.count.tokens) >= 0
        and end.moments <= filled.moments
        and end.tokens <= filled.tokens
    )


def ids(rows: Rows, statement: str) -> list[int]:
    """Give the numbers that a statement gives."""
    return [int(number) for (number,) in rows.all(statement)]


def _some(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(names)[:NAMES]


def _inside(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []
