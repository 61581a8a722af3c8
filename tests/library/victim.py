"""The writer that `kills.py` kills: it does things to a library and acknowledges each of them.

Run as a program it is a nursery: it reads jobs, forks a writer for each, and tells how that died.
The nursery itself never opens a library, since a database must not be carried over a fork.

Where a writer dies is decided by wrapping functions of the store here; the store does not know.
"""

import json
import os
import random
import signal
import sys
import traceback
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parents[1])  # the folder of all tests

from earmark.library.nouns import Place, Said
from earmark.library.store import database, local, rewrite, schema, volume
from earmark.library.store.local import LocalStore
from library.store.contract import IDENTITY, ROOT, file, heard

TABLES = schema.MIGRATIONS
STEP = """
CREATE TABLE later_{n} (x);
INSERT INTO later_{n} SELECT id FROM recordings;
UPDATE recordings SET warnings = warnings || ' ';
CREATE INDEX later_{n}_x ON later_{n} (x);
INSERT INTO settings VALUES ('step {n}', 'taken');
"""
POINTS = {  # where a writer dies: what it does then, and whether that has happened afterwards
    "append, in the middle of a column": ("add", False),
    "commit, right before": ("any", False),
    "commit, right after": ("any", True),
    "compaction, copied but not committed": ("compact", False),
    "compaction, before the old volume goes": ("compact", True),
    "migration, in the middle of a step": ("upgrade", False),
    "checkpoint, in the middle": ("checkpoint", True),
    "checkpoint, right after": ("checkpoint", True),
}
RANDOM = "at a random time"
CHANGES = ("add", "add", "add", "share", "fail", "move", "remove")
MANY = 40  # files, from which on more are removed than added


def migrations(version):
    """The true steps and some made up ones."""
    return (*TABLES, *(STEP.format(n=n) for n in range(1, version + 1)))


def digest_of(seed):
    return f"digest-{seed}"


def seconds_of(seed):
    return 2.5 + seed % 7 * 5.0


@lru_cache(maxsize=1000)
def packed_of(seed):
    return heard(seed, seconds_of(seed))


@dataclass(frozen=True)
class Truth:
    """What a library must hold: files, and the seeds of their sounds (None: nothing was heard)."""

    made: bool = False
    version: int = 0  # made-up steps that were taken
    volume: int = 0
    files: dict = field(default_factory=dict)

    def after(self, what, *about):
        files = dict(self.files)
        if what == "make":
            return replace(self, made=True, volume=1)
        if what == "upgrade":
            return replace(self, version=self.version + 1)
        if what == "compact":
            return replace(self, volume=self.volume + 1)
        if what in ("add", "share", "fail"):
            path, seed = about
            files[path] = seed
        elif what == "move":
            old, new = about
            files[new] = files.pop(old)
        elif what == "remove":
            for path in about:
                del files[path]
        return replace(self, files=files)  # a checkpoint changes nothing


def draw(rng, truth, what):
    """Think of something to do; it may come out as an addition where it makes no sense."""
    here = sorted(truth.files)
    heard_here = sorted({seed for seed in truth.files.values() if seed is not None})
    path = f"{rng.randrange(2 * MANY)}.wav"
    if what == "remove" and here:
        return ["remove", *rng.sample(here, min(len(here), rng.randint(1, 4)))]
    if what == "move" and here:
        old = rng.choice(here)
        return ["move", old, path] if path != old else ["move", old, "elsewhere.wav"]
    if what == "share" and heard_here:
        return ["share", path, rng.choice(heard_here)]
    if what == "fail":
        return ["fail", path, None]
    if what == "grow":
        return ["fail", f"long-{rng.randrange(10**9)}.wav", None]
    if what in ("compact", "checkpoint"):
        return [what]
    return ["add", path, rng.choice([s for s in range(500) if s not in heard_here])]


def do(store, rng, what, *about):
    """Do it."""

    def recordings(*paths):
        return [r.id for path in paths for r in store.at(Place(ROOT, path))]

    if what == "add":
        path, seed = about
        add = (digest_of(seed), packed_of(seed), seconds_of(seed), said(seed))
        store.add(file(path, mtime=seed), *add)
    elif what == "share":
        path, seed = about
        store.share(file(path, mtime=seed), digest_of(seed), said(seed))
    elif what == "fail":
        reason = "it is empty" * (2000 if about[0].startswith("long") else 1)
        store.fail(file(about[0], mtime=0), "", reason)
    elif what == "move":
        (number,) = recordings(about[0])
        store.move(number, file(about[1], mtime=1))
    elif what == "remove":
        store.remove(recordings(*about))
    elif what == "compact":
        store.compact()
    elif what == "checkpoint":
        mode = rng.choice(["PASSIVE", "FULL", "RESTART", "TRUNCATE"])
        store.rows.all(f"PRAGMA wal_checkpoint({mode})")


def said(seed):
    """Tags that fill pages."""
    words = random.Random(seed)
    return Said(tags={"comment": " ".join(f"word{words.randrange(999)}" for _ in range(150))})


# dying


def die():
    os.kill(os.getpid(), signal.SIGKILL)


