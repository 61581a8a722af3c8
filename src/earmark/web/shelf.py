"""The recordings that may be asked for: those of the library, by id or by path, and no other file.

An id is the number of the row and a digest of the place, so that a number that was given to another
file later leads nowhere. A path is looked up in the library; the drive is not asked for it. A file
is read only where it truly lies in the root that was indexed: a link that leads out of it since
then is refused.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.errors import UsageError
from earmark.library.nouns import Place, Recording
from earmark.library.roots import real
from earmark.search.listener import is_as_indexed
from earmark.search.query import parse
from earmark.web.problems import RefusedError

if TYPE_CHECKING:
    from earmark.library.store.contract import Store
    from earmark.search.query import Plan, Term

_ID = re.compile(r"([1-9][0-9]{0,15})-([0-9a-f]{8})")
ID_PATTERN = "^[1-9][0-9]{0,15}-[0-9a-f]{8}$"


def id_of(recording: Recording) -> str:
    """Name a recording for callers."""
    place = os.fsencode(recording.place.full)
    return f"{recording.id}-{blake2b(place, digest_size=4).hexdigest()}"


def by_id(store: Store, given: str) -> Recording:
    """Find a recording by its id."""
    found = _ID.fullmatch(given)
    for recording in store.recordings([int(found[1])]) if found else ():
        if id_of(recording) == given:
            return recording
    raise RefusedError(
        404, f"no recording has the id {given!r}", hint="take an id from a search or a list"
    )


def by_path(store: Store, given: str) -> Recording:
    """Find a recording by where it lies."""
    recording = known_at(store, given)
    if recording is None:
        raise RefusedError(
            404,
            "the library has no recording with this path",
            hint="give the whole path, as a hit has it; see: earmark status",
        )
    return recording


def known_at(store: Store, given: str) -> Recording | None:
    """Find a recording by where it lies, if there is one; no file is touched."""
    if "\0" in given or not os.path.isabs(given):  # noqa: PTH117 - as text
        return None
    path = Path(os.path.normpath(given))
    holding = [root for root in store.roots() if root in path.parents]
    for root in sorted(holding, key=lambda root: -len(root.parts)):
        for recording in store.at(Place(root, path.relative_to(root).as_posix())):
            return recording
    return None


def file_of(recording: Recording) -> Path:
    """Give the file of a recording if it is there, and truly lies in its root; or raise."""
    path = recording.place.full
    root = real(recording.place.root)
    true = real(path)
    if root not in true.parents:
        raise RefusedError(
            403, f"{path} leads out of its folder", hint="index the folder where it truly lies"
        )
    try:
        found = true.stat()
    except OSError as error:
        raise RefusedError(
            404, f"{path} is not there now", hint="plug its drive in, or index its folder again"
        ) from error
    if not stat.S_ISREG(found.st_mode):
        raise RefusedError(403, f"{path} is not a file", hint="index its folder again")
    return true


def plan_of(store: Store, words: str, longest: float) -> Plan:
    """Understand a query whose examples are recordings of the library, and no other files."""
    plan = parse(words)
    return replace(
        plan,
        wanted=tuple(_known(store, term, longest) for term in plan.wanted),
        unwanted=tuple(_known(store, term, longest) for term in plan.unwanted),
    )


def example_of(
    store: Store, recording: Recording, start: float | None, end: float | None, longest: float
) -> Path:
    """Give the file of a recording that is to be an example, if hearing it takes no longer."""
    file_of(recording)
    if not is_as_indexed(recording):
        raise RefusedError(
            409,
            f"{recording.place.full} has changed since it was indexed",
            hint="index its folder again: earmark index FOLDER",
        )
    last = recording.seconds if end is None else min(end, recording.seconds)
    if not store.keeps_tokens and last - (start or 0.0) > longest:
        raise RefusedError(
            413,
            f"this library keeps no tokens, and {longest:g} s at most are heard again",
            hint="give a shorter stretch: start and end",
        )
    return recording.place.full


def _known(store: Store, term: Term, longest: float) -> Term:
    if term.example is None:
        return term
    recording = known_at(store, str(term.example))
    if recording is None:
        raise UsageError(
            "an example in this query is no recording of the library",
            hint="name it by the whole path that a hit has; other files can be uploaded",
        )
    path = example_of(store, recording, term.start, term.end, longest)
    return replace(term, example=path)
