"""What the log says, as tables of this machine: the database of a library in a folder, made anew.

Every change is an *entry*, and `apply` is the one way in which entries become rows, whoever wrote
them. So each machine that follows the log has the same rows under the same numbers, and their full
text and filters are those of `rows.py`.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from earmark.errors import EarmarkError
from earmark.library.nouns import Identity, Place, Said
from earmark.library.store.database import NAME, told
from earmark.library.store.names import from_text
from earmark.library.store.rows import Rows
from earmark.library.store.served.entries import file_of, said_of
from earmark.library.store.served.log import NONE, Entry
from earmark.library.store.volume import Extent

WORTH = 1_000  # entries; following fewer takes less than a second
TABLES = {  # table -> its columns, in the order in which a row is told
    "roots": ("id", "path"),
    "sounds": ("id", "digest", "seconds", "first", "moments", "token", "tokens", "crc"),
    "recordings": (
        "id", "root", "path", "size", "mtime", "digest", "sound", "reason", "tags", "ucs",
        "warnings",
    ),
    "sqlite_sequence": ("name", "seq"),
}  # fmt: skip


class _UndoneError(Exception):
    """What was tried is taken back."""


class Mirror:
    """The tables of one served library, in a folder that is removed when it is closed."""

    def __init__(self, identity: Identity, key: str, *, keeps_tokens: bool) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="earmark-"))
        self._saved = _place(key)
        self._fresh = 0  # entries that no saved copy has
        try:
            if _is_copied(self._saved, self._folder / NAME):
                self.rows = Rows(self._folder)
            else:
                self.rows = Rows(self._folder)
                self.rows.begin(identity, keeps_tokens=keeps_tokens)
                self.rows.set("written", 0.0)
                self.rows.set("settled", 0)
                self.move_to(NONE)
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def close(self) -> None:
        """Remove it; one that took a while to make is kept in the cache for the next time."""
        if self._fresh >= WORTH:
            self._save()
        self.rows.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def position(self) -> int:
        """Up to which row the log was followed."""
        return int(self.rows.setting("position"))

    @property
    def written(self) -> float:
        """When the last change was written, by the clock of who wrote it: seconds since 1970."""
        return float(self.rows.setting("written"))

    def move_to(self, position: int) -> None:
        """Say up to which row it was."""
        self.rows.set("position", position)

    def apply(self, entry: Entry) -> int:
        """Do what an entry says, inside `changing`: -> the recording that it is about, or 0."""
        number = APPLY[entry["op"]](self.rows, entry)
        if entry.setdefault("id", number) != number:
            raise EarmarkError(
                "the library's log does not lead to the numbers that its writer had",
                hint="let all machines that use it have the same version of earmark",
            )
        if "at" in entry:
            self.rows.set("written", entry["at"])
        self._fresh += 1
        return number

    def clear(self) -> None:
        """Forget all, inside `changing`."""
        for table in ("recordings", "sounds", "roots", "words", "sqlite_sequence"):
            self.rows.all(f"DELETE FROM {table}")
        self.rows.fill(Extent(0, 0))
        self.rows.set("settled", 0)
        self.move_to(NONE)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Do all of it or nothing, within what is not yet `kept`."""
        with self.rows.lock, told(self._folder):
            db = self.rows.database.db
            if not db.in_transaction:
                db.execute("BEGIN IMMEDIATE")
            db.execute("SAVEPOINT change")
            try:
                yield
            except BaseException:
                db.execute("ROLLBACK TO change")
                raise
            finally:
                db.execute("RELEASE change")

    def keep(self) -> None:
        """Let what was changed count."""
        self._end("COMMIT")

    def undo(self) -> None:
        """Take back what was changed and not kept."""
        self._end("ROLLBACK")

    def _end(self, how: str) -> None:
        with self.rows.lock, told(self._folder):
            if self.rows.database.db.in_transaction:
                self.rows.database.db.execute(how)

    def tried(self, old: Path, new: Path) -> tuple[int, Entry | None]:
        """Tell what relocating would do, without doing it: -> recordings, and it as an entry."""
        with self.rows.lock:
            before, after, count = places(self.rows), {}, 0
            with suppress(_UndoneError), self.changing():
                count = self.rows.relocate(old, new)
                after = places(self.rows)
                raise _UndoneError
        moved = [[which, *place] for which, place in after.items() if place != before[which]]
        gone = [which for which in before if which not in after]
        return count, {"op": "shift", "moved": moved, "gone": gone} if moved or gone else None

    def shorten(self, position: int) -> None:
        """Say that the log is now as `tables` tells it, and ends there; inside `changing`."""
        sums = "SELECT coalesce(sum(moments), 0), coalesce(sum(tokens), 0) FROM sounds"
        ((moments, tokens),) = self.rows.all(sums)
        self.rows.fill(Extent(moments, tokens))
        self.move_to(position)

    def tables(self) -> Iterator[Entry]:
        """Tell all rows, a few of them an entry."""
        for table, columns in TABLES.items():
            rows = self.rows.all(f"SELECT {', '.join(columns)} FROM {table} ORDER BY 1")
            for at in range(0, len(rows), WORTH):
                yield {"op": "rows", "table": table, "rows": rows[at : at + WORTH]}
        yield {"op": "words"}
        yield {"op": "settle", "before": int(self.rows.setting("settled"))}

    def _save(self) -> None:
        """Put a copy into the cache, whole or not at all; without one, all is followed again."""
        try:
            self._saved.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self._saved.parent) as spare:
                copy = Path(spare) / NAME
                self.rows.all("VACUUM INTO ?", (str(copy),))
                copy.replace(self._saved)
        except (OSError, EarmarkError):
            return


