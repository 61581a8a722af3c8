"""Index runs that were asked for over the network: one at a time, each in a thread of its own.

A run may look at folders that the library knows already, and at nothing else: else a caller could
have any file of this machine brought into the library, and read it there. It writes through a
connection of its own, so that searches go on meanwhile.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from secrets import token_hex
from threading import Event, Lock, Thread
from time import time
from typing import TYPE_CHECKING, Any, Literal

from earmark.errors import EarmarkError, UsageError
from earmark.library.home import Home
from earmark.library.library import Library
from earmark.library.roots import real
from earmark.web.problems import RefusedError

if TYPE_CHECKING:
    from earmark.library.nouns import Report
    from earmark.library.pipeline import Progress

State = Literal["running", "done", "failed", "cancelled"]
PATIENCE = 10.0  # seconds that a run gets to end when the server closes


class CancelledError(Exception):
    """Somebody has cancelled the run."""


@dataclass(slots=True)
class Job:
    """One index run."""

    paths: tuple[str, ...]
    exclude: tuple[str, ...]
    prune: bool
    id: str = field(default_factory=lambda: token_hex(8))
    began: float = field(default_factory=time)  # seconds since 1970
    ended: float | None = None
    state: State = "running"
    progress: Progress | None = None
    report: Report | None = None
    problem: tuple[str, str] | None = None  # and what to do
    version: int = 0  # counts changes, for those who follow
    cancel: Event = field(default_factory=Event)

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain JSON values."""
        now = self.progress
        return {
            "id": self.id,
            "state": self.state,
            "paths": list(self.paths),
            "began": round(self.began, 3),
            "ended": None if self.ended is None else round(self.ended, 3),
            "progress": None if now is None else _progress(now),
            "report": None if self.report is None else asdict(self.report),
            "problem": None
            if self.problem is None
            else {"detail": self.problem[0], "hint": self.problem[1]},
        }


class Jobs:
    """The runs of one library, the last of them first."""

    def __init__(self, home: Home, library: Library, most: int) -> None:
        self._home, self._library, self._most = home, library, most
        self._jobs, self._lock = OrderedDict[str, Job](), Lock()
        self._thread: Thread | None = None

    def start(self, paths: Sequence[str], exclude: Sequence[str], *, prune: bool) -> Job:
        """Begin a run, or raise if one is under way or a folder is none of the library's."""
        wanted = self._known(paths)
        with self._lock:
            running = next((job for job in self._jobs.values() if job.state == "running"), None)
            if running:
                raise RefusedError(
                    409, f"the run {running.id} is under way", hint="wait for it, or cancel it"
                )
            job = Job(tuple(wanted), tuple(exclude), prune)
            self._jobs[job.id] = job
            while len(self._jobs) > self._most:
                self._jobs.popitem(last=False)
            self._thread = Thread(target=self._run, args=(job,), name="earmark-job", daemon=True)
            self._thread.start()
        return job

    def all(self) -> list[Job]:
        """Runs that are remembered, the last first."""
        with self._lock:
            return [*reversed(self._jobs.values())]

    def get(self, given: str) -> Job:
        """Find a run."""
        with self._lock:
            if given in self._jobs:
                return self._jobs[given]
        raise RefusedError(404, f"there is no run {given!r}", hint="see them at /api/v1/jobs")

    def close(self) -> None:
        """Cancel what is under way, and wait for its end."""
        for job in self.all():
            job.cancel.set()
        if self._thread:
            self._thread.join(PATIENCE)

    def _known(self, paths: Sequence[str]) -> list[str]:
        """Check that folders are those of the library, or lie in them; all of them if none."""
        roots = self._library.store.roots()
        if not roots:
            raise UsageError(
                "the library has no folders yet", hint="begin with: earmark index FOLDER"
            )
        for path in paths:
            if not any(root in (there := real(Path(path)), *there.parents) for root in roots):
                raise RefusedError(
                    403,
                    "a folder that is not in the library cannot be indexed from here",
                    hint="add it where earmark runs, with: earmark index FOLDER",
                )
        return [*paths] or [str(root) for root in roots]

    def _run(self, job: Job) -> None:
        try:
            with Library.open(self._home, model=self._library.model) as library:
                job.report = library.index(
                    job.paths,
                    exclude=job.exclude,
                    prune=job.prune,
                    on_progress=lambda now: _follow(job, now),
                )
            job.state = "done"
        except CancelledError:
            job.state = "cancelled"
        except EarmarkError as error:
            job.state, job.problem = "failed", (error.problem, error.hint)
        except Exception:
            job.state = "failed"
            job.problem = ("something went wrong here", "see what the server printed")
            raise
        finally:
            job.ended = time()
            job.version += 1


def _follow(job: Job, now: Progress) -> None:
    job.progress = now
    job.version += 1
    if job.cancel.is_set():
        raise CancelledError


def _progress(now: Progress) -> dict[str, Any]:
    total = now.seconds_total
    return {
        "files_done": now.files_done,
        "files_total": now.files_total,
        "seconds_done": round(now.seconds_done, 1),
        "seconds_total": None if total is None else round(total, 1),
        "speed": round(now.speed, 1),
        "left": None if now.left is None else round(now.left, 1),
        "took": round(now.took, 1),
    }
