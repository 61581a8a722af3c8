"""Make the archive, several files at once, and tell what is heard in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event

from earmark.errors import EarmarkError
from earmark.scenes.archive.field import Field
from earmark.scenes.archive.ledger import Ledger
from earmark.scenes.archive.odd import ODD
from earmark.scenes.archive.takes import TAKES
from earmark.scenes.archive.truth import File, Sounding

FIELD = "field-recording.flac"
HOUR = 3600.0
MOST_JOBS = 4  # each holds the sound of a file, unless more are asked for
FILES = len(TAKES) + len(ODD) + 1
_FIRST = 15  # takes before what is odd, so that a small archive has some of everything
_SHELF: tuple[File, ...] = (*TAKES[:_FIRST], *ODD, *TAKES[_FIRST:])


def make_archive(
    folder: Path, *, files: int = FILES, field_seconds: float = HOUR, jobs: int | None = None
) -> Iterator[Path]:
    """Write an archive and yield each path as it is finished, always in the same order.

    `files`: how many, the first of the list and the field recording, which comes last. A file
    that an earlier run of the same code has finished is left as it is; any other is written over.
    `jobs`: how many at once; as many as there are cores, four at most.
    """
    wanted, ledger = _shelf(files, field_seconds), Ledger(folder)
    stale = {file.name for file in wanted if not ledger.holds(file)}
    stale |= {file.name for file in wanted if file.after in stale}
    stop, pool = Event(), ThreadPoolExecutor(jobs or min(os.cpu_count() or 1, MOST_JOBS))
    try:
        for parent in {(folder / file.name).parent for file in wanted}:
            parent.mkdir(parents=True, exist_ok=True)
        begun = _begin(pool, [file for file in wanted if file.name in stale], folder, stop)
        for file in wanted:
            if file.name in begun:
                begun[file.name].result()
            elif file.name in stale:
                file.make(folder)
            ledger.note(file)
            yield folder / file.name
    except OSError as error:
        raise EarmarkError(
            f"the archive cannot be written to {folder}: {error.strerror or error}",
            hint="check the folder and the space on the drive",
        ) from error
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


def archive_truth(*, files: int = FILES, field_seconds: float = HOUR) -> list[Sounding]:
    """Tell which kinds are heard in which file, and when, of the archive of that size."""
    return [one for file in _shelf(files, field_seconds) for one in file.soundings()]


def _shelf(files: int, field_seconds: float) -> list[File]:
    if not 1 <= files <= FILES:
        raise ValueError(f"{files} files: the archive has 1 to {FILES}")
    return [*_SHELF[: files - 1], Field(FIELD, field_seconds)]


def _begin(
    pool: ThreadPoolExecutor, files: list[File], folder: Path, stop: Event
) -> dict[str, Future[None]]:
    """Start the long one first, then in order all that need no other."""
    begun: dict[str, Future[None]] = {}
    for file in sorted(files, key=lambda one: not isinstance(one, Field)):
        if isinstance(file, Field):
            begun[file.name] = pool.submit(file.make, folder, stop)
        elif not file.after:
            begun[file.name] = pool.submit(file.make, folder)
    return begun