class Faults:
    """Wraps the functions in which a writer dies, once it is `armed`."""

    def __init__(self, point, rng):
        self.point, self.rng, self.armed = point, rng, False
        self.left = rng.randrange(len(volume.COLUMNS))  # columns to write before the fatal one
        database.Database._connect = self.connecting(database.Database._connect)
        volume._write_all = self.writing(volume._write_all)
        rewrite._copy = self.then_die(rewrite._copy, "compaction, copied but not committed")
        local.remove_others = self.die_first(local.remove_others)
        schema._statements = self.stepping(schema._statements)

    def at(self, point):
        return self.armed and self.point == point

    def connecting(self, connect):
        return lambda one: Connection(connect(one), self)

    def writing(self, write_all):
        def write(file, data):
            if self.at("append, in the middle of a column"):
                if not self.left:
                    write_all(file, data[: self.rng.randint(1, len(data) - 1)])
                    die()
                self.left -= 1
            write_all(file, data)

        return write

    def then_die(self, function, point):
        def wrapped(*args):
            function(*args)
            if self.at(point):
                die()

        return wrapped

    def die_first(self, remove):
        def wrapped(home, keep):
            if self.at("compaction, before the old volume goes"):
                die()
            remove(home, keep)

        return wrapped

    def stepping(self, statements):
        def wrapped(script):
            steps = statements(script)
            fatal = self.rng.randint(1, len(steps))  # after the first, or any other
            for number, step in enumerate(steps):
                if number == fatal and self.at("migration, in the middle of a step"):
                    die()
                yield step
            if self.at("migration, in the middle of a step"):
                die()  # all but the number of the version

        return wrapped


class Connection:
    """A connection to the database that dies at a commit or a checkpoint."""

    def __init__(self, db, faults):
        self.db, self.faults = db, faults

    def __getattr__(self, name):
        return getattr(self.db, name)

    def execute(self, statement, values=()):
        faults = self.faults
        if statement == "COMMIT" and faults.at("commit, right before"):
            die()
        if "wal_checkpoint" in statement and faults.at("checkpoint, in the middle"):
            self.die_growing()
        found = self.db.execute(statement, values)
        if statement == "COMMIT" and faults.at("commit, right after"):
            die()
        if "wal_checkpoint" in statement and faults.at("checkpoint, right after"):
            die()
        return found

    def die_growing(self):
        """Let the system end this process when it writes one of the last pages of the database.

        No SIGKILL can be aimed into SQLite; the signal of a file that grows too large ends a
        process as suddenly, in the middle of that write.
        """
        import resource

        room = self.pages_to_come()
        limit = self.path().stat().st_size + 4096 * self.faults.rng.randrange(room) + 100
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    def path(self):
        return Path(self.db.execute("PRAGMA database_list").fetchone()[2])

    def pages_to_come(self):
        """By how many pages the next checkpoint makes the database's file longer."""
        (count,), (size,) = (
            self.db.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size")
        )
        return count - self.path().stat().st_size // size


# the writer


class Writer:
    """Does things to a library until it dies."""

    def __init__(self, job):
        self.folder, self.point = Path(job["folder"]), job["point"]
        self.rng = random.Random(job["seed"])
        self.truth = Truth(**job["truth"])
        self.faults = Faults(self.point, self.rng)

    def run(self):
        tell("started")
        store = self.open()
        if self.rng.random() < 0.2 and self.point == RANDOM:
            store = self.upgrade(store)
        if self.point == RANDOM:
            self.go_on(store)
        for _ in range(self.rng.randint(1, 3)):
            with store.writing("a victim"):
                for _ in range(self.rng.randint(1, 4)):
                    self.change(store, self.likely())
        self.end(store)
        tell("survived")

    def open(self):
        schema.MIGRATIONS = migrations(self.truth.version)
        if self.truth.made:
            return LocalStore.open(self.folder)
        return self.told(["make"], lambda: LocalStore.create(self.folder, IDENTITY))

    def upgrade(self, store):
        store.close()
        schema.MIGRATIONS = migrations(self.truth.version + 1)
        return self.told(["upgrade"], lambda: LocalStore.open(self.folder))

    def go_on(self, store):
        """Do this and that until somebody kills it."""
        busy = self.rng.choice(["compact", "checkpoint", "add"])
        while True:
            with store.writing("a victim"):
                for _ in range(self.rng.randint(1, 30)):
                    self.change(store, busy if self.rng.random() < 0.3 else self.likely())

    def end(self, store):
        """Do what it dies of."""
        what = POINTS[self.point][0]
        if what == "upgrade":
            self.faults.armed = True
            self.upgrade(store)
            return
        with store.writing("a victim"):
            if what == "any":
                what = self.rng.choice(CHANGES)
            while what == "checkpoint" and not store.rows.database.db.pages_to_come() > 0:
                self.change(store, "grow")
            if what == "compact" and self.rng.random() < 0.8:
                self.change(store, "remove")
            self.change(store, what, fatal=True)

    def likely(self):
        many = len(self.truth.files) > MANY
        return "remove" if many else self.rng.choice([*CHANGES, *CHANGES, "compact", "checkpoint"])

    def change(self, store, what, *, fatal=False):
        doing = draw(self.rng, self.truth, what)

        def act():
            self.faults.armed = fatal
            do(store, self.rng, *doing)

        self.told(doing, act)

    def told(self, doing, act):
        tell("begins", *doing)
        found = act()
        tell("done", *doing)
        self.truth = self.truth.after(*doing)
        return found


def tell(*words):
    """Write a line at once: a pipe takes lines of this length whole or not at all."""
    os.write(1, (json.dumps(words) + "\n").encode())


def nurse():
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            try:
                Writer(json.loads(line)).run()
            except BrokenPipeError:
                pass  # nobody is there to kill it
            except Exception:  # noqa: BLE001 - whatever it is, it is told
                tell("failed", traceback.format_exc()[-3000:])
            os._exit(1)
        tell("born", pid)
        _, status = os.waitpid(pid, 0)
        tell("dead", os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    nurse()
