"""One index run: what is on the drive, what has changed, what must be heard, what is kept of it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from time import perf_counter
from typing import Protocol

from earmark.errors import UsageError
from earmark.library.changes import Changes, plan
from earmark.library.nouns import Found, Report
from earmark.library.pipeline import Judge, Outcome, Progress, run
from earmark.library.remote import listing
from earmark.library.remote.address import apart
from earmark.library.roots import areas
from earmark.library.scan import Scan, scan
from earmark.library.settle import Settling
from earmark.library.store.contract import Store
from earmark.model.model import Model

DEAD = 0.3  # share of the vectors that nothing refers to, from which on room is freed
WORTH = 1_000  # moments; freeing fewer is not worth writing all others again


Choose = Callable[[Sequence[Found]], list[Found]]  # which of the fresh files are heard now


class Crew(Protocol):
    """Who hears files, as `pipeline.run` does it on this machine."""

    def __call__(
        self,
        files: Iterable[Found],
        model: Model,
        judge: Judge,
        *,
        jobs: int | None,
        on_progress: Callable[[Progress], None] | None,
    ) -> Generator[Outcome]:
        """Give an outcome of each file, as they come; its bytes are those of `pipeline.run`."""


class Indexer:
    """Brings one store up to date with folders on the drive."""

    def __init__(  # noqa: PLR0913 - the options of `earmark index`
        self,
        store: Store,
        model: Model,
        *,
        jobs: int | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        choose: Choose | None = None,
        crew: Crew | None = None,
    ) -> None:
        self._store, self._model = store, model
        self._choose, self._crew = choose or list, crew or run
        self._jobs, self._on_progress = jobs, on_progress

    def run(
        self, paths: Sequence[Path], *, exclude: Sequence[str], prune: bool, dry_run: bool
    ) -> Report:
        """Look, compare, hear, keep."""
        if self._jobs is not None and self._jobs < 1:
            raise UsageError(f"{self._jobs} jobs", hint="give one job or more")
        began = perf_counter()
        if dry_run:
            report = told(self._changes(paths, exclude, prune=prune))
        else:
            with self._store.writing("earmark index"):
                report = self._settle(self._changes(paths, exclude, prune=prune))
                self._free_room()
        report.took = perf_counter() - began
        return report

    def _changes(self, paths: Sequence[Path], exclude: Sequence[str], *, prune: bool) -> Changes:
        known = list(self._store.recordings())
        (here, there), (folders, addresses) = apart(paths), apart(self._store.roots())
        scans = [scan(area, exclude=exclude, known=known) for area in areas(here, folders)]
        if there:
            scans += listing.scans(there, addresses, exclude=exclude, known=known)
        changes = plan(known, scans, prune=prune)
        _refuse_unknown(scans, changes)
        return changes

    def _settle(self, changes: Changes) -> Report:
        settling = Settling(changes, self._store)
        outcomes = self._crew(
            self._choose(changes.fresh),
            self._model,
            settling.must_hear,
            jobs=self._jobs,
            on_progress=self._on_progress,
        )
        with closing(outcomes):
            for outcome in outcomes:
                settling.settle(outcome)
        return settling.finish()

    def _free_room(self) -> None:
        status = self._store.status()
        if status.dead > DEAD and status.dead * status.moments > WORTH * (1 - status.dead):
            self._store.compact()


def told(changes: Changes) -> Report:
    """Say what a run would do; which of the fresh files are moved or copies, only bytes tell."""
    return Report(
        indexed=len(changes.fresh),
        skipped=len(changes.same),
        removed=len(changes.gone),
        away=len(changes.away),
        ignored=changes.ignored,
        warnings=[f"{path}: {reason}" for path, reason in changes.unread],
    )


def _refuse_unknown(scans: Sequence[Scan], changes: Changes) -> None:
    """Raise for a path that is not there and of which nothing is known: a slip of the pen."""
    places = [recording.place.full for recording in changes.known]
    for missing in (path for one in scans for path in one.missing):
        if not any(missing in (place, *place.parents) for place in places):
            raise UsageError(
                f"{missing} is not there", hint="check the name, or whether its drive is plugged in"
            )
