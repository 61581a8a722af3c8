"""Keep folders indexed: look at them again and again, on every drive and without any service.

A look that finds nothing new tells how long looking takes; the pause after it is so much longer
that most of the time nothing is read.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from threading import Event

from earmark.errors import UsageError
from earmark.library.nouns import Found, Report

PAUSE = 2.0  # seconds between two looks, at least
RATIO = 9  # looking takes a tenth of the time ...
LONGEST = 600.0  # ... unless the pause would be longer than this
SLICE = 0.5  # seconds that are waited at once: where locks hide Ctrl-C, it is seen after these


class Settled:
    """Holds a file back until two looks in a row found it the same.

    So a file that is being copied or recorded is heard once it is whole. The first look has none
    before it and holds nothing back.
    """

    def __init__(self) -> None:
        self._last: frozenset[Found] | None = None
        self.waiting = 0  # files that the last look held back

    def __call__(self, fresh: Sequence[Found]) -> list[Found]:
        """Choose from all files that are new or changed those that may be heard now."""
        last, self._last = self._last, frozenset(fresh)
        chosen = [found for found in fresh if last is None or found in last]
        self.waiting = len(fresh) - len(chosen)
        return chosen


def watch(
    index: Callable[[], Report], *, pause: float = PAUSE, stop: Event | None = None
) -> Generator[Report]:
    """Index again and again, giving each report, until `stop` is set or nobody asks any more."""
    if not 0 < pause < float("inf"):
        raise UsageError(f"a pause of {pause} s", hint="give some seconds, more than 0")
    stop, look = stop or Event(), 0.0
    while not stop.is_set():
        report = index()
        yield report
        if not (report.indexed or report.moved or report.copied):
            look = report.took
        _wait(max(pause, min(RATIO * look, LONGEST)), stop)


def _wait(seconds: float, stop: Event) -> None:
    while seconds > 0 and not stop.wait(min(seconds, SLICE)):
        seconds -= SLICE
