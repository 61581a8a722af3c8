"""The served engine: a log, moments and tokens on a Milvus server, a mirror of the log here."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Self

import numpy as np

from earmark.errors import EarmarkError, UsageError
from earmark.library.nouns import Found, Identity, Said
from earmark.library.packed import Packed, without_tokens
from earmark.library.store.contract import (
    ForgottenError,
    Ids,
    Near,
    Status,
    Tokens,
    Vector,
)
from earmark.library.store.kernel import Catalog
from earmark.library.store.known import Known
from earmark.library.store.rows import Rows
from earmark.library.store.served import blocks, shape
from earmark.library.store.served.address import Address, credentials
from earmark.library.store.served.claim import claims, held
from earmark.library.store.served.entries import dropped, kept, moved
from earmark.library.store.served.follow import BOUNDED, Clock, Head, Reader, head
from earmark.library.store.served.link import STRONG, Link
from earmark.library.store.served.log import Entry
from earmark.library.store.served.mirror import Mirror
from earmark.library.store.served.nearest import Finder
from earmark.library.store.served.pen import Pen
from earmark.library.store.served.shelf import Shelf
from earmark.library.store.served.sweep import sweep
from earmark.library.store.view import new_catalog
from earmark.model.pool import Times, Vectors

RETRIES = 4  # searches that another writer's compaction may spoil
COUNTS = (
    "SELECT count(*), coalesce(sum(recordings.sound IS NULL), 0), coalesce(sum(seconds), 0) "
    "FROM recordings LEFT JOIN sounds ON sounds.id = sound"
)


class ServedStore(Known):
    """A library on a server."""

    def __init__(self, link: Link, address: Address, found: Head) -> None:
        self.identity, self.keeps_tokens = found.identity, found.keeps_tokens
        self.address = address
        self._link, self._head = link, found
        self._names = shape.Names.of(address.name, found.identity)
        self._clock = Clock()
        self._mirror = Mirror(found.identity, found.key, keeps_tokens=found.keeps_tokens)
        self._reader = Reader(link, self._names.log, self._mirror)
        self._shelf = Shelf(link, self._names.moments, found.identity.width, self._clock)
        self._finder = Finder(link, self._names.moments, self._shelf, self._clock)
        self._catalog: Catalog | None = None
        self._pen: Pen | None = None
        self._catch_up(STRONG)

    @classmethod
    def open(cls, address: Address, link: Link | None = None) -> Self:
        """Open a library; raise if there is none."""
        with _linked(address, link) as line:
            log = shape.log_of(address.name)
            found = head(line, log) if log in line.collections() else None
            if found is None:
                raise no_library(address)
            shape.load(line, shape.Names.of(address.name, found.identity))
            return cls(line, address, found)

    @classmethod
    def create(
        cls,
        address: Address,
        identity: Identity,
        *,
        keeps_tokens: bool = True,
        link: Link | None = None,
    ) -> Self:
        """Make a new library; raise if there is one."""
        with _linked(address, link) as line:
            names = shape.Names.of(address.name, identity)
            shape.make(line, names, identity.width)
            if head(line, names.log) is not None:
                raise UsageError(
                    f"there is a library at {address} already",
                    hint="open it, or give the new one another name",
                )
            store = cls(line, address, Head(secrets.token_hex(8), identity, keeps_tokens))
            with store.writing("making the library"):
                store._writer().begin()
            return store

    def close(self) -> None:
        """Let go of everything."""
        with suppress(EarmarkError):  # what is here is a copy
            self._mirror.close()
        self._link.close()

    def again(self) -> Self:
        """The same library; it is of the same model as long as it is there."""
        return self

    @contextmanager
    def writing(self, who: str) -> Iterator[None]:
        """Hold the right to write, or raise an error that says who holds it."""
        with held(self._link, self._names.log, who, str(self.address)) as claim:
            self._catch_up(STRONG)
            pen = Pen(self._link, self._names, self._mirror, self._head, self._clock)
            with pen.held(claim):
                self._pen = pen
                try:
                    yield
                finally:
                    self._pen = None

    # what it knows

    def status(self) -> Status:
        """How it stands; `bytes` are those that were sent and still count or wait to be freed."""
        rows = self._rows
        recordings, failed, seconds = rows.all(COUNTS)[0]
        sums = "SELECT count(*), coalesce(sum(moments), 0), coalesce(sum(tokens), 0) FROM sounds"
        sounds, moments, tokens = rows.all(sums)[0]
        filled = rows.filled
        return Status(
            identity=self.identity,
            roots=tuple(rows.roots()),
            recordings=recordings,
            sounds=sounds,
            failed=failed,
            seconds=seconds,
            moments=moments,
            tokens=tokens,
            bytes=shape.bytes_of(filled, self.identity.width),
            dead=1 - moments / filled.moments if filled.moments else 0.0,
            writer=self._pen.who if self._pen else self._other_writer(),
            notes=(f"on Milvus {self._link.version}; its size is that of what was sent there",),
        )

    # writing

    def add(self, file: Found, digest: str, packed: Packed, seconds: float, said: Said) -> int:
        """Keep what was heard in a file, in place of what was known of this place."""
        heard, pen = packed if self.keeps_tokens else without_tokens(packed), self._writer()
        with self._mirror.rows.lock:
            sound = pen.place(heard, seconds)
            return self._note(kept(file, digest, said, sound=sound), heard)

    def share(self, file: Found, digest: str, said: Said) -> int:
        """Keep a file whose bytes were heard before."""
        return self._note(kept(file, digest, said, sound=True))

    def fail(self, file: Found, digest: str, reason: str) -> int:
        """Keep that nothing could be heard in a file, and why."""
        return self._note(kept(file, digest, Said(), sound=False, reason=reason))

    def move(self, recording: int, file: Found, said: Said | None = None) -> None:
        """Let a recording be at another place, or have another time, with the same bytes."""
        self._note(moved(recording, file, said))

    def remove(self, recordings: Sequence[int]) -> None:
        """Forget recordings; sounds that no recording has any more are dead then."""
        self._note(dropped(recordings))

    def relocate(self, old: Path, new: Path) -> int:
        """Let all recordings under a folder be under another: -> how many."""
        self._writer()
        count, entry = self._mirror.tried(old, new)
        if entry is not None:
            self._note(entry)
        return count

    def compact(self) -> int:
        """Free the room of dead sounds, and shorten the log: -> bytes."""
        pen, rows = self._writer(), self._mirror.rows
        with rows.lock:
            before = shape.bytes_of(rows.filled, self.identity.width)
            pen.rewrite()
            self._catalog = None
            sweep(self._link, self._names, rows, self.identity.width)
            return before - shape.bytes_of(rows.filled, self.identity.width)

    # searching

    def nearest(self, query: Vector, *, limit: int | None, among: Ids | None = None) -> Near:
        """The sounds whose best moments are nearest: of all, or only among these sounds."""
        for _ in range(RETRIES):
            with suppress(ForgottenError):
                return self._finder.nearest(self._look(), query, limit=limit, among=among)
            self._catch_up(STRONG)
        raise self._lost()

    def moments(self, sound: int) -> tuple[Vectors, Times]:
        """All searched vectors of a sound: -> [m, width] from float16, [m, 2]."""
        first, count, _, _ = self._spot(sound)
        try:
            (found,) = self._shelf.moments(np.array([first]), np.array([count]))
        except ForgottenError:
            self._catch_up(STRONG)
            self._spot(sound)  # raises if it is gone; else its vectors are
            raise self._lost() from None
        return found.halves.astype(np.float32), found.times

    def tokens(self, sound: int, start: float = 0.0, end: float = np.inf) -> Tokens | None:
        """The tokens whose centres lie in a part of a sound; None if none are kept."""
        _, _, first, count = self._spot(sound)
        if not count:
            return None
        last = first + blocks.count_of(count, self.identity.width)
        return blocks.read(
            self._link,
            self._names.tokens,
            self.identity.width,
            (first, last),
            (start, end),
            self._clock.level,
        )

    # inside

    @property
    def _rows(self) -> Rows:
        """The tables, brought up to date if that was not done just now."""
        if self._pen is None and self._clock.is_due():
            self._catch_up(BOUNDED)
        return self._mirror.rows

    def _look(self) -> Catalog:
        """The sounds that can be searched: what waits to be sent is sent first."""
        rows, pen = self._rows, self._pen
        with rows.lock:
            if pen is not None:
                pen.flush()
            if self._catalog is None:
                self._catalog = new_catalog(rows)
            return self._catalog

    def _catch_up(self, level: str) -> None:
        """Follow the log, unless this store is who writes it."""
        with self._mirror.rows.lock:
            if self._pen is None and self._reader.catch_up(level):
                self._clock.changed(self._mirror.written)
                self._catalog = None

    def _note(self, entry: Entry, packed: Packed | None = None) -> int:
        number = self._writer().note(entry, packed)
        self._catalog = None
        return number

    def _writer(self) -> Pen:
        if self._pen is None:
            raise RuntimeError("a store is written to inside `with store.writing(who):`")
        return self._pen

    def _spot(self, sound: int) -> tuple[int, int, int, int]:
        """Where the rows of a sound are: first moment, moments, first block, tokens."""
        self._look()
        spots = self._mirror.rows.spots("id = ?", (int(sound),))
        if not spots:
            raise ForgottenError(sound)
        first, count = spots[0].first, spots[0].count
        return first.moments, count.moments, first.tokens, count.tokens

    def _other_writer(self) -> str:
        holding = [one for one in claims(self._link, self._names.log) if one.holds]
        return str(holding[0]) if holding else ""

    def _lost(self) -> EarmarkError:
        return EarmarkError(
            f"vectors of {self.address} are not on the server, though its log says so",
            hint="forget the recordings, or drop the library, and index them again",
        )


def no_library(address: Address) -> EarmarkError:
    """Make the error for a library that is not there."""
    return EarmarkError(
        f"there is no library at {address}",
        hint=f"make one with: earmark index FOLDER --library {address}",
    )


@contextmanager
def _linked(address: Address, link: Link | None) -> Iterator[Link]:
    """Connect, unless that was done; hang up if what follows fails."""
    line = link or Link(address.uri, credentials())
    try:
        yield line
    except BaseException:
        line.close()
        raise


def is_made(address: Address) -> bool:
    """Whether there is a library; one whose making was cut short is none."""
    with closing(Link(address.uri, credentials())) as link:
        log = shape.log_of(address.name)
        return log in link.collections() and head(link, log) is not None
