"""What a fresh file turns out to be once its bytes are known, and what the store does then.

    settling = Settling(changes, store)                     inside `store.writing`
    for outcome in run(changes.fresh, model, settling.must_hear, jobs=...):
        settling.settle(outcome)
    report = settling.finish()

A fresh file is one of five, whatever the order in which they come:

- touched: the bytes that were there before, with another time;
- moved: the bytes of a recording that is gone from its place, in whichever root of this run;
- a copy of bytes that were heard before, also just now, or at a place that is away;
- new bytes, which `must_hear` says;
- left for the next run: it changed or vanished meanwhile.

Each write is whole by itself. After a kill, or a run that ended early (no `finish`), the next run
finds what is left to do, and nothing that was heard is heard again. Fresh files may also be held
back for another run, as those are that are still being written.

The rule behind it: no sound that was known at the start goes as long as a fresh file that is not
settled may have its bytes, which is to say, has their size. Else of two files that have changed
places, the first to be settled would push the other's sound out of the library; and of a file that
was moved, and held back at its new place, the old one would be forgotten. So what stood at a place
that now holds other bytes is set aside, at a place that no file can have (below its own, by its
number), and `finish` leaves to the next run what may be met again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from earmark.library.changes import Changes
from earmark.library.hear import Outcome
from earmark.library.nouns import Found, Recording, Report, Said
from earmark.library.store.contract import Store


class Settling:
    """One index run's way from changes to a store that agrees with the drive."""

    def __init__(self, changes: Changes, store: Store) -> None:
        self.report = Report(
            skipped=len(changes.same),
            away=len(changes.away),
            ignored=changes.ignored,
            warnings=[f"{path}: {reason}" for path, reason in changes.unread],
        )
        self._store = store
        self._at = {one.place: one for one in changes.known}
        self._gone = {one.id: one for one in changes.gone}  # and was not met again so far
        self._movable = _movable(changes)
        self._aside: list[Recording] = []
        self._unsettled = Counter(file.size for file in changes.fresh)
        self._lost = Counter(one.digest for one in changes.gone)  # places that held these bytes ...
        self._gained = Counter[str]()  # ... and places that hold them now

    def must_hear(self, file: Found, digest: str) -> bool:
        """Whether what is in these bytes is not known yet."""
        return not (
            self._touched(file, digest)
            or self._movable.get(digest)
            or self._store.sound_of(digest) is not None
        )

    def settle(self, outcome: Outcome) -> None:
        """Bring the store up to date with a fresh file."""
        file, digest = outcome.found, outcome.digest
        if outcome.changed:
            self._leave(file)
            return
        self._unsettled[file.size] -= 1
        if outcome.reason:
            self._make_room(file, digest)
            self._store.fail(file, digest, outcome.reason)
            self.report.failed += 1
        elif outcome.packed is None:
            self._know_again(file, digest, outcome.said)
        else:
            self._make_room(file, digest)
            self._store.add(file, digest, outcome.packed, outcome.seconds, outcome.said)
            self.report.indexed += 1
            self.report.seconds += outcome.seconds

    def finish(self) -> Report:
        """Forget what is gone, and tell what was done."""
        gone = [one.id for one in self._gone.values() if not self._may_be_met(one)]
        aside = [one.id for one in self._aside if not self._may_be_met(one)]
        if gone or aside:
            self._store.remove([*gone, *aside])
        moved = sum(min(count, self._lost[digest]) for digest, count in self._gained.items())
        self.report.moved = moved
        self.report.copied = self._gained.total() - moved
        self.report.removed = len(gone)
        return self.report

    def _touched(self, file: Found, digest: str) -> Recording | None:
        """Give the recording of a file that has another time alone; one that failed gets a try."""
        here = self._at.get(file.place)
        return here if here and here.sound is not None and here.digest == digest else None

    def _know_again(self, file: Found, digest: str, said: Said) -> None:
        """Keep a file whose bytes are known."""
        touched = self._touched(file, digest)
        if touched:
            self._store.move(touched.id, file, said)
            self.report.skipped += 1
        elif self._movable.get(digest):
            gone = self._movable[digest].pop()
            self._make_room(file, digest)
            self._store.move(gone.id, file, said)
            del self._gone[gone.id]
            self._gained[digest] += 1
        elif self._store.sound_of(digest) is not None:
            self._make_room(file, digest)
            self._store.share(file, digest, said)
            self._gained[digest] += 1
        else:
            self._leave(file)

    def _make_room(self, file: Found, digest: str) -> None:
        """Set aside what stood at a place, if a file may yet turn out to have its bytes."""
        here = self._at.pop(file.place, None)
        if here is None or here.digest == digest:
            return
        self._lost[here.digest] += 1
        if here.sound is not None and self._may_be_met(here):
            below = replace(here.place, path=f"{here.place.path}/{here.id}")
            self._store.move(here.id, replace(here.found, place=below))
            self._aside.append(here)

    def _may_be_met(self, recording: Recording) -> bool:
        """Whether a file that is not settled may have the bytes of a recording."""
        return self._unsettled[recording.size] > 0

    def _leave(self, file: Found) -> None:
        self.report.skipped += 1
        left = "it changed while it was read; it is left for the next run"
        self.report.warnings.append(f"{file.place.full}: {left}")


def _movable(changes: Changes) -> dict[str, list[Recording]]:
    """List what is gone by its bytes, unless these failed there and were heard elsewhere."""
    heard = {one.digest for one in changes.known if one.sound is not None}
    out: dict[str, list[Recording]] = {}
    for gone in changes.gone:
        if gone.digest and (gone.sound is not None or gone.digest not in heard):
            out.setdefault(gone.digest, []).append(gone)
    return out
