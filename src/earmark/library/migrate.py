"""A library by another model: its sounds are heard again while the old model goes on answering.

    done = migrate(store, model)

What is heard lies beside the library, in its folder `moving`, sound by sound, as an index run keeps
it: a kill costs what was being heard, and the next call goes on from there. Only when all is there
does one transaction let it count (`store/switch.py`). If both models hear alike (one was tuned to
own sounds, or calibrated anew) nothing is heard: the vectors stay, and only the name changes.

A sound is heard in the first of its files that is as it was indexed. If there is none, it stops
before the switch and says so; with `without`, it goes on, and the recordings of that sound stay
with a reason, for the next index run.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from earmark.errors import EarmarkError
from earmark.library import hear
from earmark.library.nouns import Found, Identity, Recording
from earmark.library.pipeline import Progress, run
from earmark.library.source import Sound
from earmark.library.store.database import NAME
from earmark.library.store.local import LocalStore
from earmark.library.store.switch import MOVING, rename
from earmark.model.cores import cores
from earmark.model.model import Model
from earmark.model.page import AUDIO, Page

WHO = "earmark library migrate"
AWAY, CHANGED = "its file is not there", "its file is not as it was indexed"
LATER = "the new model has not heard it: "
Tell = Callable[[Progress], None]


@dataclass(slots=True, kw_only=True)
class Migrated:
    """What a migration did, or would do; counts of sounds."""

    old: str  # model
    new: str
    heard: int = 0  # by the new model, in this call
    known: int = 0  # heard before by the new model
    alike: bool = False  # both models hear alike: nothing need be heard
    seconds: float = 0.0  # of sound that was heard
    took: float = 0.0  # seconds of time
    missing: list[tuple[Path, str]] = field(default_factory=list)  # not heard, and why


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How it should go."""

    old: Page | None = None  # of the library's model, where it is at hand
    source: str = ""  # where the new model is loaded from when the library is opened again
    without: bool = False  # go on where files are missing
    jobs: int | None = None


def migrate(store: LocalStore, model: Model, wish: Wish, tell: Tell | None = None) -> Migrated:
    """Hear all sounds of a library by another model, and let that one count."""
    began = perf_counter()
    migration = Migration(store, model, wish, tell)
    done = migration.go()
    done.took = perf_counter() - began
    return done


def foresee(store: LocalStore, model: Model, wish: Wish) -> Migrated:
    """Say what a migration would do: which sounds it would hear, and which it could not."""
    migration = Migration(store, model, wish, None)
    done, files = migration.new_report(), migration.files()
    if migration.is_alike():
        done.alike, done.known = True, len(files)
        return done
    with migration.staged() as known:
        left = {d: some for d, some in files.items() if known is None or known.sound_of(d) is None}
    done.known = len(files) - len(left)
    for recordings in left.values():
        here = [one for one in recordings if not state_of(one)]
        done.heard += bool(here)
        done.seconds += here[0].seconds if here else 0.0
        done.missing += [] if here else [_missing(recordings[0])]
    return done


