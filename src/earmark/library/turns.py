"""Which of the files that were looked at are heard: of those with the same bytes, the first.

The others wait for it, and `judge` is asked about each of them when it has its outcome. A thread or
a driver of a cluster alone calls this, and counts here how far it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from earmark.library.hear import Hearing, Looked, Outcome
from earmark.library.nouns import Found
from earmark.library.progress import Tally

Judge = Callable[[Found, str], bool]  # must the file with these bytes be heard?


class Turns:
    """Decides about files, and sets those going that must be heard."""

    def __init__(
        self, files: Sequence[Found], judge: Judge, begin: Callable[[Hearing], object]
    ) -> None:
        self.tally = Tally(files)
        self._judge, self._begin = judge, begin
        self._alike = dict[str, list[Looked]]()  # digest that is being heard -> who waits for it

    def take(self, news: Looked | Outcome) -> Iterator[Outcome]:
        """Decide about a file, or give its outcome, and those of the files that waited for it."""
        waiting = [news] if isinstance(news, Looked) else []
        if isinstance(news, Outcome):
            yield self._finished(news)
            waiting = self._alike.pop(news.digest, [])
        for looked in waiting:
            if self._is_settled(looked):
                found, digest, said = looked.found, looked.digest, looked.said
                yield self._finished(Outcome(found=found, digest=digest, said=said))

    def _is_settled(self, looked: Looked) -> bool:
        """Whether a file need not be heard; if it must, that is set going."""
        if looked.digest in self._alike:
            self._alike[looked.digest].append(looked)
            return False
        if not self._judge(looked.found, looked.digest):
            return True
        self._alike[looked.digest] = []
        hearing = Hearing(looked)
        self.tally.start(hearing)
        self._begin(hearing)
        return False

    def _finished(self, outcome: Outcome) -> Outcome:
        self.tally.finish(outcome)
        return outcome
