"""A bounded queue between threads that can be closed, so that nobody waits for ever."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from threading import Condition, Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class ClosedError(Exception):
    """The channel was closed: there is nothing more to do."""


class Channel(Generic[T]):
    """What one thread puts in, another one takes, in order; `room` is how much waits in it."""

    def __init__(self, room: int | None = None, content: Iterable[T] = ()) -> None:
        self._content, self._room, self._closed = deque(content), room, False
        lock = Lock()
        self._filled, self._emptied = Condition(lock), Condition(lock)

    def put(self, item: T) -> None:
        """Add an item, waiting until there is room for it."""
        with self._emptied:
            self._emptied.wait_for(lambda: self._closed or self._has_room())
            self.check()
            self._content.append(item)
            self._filled.notify()

    def put_first(self, item: T) -> None:
        """Add an item ahead of the others, and never wait."""
        with self._filled:
            self.check()
            self._content.appendleft(item)
            self._filled.notify()

    def get(self) -> T:
        """Take the first item, waiting until there is one."""
        with self._filled:
            self._filled.wait_for(lambda: self._closed or bool(self._content))
            return self._take()

    def get_some(self, most: int) -> list[T]:
        """Take the first items that are there, up to so many, waiting until there is one."""
        with self._filled:
            self._filled.wait_for(lambda: self._closed or bool(self._content))
            self.check()
            return [self._take() for _ in range(min(most, len(self._content)))]

    def get_within(self, seconds: float) -> T | None:
        """Take the first item if there is one before so many seconds are over."""
        with self._filled:
            there = self._filled.wait_for(lambda: self._closed or bool(self._content), seconds)
            return self._take() if there else None

    def close(self) -> None:
        """Drop everything; whoever waits, and whoever comes after, gets `ClosedError`."""
        with self._filled:
            self._closed = True
            self._content.clear()
            self._filled.notify_all()
            self._emptied.notify_all()

    def check(self) -> None:
        """Raise `ClosedError` if it is closed."""
        if self._closed:
            raise ClosedError

    def _has_room(self) -> bool:
        return self._room is None or len(self._content) < self._room

    def _take(self) -> T:
        self.check()
        item = self._content.popleft()
        self._emptied.notify()
        return item
