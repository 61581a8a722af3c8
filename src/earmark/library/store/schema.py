"""Tables of `library.db`, and the numbered steps from each version to the next.

A step is one transaction: a library is of the version before it, or of the one after.
"""

from __future__ import annotations

import sqlite3

APPLICATION = 0x6561726D  # "earm", so that any tool can tell what this database is

WORDS = """CREATE VIRTUAL TABLE words USING fts5 (
  path, tags, ucs, tokenize = 'porter unicode61 remove_diacritics 2'
);
"""
WORDS_PARTS = ("data", "idx", "content", "docsize", "config")  # tables that SQLite makes for it
TABLES = f"""
CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE roots (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE);
CREATE TABLE sounds (
  id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice
  digest TEXT NOT NULL UNIQUE,           -- of the bytes in which it was heard
  seconds REAL NOT NULL,
  first INTEGER NOT NULL,                -- row of its first moment in the vector files
  moments INTEGER NOT NULL,
  token INTEGER NOT NULL,                -- row of its first token
  tokens INTEGER NOT NULL,
  crc INTEGER NOT NULL                   -- of all its rows in the vector files
);
CREATE TABLE recordings (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  root INTEGER NOT NULL REFERENCES roots,
  path TEXT NOT NULL,                    -- from the root on, with slashes
  size INTEGER NOT NULL,
  mtime INTEGER NOT NULL,                -- nanoseconds
  digest TEXT NOT NULL,
  sound INTEGER REFERENCES sounds,       -- NULL: nothing was heard, see reason
  reason TEXT NOT NULL,
  tags TEXT NOT NULL,                    -- JSON
  ucs TEXT NOT NULL,
  warnings TEXT NOT NULL,                -- JSON
  UNIQUE (root, path)
);
CREATE INDEX recordings_sound ON recordings (sound);
CREATE INDEX recordings_digest ON recordings (digest);
{WORDS}"""
MIGRATIONS: tuple[str, ...] = (TABLES,)  # the n-th leads to version n + 1


class NewerError(Exception):
    """The library was written by a later version; holds its number and ours."""


class StrangerError(Exception):
    """The database is not one of a library."""


def version_of(db: sqlite3.Connection) -> int:
    """Tell the version of an open database; 0 if it is empty."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    (application,) = db.execute("PRAGMA application_id").fetchone()
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application != APPLICATION and tables:
        raise StrangerError
    if version > len(MIGRATIONS):
        raise NewerError(version, len(MIGRATIONS))
    return int(version)


def is_current(db: sqlite3.Connection) -> bool:
    """Whether no step is left to take."""
    return version_of(db) == len(MIGRATIONS)


def upgrade(db: sqlite3.Connection) -> None:
    """Take the steps that are left."""
    for number in range(version_of(db), len(MIGRATIONS)):
        db.execute("BEGIN IMMEDIATE")
        try:
            for statement in _statements(MIGRATIONS[number]):
                db.execute(statement)
            db.execute(f"PRAGMA application_id = {APPLICATION}")
            db.execute(f"PRAGMA user_version = {number + 1}")
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")


def _statements(script: str) -> list[str]:
    """Cut a script into statements; `executescript` would end the transaction."""
    out, held = [], ""
    for line in script.splitlines(keepends=True):
        held += line
        if sqlite3.complete_statement(held):
            out.append(held)
            held = ""
    return [statement for statement in out if statement.strip()]
