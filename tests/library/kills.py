"""Kill the writer of a library again and again, and look for what was lost.

    python tests/library/kills.py --kills 200 --seed 0

A child writes to a library and acknowledges every finished change; it is killed in the middle of
its work, a tenth of all kills at each of the points of `victim.py`, the rest at random times. After
each of them the library must hold what was acknowledged, and the one change that was under way
wholly or not at all: the same bytes of vectors, the same answers as a plain loop over them, nothing
that the doctor minds, and a way on for the next writer.
"""

# ruff: noqa: T201 - it prints a table

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parents[1])  # the folder of all tests

from earmark.errors import EarmarkError
from earmark.library.nouns import Said
from earmark.library.store import schema
from earmark.library.store.database import NAME
from earmark.library.store.doctor import examine
from earmark.library.store.local import LocalStore
from earmark.library.store.lock import holder
from earmark.library.store.volume import checksum
from library import victim
from library.store.contract import WIDTH, file, unit
from library.victim import POINTS, RANDOM, Truth, digest_of, packed_of, seconds_of

ROUND = 20  # kills of one library
BEGINNINGS = 30  # most changes that a writer begins before it is killed at a random time ...
DELAY = 0.01  # ... seconds, at most, after that
NEVER = -1
TESTS = Path(__file__).parents[1]


@dataclass
class Count:
    """What happened at one point."""

    kills: int = 0
    finished: int = 0  # whose last change had happened, though nobody was told
    lost: int = 0  # acknowledged changes that are not there
    wrong: int = 0  # vectors, answers or rows that are not what they should be
    notes: list = field(default_factory=list)
    doing: Counter = field(default_factory=Counter)  # what a writer was doing when it died


