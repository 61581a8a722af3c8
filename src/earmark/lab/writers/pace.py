"""How often something may be done, for several threads together."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock


class Pace:
    """So many times a minute at most, evenly; and not at all for a while if that is asked for."""

    def __init__(
        self,
        per_minute: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._gap = 60 / per_minute
        self._clock, self._sleep = clock, sleep
        self._lock = Lock()
        self._next = clock()

    def wait(self) -> None:
        """Wait for one's turn."""
        while True:
            with self._lock:
                left = self._next - self._clock()
                if left <= 0:
                    self._next = self._clock() + self._gap
                    return
            self._sleep(left)

    def pause(self, seconds: float) -> None:
        """Let nobody have a turn for so many seconds from now."""
        with self._lock:
            self._next = max(self._next, self._clock() + seconds)
