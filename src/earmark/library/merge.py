"""Libraries that were built apart, as one: what one index run over all of it would have made.

    with opened(paths) as sources:
        merged = merge(store, sources)

Each recording is taken over in a transaction of its own, with its vectors as they lie, so a merge
that was stopped goes on when it is started again, and one that is repeated changes nothing.

- A path stands for one file. If two libraries know it differently, the later time of the file
  counts; of one time, the library that has heard it. One time and other bytes cannot be right: that
  is an error, before anything of that library is taken over.
- A file belongs to the innermost root that any of the libraries knows, as in an index run
  (`roots.py`): so no file is in the library twice, and a drive of its own stays one.
- Bytes that were heard in several libraries are one sound; the first one is kept. On one machine
  they are the same bits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from earmark.errors import EarmarkError
from earmark.library.home import Home
from earmark.library.nouns import Identity, Kept, Place, Recording
from earmark.library.source import Source
from earmark.library.store.contract import Store
from earmark.library.store.open import create_store

Tell = Callable[[int, int], None]  # recordings looked at, of how many


@dataclass(slots=True, kw_only=True)
class Merged:
    """What a merge did; counts of recordings."""

    brought: int = 0  # that were not known
    newer: int = 0  # known, and taken over in a newer state
    older: int = 0  # known in a newer state already
    known: int = 0  # known as they are
    heard: int = 0  # of those taken over, sounds that came with their vectors


def merge(store: Store, sources: Sequence[Source], on_progress: Tell | None = None) -> Merged:
    """Take over all that some libraries know."""
    for source in sources:
        refuse_unlike(source, store.identity, keeps_tokens=store.keeps_tokens)
    joining = Joining(store, sources, on_progress or (lambda *_: None))
    with store.writing("earmark library merge"):
        joining.settle_roots()
        for source in sources:
            joining.refuse_clashes(source)
            joining.take(source)
    return Merged(**joining.counts)


class Joining:
    """One merge on its way."""

    def __init__(self, store: Store, sources: Sequence[Source], tell: Tell) -> None:
        self.counts = Counter[str]()  # for `Merged`
        self._store, self._tell = store, tell
        known = set(store.roots())
        self._fresh = {root for source in sources for root in source.roots()} - known
        self._roots = known | self._fresh
        self._done, self._total = 0, sum(source.count() for source in sources)

    def settle_roots(self) -> None:
        """Let what is known inside a new root belong to that root."""
        for root in sorted(self._fresh):
            self._store.relocate(root, root)

    def refuse_clashes(self, source: Source) -> None:
        """Raise for a file of which two libraries say what cannot both be true."""
        for kept, here in self._states(source):
            if here and kept.digest and here.digest not in ("", kept.digest):
                refuse_one_time(source, kept, here)

    def take(self, source: Source) -> None:
        """Take over what a library knows, and this one does not or not as well."""
        for kept, here in self._states(source):
            what = compare(kept, here)
            self.counts[what] += 1
            if what in ("brought", "newer"):
                self.counts["heard"] += take_over(self._store, source, kept)
            self._done += 1
            self._tell(self._done, self._total)

    def _states(self, source: Source) -> Iterator[tuple[Kept, Recording | None]]:
        """What a library keeps of each file, told from our roots, and what is known here."""
        for kept in source.kept():
            place = innermost(kept.found.place, self._roots)
            here = next(iter(self._store.at(place)), None)
            yield replace(kept, found=replace(kept.found, place=place)), here


def compare(kept: Kept, here: Recording | None) -> str:
    """Say what a file is to the library that it comes to, in the words of `Merged`."""
    if here is None:
        return "brought"
    theirs = kept.found.mtime, kept.heard, bool(kept.digest)
    ours = here.mtime, here.sound is not None, bool(here.digest)
    if theirs == ours:
        return "known"
    return "newer" if theirs > ours else "older"


def take_over(store: Store, source: Source, kept: Kept) -> bool:
    """Keep what another library keeps of a file: -> whether its vectors came with it."""
    if not kept.heard:
        store.fail(kept.found, kept.digest, kept.reason)
    elif store.sound_of(kept.digest) is not None:
        store.share(kept.found, kept.digest, kept.said)
    else:
        sound = source.sound(kept.digest)
        store.add(kept.found, kept.digest, sound.packed, sound.seconds, kept.said)
        return True
    return False


def innermost(place: Place, roots: set[Path]) -> Place:
    """Tell a place from the innermost of some roots that it lies in."""
    full = place.full
    for above in full.parents:
        if above == place.root:
            break
        if above in roots:
            return Place(above, full.relative_to(above).as_posix())
    return place


def new_store_for(home: Home, sources: Sequence[Source]) -> Store:
    """Make a library that others can go into; it keeps what all of them keep."""
    identity = sources[0].identity
    for source in sources:
        refuse_unlike(source, identity, keeps_tokens=False)
    keeps_tokens = all(source.keeps_tokens for source in sources)
    return create_store(home, identity, keeps_tokens=keeps_tokens)


def refuse_unlike(source: Source, identity: Identity, *, keeps_tokens: bool) -> None:
    """Raise unless what a library holds can go into one of this model."""
    theirs = source.identity
    if theirs.digest != identity.digest:
        raise EarmarkError(
            f"{source.path} holds vectors of the model {theirs.model!r}, which cannot stand beside "
            f"those of {identity.model!r} (as it was when it made them)",
            hint="only libraries of one model can be merged: index the folders anew with one of "
            "them",
        )
    if keeps_tokens and not source.keeps_tokens:
        raise EarmarkError(
            f"{source.path} keeps no tokens, and the library that it should go into keeps them",
            hint="merge both into a new library, which keeps none either; or index its folders "
            "anew with tokens",
        )


def refuse_one_time(source: Source, kept: Kept, here: Recording) -> None:
    """Raise if other bytes have the same time, so that none of them is the later."""
    if kept.found.mtime == here.mtime:
        path = here.place.full
        raise EarmarkError(
            f"{path} has other bytes in {source.path} than in the library, and the same time",
            hint="if they are two files, tell their folders apart first: earmark relocate; if it "
            f"is one, forget the wrong one: earmark forget {path} --library FOLDER",
        )
