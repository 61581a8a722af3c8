"""Opening `library.db`: for writing or reading only, with the journal that its drive allows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from earmark.errors import EarmarkError
from earmark.library.store.drive import is_remote, is_writable
from earmark.library.store.schema import NewerError, StrangerError, version_of

NAME = "library.db"
PATIENCE = 10.0  # seconds to wait for another process's short transaction


class DamagedError(EarmarkError):
    """A library is not as it was written."""


class Database:
    """A connection that many threads may use, and what is odd about its drive.

    One that `reads_only` changes no byte of the library, not even by what SQLite does when the last
    connection is closed.
    """

    def __init__(self, folder: Path, *, reads_only: bool = False) -> None:
        self.path = folder / NAME
        self.notes: list[str] = [] if is_writable(folder) else ["its folder may only be read"]
        self.writable = is_writable(folder) and not reads_only
        self.db = self._connect()
        try:
            self._prepare(folder)
        except BaseException:
            self.db.close()
            raise

    def close(self) -> None:
        """Let go of it."""
        self.db.close()

    def _connect(self) -> sqlite3.Connection:
        where = f"file:{quote(self.path.as_posix())}"
        how = "rwc" if self.writable else "ro"
        if not self.writable and not _has_journal(self.path):
            how = "ro&immutable=1"  # the journal's files could not, or should not, be made
        return sqlite3.connect(
            f"{where}?mode={how}",
            uri=True,
            timeout=PATIENCE,
            isolation_level=None,
            check_same_thread=False,
        )

    def _prepare(self, folder: Path) -> None:
        with told(folder):
            version_of(self.db)
            self.db.execute("PRAGMA foreign_keys = ON")
            if self.writable:
                self._choose_journal(folder)
                self.db.execute("PRAGMA synchronous = NORMAL")

    def _choose_journal(self, folder: Path) -> None:
        """Take the write-ahead log where readers and a writer share memory: on one machine."""
        if is_remote(folder):
            self.notes.append(
                "it lies on a network drive: a rollback journal is used, so a search may wait for "
                "a writer's transaction"
            )
            self.db.execute("PRAGMA journal_mode = DELETE")
            return
        (mode,) = self.db.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":
            self.notes.append(f"its drive allows no write-ahead log: the journal is {mode!r}")


def _has_journal(path: Path) -> bool:
    return has_log(path) or has_undo(path)


def has_log(path: Path) -> bool:
    """Whether a part of a database still lies in its write-ahead log."""
    log = path.with_name(path.name + "-wal")
    return log.exists() and log.stat().st_size > 0


def has_undo(path: Path) -> bool:
    """Whether a transaction that has no log was stopped, or is under way, when pages may differ."""
    undo = path.with_name(path.name + "-journal")
    if not undo.exists():
        return False
    with undo.open("rb") as file:
        return file.read(1) not in (b"", b"\0")  # by which SQLite tells, too


def stamp(folder: Path) -> list[tuple[int, int]]:
    """What tells whether a database was changed."""
    found = []
    for path in (folder / NAME, folder / f"{NAME}-wal"):
        with suppress(FileNotFoundError):  # a log goes with its last reader
            now = path.stat()
            found.append((now.st_size, now.st_mtime_ns))
    return found


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Do all of it or nothing."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if db.in_transaction:  # a full drive ends it by itself
            db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """Turn what SQLite and the system say into a problem and a next step."""
    try:
        yield
    except NewerError as error:
        theirs, ours = error.args
        raise EarmarkError(
            f"the library {folder} is of version {theirs}, and this earmark knows up to {ours}",
            hint="update with: pip install --upgrade earmark; nothing was changed",
        ) from error
    except StrangerError as error:
        raise EarmarkError(
            f"{folder / NAME} is not the database of a library", hint="name another folder"
        ) from error
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_ERROR and not _lacks_text(error):
            raise damaged(folder, str(error)) from error  # a table that should be there is not
        raise EarmarkError(f"the library {folder}: {error}", hint=_advice(error)) from error
    except sqlite3.DatabaseError as error:
        raise damaged(folder, str(error)) from error
    except OSError as error:
        raise EarmarkError(
            f"the library {folder} could not be written: {error.strerror or error}",
            hint="free some room on its drive; what was finished before is kept",
        ) from error


def damaged(folder: Path, problem: str) -> DamagedError:
    """Make the error for a library that is not as it was written."""
    return DamagedError(
        f"the library {folder} is damaged: {problem}",
        hint=f"see what can be saved with: earmark doctor --library {folder}",
    )


def _lacks_text(error: sqlite3.OperationalError) -> bool:
    return "no such module" in str(error)


def _advice(error: sqlite3.OperationalError) -> str:
    text = str(error)
    if "locked" in text:
        return "another process is busy with it: try again in a moment"
    if _lacks_text(error):
        return "use a Python whose SQLite has the full-text module FTS5"
    if "full" in text:
        return "free some room on its drive; what was finished before is kept"
    if "readonly" in text or "unable to open" in text:
        return "see whether you may write to its folder, or copy it to another place"
    return f"see what can be saved with: earmark doctor (SQLite code {error.sqlite_errorname})"
