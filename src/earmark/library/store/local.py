"""The default engine: SQLite for truth, memory-mapped vectors beside it, in one folder.

    library.db            tables of `schema.py`
    vectors/000001/       one volume, see `volume.py`
    writer.lock           who writes

A sound counts once its row is committed. Its vectors are appended before; what a stopped writer
left behind the last row is written over. After a power failure a row might have outlived its
vectors, so the next writer compares the sums of all that was not yet surely on the drive.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

import numpy as np

from earmark.errors import EarmarkError, UsageError
from earmark.library.nouns import Found, Identity, Said
from earmark.library.packed import Packed, restore, without_tokens
from earmark.library.source import Sound
from earmark.library.store.contract import (
    ForgottenError,
    Ids,
    Near,
    Status,
    Tokens,
    Vector,
)
from earmark.library.store.database import NAME, damaged, told
from earmark.library.store.kernel import nearest
from earmark.library.store.known import Known
from earmark.library.store.lock import holder, writer_lock
from earmark.library.store.rewrite import rewrite
from earmark.library.store.rows import JOINED, Rows, Spot
from earmark.library.store.switch import MOVING, Read, switch
from earmark.library.store.view import (
    View,
    open_volume,
    refuse_moved,
    volume_folder,
    volumes,
)
from earmark.library.store.volume import (
    Appender,
    Extent,
    ShortError,
    Volume,
    checksum,
    count_of,
    others,
    remove_others,
    size_of,
)
from earmark.model.pool import Times, Vectors

SYNC = 5.0  # seconds after which the drive is asked to keep what was written
PATIENCE = 10.0  # seconds for another process to bring the library up to date


class LocalStore(Known):
    """A library in one folder of this machine."""

    def __init__(self, rows: Rows, identity: Identity) -> None:
        self.identity = identity
        self.keeps_tokens = rows.setting("keeps_tokens") == "yes"
        self.folder = rows.folder
        self.rows = rows
        self._view = View(rows, identity)
        self._appender: Appender | None = None
        self._synced = 0.0

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open a library; raise if there is none, or one that cannot be used."""
        if not (folder / NAME).is_file():
            raise no_library(folder)
        rows = Rows(folder)
        try:
            identity = rows.identity()
            if identity is None:
                raise no_library(folder)
            _bring_up_to_date(rows)
            return cls(rows, identity)
        except BaseException:
            rows.close()
            raise

    @classmethod
    def create(cls, folder: Path, identity: Identity, *, keeps_tokens: bool = True) -> Self:
        """Make a new library; raise if there is one."""
        with told(folder):
            folder.mkdir(parents=True, exist_ok=True)
            rows = Rows(folder)
        try:
            with told(folder), writer_lock(folder, "making the library", wait=PATIENCE):
                if rows.identity() is not None:
                    raise UsageError(
                        f"there is a library in {folder} already",
                        hint="open it, or name another folder",
                    )
                rows.begin(identity, keeps_tokens=keeps_tokens)
            return cls(rows, identity)
        except BaseException:
            rows.close()
            raise

    def close(self) -> None:
        """Let go of everything."""
        self._view.forget()
        self.rows.close()

    def again(self) -> Self:
        """The same library by the model that it is of now; both are closed by either."""
        identity = self.rows.identity()
        if identity is None:
            raise no_library(self.folder)
        return type(self)(self.rows, identity)

    @contextmanager
    def writing(self, who: str) -> Iterator[None]:
        """Hold the right to write, or raise an error that says who holds it."""
        if not self.rows.database.writable:
            raise EarmarkError(
                f"the library {self.folder} may only be read",
                hint="ask for the right to write to its folder, or index into another: --library",
            )
        with ExitStack() as held:
            with told(self.folder):
                held.enter_context(writer_lock(self.folder, who))
                refuse_moved(self.rows, self.identity)
                self._remove_leftovers()
                self._appender = self._new_appender()
                held.callback(self._end_writing)
                self._drop_unsure()
                self._sync()
            yield  # what goes wrong there is not the library's
            with told(self.folder):
                self._sync()

    def _end_writing(self) -> None:
        if self._appender is not None:
            self._appender.close()
            self._appender = None

    # what it knows

    def status(self) -> Status:
        """How it stands."""
        filled = self.rows.filled
        counts = (
            "SELECT count(*), coalesce(sum(sound IS NULL), 0), coalesce(sum(seconds), 0) "
            f"FROM {JOINED}"
        )
        recordings, failed, seconds = self.rows.all(counts)[0]
        sums = "SELECT count(*), coalesce(sum(moments), 0), coalesce(sum(tokens), 0) FROM sounds"
        sounds, moments, tokens = self.rows.all(sums)[0]
        return Status(
            identity=self.identity,
            roots=tuple(self.roots()),
            recordings=recordings,
            sounds=sounds,
            failed=failed,
            seconds=seconds,
            moments=moments,
            tokens=tokens,
            bytes=size_of(self.folder) + size_of(volume_folder(self.rows)),
            dead=1 - moments / filled.moments if filled.moments else 0.0,
            writer=holder(self.folder),
            notes=(*self.rows.database.notes, *_moving(self.folder)),
        )

    # writing

    def add(self, file: Found, digest: str, packed: Packed, seconds: float, said: Said) -> int:
        """Keep what was heard in a file, in place of what was known of this place."""
        kept = packed if self.keeps_tokens else without_tokens(packed)
        appender, count = self._writer(), count_of(kept)
        with self._changing():
            at = appender.append(kept)
            sound = self._new_sound(digest, seconds, at, count, checksum(kept))
            number = self.rows.keep(file, digest, sound, said)
            self.rows.fill(at + count)
        appender.accept(count)
        if time.monotonic() - self._synced > SYNC:
            self._sync()
        return number

    def share(self, file: Found, digest: str, said: Said) -> int:
        """Keep a file whose bytes were heard before."""
        with self._changing():
            return self.rows.keep(file, digest, self.sound_of(digest), said)

    def fail(self, file: Found, digest: str, reason: str) -> int:
        """Keep that nothing could be heard in a file, and why."""
        with self._changing():
            return self.rows.keep(file, digest, None, Said(), reason)

    def move(self, recording: int, file: Found, said: Said | None = None) -> None:
        """Let a recording be at another place, or have another time, with the same bytes."""
        with self._changing():
            self.rows.move(recording, file, said)

    def remove(self, recordings: Sequence[int]) -> None:
        """Forget recordings; sounds that no recording has any more are dead then."""
        with self._changing():
            self.rows.drop(recordings)

    def relocate(self, old: Path, new: Path) -> int:
        """Let all recordings under a folder be under another: -> how many."""
        with self._changing():
            return self.rows.relocate(old, new)

    def compact(self) -> int:
        """Free the room of dead sounds: -> bytes.

        The live rows are copied into a new volume; one transaction lets that one count.
        """
        appender, before = self._writer(), size_of(volume_folder(self.rows))
        old = open_volume(self.rows, self.identity.width)
        self._appender = rewrite(
            self.rows, self.identity.width, lambda spot: old.packed(spot.first, spot.count)
        )
        appender.close()
        self._view.forget()
        remove_others(volumes(self.rows), volume_folder(self.rows))
        return before - size_of(volume_folder(self.rows))

    def switch(self, identity: Identity, read: Read, reasons: Mapping[str, str]) -> None:
        """Let the library be of another model, whose sounds are given by digest; see `again`."""
        old, self._appender = self._writer(), None
        try:
            self._appender = switch(self.rows, identity, read, reasons)
        finally:
            self._appender = self._appender or old
        old.close()
        self.identity = identity
        self._view = View(self.rows, identity)
        remove_others(volumes(self.rows), volume_folder(self.rows))

    def sound(self, sound: int) -> Sound:
        """Copy all that was heard of a sound, with how long it is."""
        volume, first, count = self._part(sound)
        seconds = self.rows.one("SELECT seconds FROM sounds WHERE id = ?", (sound,))
        return Sound(volume.packed(first, count), float(seconds))

    # searching

    def nearest(self, query: Vector, *, limit: int | None, among: Ids | None = None) -> Near:
        """The sounds whose best moments are nearest: of all, or only among these sounds."""
        volume, catalog = self._view.look()
        return nearest(volume, catalog, query, limit=limit, among=among)

    def moments(self, sound: int) -> tuple[Vectors, Times]:
        """All searched vectors of a sound: -> [m, width] from float16, [m, 2]."""
        volume, first, count = self._part(sound)
        rows = slice(first.moments, first.moments + count.moments)
        return volume.column("halves")[rows].astype(np.float32), volume.column("times")[rows]

    def tokens(self, sound: int, start: float = 0.0, end: float = np.inf) -> Tokens | None:
        """The tokens whose centres lie in a part of a sound; None if none are kept."""
        volume, first, count = self._part(sound)
        if not count.tokens:
            return None
        times = volume.column("token_times")[first.tokens : first.tokens + count.tokens]
        low, high = np.searchsorted(times.mean(axis=1), (start, end))
        rows = slice(first.tokens + int(low), first.tokens + int(high))
        small, scales = volume.column("tokens")[rows], volume.column("token_scales")[rows]
        weights = np.array(volume.column("weights")[rows])
        return Tokens(restore(small, scales), weights, times[low:high])

    # inside

    @property
    def _rows(self) -> Rows:
        return self.rows

    @contextmanager
    def _changing(self) -> Iterator[None]:
        self._writer()
        with self.rows.changing():
            yield
        self._view.forget()

    def _writer(self) -> Appender:
        if self._appender is None:
            raise RuntimeError("a store is written to inside `with store.writing(who):`")
        return self._appender

    def _new_appender(self) -> Appender:
        try:
            return Appender(volume_folder(self.rows), self.identity.width, self.rows.filled)
        except ShortError as error:
            raise damaged(self.folder, f"{error} is shorter than it should be") from error

    def _new_sound(self, digest: str, seconds: float, at: Extent, count: Extent, crc: int) -> int:
        self.rows.all(
            "INSERT INTO sounds (digest, seconds, first, moments, token, tokens, crc) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (digest, seconds, at.moments, count.moments, at.tokens, count.tokens, crc),
        )
        return int(self.rows.one("SELECT id FROM sounds WHERE digest = ?", (digest,)))

    def _remove_leftovers(self) -> None:
        """Remove volumes of stopped compactions, once the drive surely knows which one counts."""
        home, counts = volumes(self.rows), volume_folder(self.rows)
        if others(home, counts):
            with self.rows.changing(surely=True):
                self.rows.set("volume", self.rows.volume)
            remove_others(home, counts)

    def _sync(self) -> None:
        """Have the drive keep the vectors, and note up to which sound it surely does."""
        self._writer().sync()
        last = self.rows.one("SELECT coalesce(max(id), 0) FROM sounds")
        with self._changing():
            self.rows.set("synced", last)
        self._synced = time.monotonic()

    def _drop_unsure(self) -> None:
        """Forget recordings whose vectors a power failure may have taken; they are heard again."""
        unsure = self.rows.spots("id > ?", (int(self.rows.setting("synced")),))
        if unsure:
            volume = open_volume(self.rows, self.identity.width)
            lost = [spot.sound for spot in unsure if not is_whole(volume, spot)]
            self.remove([recording.id for recording in self.of_sounds(lost)])

    def _part(self, sound: int) -> tuple[Volume, Extent, Extent]:
        """A volume and where in it a sound lies."""
        with self.rows.snapshot():
            volume, _ = self._view.look()
            spots = self.rows.spots("id = ?", (int(sound),))
        if not spots:
            raise ForgottenError(sound)
        return volume, spots[0].first, spots[0].count


def is_whole(volume: Volume, spot: Spot) -> bool:
    """Whether the rows of a sound are those that were written."""
    return checksum(volume.packed(spot.first, spot.count)) == spot.crc


def _moving(folder: Path) -> tuple[str, ...]:
    """Say if another model hears it, or has begun to."""
    told = "another model hears it, or has begun to: earmark library migrate goes on"
    return (told,) if (folder / MOVING).is_dir() else ()


def _bring_up_to_date(rows: Rows) -> None:
    """Take the steps to this version, one process at a time."""
    if rows.is_current():
        return
    if not rows.database.writable:
        raise EarmarkError(
            f"the library {rows.folder} is of an older version and may only be read",
            hint="open it once where it may be written to; it is brought up to date then",
        )
    with writer_lock(rows.folder, "bringing the library up to date", wait=PATIENCE):
        rows.upgrade()


def no_library(folder: Path) -> EarmarkError:
    """Make the error for a library that is not there."""
    return EarmarkError(
        f"there is no library in {folder}",
        hint="make one with: earmark index FOLDER (--library names another place for it)",
    )
