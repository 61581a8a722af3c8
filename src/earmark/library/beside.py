"""A second library of the same recordings, by another model, so that two models can be compared.

A library holds the vectors of one model. What another one hears of the same recordings is kept in a
cache folder, once: it can be made again at any time, and is brought up to date whenever it is
opened. Only files that the first library knows are heard. A model whose vectors are the same (it
differs in its reranker or its calibration, say) needs no second library.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.library.library import Library
from earmark.library.nouns import Found, Identity
from earmark.library.which import refuse_without_words

if TYPE_CHECKING:
    from earmark.library.pipeline import Progress
    from earmark.model.model import Model

    OnProgress = Callable[[Progress], None]


def library_of(
    library: Library,
    folder: Path,
    model: Model,
    cache: Path,
    on_progress: OnProgress | None = None,
) -> Library:
    """Open the library of a folder by a model, or the one beside it, made and up to date."""
    refuse_without_words(model)
    identity = Identity.of(model.page)
    if identity.digest == library.store.identity.digest:
        return Library.open(folder, model=model)
    place = cache / _name(folder, identity)
    other = _open(place, model, keeps_tokens=library.store.keeps_tokens)
    try:
        _update(other, library, on_progress)
    except BaseException:
        other.close()
        raise
    return other


def _open(place: Path, model: Model, *, keeps_tokens: bool) -> Library:
    from earmark.library.store.database import NAME

    if (place / NAME).is_file():
        return Library.open(place, model=model)
    return Library.create(place, model=model, keeps_tokens=keeps_tokens)


def _update(other: Library, library: Library, on_progress: OnProgress | None) -> None:
    """Let it hold what the first library knows, as far as its drives are there, and no more."""
    known = {one.place.full for one in library.store.recordings() if one.sound is not None}

    def choose(fresh: Sequence[Found]) -> list[Found]:
        return [found for found in fresh if found.place.full in known]

    roots = [root for root in library.store.roots() if root.is_dir()]
    if roots:
        other.index(roots, on_progress=on_progress, choose=choose)
    stale = [one.id for one in other.store.recordings() if one.place.full not in known]
    if stale:
        with other.store.writing("bringing a library up to date"):
            other.store.remove(stale)


def _name(folder: Path, identity: Identity) -> str:
    """A name that two libraries, or two models, do not share."""
    place = blake2b(os.fsencode(folder.resolve()), digest_size=6).hexdigest()
    return f"{place}-{identity.digest[:16]}"
