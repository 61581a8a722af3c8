"""From candidates to hits: copies folded, the moment around each peak, drives that are away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from earmark.library.remote.address import is_remote
from earmark.library.store.contract import Store, Vector
from earmark.search.fold import Sketch, are_as_long, is_near_copy
from earmark.search.listener import Listener
from earmark.search.moments import Run, best_moments
from earmark.search.question import Question, unit
from earmark.search.shortlist import SHORTLIST, Candidate, Shortlister
from earmark.search.wish import Wish
from earmark.types import Hit

MOMENTS = 3  # of one recording
ROUGHLY = 0.7  # cosine of the means of two recordings, below which none is a copy of the other
Copies = tuple[str, ...]


class Hits:
    """Makes hits of the candidates of one question."""

    def __init__(
        self, store: Store, listener: Listener, question: Question, shortlister: Shortlister
    ) -> None:
        self._store, self._listener, self._question = store, listener, question
        self._shortlister, self._calibration = shortlister, shortlister.calibration
        self._drives, self._sketches = Drives(), dict[int, tuple[Sketch, Vector]]()

    def of(self, found: Sequence[Candidate], wish: Wish) -> list[Hit]:
        """As many as are wanted, best first, with their ranks."""
        hits = self._every_moment(found, wish) if wish.moments else self._best_moments(found, wish)
        return [replace(hit, rank=n) for n, hit in enumerate(islice(hits, wish.limit), start=1)]

    def _best_moments(self, found: Sequence[Candidate], wish: Wish) -> Iterator[Hit]:
        for place, (one, copies) in enumerate(self._folded(found, wish)):
            window = np.array([[one.start, one.end]])
            score = np.array([one.why.score], np.float32)
            is_open = place < SHORTLIST and not one.placed
            runs = self._runs(one, score, window, most=1) if is_open else []
            yield self._hit(one, runs[0] if runs else None, copies)

    def _every_moment(self, found: Sequence[Candidate], wish: Wish) -> Iterator[Hit]:
        """Up to three moments of each recording, all of them by confidence."""
        line = 0.0 if wish.unsure else self._calibration.line
        close = list(islice(self._folded(found, wish), wish.limit))
        every = [hit for one, copies in close for hit in self._moments(one, copies)]
        sure = [hit for hit in every if hit.confidence >= line]
        return iter(sorted(sure, key=lambda hit: (-hit.confidence, hit.path, hit.start)))

    def _moments(self, one: Candidate, copies: Copies) -> Iterator[Hit]:
        """Moments of one recording; the best has its confidence, the others have less."""
        if one.placed:
            yield self._hit(one, None, copies)
            return
        vectors, times = self._store.moments(one.sound)
        scores = np.asarray(vectors @ self._question.vector, np.float32)
        runs = self._runs(one, scores, times, most=MOMENTS)
        levels = self._levels(one, np.array([run.score for run in runs], np.float32))
        for run, level in zip(runs, levels, strict=True):
            hit = self._hit(one, run, copies)
            yield replace(hit, confidence=float(level), score=float(run.score))

    def _levels(self, one: Candidate, scores: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Confidence of moments: that of the recording, as much less as their scores say."""
        why, shares = one.why, np.full(len(scores) + 1, one.why.evidence)
        asked = np.append(scores, np.float32(why.score))
        levels = self._shortlister.confidence(asked, (why.typical, why.spread), why.among, shares)
        return np.asarray(one.confidence * np.minimum(1.0, levels[:-1] / max(levels[-1], 1e-12)))

    def _folded(self, found: Sequence[Candidate], wish: Wish) -> Iterator[tuple[Candidate, Copies]]:
        """Each sound once, with the paths of its copies; near-copies go with the first of them."""
        if wish.duplicates:
            for one in found:
                yield from ((replace(one, files=(file,)), ()) for file in one.files)
            return
        # Each is compared with those behind it, so those far behind stand for themselves.
        close, far = found[: wish.limit + SHORTLIST], found[wish.limit + SHORTLIST :]
        left = list(close)
        while left:
            first, *others = left
            alike = [one for one in others if self._are_alike(first, one)]
            left = [one for one in others if one not in alike]
            yield first, tuple(path for one in alike for path in _paths(one))
        yield from ((one, ()) for one in far)

    def _are_alike(self, one: Candidate, other: Candidate) -> bool:
        """Whether two sounds are one that was saved twice; most differ in length already."""
        if not are_as_long(one.files[0].seconds, other.files[0].seconds):
            return False
        (first, here), (second, there) = self._sketch(one), self._sketch(other)
        return float(here @ there) >= ROUGHLY and is_near_copy(first, second)

    def _sketch(self, one: Candidate) -> tuple[Sketch, Vector]:
        """What tells whether a sound is a copy, and its mean, which rules most others out."""
        if one.sound not in self._sketches:
            vectors, times = self._store.moments(one.sound)
            sketch = Sketch(one.files[0].seconds, vectors, times)
            self._sketches[one.sound] = sketch, unit(vectors.mean(axis=0))
        return self._sketches[one.sound]

    def _hit(self, one: Candidate, run: Run | None, copies: Copies) -> Hit:
        """Name the first file of a sound that is there now."""
        there = [file for file in one.files if not self._drives.is_away(file.place.root)]
        file = (there or one.files)[0]
        path = str(file.place.full)
        return Hit(
            rank=0,
            path=path,
            start=run.start if run else one.start,
            end=run.end if run else one.end,
            score=one.why.score,
            confidence=one.confidence,
            duration=file.seconds,
            tags=file.tags,
            away=not there,
            copies=tuple(other for other in (*_paths(one), *copies) if other != path),
            why=one.why,
        )

    def _runs(
        self,
        one: Candidate,
        scores: npt.NDArray[np.float32],
        times: npt.NDArray[np.float64],
        *,
        most: int,
    ) -> list[Run]:
        return best_moments(
            lambda start, end: self._listener.tokens(one.sound, one.files, start, end),
            (scores, times),
            self._question.away(1.0),  # where something is unwanted, a moment ends at it
            most=most,
            seconds=one.files[0].seconds,
            typical=self._elsewhere(one),
            share=self._calibration.share,
        )

    def _elsewhere(self, one: Candidate) -> float | None:
        """What the query gets where its sound is not; a turned query is asked nowhere else."""
        if self._question.unwanted:
            return None
        told = self._calibration.elsewhere(self._question.vector)
        return one.why.typical if told is None else told


class Drives:
    """Whether the folders that were indexed are there now, each looked at once."""

    def __init__(self) -> None:
        self._away: dict[Path, bool] = {}

    def is_away(self, root: Path) -> bool:
        """Whether a root is not there, or empty like the mount point of an unplugged drive."""
        if root not in self._away:
            self._away[root] = not _holds_something(root)
        return self._away[root]


def _paths(one: Candidate) -> Copies:
    return tuple(str(file.place.full) for file in one.files)


def _holds_something(root: Path) -> bool:
    if is_remote(root):  # nobody is asked: a search needs no network
        return True
    try:
        return next(root.iterdir(), None) is not None
    except OSError:
        return False
