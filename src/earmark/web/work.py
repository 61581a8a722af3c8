"""Work in threads that nobody waits for in vain: bounded queues, a time limit, and a way to stop.

A request that is cancelled while it waits for its turn is never begun. Work that has begun is told
to stop, which it sees at its next `check`: between two blocks of sound, so at once. A search looks
at no clock; it ends by itself in a bounded time, and its answer is thrown away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Lock
from time import monotonic
from typing import Any, TypeVar

from earmark.web.problems import RefusedError

T = TypeVar("T")


class StoppedError(Exception):
    """Nobody waits any more for what is being done."""


class Stop:
    """What a thread asks now and then, whether to go on."""

    def __init__(self, seconds: float) -> None:
        self._until, self._event = monotonic() + seconds, Event()

    def set(self) -> None:
        """Ask the work to stop."""
        self._event.set()

    def check(self) -> None:
        """Raise `StoppedError` if it was asked to stop, or its time is over."""
        if self._event.is_set() or monotonic() > self._until:
            raise StoppedError


class Workers:
    """A few threads, and a bounded queue of what waits for them."""

    def __init__(self, threads: int, waiting: int) -> None:
        self._pool = ThreadPoolExecutor(threads, "earmark-web")
        self._room, self._lock = threads + waiting, Lock()
        self.busy = 0  # what is under way or waits

    async def do(
        self,
        work: Callable[[Stop], T],
        seconds: float,
        gone: Callable[[], Awaitable[object]] | None = None,
    ) -> T:
        """Do something in a thread; stop it after some seconds, or once the caller is `gone`."""
        stop = Stop(seconds)
        future = asyncio.wrap_future(self._submit(work, stop))
        left = asyncio.ensure_future(gone()) if gone else None
        try:
            waited: list[asyncio.Future[Any]] = [future, left] if left else [future]
            await asyncio.wait(
                waited,
                timeout=seconds,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if future.done():
                return future.result()
        except StoppedError as error:
            raise _too_slow(seconds) from error
        finally:
            stop.set()
            future.cancel()
            if left:
                left.cancel()
        if left and left.done():
            raise RefusedError(408, "the caller has gone", hint="ask again")
        raise _too_slow(seconds)

    def close(self) -> None:
        """Begin nothing more; what is under way ends by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _submit(self, work: Callable[[Stop], T], stop: Stop) -> Future[T]:
        with self._lock:
            if self.busy >= self._room:
                raise RefusedError(
                    503, f"{self.busy} requests are under way or wait", hint="try again soon"
                )
            self.busy += 1
        try:
            future = self._pool.submit(work, stop)
        except RuntimeError as error:
            self._ended()
            raise RefusedError(503, "the server is closing", hint="start it again") from error
        future.add_done_callback(self._ended)
        return future

    def _ended(self, _: object = None) -> None:
        with self._lock:
            self.busy -= 1


def _too_slow(seconds: float) -> RefusedError:
    return RefusedError(
        503,
        f"it would take longer than {seconds:g} s",
        hint="ask for less: a shorter stretch, or fewer at once; or try again",
    )
