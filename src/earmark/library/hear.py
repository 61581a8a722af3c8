"""One file on its way into a library: what its bytes are, what it says, what was heard in it."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from threading import Lock

from earmark.audio.read import open_sound
from earmark.audio.tags import Tags, read_tags
from earmark.errors import AudioError
from earmark.library.nouns import Found, Said
from earmark.library.packed import Packed, Part, pack_parts
from earmark.library.remote import bucket
from earmark.library.remote.address import is_remote
from earmark.library.scan import mtime_of
from earmark.model.model import Model
from earmark.model.page import Page
from earmark.model.pool import Heard
from earmark.model.stretches import Window
from earmark.types import Samples

BLOCK = 65_536  # samples that are decoded at once
PIECE = 1 << 20  # bytes that are hashed at once
SHOWN = (
    "title",
    "artist",
    "album",
    "comment",
    "description",
    "genre",
    "date",
    "originator",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a file: heard, known already (none of the last three), or neither."""

    found: Found
    digest: str = ""  # of its bytes; empty if they could not be read
    said: Said = Said()  # noqa: RUF009 - it is frozen
    seconds: float = 0.0  # how long it is, if it was heard
    packed: Packed | None = None  # what was heard
    reason: str = ""  # why nothing could be heard
    changed: bool = False  # it is not as the scan met it: left for the next run


@dataclass(frozen=True, slots=True)
class Looked:
    """A file whose bytes were read, but not yet heard."""

    found: Found
    digest: str
    said: Said


class ChangedError(Exception):
    """A file is not as the scan met it."""


def look(found: Found, beat: Callable[[], object]) -> Looked:
    """Read a file's bytes and tags; `beat` is called now and then, and may raise to end it."""
    refuse_changed(found)
    with at_hand(found) as path:
        digest = digest_of(path, beat)
        said = said_of(read_tags(path))
    refuse_changed(found)
    return Looked(found, digest, said)


def at_hand(found: Found) -> AbstractContextManager[Path]:
    """Give a file that can be opened here: itself, or a copy for as long as it is needed."""
    full = found.place.full
    return bucket.copied(full) if is_remote(full) else nullcontext(full)


def digest_of(path: Path, beat: Callable[[], object]) -> str:
    """Tell a file's bytes from all others, by 128 bits in hex."""
    hashed = blake2b(digest_size=16)
    with path.open("rb", buffering=0) as file:
        while piece := file.read(PIECE):
            beat()
            hashed.update(piece)
    return hashed.hexdigest()


def said_of(tags: Tags) -> Said:
    """Choose from a file's tags what a library keeps."""
    shown = {name: getattr(tags, name) for name in SHOWN}
    shown["keywords"] = ", ".join(tags.keywords)
    return Said(
        tags={name: writable(value) for name, value in shown.items() if value},
        ucs=tags.ucs.cat_id if tags.ucs else "",
        warnings=tuple(map(writable, tags.warnings)),
    )


def refuse_changed(found: Found) -> None:
    """Raise unless a file is as the scan met it."""
    try:
        now = state_of(found.place.full)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ChangedError from error
    if now != (found.size, found.mtime):
        raise ChangedError


def state_of(path: Path) -> tuple[int, int]:
    """Tell a file's size and time as they are now, or raise `FileNotFoundError`."""
    if is_remote(path):
        return bucket.state(path)
    now = path.stat()
    if not stat.S_ISREG(now.st_mode):  # a pipe would let us wait for ever
        raise FileNotFoundError(f"{path} is no file")
    return now.st_size, mtime_of(now)


def failure(found: Found, digest: str, error: Exception) -> Outcome:
    """Say why nothing could be heard; what goes wrong while a file changes says nothing of it."""
    try:
        refuse_changed(found)
    except ChangedError as changed:
        error = changed
    except OSError as refused:  # it cannot even be asked for its size
        error = refused
    if isinstance(error, ChangedError):
        return Outcome(found=found, digest=digest, changed=True)
    return Outcome(found=found, digest=digest, reason=writable(_reason(error)))


def _reason(error: Exception) -> str:
    if isinstance(error, AudioError):
        return error.reason
    if isinstance(error, PermissionError):
        return "you may not read it"
    if isinstance(error, OSError):
        return f"it could not be read ({error.strerror or error})"
    first = (str(error).splitlines() or [""])[0]
    return f"it could not be decoded ({type(error).__name__}: {first})"


def writable(text: str) -> str:
    """Replace what cannot be written as UTF-8: halves of characters, from broken tags and names."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


class Hearing:
    """A file that is being heard: one thread cuts it into windows, any number hear them."""

    def __init__(self, looked: Looked) -> None:
        self.looked = looked
        self.claimed: float | None = None  # seconds, as its header says
        self.odd: tuple[str, ...] = ()  # what its decoder has said
        self.reached = 0.0  # seconds, up to where something was heard
        self.samples = 0  # that were decoded
        self.given_up = False
        self._lock = Lock()
        self._parts = dict[int, Part]()
        self._count: int | None = None  # windows, once all are cut
        self._warnings: tuple[str, ...] = ()

    def counted(self, blocks: Iterable[Samples]) -> Iterator[Samples]:
        """Pass blocks on and count their samples."""
        for block in blocks:
            self.samples += len(block)
            yield block

    def add(self, number: int, heard: Heard) -> bool:
        """Keep what was heard of a window, as small as it is stored: -> whether that was all."""
        part = Part.of(heard)
        with self._lock:
            self._parts[number] = part
            self.reached = max(self.reached, heard.moment.end)
            return len(self._parts) == self._count

    def end(self, count: int, warnings: Iterable[str]) -> bool:
        """Tell how many windows there are, and what was odd: -> whether all were heard."""
        with self._lock:
            self._warnings = tuple(map(writable, warnings))
            self._count = count
            return len(self._parts) == count

    def outcome(self, page: Page) -> Outcome:
        """Join what was heard, in order of time."""
        parts = [self._parts[number] for number in range(len(self._parts))]
        seconds, said = self.samples / page.rate, self.looked.said
        told = (*said.warnings, *self._warnings)
        return Outcome(
            found=self.looked.found,
            digest=self.looked.digest,
            said=replace(said, warnings=tuple(dict.fromkeys(told))),
            seconds=seconds,
            packed=pack_parts(parts, seconds, page.seconds.window, page.seconds.hop),
        )


def cut(hearing: Hearing, model: Model, beat: Callable[[], object]) -> Iterator[Window]:
    """Decode a file and cut it into windows; `beat` is called now and then, and may raise.

    At the end it is checked: the file is as the scan met it, and there is sound in it.
    """
    found, count = hearing.looked.found, 0
    with at_hand(found) as path, open_sound(path, rate=model.rate, block=BLOCK) as sound:
        hearing.claimed = sound.facts.seconds
        for window in model.windows(hearing.counted(_beating(sound, beat))):
            count += 1
            yield window
        hearing.odd = tuple(sound.warnings)
    refuse_changed(found)
    if not count:
        raise AudioError(path, "there is not one sample in it", hint="leave it out")


def _beating(blocks: Iterable[Samples], beat: Callable[[], object]) -> Iterator[Samples]:
    """Pass blocks on; hours of silence give no window at which one would see that it is over."""
    for block in blocks:
        beat()
        yield block
