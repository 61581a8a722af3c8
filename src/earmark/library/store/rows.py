"""The rows of `library.db`: settings, roots, recordings, sounds, and their words.

Methods that change something belong inside `changing`, which does all of it or nothing.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from earmark.library.nouns import Found, Identity, Place, Recording, Said
from earmark.library.remote.address import as_place
from earmark.library.store import schema
from earmark.library.store.contract import Filter, Ids
from earmark.library.store.database import DamagedError, Database, damaged, told, transaction
from earmark.library.store.names import from_text, moved, to_text
from earmark.library.store.volume import Extent
from earmark.library.store.where import condition, quoted
from earmark.search.keywords import indexable

JOINED = "recordings JOIN roots ON roots.id = root LEFT JOIN sounds ON sounds.id = sound"
RECORDING = (
    "SELECT recordings.id, roots.path, recordings.path, size, mtime, recordings.digest, sound, "
    f"reason, tags, coalesce(seconds, 0) FROM {JOINED}"
)
SPOT = "id, first, token, moments, tokens, crc, seconds"
IN = "IN (SELECT value FROM json_each(?))"  # a list of any length as one value
KEEP = (
    "INSERT INTO recordings (root, path, size, mtime, digest, sound, reason, tags, ucs, warnings) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (root, path) DO UPDATE SET "
    "size = excluded.size, mtime = excluded.mtime, digest = excluded.digest, "
    "sound = excluded.sound, reason = excluded.reason, tags = excluded.tags, ucs = excluded.ucs, "
    "warnings = excluded.warnings"
)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a sound lies in the volume, and what is known of its rows."""

    sound: int
    first: Extent
    count: Extent
    crc: int
    seconds: float


