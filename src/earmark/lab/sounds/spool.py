"""Every sound of a training set, decoded once into one file of 16-bit samples that is mapped.

The file stands in a cache folder under a name that depends on the rows, the rate and the sounds
made by code, so a second run starts at once; a clip that has changed since makes a new file. One
that cannot be read is left out and counted.
What is known of a sound (its row, where it lies, how loud it is where it sounds) stands beside it.
"""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from earmark.audio.member import open_bytes, status
from earmark.audio.mix import active, decibels, power
from earmark.audio.read import read
from earmark.data.rows import Row
from earmark.errors import AudioError, DataError
from earmark.lab.sounds.codec import through_codec
from earmark.types import Samples

LONGEST = 24.0  # seconds of a clip that are kept
SHORTEST = 0.05
FULL = 32_767  # a sample of full scale
AHEAD = 64  # sounds that are decoded and not yet written
STAMPED = 16_384  # bytes of each part of a file that tell whether it has changed
Watch = Callable[[float], None]  # is told which share is done


@dataclass(frozen=True, slots=True)
class Take:
    """One sound that can be loaded: a clip as it is, a clip through a codec, a synthetic one."""

    name: str
    load: Callable[[int], Samples]  # rate -> [samples]
    codec: str = ""
    label: str = ""
    captions: tuple[str, ...] = ()
    stamp: str = ""  # changes when the sound does, though its name stays


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a sound lies in the file, and what it is."""

    name: str
    first: int
    length: int
    level: float  # dB, where it sounds
    label: str
    captions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spool:
    """All sounds of a set in one mapped array."""

    samples: npt.NDArray[np.int16]  # [all samples]
    entries: tuple[Entry, ...]
    rate: int
    unread: tuple[str, ...]  # names of what could not be used
    key: str  # of the file: what it is made of


class _Table(NamedTuple):
    """What stands beside the samples."""

    entries: list[Entry]
    unread: list[str]


def clip_take(row: Row, codec: str = "") -> Take:
    """Make the take of a clip on disk, or of its stretch that the row names."""
    first = row.start or 0.0
    last = first + LONGEST if row.end is None else min(row.end, first + LONGEST)
    whole = row.start is None and row.end is None
    place = row.audio.resolve()  # however the data folder was named, it is the same sound
    name = f"{place}" if whole else f"{place}@{first:g}-{last:g}"

    def load(rate: int) -> Samples:
        return read(row.audio, rate=rate, start=first, end=last)

    name = f"{name}|{codec}" if codec else name
    return Take(name, load, codec, row.label, row.captions, _stamp(row.audio))


def spool(
    takes: Sequence[Take],
    rate: int,
    cache: Path,
    *,
    workers: int = 2,
    watch: Watch = lambda share: None,  # noqa: ARG005 - told to nobody
) -> Spool:
    """Open the spool of these takes, making it first if it is not there."""
    if not takes:
        raise DataError("there is no sound to train on", hint="check the data of the recipe")
    key = _key(takes, rate)
    data, table = cache / f"{key}.i16", cache / f"{key}.json"
    try:
        known = _known(data, table)
        if known is None:
            known = _write(takes, _ahead(takes, rate, workers, watch), rate, data, table)
    except OSError as error:
        raise DataError(
            f"decoded sound cannot be kept in {cache}: {error.strerror or error}",
            hint="name another folder with --cache",
        ) from error
    if not known.entries:
        raise DataError("none of the sounds can be used", hint="are they silent, or damaged?")
    samples = np.memmap(data, dtype=np.int16, mode="r")
    return Spool(samples, _with_words(known.entries, takes), rate, tuple(known.unread), key)


@contextmanager
def part_of(path: Path) -> Iterator[Path]:
    """Give a file to write in place of `path`, which takes its name once it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part{os.getpid()}")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _stamp(path: Path) -> str:
    """The size of a file, and a digest of its two ends and its middle.

    Not the time it was written: a folder that was copied or mounted anew holds the same sounds.
    """
    digest = blake2b(digest_size=12)
    try:
        size = status(path).size
        with open_bytes(path) as file:
            for at in (0, size // 2, size - STAMPED):
                file.seek(max(0, at))
                digest.update(file.read(STAMPED))
    except (OSError, AudioError):
        return ""  # reading it as sound will fail too
    return f"{size} {digest.hexdigest()}"


def _key(takes: Sequence[Take], rate: int) -> str:
    digest = blake2b(digest_size=12)
    for part in (f"{rate}", *(f"{take.name}\0{take.stamp}" for take in takes)):
        digest.update(part.encode(errors="surrogateescape") + b"\0")
    return digest.hexdigest()


def _known(data: Path, table: Path) -> _Table | None:
    """Read what is there, if it is whole."""
    try:
        rows = json.loads(table.read_text(encoding="utf-8"))
        size = data.stat().st_size
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    entries = [Entry(**row) for row in rows["entries"]]
    whole = size == 2 * sum(entry.length for entry in entries)
    return _Table(entries, rows["unread"]) if whole else None


def _with_words(entries: Sequence[Entry], takes: Sequence[Take]) -> tuple[Entry, ...]:
    """Words come from the takes, in their order, so that new captions need no new decoding."""
    left = iter(takes)
    found = []
    for entry in entries:
        take = next(take for take in left if take.name == entry.name)
        found.append(replace(entry, label=take.label, captions=take.captions))
    return tuple(found)


def _write(
    takes: Sequence[Take], waves: Iterable[Samples | None], rate: int, data: Path, table: Path
) -> _Table:
    """Write one sound after the other; the table comes last, as it stands for a whole file."""
    entries, unread, first = list[Entry](), list[str](), 0
    with part_of(data) as part, part.open("wb") as file:
        for take, wave in zip(takes, waves, strict=True):
            if wave is None:
                unread.append(take.name)
                continue
            file.write(np.round(np.clip(wave, -1, 1) * FULL).astype(np.int16).tobytes())
            level = decibels(power(wave[active(wave, rate)]))
            entries.append(Entry(take.name, first, len(wave), level, "", ()))
            first += len(wave)
    rows = {"entries": [asdict(entry) for entry in entries], "unread": unread}
    with part_of(table) as part:
        part.write_text(json.dumps(rows), encoding="utf-8")
    return _Table(entries, unread)


def _ahead(
    takes: Sequence[Take], rate: int, workers: int, watch: Watch
) -> Iterator[Samples | None]:
    """Load in parallel but in order, a bounded number at a time."""
    pool, waiting = ThreadPoolExecutor(workers), deque[Future[Samples | None]]()
    try:
        for number, take in enumerate(takes):
            waiting.append(pool.submit(_load, take, rate))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result()
            watch(number / len(takes))
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _load(take: Take, rate: int) -> Samples | None:
    """Load a take as it will be heard; None if there is nothing to learn from."""
    try:
        wave = take.load(rate)
        if take.codec:
            wave = through_codec(wave, rate, take.codec)
    except AudioError:
        return None
    peak = float(np.abs(wave).max(initial=0))
    if len(wave) < SHORTEST * rate or peak < 1e-4 or not np.isfinite(peak):
        return None
    # Quiet clips would lose their detail in 16 bits; mixtures set levels anew anyway.
    return wave * np.float32(0.9 / peak)
