"""The moments of a recording: where its match curve stands high, and from when to when.

The match curve says at every token how near the query is: the token brought to unit length times
the query, smoothed by a triangle that is 1.5 s wide at half its height. It is smoothed over time,
not over tokens, and never across a gap, where digital silence was left out. A moment is the run
around a peak above a level; one level goes for a whole recording, so that a second bark is another
moment and the rain between them is none. `tools/moment_table.py` measures what was chosen here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from earmark.library.store.kernel import quantiles
from earmark.model.pool import Times, Vectors

SMOOTH = 1.5  # seconds, of the triangle at half its height
GAP = 0.5  # seconds: runs that are nearer than this are one
SHORTEST = 1.0  # seconds that a moment lasts
SHARE = 0.5  # of the way from what is typical up to the peak, the level of a moment
QUIET = 0.25  # share of the curve, the lowest, that stands for where the sound is not
AROUND = 10.0  # seconds of tokens on both sides of a window, to begin with

Curve = npt.NDArray[np.float64]  # [t]
Query = npt.NDArray[np.floating[Any]]  # [width]
Scores = npt.NDArray[np.floating[Any]]  # [m]
Span = tuple[float, float]


class HasTokens(Protocol):
    """A time line, or a part of one."""

    @property
    def tokens(self) -> Vectors:
        """Vectors in order of time: [t, width]."""

    @property
    def times(self) -> Times:
        """What each stands for: [t, 2]."""


Read = Callable[[float, float], HasTokens | None]  # tokens between two times, if there are any


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a recording in which the match curve stands high."""

    start: float  # seconds
    end: float
    peak: float  # where the curve is highest, in seconds
    score: float  # of the curve there; from `best_moments`, of the best window


def curve(query: Query, tokens: HasTokens) -> Curve:
    """Tell how near a query each token and those about it are: [width] -> [t]."""
    vectors = tokens.tokens.astype(np.float64)
    lengths = np.sqrt(np.einsum("tw,tw->t", vectors, vectors))
    heights = np.einsum("tw,w->t", vectors, query) / np.maximum(lengths, np.finfo(np.float32).tiny)
    return _smooth(heights, tokens.times)


def level_of(
    heights: Curve, peak: float, typical: float | None = None, share: float = SHARE
) -> float:
    """Tell above what a moment about a peak stands: so far up from where the sound is not.

    That is the lower quarter of the curve, or what is typical of other recordings if it is less:
    in an hour of rain no quarter is without rain.
    """
    base = min(*quantiles(heights, [QUIET]), peak)
    if typical is not None:
        base = min(base, typical)
    return min(base + share * (peak - base), peak)


def runs(heights: Curve, times: Times, level: float, *, seconds: float) -> list[Run]:
    """Find where a curve stands at a level or above it, the highest first: [t], [t, 2].

    Edges lie where the line from token to token crosses the level. Gaps under half a second are
    closed; what is shorter than a second grows to both sides, inside the recording's `seconds`.
    """
    count = int(np.searchsorted(times.mean(axis=1), seconds))  # heard anew, a token may lie beyond
    heights, times = heights[:count], times[:count]
    spans = _joined(_above(heights, times, level), GAP)
    spans = _joined((_grown(span, seconds) for span in spans), 0.0)
    found = [_run(span, heights, times) for span in spans]
    return sorted(found, key=lambda run: (-run.score, run.start))


def best_moments(  # noqa: PLR0913 - what a search knows of a recording, by keyword
    read: Read,
    windows: tuple[Scores, Times],
    query: Query,
    *,
    seconds: float,
    most: int = 3,
    typical: float | None = None,
    share: float = SHARE,
) -> list[Run]:
    """Find up to `most` moments about the best windows of a recording, the best first.

    `windows` are scores of searched vectors and their times, `typical` is what other recordings
    score. The first moment sets the level. Where there are no tokens, a window is a moment.
    """
    search, left = _Search(read, query, seconds, typical, share), _Windows(*windows)
    found: list[Run] = []
    misses = 0
    while len(found) < most and misses < most and left:
        score, window = left.take()
        run = search.about(window)
        if run is None:
            misses += 1
        else:
            left.drop(run)
            found = _merged([*found, replace(run, score=score)])
    return sorted(found, key=lambda run: (-run.score, run.start))


class _Search:
    """Refines windows of one recording; the first one that has tokens sets the level."""

    def __init__(
        self, read: Read, query: Query, seconds: float, typical: float | None, share: float
    ) -> None:
        self._read, self._query, self._seconds = read, query, seconds
        self._typical, self._share = typical, share
        self._level: float | None = None

    def about(self, window: Span) -> Run | None:
        """Give the run about the peak of a window, or nothing if it is below the level."""
        run: Run | None = Run(*window, peak=sum(window) / 2, score=0.0)
        level, margin, seen = self._level, AROUND, (np.inf, -np.inf)
        while True:
            span = max(0.0, window[0] - margin), min(self._seconds, window[1] + margin)
            part = self._read(*span)
            if part is None or not _centred(part.times, window).any():
                break
            had, seen = seen, (float(part.times[0, 0]), float(part.times[-1, 1]))
            if not _is_wider(seen, had):  # all is seen that can be had
                break
            run, level = self._run(window, part)
            if run is None or not _is_cut(run, span, part.times, self._seconds):
                break
            margin *= 2
        self._level = level
        return run

    def _run(self, window: Span, part: HasTokens) -> tuple[Run | None, float]:
        """Find the run in a part of the recording, and the level it was found with."""
        heights, inside = curve(self._query, part), _centred(part.times, window)
        peak = float(heights[inside].max())
        level = self._level
        if level is None:
            level = level_of(heights, peak, self._typical, self._share)
        at = float(part.times[inside][heights[inside].argmax()].mean())
        found = runs(heights, part.times, level, seconds=self._seconds)
        return next((run for run in found if run.start <= at <= run.end), None), level


