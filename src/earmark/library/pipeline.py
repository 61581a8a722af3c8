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

Two files with the same bytes are heard once, even if both are new: the second one waits for the
first, and `judge` is asked about it when the first has its outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread
from time import perf_counter
from typing import TypeVar

from earmark.audio.read import open_sound
from earmark.errors import AudioError, UsageError
from earmark.library import hear
from earmark.library.channel import Channel, ClosedError
from earmark.library.hear import Hearing, Looked, Outcome
from earmark.library.nouns import Found
from earmark.library.progress import Progress, Tally
from earmark.model.model import Model
from earmark.model.stretches import Window
from earmark.types import Samples

TICK = 0.2  # seconds between two reports; also how soon Ctrl-C is seen where locks hide it
PATIENCE = 2.0  # seconds that threads get to end; one may hang in a drive that does not answer

__all__ = ["Judge", "Outcome", "Progress", "run"]

Judge = Callable[[Found, str], bool]  # must the file with these bytes be heard?
T = TypeVar("T")


def run(
    files: Iterable[Found],
    model: Model,
    judge: Judge,
    *,
    jobs: int,
    on_progress: Callable[[Progress], None] | None = None,
) -> Generator[Outcome]:
    """Hear every file that `judge` says must be heard, and give an outcome of each, as they come.

    `judge` and `on_progress` are called by the thread that iterates. An outcome was dealt with
    when the next one is asked for. Close the generator (`contextlib.closing`) to end sooner.
    """
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
        self._model = model
        self._todo = Channel[Found | Hearing](content=files)
        self._windows = Channel[_Task](room=2 * jobs * model.device.batch)
        self._news = Channel[Looked | Outcome | _Fault](room=2 * jobs)
        self._alike = dict[str, list[Looked]]()  # digest that is being heard -> who waits for it
        self._tally = Tally(files)
        steps = [self._read] * (jobs + 1) + [self._hear] * jobs
        self._threads = [
            Thread(target=self._work, args=(step,), name="earmark", daemon=True) for step in steps
        ]

    def outcomes(self, judge: Judge, on_progress: Callable[[Progress], None]) -> Generator[Outcome]:
        """Start the threads, and give what becomes of each file."""
        on_progress(self._tally.progress())
        told = perf_counter()
        for thread in self._threads:
            thread.start()
        while self._tally.left:
            news = self._news.get_within(TICK)
            if news is not None:
                yield from self._take(news, judge)
            if perf_counter() - told >= TICK:
                on_progress(self._tally.progress())
                told = perf_counter()
        on_progress(self._tally.progress())

    def stop(self) -> None:
        """End all threads; none of them is needed for anything any more."""
        for channel in (self._todo, self._windows, self._news):
            channel.close()
        until = perf_counter() + PATIENCE
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(0.0, until - perf_counter()))

    # in the caller's thread

    def _take(self, news: Looked | Outcome | _Fault, judge: Judge) -> Iterator[Outcome]:
        """Decide about a file, or give its outcome, and those of the files that waited for it."""
        if isinstance(news, _Fault):
            raise news.error
        waiting = [news] if isinstance(news, Looked) else []
        if isinstance(news, Outcome):
            yield self._finished(news)
            waiting = self._alike.pop(news.digest, [])
        for looked in waiting:
            if self._is_settled(looked, judge):
                found, digest, said = looked.found, looked.digest, looked.said
                yield self._finished(Outcome(found=found, digest=digest, said=said))

    def _is_settled(self, looked: Looked, judge: Judge) -> bool:
        """Whether a file need not be heard; if it must, that is set going."""
        if looked.digest in self._alike:
            self._alike[looked.digest].append(looked)
            return False
        if not judge(looked.found, looked.digest):
            return True
        self._alike[looked.digest] = []
        hearing = Hearing(looked)
        self._tally.start(hearing)
        self._todo.put_first(hearing)
        return False

    def _finished(self, outcome: Outcome) -> Outcome:
        self._tally.finish(outcome)
        return outcome

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
        path, count = hearing.looked.found.place.full, 0
        with open_sound(path, rate=self._model.rate, block=hear.BLOCK) as sound:
            hearing.claimed = sound.facts.seconds
            blocks = hearing.counted(self._until_closed(sound))
            for window in self._model.windows(blocks):
                self._windows.put(_Task(hearing, count, window))
                count += 1
        hear.refuse_changed(hearing.looked.found)
        if not count:
            raise AudioError(path, "there is not one sample in it", hint="leave it out")
        return hearing.end(count, sound.warnings)

    def _until_closed(self, blocks: Iterable[Samples]) -> Iterator[Samples]:
        """Pass blocks on; hours of silence give no window whose queue would say that it is over."""
        for block in blocks:
            self._windows.check()
            yield block

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
