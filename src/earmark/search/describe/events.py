"""From how likely each word is at each moment to what is said: which word, when, how often.

A run is a stretch in which a word stays above one level and somewhere passes a higher one; a gap no
longer than the shorter stretch beside it is closed, so that rain goes on through a clap of thunder.
Runs are as sure as they are likely on the mean, and the surest are said first, each in the time
that is left to it: never more than two words at once, but for what goes on beneath them, and no two
that are kin. So a dog is heard in an hour of wind. A broad word gives way to a narrower one that is
nearly as likely.

Confidence is how likely a word is on the mean over its time. A short sound that comes again soon is
said once, and how often it came.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from earmark.search.describe.likely import STEP, Likely
from earmark.search.describe.vocabulary import Bits

SAID, KEPT = 0.45, 0.2  # how likely a word must be somewhere in a run, and all through it
MOST = 2  # words at one time
NARROW = 0.7  # of how likely a broad word is, a narrower one takes its place
SHORT, SOON = 5.0, 6.0  # seconds of a sound that is counted, and of a pause between two of it

Span = tuple[float, float]
Moments = npt.NDArray[np.bool_]  # [t]


@dataclass(frozen=True, slots=True)
class Saying:
    """Words for what is heard from one time to another."""

    words: str
    start: float  # seconds
    end: float
    confidence: float  # how likely they are right, 0 to 1
    parts: tuple[Span, ...]  # when it is heard in that time, with pauses between


@dataclass(frozen=True, slots=True)
class Run:
    """Moments in a row, `[first, stop)`, in which one word may be said."""

    word: int
    first: int
    stop: int


def events(
    likely: Likely, texts: Sequence[str], seconds: float, kin: Bits, narrower: Bits
) -> list[Saying]:
    """Say what is heard, in order of time, of one time the surest first: [t, q], q texts.

    `kin` [q, q] are never said at once; `narrower` [q, q] is true where the column's word is
    narrower than the row's.
    """
    found = [_narrowed(run, likely, narrower) for run in chosen(likely, kin)]
    sayings = [_saying(run, likely, texts, seconds) for run in found]
    return sorted(counted(sayings), key=lambda one: (one.start, -one.confidence, one.words))


def chosen(likely: Likely, kin: Bits) -> list[Run]:
    """Choose what is said: the surest runs first, each in the moments left to it."""
    room = np.full(len(likely), MOST)
    taken = np.zeros(likely.shape, np.bool_)  # by a word, or by one of its kin
    out: list[Run] = []
    for run in sorted(runs(likely), key=lambda run: -_sure(run, likely)):
        part = slice(run.first, run.stop)
        free = np.zeros(len(likely), np.bool_)
        free[part] = (room[part] > 0) & ~taken[part, run.word]
        for left in _closed(_spans(free), taken[:, run.word]):
            if likely[slice(*left), run.word].max() < SAID:
                continue
            room[slice(*left)] -= 1
            taken[slice(*left)] |= kin[run.word]
            out.append(Run(run.word, *left))
    return out


def runs(likely: Likely) -> Iterator[Run]:
    """Find the runs of every word: [t, q] -> in order of word and time."""
    nothing = np.zeros(len(likely), np.bool_)
    for word in np.flatnonzero((likely >= SAID).any(axis=0)):
        curve = likely[:, word]
        for first, stop in _closed(_spans(curve >= KEPT), nothing):
            if curve[first:stop].max() >= SAID:
                yield Run(int(word), first, stop)


def counted(sayings: Sequence[Saying]) -> Iterator[Saying]:
    """Say a short sound that comes again soon once, with all its parts."""
    open_: dict[str, Saying] = {}
    for one in sorted(sayings, key=lambda one: one.start):
        before = open_.get(one.words)
        if before is not None and _is_again(before, one):
            open_[one.words] = _joined(before, one)
            continue
        if before is not None:
            yield before
        open_[one.words] = one
    yield from open_.values()


def _is_again(before: Saying, one: Saying) -> bool:
    brief = all(end - start <= SHORT for start, end in (*before.parts, *one.parts))
    return brief and one.start - before.end <= SOON


def _joined(before: Saying, one: Saying) -> Saying:
    """One saying of both, as sure as its parts are on the whole."""
    seconds = [sum(end - start for start, end in some.parts) for some in (before, one)]
    sure = np.average([before.confidence, one.confidence], weights=seconds)
    parts = before.parts + one.parts
    return replace(before, end=one.end, confidence=float(sure), parts=parts)


def _sure(run: Run, likely: Likely) -> float:
    return float(likely[run.first : run.stop, run.word].mean(dtype=np.float64))


def _narrowed(run: Run, likely: Likely, narrower: Bits) -> Run:
    """Take the likeliest of the narrower words, if it is nearly as likely."""
    means = likely[run.first : run.stop].mean(axis=0, dtype=np.float64)
    below = np.where(narrower[run.word], means, -1.0)
    best = int(below.argmax())
    if below[best] < NARROW * means[run.word]:
        return run
    return _narrowed(replace(run, word=best), likely, narrower)


def _saying(run: Run, likely: Likely, texts: Sequence[str], seconds: float) -> Saying:
    start, end = STEP * run.first, min(STEP * run.stop, seconds)
    return Saying(texts[run.word], start, end, _sure(run, likely), ((start, end),))


def _spans(wanted: Moments) -> list[tuple[int, int]]:
    """Find where moments in a row are wanted: [t] -> `[first, stop)` of each row."""
    edges = np.flatnonzero(np.diff(wanted, prepend=False, append=False))
    return [(int(first), int(stop)) for first, stop in edges.reshape(-1, 2)]


def _closed(spans: Sequence[tuple[int, int]], taken: Moments) -> list[tuple[int, int]]:
    """Close gaps no longer than the shorter of the spans beside them, where nothing is taken."""
    out: list[tuple[int, int]] = []
    for first, stop in spans:
        start, end = out[-1] if out else (0, 0)
        if out and first - end <= min(end - start, stop - first) and not taken[end:first].any():
            out[-1] = (start, stop)
        else:
            out.append((first, stop))
    return out