class _Windows:
    """Windows of a recording, to be taken best first."""

    def __init__(self, scores: Scores, times: Times) -> None:
        self._scores, self._times = scores, times
        self._free = np.ones(len(scores), np.bool_)

    def __bool__(self) -> bool:
        return bool(self._free.any())

    def take(self) -> tuple[float, Span]:
        """Give the best with its score, and leave it out from now on, with all that overlap it."""
        best = int(np.where(self._free, self._scores, -np.inf).argmax())
        start, end = map(float, self._times[best])
        self._free &= (self._times[:, 1] <= start) | (self._times[:, 0] >= end)
        self._free[best] = False
        return float(self._scores[best]), (start, end)

    def drop(self, run: Run) -> None:
        """Leave out those whose middle lies in a run."""
        middles = self._times.mean(axis=1)
        self._free &= (middles < run.start) | (middles > run.end)


def _merged(found: list[Run]) -> list[Run]:
    """Join runs that meet; the better one tells peak and score."""
    out: list[Run] = []
    for run in sorted(found, key=lambda run: run.start):
        if out and run.start < out[-1].end:
            better = max(out[-1], run, key=lambda one: one.score)
            end = max(out[-1].end, run.end)
            out[-1] = replace(better, start=out[-1].start, end=end)
        else:
            out.append(run)
    return out


def _smooth(heights: Curve, times: Times) -> Curve:
    """Mean of a curve about each of its points, weighted by a triangle of time: [t] -> [t]."""
    centres, parts = times.mean(axis=1), _parts(times)
    total, weight = heights.copy(), np.ones(len(heights))
    for shift in range(1, len(heights)):
        near = np.maximum(0.0, 1 - (centres[shift:] - centres[:-shift]) / SMOOTH)
        near *= parts[shift:] == parts[:-shift]
        if not near.any():
            break
        total[shift:] += near * heights[:-shift]
        total[:-shift] += near * heights[shift:]
        weight[shift:] += near
        weight[:-shift] += near
    return total / weight


def _parts(times: Times) -> npt.NDArray[np.int64]:
    """Number the parts between gaps; a hole no longer than a token is none: [t, 2] -> [t]."""
    longest = np.diff(times, axis=1).max(initial=GAP)
    holes = times[1:, 0] - times[:-1, 1]
    return np.concatenate([np.zeros(min(len(times), 1), np.int64), np.cumsum(holes > longest)])


def _above(heights: Curve, times: Times, level: float) -> Iterator[Span]:
    """Give the spans of a curve at or above a level, in order of time."""
    above, centres, parts = heights >= level, times.mean(axis=1), _parts(times)
    linked = parts[1:] == parts[:-1]
    opens, closes = above.copy(), above.copy()
    opens[1:] &= ~(above[:-1] & linked)
    closes[:-1] &= ~(above[1:] & linked)

    def edge(inner: int, outer: int, otherwise: float) -> float:
        if not 0 <= outer < len(heights) or parts[inner] != parts[outer]:
            return otherwise
        way = (heights[inner] - level) / (heights[inner] - heights[outer])
        return float(centres[inner] + way * (centres[outer] - centres[inner]))

    for first, last in zip(np.flatnonzero(opens), np.flatnonzero(closes), strict=True):
        start = edge(int(first), int(first) - 1, float(times[first, 0]))
        yield start, edge(int(last), int(last) + 1, float(times[last, 1]))


def _joined(spans: Iterable[Span], gap: float) -> list[Span]:
    """Close gaps that are shorter than `gap`, and overlaps."""
    out: list[Span] = []
    for start, end in spans:
        if out and start - out[-1][1] < gap:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


def _grown(span: Span, seconds: float) -> Span:
    """Let a span last a second, about the same middle if the recording lets it."""
    start, end = max(0.0, span[0]), min(span[1], seconds)
    missing = SHORTEST - (end - start)
    if missing <= 0:
        return start, end
    start = max(0.0, min(start - missing / 2, seconds - SHORTEST))
    return start, min(start + SHORTEST, seconds)


def _run(span: Span, heights: Curve, times: Times) -> Run:
    """Tell the peak of a span."""
    inside = np.flatnonzero(_centred(times, span))
    best = inside[heights[inside].argmax()]
    return Run(*span, peak=float(times[best].mean()), score=float(heights[best]))


def _centred(times: Times, span: Span) -> npt.NDArray[np.bool_]:
    """Tell which tokens have their centres in a span, its end included: -> [t]."""
    centres = times.mean(axis=1)
    return np.asarray((centres >= span[0]) & (centres <= span[1]))


def _is_wider(span: Span, other: Span) -> bool:
    """Whether a span holds another, and more."""
    return span != other and span[0] <= other[0] and span[1] >= other[1]


def _is_cut(run: Run, span: Span, times: Times, seconds: float) -> bool:
    """Whether a run reaches an end of what was read, where the recording may go on at once."""
    first, last = times[0, 0], times[-1, 1]
    starts = run.start <= first < span[0] + GAP and span[0] > 0
    ends = run.end >= last > span[1] - GAP and span[1] < seconds
    return bool(starts or ends)
