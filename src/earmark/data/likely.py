"""Find where two sides may hold one recording: every patch of one against anchors of the other.

Nothing is sampled or hashed away: all pairs are compared, as products of matrices. LONG anchors
stand every 0.32 s over the smaller side, so that any second that two waves share holds a whole one;
a sound that is over sooner is looked for by SHORT anchors at its loudest places, from both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from earmark.data.align import RATE
from earmark.data.fingerprint import LONG, SHORT, Grain, Vectors, describe
from earmark.data.spool import Spool

BRIEFEST = RATE // 10  # samples: less is a click, which is like any other
BRIEF = RATE  # samples: a sound under a second is looked for by SHORT anchors
EVERY = 16  # LONG moments from one anchor to the next
LOUDEST = 2  # SHORT anchors of a brief sound
KEEP = 10  # likeliest places kept for every anchor
FLOOR = 0.5  # of the cosine; most copies under 10 dB of noise reach 0.9, unrelated sounds 0.6
PIECE = 2_000  # moments described at once
BLOCK = 2_048  # anchors multiplied at once

Numbers = npt.NDArray[np.int64]
Tick = Callable[[float], None]  # called with the seconds of sound just done


@dataclass(frozen=True, slots=True, order=True)
class Likely:
    """What stands at sample `at_a` of wave `a` may be what stands at `at_b` of wave `b`."""

    a: int
    b: int
    at_a: int
    at_b: int
    span: int  # samples compared so far


@dataclass(frozen=True, slots=True)
class _Anchors:
    """Vectors to look for: whose they are, and the sample where their patch begins."""

    vectors: Vectors  # [n, width]
    wave: Numbers  # [n]
    at: Numbers  # [n]


def likely_pairs(a: Spool, b: Spool, tick: Tick) -> Iterator[Likely]:
    """Yield the places where the two sides may meet; quickest when `a` is the larger side.

    `tick` hears of twice the length of `a` and once that of `b`.
    """
    yield from _look(b, LONG, a, tick)
    yield from _look(b, SHORT, a, tick)
    for found in _look(a, SHORT, b, tick):
        yield Likely(found.b, found.a, found.at_b, found.at_a, found.span)


def _look(sought: Spool, grain: Grain, among: Spool, tick: Tick) -> Iterator[Likely]:
    """Look for anchors of one side at every moment of the other; `a` is where they were found."""
    best = _Best(_anchors(sought, grain))
    for number, (first, last) in enumerate(among.extents):
        if last - first >= (BRIEFEST if grain is SHORT else BRIEF):
            for at, vectors in _pieces(among, number, grain):
                best.offer(number, at, vectors, grain.hop)
        tick(among.lengths[number] / RATE)
    return best.places(grain.span)


def _anchors(spool: Spool, grain: Grain) -> _Anchors:
    """Anchors of the waves that this grain is for."""
    vectors, waves, places = [np.empty((0, grain.width), dtype=np.float32)], [], []
    for number, (first, last) in enumerate(spool.extents):
        if last - first < BRIEFEST or (last - first < BRIEF) != (grain is SHORT):
            continue
        for at, piece in _pieces(spool, number, grain):
            picked = _loudest(spool, number, len(piece)) if grain is SHORT else _evenly(len(piece))
            picked = picked[np.any(piece[picked], axis=1)]
            vectors.append(piece[picked])
            waves += [number] * len(picked)
            places += (at + picked * grain.hop).tolist()
    return _Anchors(np.concatenate(vectors), np.array(waves, np.int64), np.array(places, np.int64))


def _evenly(moments: int) -> Numbers:
    """Every so many moments, and the last: -> [n]."""
    return np.unique(np.append(np.arange(0, moments, EVERY), moments - 1))


def _loudest(spool: Spool, number: int, moments: int) -> Numbers:
    """The moments whose patches hold most energy and do not overlap: -> [n]."""
    wave = spool.wave(number, *spool.extents[number])
    sums = np.concatenate([[0.0], np.square(wave, dtype=np.float64).cumsum()])
    starts = np.arange(moments) * SHORT.hop
    energy = sums[np.minimum(starts + SHORT.span, len(wave))] - sums[starts]
    picked: list[int] = []
    for moment in np.argsort(-energy, kind="stable"):
        if all(abs(moment - other) >= SHORT.frames for other in picked):
            picked.append(int(moment))
    return np.array(picked[:LOUDEST], dtype=np.int64)


def _pieces(spool: Spool, number: int, grain: Grain) -> Iterator[tuple[int, Vectors]]:
    """Vectors of a sound in runs of moments, each with the sample where its first patch begins."""
    first, last = spool.extents[number]
    for at in range(first, max(last - grain.span, first) + 1, PIECE * grain.hop):
        end = min(at + (PIECE - 1) * grain.hop + grain.span, last)
        yield at, describe(spool.wave(number, at, end), grain)


class _Best:
    """The likeliest places of every anchor, kept while they come in."""

    def __init__(self, anchors: _Anchors) -> None:
        self._anchors = anchors
        count = len(anchors.wave)
        self._score = np.full((KEEP, count), FLOOR, dtype=np.float32)
        self._wave = np.full((KEEP, count), -1, dtype=np.int64)
        self._at = np.zeros((KEEP, count), dtype=np.int64)
        self._worst = np.full(count, FLOOR, dtype=np.float32)  # of the places kept

    def offer(self, wave: int, at: int, vectors: Vectors, hop: int) -> None:
        """Compare a run of moments with all anchors, and keep the best one where it is good."""
        for start in range(0, len(self._worst), BLOCK):
            block = slice(start, start + BLOCK)
            cosine = vectors @ self._anchors.vectors[block].T
            better = np.flatnonzero(cosine.max(axis=0) > self._worst[block])
            if len(better):
                moment = cosine[:, better].argmax(axis=0)
                self._keep(start + better, cosine[moment, better], wave, at + moment * hop)

    def _keep(self, anchor: Numbers, score: Vectors, wave: int, at: Numbers) -> None:
        slot = self._score[:, anchor].argmin(axis=0)
        self._score[slot, anchor] = score
        self._wave[slot, anchor] = wave
        self._at[slot, anchor] = at
        self._worst[anchor] = self._score[:, anchor].min(axis=0)

    def places(self, span: int) -> Iterator[Likely]:
        """Yield what was kept, anchor by anchor."""
        for anchor, (wave, at) in enumerate(
            zip(self._anchors.wave.tolist(), self._anchors.at.tolist(), strict=True)
        ):
            for slot in np.flatnonzero(self._wave[:, anchor] >= 0):
                there = int(self._at[slot, anchor])
                yield Likely(int(self._wave[slot, anchor]), wave, there, at, span)