class Migration:
    """One migration on its way."""

    def __init__(self, store: LocalStore, model: Model, wish: Wish, tell: Tell | None) -> None:
        self._store = store.again()  # who searches by the old model goes on undisturbed
        self._model, self._wish, self._tell = model, wish, tell
        self._identity = Identity.of(model.page, source=wish.source)
        self._home = store.folder / MOVING
        self._place = self._home / self._identity.digest[:16]
        self._reasons: dict[str, tuple[Path, str]] = {}  # by digest

    def new_report(self) -> Migrated:
        """Make a report of nothing done."""
        return Migrated(old=self._store.identity.model, new=self._identity.model)

    def go(self) -> Migrated:
        """Hear, and when all is there let it count."""
        done = self.new_report()
        if self.is_alike():
            done.alike, done.known = True, len(self.files())
            with self._store.writing(WHO), self._store.rows.changing():
                rename(self._store.rows, self._identity)
        else:
            self._hear_and_switch(done)
        shutil.rmtree(self._home, ignore_errors=True)
        return done

    def is_alike(self) -> bool:
        """Whether the vectors that are there are those that the new model would make."""
        if self._store.identity.digest == self._identity.digest:
            return True
        old = self._wish.old
        return old is not None and ears_of(old) == ears_of(self._model.page)

    def files(self) -> dict[str, list[Recording]]:
        """The recordings of every sound, by digest."""
        found: dict[str, list[Recording]] = {}
        for one in self._store.recordings():
            if one.sound is not None:
                found.setdefault(one.digest, []).append(one)
        return found

    @contextmanager
    def staged(self) -> Iterator[LocalStore | None]:
        """Open what was heard before, if anything was."""
        try:
            known = LocalStore.open(self._place)
        except EarmarkError:  # nothing yet, or what is heard again
            yield None
            return
        with closing(known):
            yield known

    def _hear_and_switch(self, done: Migrated) -> None:
        with closing(self._open()) as new:
            done.known = sum(new.sound_of(digest) is not None for digest in self.files())
            self._hear(new, done)  # the old library may be indexed meanwhile
            with self._store.writing(WHO):
                self._hear(new, done)  # what came in
                self._refuse_missing(done)
                self._store.switch(self._identity, lambda d: _sound(new, d), self._told())

    def _open(self) -> LocalStore:
        """Open what was heard before, or begin; what cannot be opened can be heard again."""
        if (self._place / NAME).is_file():
            try:
                return LocalStore.open(self._place)
            except EarmarkError:
                shutil.rmtree(self._place, ignore_errors=True)
        keeps = self._store.keeps_tokens
        return LocalStore.create(self._place, self._identity, keeps_tokens=keeps)

    def _hear(self, new: LocalStore, done: Migrated) -> None:
        """Hear what is not there yet, in another of its files where one cannot be heard."""
        files, self._reasons = self.files(), {}
        left = {d: list(some) for d, some in files.items() if new.sound_of(d) is None}
        while asked := self._next(left):
            with new.writing(WHO):
                self._hear_some(asked, new, done)
            left = {d: some for d, some in left.items() if new.sound_of(d) is None}
        self._reasons = {d: why for d, why in self._reasons.items() if d in left}

    def _next(self, left: dict[str, list[Recording]]) -> dict[Found, str]:
        """The next file of each sound that is as it was indexed, and whose bytes it had."""
        asked: dict[Found, str] = {}
        for digest, recordings in left.items():
            while recordings:
                one = recordings.pop(0)
                reason = state_of(one)
                if not reason:
                    asked[one.found] = digest
                    break
                self._reasons.setdefault(digest, (one.place.full, reason))
        return asked

    def _hear_some(self, asked: dict[Found, str], new: LocalStore, done: Migrated) -> None:
        def must_hear(found: Found, digest: str) -> bool:
            return digest == asked[found]  # other bytes are another sound

        jobs = cores() if self._wish.jobs is None else self._wish.jobs
        outcomes = run(list(asked), self._model, must_hear, jobs=jobs, on_progress=self._tell)
        with closing(outcomes):
            for one in outcomes:
                if one.packed is None:
                    reason = one.reason or CHANGED
                    self._reasons[asked[one.found]] = (one.found.place.full, reason)
                    continue
                new.add(one.found, one.digest, one.packed, one.seconds, one.said)
                done.heard += 1
                done.seconds += one.seconds

    def _refuse_missing(self, done: Migrated) -> None:
        done.missing = list(self._reasons.values())
        if done.missing and not self._wish.without:
            path, reason = done.missing[0]
            more = f" and {len(done.missing) - 1:,} more" if len(done.missing) > 1 else ""
            raise EarmarkError(
                f"the library stays with {done.old}: {path}{more} cannot be heard by {done.new}, "
                f"as {reason}",
                hint="bring the files back, or index their folders, and go on with the same "
                "command; --without goes on without them",
            )

    def _told(self) -> dict[str, str]:
        return {digest: LATER + reason for digest, (_, reason) in self._reasons.items()}


def state_of(recording: Recording) -> str:
    """Say why a recording cannot be heard again, or nothing."""
    try:
        now = hear.state_of(recording.place.full)
    except OSError:
        return AWAY
    return "" if now == (recording.size, recording.mtime) else CHANGED


def ears_of(page: Page) -> tuple[object, ...]:
    """All that decides what a model hears."""
    return page.files.get(AUDIO), page.fronts, page.seconds, page.width, page.fill


def _missing(recording: Recording) -> tuple[Path, str]:
    return recording.place.full, state_of(recording)


def _sound(new: LocalStore, digest: str) -> Sound | None:
    """What the new model heard in some bytes; None where it has not."""
    number = new.sound_of(digest)
    return None if number is None else new.sound(number)