class Nursery:
    """The process that forks writers; see `victim.py`."""

    def __enter__(self):
        path = os.pathsep.join([str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])])
        self.process = subprocess.Popen(
            [sys.executable, victim.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"},
            text=True,
        )
        return self

    def __exit__(self, *error):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def kill_one(self, job, after, delay):
        """Let a writer be born and die, after so many beginnings at the latest: -> all it told."""
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        told, pid = [], None
        for line in self.process.stdout:
            what, *about = json.loads(line)
            told.append((what, *about))
            if what == "born":
                pid = about[0]
            after -= what in ("started", "begins")
            if after == 0 and pid:
                time.sleep(delay)
                os.kill(pid, signal.SIGKILL)
                after = -1
            if what == "dead":
                return told
        raise RuntimeError("the nursery is gone")


class Round:
    """One library that lives through many kills."""

    def __init__(self, nursery, folder, seed):
        self.nursery, self.folder = nursery, folder
        self.rng = random.Random(seed)
        self.truth = Truth()
        self.reader = None
        self.broken = False

    def kill(self, point, count):
        """Kill a writer at a point, and look at what it left behind."""
        self.keep_reading()
        job = {
            "folder": str(self.folder),
            "seed": self.rng.randrange(2**32),
            "point": point,
            "truth": asdict(self.truth),
        }
        after = self.rng.randint(1, BEGINNINGS) if point == RANDOM else NEVER
        told = self.nursery.kill_one(job, after, self.rng.uniform(0, DELAY))
        count.kills += 1
        check_death(told, point)
        before, doing = self.truth, None
        for what, *about in told:
            if what == "begins":
                doing = about
            elif what == "done":
                before, doing = before.after(*about), None
        count.doing[doing[0] if doing else "nothing"] += 1
        try:
            self.look(point, count, before, before.after(*doing) if doing else before)
        except (EarmarkError, LookupError) as error:  # it cannot even be looked at
            self.broken = True
            count.lost += len(before.files)
            wrong(count, f"{point}: {error!r}")

    def keep_reading(self):
        """Have the library open, or not, while somebody dies writing to it."""
        schema.MIGRATIONS = victim.migrations(self.truth.version)
        if self.reader is not None:
            self.reader.close()
        self.reader = None
        if self.truth.made and self.rng.random() < 0.5:
            self.reader = LocalStore.open(self.folder)

    def look(self, point, count, before, after):
        """Find which of the two states the library is in, and hold it to that."""
        version = before.version
        if after.version > before.version:
            version = self.steps_taken(count, after.version)
        schema.MIGRATIONS = victim.migrations(after.version)  # what was stopped is done now
        store = self.open()
        found = Truth() if store is None else self.state(store, version)
        judge(point, count, found, before, after)
        self.truth = replace(found, version=after.version)
        if store is None:
            return
        with closing(store):
            self.hold(store, count)
            if self.reader is not None:
                hold_answers(self.reader, count, self.truth, self.rng)
            if holder(self.folder):
                wrong(count, "somebody still holds the lock")
            if self.rng.random() < 0.5:
                self.go_on(store, count)

    def steps_taken(self, count, most):
        """Tell how many made-up steps of a migration were taken, each wholly or not at all."""
        with closing(sqlite3.connect(self.folder / NAME)) as db:
            version = db.execute("PRAGMA user_version").fetchone()[0] - len(victim.TABLES)
            tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
            notes = {key for (key,) in db.execute("SELECT key FROM settings")}
        taken = {n for n in range(1, most + 1) if f"later_{n}" in tables}
        noted = {n for n in range(1, most + 1) if f"step {n}" in notes}
        if not taken == noted == set(range(1, version + 1)):
            wrong(count, f"version {version}, tables of {taken}, notes of {noted}")
        return version

    def open(self):
        """Open the library; None if its making was stopped."""
        try:
            return LocalStore.open(self.folder)
        except EarmarkError as error:
            if "no library" not in error.problem:
                raise
            return None

    def state(self, store, version):
        """What is there now."""
        files = {
            one.place.path: None if one.sound is None else int(one.digest.split("-")[1])
            for one in store.recordings()
        }
        return Truth(True, version, store.rows.volume, files)

    def hold(self, store, count):
        """Compare every byte of vectors, the answers, and what the doctor says."""
        digests = {one.sound: one.digest for one in store.recordings() if one.sound is not None}
        volume, _ = store._view.look()
        spots = store.rows.spots()
        if {spot.sound for spot in spots} != set(digests):
            wrong(count, "sounds that no recording has")
        for spot in spots:
            seed = int(digests[spot.sound].split("-")[1])
            packed = packed_of(seed)
            same = checksum(volume.packed(spot.first, spot.count)) == checksum(packed)
            if not (same and spot.crc == checksum(packed) and spot.seconds == seconds_of(seed)):
                wrong(count, f"vectors of {seed}")
        hold_answers(store, count, self.truth, self.rng)
        findings = examine(self.folder)
        if not findings.is_well or {one.kind for one in findings.found} - {"leftovers"}:
            wrong(count, f"the doctor says {findings.found}")

    def go_on(self, store, count):
        """Write as the next one would."""
        path, seed = "next.wav", 1000 + self.rng.randrange(100)
        if seed in self.truth.files.values():
            return
        with store.writing("the next"):
            packed, seconds = packed_of(seed), seconds_of(seed)
            store.add(file(path, mtime=seed), digest_of(seed), packed, seconds, Said())
        self.truth = self.truth.after("add", path, seed)
        self.hold(store, count)
        if examine(self.folder).found:
            wrong(count, "the next writer has not tidied up")

    def end(self, count):
        """Look at the library once more, compact it and look again."""
        if self.reader is not None:
            self.reader.close()
        if self.truth.made and not self.broken:
            with closing(LocalStore.open(self.folder)) as store:
                self.hold(store, count)
                with store.writing("the last"):
                    store.compact()
                self.hold(store, count)


def judge(point, count, found, before, after):
    """Count what was acknowledged and is not there, and what should be otherwise."""
    if found not in (before, after):
        kept = before.files.items() & after.files.items()
        count.lost += len(kept - found.files.items()) + (before.made > found.made)
        wrong(count, f"{found} is neither {before} nor {after}")
    if before != after:
        count.finished += found == after
        if point in POINTS and POINTS[point][1] != (found == after):
            wrong(count, f"{point}: the change has happened: {found == after}")


def check_death(told, point):
    """See that the writer has died as it should."""
    failed = [about for what, *about in told if what in ("failed", "survived")]
    assert not failed, "\n".join(map(str, failed[0] or ["it went on living"]))
    signals = {-signal.SIGKILL, -signal.SIGXFSZ if point == "checkpoint, in the middle" else 0}
    assert told[-1][0] == "dead"
    assert told[-1][1] in signals, told[-1]


def hold_answers(store, count, truth, rng):
    """Compare answers with those of a plain loop over what is truly there."""
    seeds = {seed for seed in truth.files.values() if seed is not None}
    digests = {one.sound: one.digest for one in store.recordings() if one.sound is not None}
    query = unit(np.random.default_rng(rng.randrange(2**32)), 1, WIDTH)[0]
    wanted = sorted(best(seed, query) for seed in seeds)
    for limit in (None, 5):
        near = store.nearest(query, limit=limit)
        found = [
            (-float(score), digests[sound], tuple(times))
            for sound, score, times in zip(near.sounds, near.scores, near.times, strict=True)
        ]
        if found != wanted[:limit] or near.among != len(seeds):
            wrong(count, f"answers: {found[:3]} for {wanted[:3]}")
    if seeds:
        seed = rng.choice(sorted(seeds))
        sound, packed = store.sound_of(digest_of(seed)), packed_of(seed)
        tokens, (vectors, _) = store.tokens(sound), store.moments(sound)
        same = np.array_equal(vectors, packed.halves.astype(np.float32))
        if not (same and np.array_equal(tokens.times, packed.token_times)):
            wrong(count, f"moments or tokens of {seed}")


def best(seed, query):
    """The best moment of a sound by a plain loop, as `nearest` rounds it."""
    packed = packed_of(seed)
    scores = [np.float32(row.astype(np.float64) @ query) for row in packed.halves]
    at = int(np.argmax(scores))
    return -float(scores[at]), digest_of(seed), tuple(packed.times[at])


def wrong(count, note):
    count.wrong += 1
    count.notes.append(note)


@contextmanager
def true_tables():
    """Take the made-up steps away again."""
    before = schema.MIGRATIONS
    try:
        yield
    finally:
        schema.MIGRATIONS = before


def plan(kills, rng):
    """Which point comes when: a tenth at each, the rest at random times."""
    points = [point for point in POINTS for _ in range(kills // 10)]
    points += [RANDOM] * (kills - len(points))
    rng.shuffle(points)
    return points


def run(points, seed, home):
    """Kill at these points, one after another: -> what happened at each."""
    table = {point: Count() for point in (*POINTS, RANDOM)}
    with Nursery() as nursery, true_tables():
        one = None
        for at, point in enumerate(points):
            if one is None or one.broken or at % ROUND == 0:
                one = Round(nursery, home / f"library-{at}", seed + at)
            one.kill(point, table[point])
            if one.broken or at % ROUND == ROUND - 1 or at == len(points) - 1:
                one.end(table[point])
    return table


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as home:
        points = plan(given.kills, random.Random(given.seed))
        table = run(points, given.seed, Path(home))
    print(f"{'killed':<42}{'kills':>6}{'finished':>10}{'lost':>6}{'wrong':>7}")
    for point, one in table.items():
        print(f"{point:<42}{one.kills:>6}{one.finished:>10}{one.lost:>6}{one.wrong:>7}")
    doing = ", ".join(f"{what} {n}" for what, n in table[RANDOM].doing.most_common())
    print(f"{RANDOM} it was doing: {doing}")
    for note in (note for one in table.values() for note in one.notes[:5]):
        print(note)
    lost, wrong = (sum(getattr(one, name) for one in table.values()) for name in ("lost", "wrong"))
    took = time.perf_counter() - began
    print(f"{len(points)} kills in {took:.0f} s: {lost} lost, {wrong} wrong")
    return int(lost + wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
