"""A packed library put back into a folder, whole or not at all."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from earmark.errors import EarmarkError, UsageError
from earmark.library.merge import Tell, take_over
from earmark.library.parcel.read import Parcel, damaged, open_parcel
from earmark.library.store.local import LocalStore


def unpack(file: Path, folder: Path, on_progress: Tell | None = None) -> Parcel:
    """Make a library of a packed one in a new or empty folder, after every bit was checked."""
    folder = folder.absolute()
    refuse_full(folder)
    parcel = open_parcel(file)
    parcel.verify()
    with _new_folder(folder) as place:
        keeps = parcel.keeps_tokens
        with closing(LocalStore.create(place, parcel.identity, keeps_tokens=keeps)) as store:
            _fill(store, parcel, on_progress or (lambda *_: None))
    return parcel


def refuse_full(folder: Path) -> None:
    """Raise if something lies already where a library should be put."""
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise UsageError(
            f"{folder} is there already, and holds something", hint="name a new folder"
        )


def _fill(store: LocalStore, parcel: Parcel, tell: Tell) -> None:
    """Keep all that the parcel keeps, and nothing else."""
    with store.writing("earmark library unpack"):
        for number, kept in enumerate(parcel.kept(), 1):
            take_over(store, parcel, kept)
            tell(number, parcel.count())
    status, told = store.status(), parcel.manifest
    here = (status.recordings, status.failed, status.sounds, status.moments, status.tokens)
    if here != (told.recordings, told.failed, told.sounds, told.moments, told.tokens):
        raise damaged(parcel.path, "its recordings are not those that were packed")


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """Give a folder of a hidden name; it gets its own when all of it is there."""
    part = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.part")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        yield part
        refuse_full(folder)
        if folder.exists():
            folder.rmdir()
        part.rename(folder)
    except OSError as error:
        raise EarmarkError(
            f"{folder} could not be written: {error.strerror or error}",
            hint="name a folder in a place that you may write to, with room on its drive",
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
