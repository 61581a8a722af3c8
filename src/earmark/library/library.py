"""`earmark.Library`: index folders of sounds, and find moments in them by words or examples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import TYPE_CHECKING, Self

from earmark.errors import EarmarkError, UsageError, no_file
from earmark.library.home import library_home, other_folder
from earmark.library.nouns import Identity, Recording, Report
from earmark.library.remote.address import as_place, is_remote
from earmark.library.store.contract import Filter, ForgottenError, MovedError, Status, Store
from earmark.library.store.local import LocalStore
from earmark.library.store.open import create_store, open_store
from earmark.library.which import (
    AnyPath,
    load_model,
    refuse_other_model,
    refuse_without_words,
    source_of,
)
from earmark.search.answer import Answer
from earmark.search.explain import Why
from earmark.search.query import Plan, Term, parse
from earmark.search.question import ask
from earmark.search.rank import Ranker
from earmark.search.wish import Wish
from earmark.types import Hit

if TYPE_CHECKING:
    from earmark.library.index import Choose, Crew
    from earmark.library.merge import Merged
    from earmark.library.migrate import Migrated
    from earmark.library.parcel.manifest import Manifest
    from earmark.library.pipeline import Progress
    from earmark.library.store.served.address import Address
    from earmark.model.model import Model
    from earmark.search.describe.events import Saying
    from earmark.search.spot.spotting import CueSheet

RETRIES = 8  # searches that a writer may spoil


class Library:
    """An index of a person's recordings. `with` closes it; searches may come from any thread."""

    def __init__(self, store: Store, model: AnyPath | Model | None = None) -> None:
        self._store = store
        self._given = model

    @classmethod
    def open(
        cls, folder: AnyPath | Address | None = None, *, model: AnyPath | Model | None = None
    ) -> Self:
        """Open a library: the person's own if none is named; an error if there is none."""
        return cls(open_store(library_home(folder)), model)

    @classmethod
    def create(
        cls,
        folder: AnyPath | Address | None = None,
        *,
        model: AnyPath | Model | None = None,
        keeps_tokens: bool = True,
    ) -> Self:
        """Make a library for a model's vectors; an error if there is one.

        Without tokens it is about half as large, and a search hears the moments of its hits again.
        """
        loaded = load_model(model)
        refuse_without_words(loaded)
        identity = Identity.of(loaded.page, source=source_of(model))
        store = create_store(library_home(folder), identity, keeps_tokens=keeps_tokens)
        return cls(store, loaded)

    @classmethod
    def unpack(
        cls, file: AnyPath, folder: AnyPath, *, model: AnyPath | Model | None = None
    ) -> Self:
        """Put a packed library into a new folder, after all of it was checked, and open it."""
        from earmark.library.parcel.put import unpack

        unpack(Path(file), Path(folder))
        return cls.open(folder, model=model)

    # indexing

    def index(  # noqa: PLR0913 - the options of `earmark index`
        self,
        paths: Iterable[AnyPath],
        *,
        exclude: Sequence[str] = (),
        jobs: int | None = None,
        prune: bool = False,
        dry_run: bool = False,
        on_progress: Callable[[Progress], None] | None = None,
        choose: Choose | None = None,
        crew: Crew | None = None,
    ) -> Report:
        """Bring folders and files into the library, and the library up to date with them.

        Only what is new or changed is heard. A bad file is counted and kept with its reason, see
        `failed`. A folder that is not there, or suddenly empty, is *away*: what is known of it
        stays, unless `prune` says that it is gone for good. `choose` takes of all files that are
        new or changed those to hear now, see `watch.Settled`; `crew` hears them elsewhere than in
        this process, see `earmark.scale`. An address as `s3://bucket/prefix` is a folder as well.
        """
        from earmark.library.index import Indexer

        places = [as_place(path).resolve() for path in paths]
        indexer = Indexer(
            self._store, self.model, jobs=jobs, on_progress=on_progress, choose=choose, crew=crew
        )
        return indexer.run(places, exclude=exclude, prune=prune, dry_run=dry_run)

    def forget(self, path: AnyPath) -> int:
        """Take a folder or file out of the library; nothing happens to it: -> recordings."""
        ids = [recording.id for recording in self.under(path)]
        if not ids:
            raise UsageError(
                f"the library knows nothing in {path}",
                hint="see what it knows with: earmark status",
            )
        with self._store.writing("earmark forget"):
            self._store.remove(ids)
        return len(ids)

    def under(self, path: AnyPath) -> list[Recording]:
        """The recordings in a folder, or the one that a file is."""
        from earmark.library.roots import names_of

        names, known = names_of(as_place(path)), self._store.recordings()
        return [r for r in known if names & {r.place.full, *r.place.full.parents}]

    def relocate(self, old: AnyPath, new: AnyPath) -> int:
        """Tell the library that a folder is now found elsewhere: -> recordings."""
        from earmark.library.roots import names_of, real

        there = real(as_place(new))
        if not (is_remote(there) or there.is_dir()):
            raise UsageError(f"{there} is not a folder", hint="name the folder where they are now")
        with self._store.writing("earmark relocate"):
            count = sum(self._store.relocate(name, there) for name in names_of(as_place(old)))
        if not count:
            raise UsageError(
                f"the library knows nothing in {old}",
                hint="see what it knows with: earmark status",
            )
        return count

    def compact(self) -> int:
        """Free the room of what was removed: -> bytes."""
        with self._store.writing("earmark doctor"):
            return self._store.compact()

    def migrate(
        self,
        model: AnyPath | Model,
        *,
        without: bool = False,
        jobs: int | None = None,
        dry_run: bool = False,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> Migrated:
        """Let the library be of another model; searches are answered all the while.

        `without` goes on where files are missing: their recordings stay, with the reason.
        """
        from earmark.library.migrate import Wish as How
        from earmark.library.migrate import foresee, migrate

        loaded, store = load_model(model), self._store
        refuse_without_words(loaded)
        if not isinstance(store, LocalStore):
            raise UsageError(
                "only a library in a folder can be migrated", hint="do so where its folder lies"
            )
        old = None
        with suppress(EarmarkError):  # it may be gone; then all is heard
            old = self.model.page
        how = How(old=old, source=source_of(model), without=without, jobs=jobs)
        if dry_run:
            return foresee(store, loaded, how)
        done = migrate(store, loaded, how, on_progress)
        self._be_of(loaded)
        return done

    # beyond one machine

    def merge(
        self, others: Iterable[AnyPath], on_progress: Callable[[int, int], None] | None = None
    ) -> Merged:
        """Take over what other libraries of the same model hold, packed ones as well.

        They are not changed. See `merge.py` for what is done where they differ.
        """
        from earmark.library.merge import merge
        from earmark.library.source import opened

        with opened(other_folder(other) for other in others) as sources:
            return merge(self._store, sources, on_progress)

    def pack(self, out: AnyPath) -> Manifest:
        """Write the library, without its sounds, into one new file."""
        from earmark.library.parcel.write import pack

        if not isinstance(self._store, LocalStore):
            raise UsageError(
                "only a library in a folder can be packed", hint="pack it where its folder lies"
            )
        return pack(self._store.folder, Path(out))

    # searching

    def search(  # noqa: PLR0913 - the options of every face
        self,
        words: str | Sequence[str],
        limit: int = 10,
        *,
        moments: bool = False,
        keywords: bool = True,
        unsure: bool = False,
        duplicates: bool = False,
    ) -> list[Hit]:
        """Find recordings, and the moment in each; the query language is in docs/guide.md."""
        wish = Wish(
            limit=limit, moments=moments, keywords=keywords, unsure=unsure, duplicates=duplicates
        )
        return self.answer(parse(words), wish).hits

    def similar(  # noqa: PLR0913 - the options of every face
        self,
        path: AnyPath,
        start: float | None = None,
        end: float | None = None,
        limit: int = 10,
        *,
        moments: bool = False,
        unsure: bool = False,
        duplicates: bool = False,
    ) -> list[Hit]:
        """Find recordings that sound like a file, or like a stretch of it."""
        wish = Wish(limit=limit, moments=moments, unsure=unsure, duplicates=duplicates)
        return self.answer(plan_of_example(path, start, end), wish).hits

    def answer(self, plan: Plan, wish: Wish) -> Answer:
        """Answer a plan; what every face of earmark calls."""
        if wish.limit < 1:
            raise UsageError(f"a limit of {wish.limit} hits", hint="ask for one hit or more")
        began = perf_counter()
        hits = self._hits(plan, wish)
        took = round(1000 * (perf_counter() - began), 1)
        return Answer(
            query=plan.text,
            model=self.model.name,
            hits=hits,
            took_ms=took,
            read_as=plan.read_as,
            calibrated=self._ranker.calibration.calibrated,
        )

    def moments(
        self, path: AnyPath, words: str | Sequence[str], limit: int = 10, *, unsure: bool = False
    ) -> list[Hit]:
        """Find moments in one file, which need not be in the library."""
        from earmark.search.one import moments_in

        return moments_in(path, words, self.model, limit=limit, unsure=unsure)

    def spot(
        self, script: AnyPath, limit: int = 3, *, keywords: bool = True, unsure: bool = False
    ) -> CueSheet:
        """Find moments for what should be heard in a script, see docs/spot.md."""
        from earmark.search.spot.cues import cues_of
        from earmark.search.spot.script import read_script
        from earmark.search.spot.spotting import spot

        read = read_script(script)
        wish = Wish(limit=limit, keywords=keywords, unsure=unsure)
        return spot(read.path, cues_of(read), self.answer, wish)

    def describe(self, path: AnyPath) -> list[Saying]:
        """Say in plain words what is heard in a file, and when."""
        from earmark.search.one import describe_file

        return describe_file(path, self.model)

    def explain(self, hit: Hit) -> list[str]:
        """Say how a hit of this library came about."""
        return explain(hit)

    # how it stands

    def status(self) -> Status:
        """Counts, sizes, and what is odd."""
        return self._store.status()

    def failed(self) -> list[Recording]:
        """Files in which nothing could be heard, with the reason of each."""
        return [one for one in self._store.recordings() if one.sound is None]

    @property
    def store(self) -> Store:
        """What it keeps."""
        return self._store

    @cached_property
    def model(self) -> Model:
        """The model whose vectors it holds; loaded when it is first needed."""
        source = self._given or self._store.identity.source
        model = load_model(source or None)
        refuse_other_model(self._store.identity, model)
        return model

    def _hits(self, plan: Plan, wish: Wish) -> list[Hit]:
        """Search again if a writer has removed what was just found."""
        for _ in range(RETRIES):
            with suppress(ForgottenError):
                return self._ranked(plan, wish)
        raise EarmarkError(
            "the library changes faster than it can be searched",
            hint="search again once the run that writes to it is over; see: earmark status",
        )

    def _ranked(self, plan: Plan, wish: Wish) -> list[Hit]:
        """Search once; if the library was moved to another model meanwhile, go on with that one."""
        ranker = self._ranker
        try:
            question = ask(plan, ranker.model, ranker.store)
            return ranker.search(question, plan.filter, wish)
        except MovedError:
            self._be_of(load_model(self._store.again().identity.source or None))
            raise ForgottenError from None

    def _be_of(self, model: Model) -> None:
        """Answer by the model that the library is of now; who is answering goes on undisturbed."""
        store = self._store.again()
        refuse_other_model(store.identity, model)
        self._store, self._given = store, model
        self.__dict__.update(model=model, _ranker=Ranker(store, model))

    @cached_property
    def _ranker(self) -> Ranker:
        return Ranker(self._store, self.model)

    def close(self) -> None:
        """Let go of its files."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def plan_of_example(path: AnyPath, start: float | None, end: float | None) -> Plan:
    """Make a plan that wants what sounds like a file."""
    place = Path(path)
    if not place.is_file():
        raise no_file(place)
    if start is not None and end is not None and not 0 <= start < end:
        raise UsageError(
            f"a stretch from {start:g} to {end:g} s", hint="let it end after its start"
        )
    term = Term(weight=1.0, words="", example=place, start=start, end=end)
    return Plan(wanted=(term,), unwanted=(), filter=Filter(), text=term.name)


def explain(hit: Hit) -> list[str]:
    """Say how a hit came about."""
    if not isinstance(hit.why, Why):
        raise UsageError(
            "this hit does not know how it came about", hint="give one that a search has returned"
        )
    return hit.why.lines()
