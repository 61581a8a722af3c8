"""Many files through one network: threads that decode, threads that hear, and bounded queues.

```
 files -> todo -> readers: digest, tags -> news -> caller: must it be heard?
            ^                                         | yes: first in todo
            +-----------------------------------------+
          todo -> readers: decode, cut -> windows -> workers: network -> news -> caller: outcome
```

The windows of all files share one short queue, so that one long file uses every worker. What a
window gives depends on that window alone and is put where it belongs in time: the bytes of an
outcome are the same whatever the number of threads, the order of files, or the size of blocks.

Two files with the same bytes are heard once, even if both are new (`turns.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread
from time import perf_counter
from typing import TypeVar

from earmark.errors import UsageError
from earmark.library import hear
from earmark.library.channel import Channel, ClosedError
from earmark.library.hear import Hearing, Looked, Outcome
from earmark.library.nouns import Found
from earmark.library.progress import Progress
from earmark.library.turns import Judge, Turns
from earmark.model.cores import cores
from earmark.model.model import Model
from earmark.model.stretches import Window

TICK = 0.2  # seconds between two reports; also how soon Ctrl-C is seen where locks hide it
PATIENCE = 2.0  # seconds that threads get to end; one may hang in a drive that does not answer

__all__ = ["Judge", "Outcome", "Progress", "run"]

T = TypeVar("T")


def run(
    files: Iterable[Found],
    model: Model,
    judge: Judge,
    *,
    jobs: int | None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Generator[Outcome]:
    """Hear every file that `judge` says must be heard, and give an outcome of each, as they come.

    `judge` and `on_progress` are called by the thread that iterates. An outcome was dealt with
    when the next one is asked for. Close the generator (`contextlib.closing`) to end sooner.
    """
    jobs = cores() if jobs is None else jobs
    if jobs < 1:
        raise UsageError(f"{jobs} jobs", hint="give one job or more")
    model.open_ears()
    crew = Crew(list(files), model, jobs)
    try:
        yield from crew.outcomes(judge, on_progress or (lambda _: None))
    finally:
        crew.stop()


@dataclass(frozen=True, slots=True)
class _Task:
    """One window of a file for the network."""

    hearing: Hearing
    number: int
    window: Window


@dataclass(frozen=True, slots=True)
class _Fault:
    """What ended a thread, and must end the run."""

    error: BaseException


class Crew:
    """The threads, and what goes between them."""

    def __init__(self, files: list[Found], model: Model, jobs: int) -> None:
        self._files, self._model = files, model
        self._todo = Channel[Found | Hearing](content=files)
        self._windows = Channel[_Task](room=2 * jobs * model.device.batch)
        self._news = Channel[Looked | Outcome | _Fault](room=2 * jobs)
        steps = [self._read] * (jobs + 1) + [self._hear] * jobs
        self._threads = [
            Thread(target=self._work, args=(step,), name="earmark", daemon=True) for step in steps
        ]

    def outcomes(self, judge: Judge, on_progress: Callable[[Progress], None]) -> Generator[Outcome]:
        """Start the threads, and give what becomes of each file."""
        turns = Turns(self._files, judge, self._todo.put_first)
        on_progress(turns.tally.progress())
        told = perf_counter()
        for thread in self._threads:
            thread.start()
        while turns.tally.left:
            news = self._news.get_within(TICK)
            if isinstance(news, _Fault):
                raise news.error
            if news is not None:
                yield from turns.take(news)
            if perf_counter() - told >= TICK:
                on_progress(turns.tally.progress())
                told = perf_counter()
        on_progress(turns.tally.progress())

    def stop(self) -> None:
        """End all threads; none of them is needed for anything any more."""
        for channel in (self._todo, self._windows, self._news):
            channel.close()
        until = perf_counter() + PATIENCE
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(0.0, until - perf_counter()))

    # in threads

    def _work(self, step: Callable[[], None]) -> None:
        """Do one thing again and again until there is nothing more to do."""
        with suppress(ClosedError):
            try:
                while True:
                    step()
            except ClosedError:
                raise
            except BaseException as error:  # noqa: BLE001 - it is raised by the caller's thread
                self._news.put(_Fault(error))

    def _read(self) -> None:
        """Look at a file, or cut one into windows."""
        item = self._todo.get()
        if isinstance(item, Hearing):
            self._cut(item)
        else:
            self._news.put(_attempt(lambda: hear.look(item, self._todo.check), item))

    def _cut(self, hearing: Hearing) -> None:
        """Cut a file into windows, and give its outcome if all of them were heard by then."""
        found, digest = hearing.looked.found, hearing.looked.digest
        done = _attempt(lambda: self._cut_all(hearing), found, digest)
        if isinstance(done, Outcome):
            hearing.given_up = True
            self._news.put(done)
        elif done:
            self._news.put(hearing.outcome(self._model.page))

    def _cut_all(self, hearing: Hearing) -> bool:
        count = 0
        for window in hear.cut(hearing, self._model, self._windows.check):
            self._windows.put(_Task(hearing, count, window))
            count += 1
        return hearing.end(count, hearing.odd)

    def _hear(self) -> None:
        """Hear a window, or as many of those that wait as the device hears at once."""
        tasks = self._windows.get_some(self._model.device.batch)
        tasks = [task for task in tasks if not task.hearing.given_up]
        found = self._model.hear_windows([task.window for task in tasks])
        for task, heard in zip(tasks, found, strict=True):
            if task.hearing.add(task.number, heard):
                self._news.put(task.hearing.outcome(self._model.page))


def _attempt(step: Callable[[], T], found: Found, digest: str = "") -> T | Outcome:
    """Do something with a file; what goes wrong with it never stops the others."""
    try:
        return step()
    except (ClosedError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - decoders raise what they like
        return hear.failure(found, digest, error)
