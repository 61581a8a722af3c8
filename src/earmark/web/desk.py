"""What all requests share: the library, the threads that work for them, the index runs, counts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from earmark.library.home import Home
from earmark.library.library import Library
from earmark.model.cores import cores
from earmark.web.jobs import Jobs
from earmark.web.limits import Limits
from earmark.web.metrics import Metrics
from earmark.web.problems import RefusedError
from earmark.web.work import Workers


@dataclass(slots=True, kw_only=True)
class Desk:
    """One library that is served."""

    library: Library
    home: Home
    limits: Limits
    jobs: Jobs | None  # None: read only
    metrics: Metrics
    readers: Workers  # for what is answered from the library
    decoders: Workers  # for what reads sound files
    labels: Path | None = None  # the file of judgements; None: hits are not judged here
    closing: Event = field(default_factory=Event)  # the server is about to end
    streams: int = 0  # sounds that are converted while they are sent

    @classmethod
    def of(
        cls,
        library: Library,
        home: Home,
        *,
        read_only: bool = False,
        limits: Limits | None = None,
        labels: Path | None = None,
    ) -> Desk:
        """Serve a library that is open."""
        limits, threads = limits or Limits(), max(2, cores())
        return cls(
            library=library,
            home=home,
            limits=limits,
            jobs=None if read_only else Jobs(home, library, limits.jobs),
            metrics=Metrics(),
            readers=Workers(threads, limits.waiting),
            decoders=Workers(threads, limits.waiting),
            labels=labels,
        )

    def warm(self) -> None:
        """Load the model and answer once, so that the first caller need not wait for that."""
        self.library.model.open_ears()
        self.library.search("sound", limit=1)

    @contextmanager
    def stream(self) -> Iterator[None]:
        """Hold one of the places for sounds that are converted while they are sent."""
        if self.streams >= self.limits.streams:
            raise RefusedError(503, f"{self.streams} sounds are being sent", hint="try again soon")
        self.streams += 1
        try:
            yield
        finally:
            self.streams -= 1

    def close(self) -> None:
        """Stop index runs, and begin no more work."""
        self.closing.set()
        if self.jobs:
            self.jobs.close()
        self.readers.close()
        self.decoders.close()