class Rows:
    """What one `library.db` says, and how that is changed."""

    def __init__(self, folder: Path, *, reads_only: bool = False) -> None:
        self.folder = folder
        self.database = Database(folder, reads_only=reads_only)
        self._db = self.database.db
        self.lock = threading.RLock()  # of all that a search must see together
        self.switches = 0  # to other models, by this connection

    def close(self) -> None:
        """Let go of the database."""
        with self.lock:
            self.database.close()

    def all(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a statement and fetch what it gives."""
        with self.lock, told(self.folder):
            return self._db.execute(statement, values).fetchall()

    def one(self, statement: str, values: Sequence[Any] = ()) -> Any:  # noqa: ANN401
        """Give the first value of the first row, or None."""
        rows = self.all(statement, values)
        return rows[0][0] if rows else None

    @contextmanager
    def changing(self, *, surely: bool = False) -> Iterator[None]:
        """Do all of it or nothing; other threads wait.

        `surely`: once it is done, no failing of the power undoes it.
        """
        with self.lock, told(self.folder):
            self._db.execute(f"PRAGMA synchronous = {'EXTRA' if surely else 'NORMAL'}")
            with transaction(self._db):
                yield

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """See one state of the database in several statements."""
        with self.lock:
            inside = self._db.in_transaction
            if not inside:
                self._db.execute("BEGIN")
            try:
                yield
            finally:
                if not inside and self._db.in_transaction:
                    self._db.execute("ROLLBACK")  # nothing was written; damage cannot stop it

    # settings

    @property
    def state(self) -> tuple[int, int]:
        """What changes when another connection has changed something, or the model is another."""
        return int(self.one("PRAGMA data_version")), self.switches

    @property
    def filled(self) -> Extent:
        """How many rows of the volume count."""
        return Extent(int(self.setting("moments")), int(self.setting("tokens")))

    @property
    def volume(self) -> int:
        """The number of the volume that counts."""
        return int(self.setting("volume"))

    def setting(self, key: str) -> str:
        """Read a setting."""
        return str(self.one("SELECT value FROM settings WHERE key = ?", (key,)))

    def set(self, key: str, value: object) -> None:
        """Write a setting."""
        self.all("INSERT OR REPLACE INTO settings VALUES (?, ?)", (key, str(value)))

    def fill(self, filled: Extent) -> None:
        """Say how many rows of the volume count."""
        self.set("moments", filled.moments)
        self.set("tokens", filled.tokens)

    def begin(self, identity: Identity, *, keeps_tokens: bool) -> None:
        """Make a new library of an empty database."""
        with told(self.folder):
            schema.upgrade(self._db)
        with self.changing():
            self.set("identity", json.dumps(asdict(identity)))
            self.set("keeps_tokens", "yes" if keeps_tokens else "no")
            self.set("volume", 1)
            self.set("synced", 0)
            self.fill(Extent(0, 0))

    def is_current(self) -> bool:
        """Whether the tables are of this version."""
        with told(self.folder):
            return schema.is_current(self._db)

    def upgrade(self) -> None:
        """Bring the tables to this version."""
        with told(self.folder):
            schema.upgrade(self._db)

    def identity(self) -> Identity | None:
        """Whose vectors these are; None where a library was never quite made."""
        with told(self.folder):
            if not schema.version_of(self._db):
                return None
        text = self.one("SELECT value FROM settings WHERE key = 'identity'")
        try:
            return Identity(**json.loads(text)) if text else None
        except (ValueError, TypeError) as error:
            raise damaged(self.folder, "its settings cannot be read") from error

    # reading

    def roots(self) -> list[Path]:
        """Folders that hold recordings."""
        return [
            as_place(from_text(path)) for (path,) in self.all("SELECT path FROM roots ORDER BY 1")
        ]

    def recordings(self, column: str = "1", wanted: Iterable[int] = (1,)) -> Iterator[Recording]:
        """Those with one of these numbers in a column, by root and path."""
        order = "ORDER BY roots.path, recordings.path"
        rows = self.all(f"{RECORDING} WHERE {column} {IN} {order}", (_list(wanted),))
        return map(_recording, rows)

    def holding(self, sounds: Iterable[int]) -> list[int]:
        """The recordings that have these sounds, as far as their rows can be trusted."""
        found = f"SELECT id FROM recordings WHERE sound {IN} ORDER BY id"
        return [int(number) for (number,) in self.all(found, (_list(sounds),))]

    def names(self, recordings: Iterable[int]) -> list[str]:
        """The files of recordings, also where the rest of their rows makes no sense."""
        found = (
            "SELECT coalesce(roots.path || '/', '') || recordings.path FROM recordings "
            f"LEFT JOIN roots ON roots.id = root WHERE recordings.id {IN} ORDER BY 1"
        )
        return [from_text(str(name)) for (name,) in self.all(found, (_list(recordings),))]

    def spots(self, condition: str = "1", values: Sequence[Any] = ()) -> list[Spot]:
        """Where sounds lie, in that order."""
        found = f"SELECT {SPOT} FROM sounds WHERE {condition} ORDER BY first"
        return [
            Spot(sound, Extent(first, token), Extent(moments, tokens), crc, seconds)
            for sound, first, token, moments, tokens, crc, seconds in self.all(found, values)
        ]

    def at(self, place: Place) -> Iterator[Recording]:
        """The recording at a place, if it is known."""
        here = (to_text(str(place.root)), to_text(place.path))
        rows = self.all(f"{RECORDING} WHERE roots.path = ? AND recordings.path = ?", here)
        return map(_recording, rows)

    def sounds_of(self, recordings: Iterable[int]) -> Ids:
        """The sounds of some recordings, each once."""
        found = f"SELECT DISTINCT sound FROM recordings WHERE id {IN} AND sound NOT NULL ORDER BY 1"
        return _ids(self.all(found, (_list(recordings),)))

    def having(self, word: str) -> Ids:
        """Recordings with a word in path, tags or UCS."""
        found = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid"
        return _ids(self.all(found, (quoted(word),)))

    def where(self, wanted: Filter) -> Ids:
        """Recordings that a filter lets through, by their ids."""
        text, values = condition(wanted)
        found = f"SELECT recordings.id FROM {JOINED} WHERE {text} ORDER BY recordings.id"
        return _ids(self.all(found, values))

    # changing

    def keep(
        self, file: Found, digest: str, sound: int | None, said: Said, reason: str = ""
    ) -> int:
        """Write the row of a file, in place of what was known of this place: -> its id."""
        root, path = self.root(file.place.root), to_text(file.place.path)
        here = "FROM recordings WHERE root = ? AND path = ?"
        before = self.all(f"SELECT sound {here} AND sound NOT NULL", (root, path))
        self.all(KEEP, (root, path, file.size, file.mtime, digest, sound, reason, *_said(said)))
        number = int(self.one(f"SELECT id {here}", (root, path)))
        self._write_words(number)
        self.drop_loose([old for (old,) in before])
        return number

    def move(self, recording: int, file: Found, said: Said | None) -> None:
        """Let a recording be elsewhere; what was known of that place is forgotten."""
        here = (to_text(str(file.place.root)), to_text(file.place.path))
        taken = (
            "SELECT recordings.id FROM recordings JOIN roots ON roots.id = root "
            "WHERE roots.path = ? AND recordings.path = ? AND recordings.id <> ?"
        )
        self.drop([number for (number,) in self.all(taken, (*here, recording))])
        root, path = self.root(file.place.root), here[1]  # a new root is empty until then
        self.all(
            "UPDATE recordings SET root = ?, path = ?, size = ?, mtime = ? WHERE id = ?",
            (root, path, file.size, file.mtime, recording),
        )
        if said is not None:
            self.all(
                "UPDATE recordings SET tags = ?, ucs = ?, warnings = ? WHERE id = ?",
                (*_said(said), recording),
            )
        self._write_words(recording)
        self._drop_empty_roots()

    def drop(self, numbers: Sequence[int]) -> None:
        """Delete recordings, their words, and sounds that no other recording has."""
        held = f"SELECT DISTINCT sound FROM recordings WHERE id {IN} AND sound NOT NULL"
        sounds = [sound for (sound,) in self.all(held, (_list(numbers),))]
        self.all(f"DELETE FROM words WHERE rowid {IN}", (_list(numbers),))
        self.all(f"DELETE FROM recordings WHERE id {IN}", (_list(numbers),))
        self.drop_loose(sounds)
        self._drop_empty_roots()

    def drop_loose(self, sounds: Sequence[int]) -> None:
        """Delete those of some sounds that no recording has any more."""
        unheld = "NOT EXISTS (SELECT 1 FROM recordings WHERE sound = sounds.id)"
        self.all(f"DELETE FROM sounds WHERE id {IN} AND {unheld}", (_list(sounds),))

    def empty_words(self) -> None:
        """Begin the full text anew, whatever state it is in."""
        try:
            self.all("DROP TABLE IF EXISTS words")
        except DamagedError:  # too much so for SQLite to know it as a full text
            self.all("PRAGMA writable_schema = ON")
            self.all("DELETE FROM sqlite_master WHERE name = 'words'")
            self.all("PRAGMA writable_schema = RESET")
            for part in schema.WORDS_PARTS:
                self.all(f"DROP TABLE IF EXISTS words_{part}")
        self.all(schema.WORDS)

    def fill_words(self) -> None:
        """Write the full text of every recording."""
        for (number,) in self.all("SELECT id FROM recordings ORDER BY id"):
            self._write_words(number)

    def relocate(self, old: Path, new: Path) -> int:
        """Let all recordings under a folder be under another: -> how many.

        A recording that is known at the new place already wins over one that would move there.
        """
        count = 0
        for number, text in self.all("SELECT id, path FROM roots"):
            root = as_place(from_text(text))
            there = moved(root, old, new)
            if there is not None:
                count += self._move_all(number, there, "")
            elif root in old.parents:
                count += self._move_all(number, new, old.relative_to(root).as_posix() + "/")
        self._drop_empty_roots()
        return count

    def root(self, root: Path) -> int:
        """Give the number of a root, a new one if need be."""
        text = to_text(str(root))
        self.all("INSERT OR IGNORE INTO roots (path) VALUES (?)", (text,))
        return int(self.one("SELECT id FROM roots WHERE path = ?", (text,)))

    def _move_all(self, root: int, there: Path, under: str) -> int:
        """Move what a root holds under a folder to another root."""
        target, start = self.root(there), to_text(under)
        if target == root:
            return 0
        rows = self.all(
            "SELECT id, path FROM recordings WHERE root = ? AND substr(path, 1, ?) = ?",
            (root, len(start), start),
        )
        for number, path in rows:
            rest, taken = (
                path[len(start) :],
                "SELECT id FROM recordings WHERE root = ? AND path = ?",
            )
            if self.all(taken, (target, rest)):
                self.drop([number])
                continue
            place = (target, rest, number)
            self.all("UPDATE recordings SET root = ?, path = ? WHERE id = ?", place)
            self._write_words(number)
        return len(rows)

    def _write_words(self, recording: int) -> None:
        """Bring the full text of a recording up to date."""
        which = "SELECT path, tags, ucs FROM recordings WHERE id = ?"
        ((path, tags, ucs),) = self.all(which, (recording,))
        said = " ".join(str(value) for value in json.loads(tags).values())
        self.all("DELETE FROM words WHERE rowid = ?", (recording,))
        self.all(
            "INSERT INTO words (rowid, path, tags, ucs) VALUES (?, ?, ?, ?)",
            (recording, indexable(path), indexable(said), indexable(ucs)),
        )

    def _drop_empty_roots(self) -> None:
        held = "EXISTS (SELECT 1 FROM recordings WHERE root = roots.id)"
        self.all(f"DELETE FROM roots WHERE NOT {held}")


def _list(ids: Iterable[int]) -> str:
    return json.dumps([int(number) for number in ids])


def _ids(rows: list[tuple[Any, ...]]) -> Ids:
    return np.array([number for (number,) in rows], np.int64)


def _said(said: Said) -> tuple[str, str, str]:
    tags = json.dumps({to_text(k): to_text(v) for k, v in said.tags.items()}, ensure_ascii=False)
    return tags, to_text(said.ucs), json.dumps([to_text(one) for one in said.warnings])


def _recording(row: tuple[Any, ...]) -> Recording:
    number, root, path, size, mtime, digest, sound, reason, tags, seconds = row
    return Recording(
        id=number,
        place=Place(as_place(from_text(root)), from_text(path)),
        size=size,
        mtime=mtime,
        digest=digest,
        sound=sound,
        seconds=seconds,
        reason=reason,
        tags=json.loads(tags),
    )