def _keep(rows: Rows, entry: Entry) -> int:
    """Keep a file, with a sound that it brings, or that is known, or none."""
    sound, digest = None, entry["digest"]
    if isinstance(entry["sound"], list):
        seconds, first, moments, token, tokens = entry["sound"]
        rows.all(
            "INSERT INTO sounds (digest, seconds, first, moments, token, tokens, crc) "
            "VALUES (?, ?, ?, ?, ?, ?, 0)",
            (digest, seconds, first, moments, token, tokens),
        )
        rows.fill(rows.filled + Extent(moments, tokens))
    if entry["sound"]:
        sound = int(rows.one("SELECT id FROM sounds WHERE digest = ?", (digest,)))
    said = said_of(entry["said"]) or Said()
    return rows.keep(file_of(entry["file"]), digest, sound, said, entry["reason"])


def _move(rows: Rows, entry: Entry) -> int:
    rows.move(entry["which"], file_of(entry["file"]), said_of(entry["said"]))
    return int(entry["which"])


def _drop(rows: Rows, entry: Entry) -> int:
    rows.drop(entry["which"])
    return 0


def _shift(rows: Rows, entry: Entry) -> int:
    """Let recordings be elsewhere, each told by itself: paths mean other things elsewhere."""
    rows.drop(entry["gone"])
    there = {which: Place(Path(root), path) for which, root, path in entry["moved"]}
    for known in list(rows.recordings("recordings.id", there)):
        rows.move(known.id, replace(known.found, place=there[known.id]), None)
    return 0


def _rows(rows: Rows, entry: Entry) -> int:
    """Take rows over as they are."""
    table, columns = entry["table"], TABLES[entry["table"]]
    if table == "sqlite_sequence":
        rows.all("DELETE FROM sqlite_sequence")
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    db = rows.database.db
    db.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", entry["rows"])
    if table == "sounds":
        more = Extent(sum(row[4] for row in entry["rows"]), sum(row[6] for row in entry["rows"]))
        rows.fill(rows.filled + more)
    return 0


def _words(rows: Rows, _: Entry) -> int:
    """Make the full text of rows that were taken over as they are."""
    rows.fill_words()
    return 0


def _settle(rows: Rows, entry: Entry) -> int:
    """Moments before this key are in the server's graph, or soon will be."""
    rows.set("settled", entry["before"])
    return 0


def _begin(_: Rows, __: Entry) -> int:
    """Do nothing: whoever opens a library reads of which model it is from these entries."""
    return 0


APPLY: dict[str, Callable[[Rows, Entry], int]] = {
    "begin": _begin,
    "keep": _keep,
    "move": _move,
    "drop": _drop,
    "shift": _shift,
    "rows": _rows,
    "words": _words,
    "settle": _settle,
}


def places(rows: Rows) -> dict[int, tuple[str, str]]:
    """Where every recording is: number -> root, path."""
    found = rows.all(
        "SELECT recordings.id, roots.path, recordings.path FROM recordings "
        "JOIN roots ON roots.id = root"
    )
    return {number: (from_text(root), from_text(path)) for number, root, path in found}


def _place(key: str) -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("earmark", appauthor=False) / "served" / f"{key}.db"


def _is_copied(saved: Path, to: Path) -> bool:
    """Take a saved copy, if there is one that can be read."""
    try:
        shutil.copyfile(saved, to)
        with sqlite3.connect(to) as db:
            db.execute("SELECT value FROM settings WHERE key = 'position'").fetchone()
        db.close()
    except (OSError, sqlite3.Error):
        to.unlink(missing_ok=True)
        return False
    return True
