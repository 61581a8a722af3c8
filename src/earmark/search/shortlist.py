"""Which recordings may be answers, and how likely each is one.

Nearest by their best moments, so that a long recording is one answer; and those whose names or tags
have the words of the query, whatever they score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from earmark.library.nouns import Recording
from earmark.library.store.contract import Filter, Ids, Near, Store
from earmark.model.pool import Vectors
from earmark.search.confidence import Calibration, Floats
from earmark.search.explain import Why
from earmark.search.keywords import evidence
from earmark.search.question import Question, Unwanted
from earmark.search.wish import Wish

SHORTLIST = 100
NAMED = 0.5  # of the weight of a query's words brings a recording in by its name
TURN = 0.5  # how far a query turns away from what is unwanted, to meet what has none of it

Scores = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sound of the shortlist and its files."""

    sound: int
    files: tuple[Recording, ...]  # those that the filter lets through, by path; one or more
    start: float  # of its best moment
    end: float
    confidence: float
    why: Why
    placed: bool = False  # from when to when is known already


@dataclass(frozen=True, slots=True)
class Sift:
    """Which recordings and sounds a filter lets through; None: all."""

    recordings: frozenset[int] | None
    sounds: Ids | None

    @classmethod
    def of(cls, store: Store, wanted: Filter) -> Sift:
        """Ask a store."""
        if not wanted:
            return cls(None, None)
        ids = store.where(wanted)
        return cls(frozenset(ids.tolist()), store.sounds_of(ids))

    def lets(self, recording: int) -> bool:
        """Whether a recording may be an answer."""
        return self.recordings is None or recording in self.recordings


@dataclass(frozen=True, slots=True)
class Named:
    """Recordings with words of the query in name or tags."""

    ids: Ids  # [n], rising
    shares: Floats  # [n], of the weight of the query's words

    @classmethod
    def of(cls, store: Store, words: str) -> Named:
        """Look the words up."""
        if not words:
            return cls(np.zeros(0, np.int64), np.zeros(0))
        ids, shares = evidence(words, store.having, store.count())
        order = np.argsort(ids)
        return cls(ids[order], np.asarray(shares, np.float64)[order])

    def share(self, files: Sequence[Recording]) -> float:
        """The largest share that any of some files has."""
        asked = np.array([file.id for file in files], np.int64)
        at = np.minimum(np.searchsorted(self.ids, asked), max(0, len(self.ids) - 1))
        if not len(self.ids):
            return 0.0
        return float(np.where(self.ids[at] == asked, self.shares[at], 0.0).max(initial=0.0))


@dataclass(frozen=True, slots=True)
class _Pool:
    """Sounds that may be answers, each with its best moment."""

    sounds: Ids  # [k]
    scores: Scores  # [k]
    times: npt.NDArray[np.float64]  # [k, 2]
    places: Ids  # [k], in the shortlist by score, from 1; 0: not in it

    @classmethod
    def of(cls, parts: Sequence[Near]) -> _Pool:
        """Join several shortlists of one query; the first of them tells the places."""
        sounds, at = np.unique(np.concatenate([p.sounds for p in parts]), return_index=True)
        scores = np.concatenate([part.scores for part in parts])[at]
        times = np.concatenate([part.times for part in parts])[at]
        return cls(sounds, scores, times, np.where(at < len(parts[0].sounds), at + 1, 0))

    def only(self, kept: Sequence[int]) -> _Pool:
        """Take some of them."""
        at = np.array(kept, np.int64)
        return _Pool(self.sounds[at], self.scores[at], self.times[at], self.places[at])


class Shortlister:
    """Finds the candidates of one question."""

    def __init__(self, store: Store, calibration: Calibration, question: Question) -> None:
        self._store, self.calibration, self._question = store, calibration, question

    def candidates(self, sift: Sift, wish: Wish, also: Sequence[Near] = ()) -> list[Candidate]:
        """Everything that may be a hit, most likely first; `also` brings in other sounds."""
        question, most = self._question, max(SHORTLIST, wish.limit)
        named = Named.of(self._store, question.words if wish.keywords else "")
        near = self._nearest(question.vector, most, sift)
        parts = [near, *self._by_name(named, sift), *self._away(most, sift)]
        more = np.unique(np.concatenate([np.zeros(0, np.int64), *(one.sounds for one in also)]))
        if len(more):
            parts.append(self._store.nearest(question.vector, limit=None, among=more))
        pool = _Pool.of(parts)
        files = self._files(pool.sounds, sift)
        pool = pool.only([n for n, sound in enumerate(pool.sounds) if int(sound) in files])
        found = self._judged(near, pool, [files[int(sound)] for sound in pool.sounds], named)
        return sorted(found, key=lambda one: (-one.confidence, one.files[0].place.full))

    def confidence(
        self, scores: Scores, typical: tuple[float, float], among: int, shares: Floats
    ) -> Floats:
        """How likely moments with these scores are right: [k] -> [k]."""
        return self.calibration.confidence(
            scores,
            query=self._question.vector,
            typical=typical,
            among=among,
            evidence=shares,
            kind=self._question.kind,
        )

    def _nearest(self, vector: Scores, most: int, sift: Sift) -> Near:
        return self._store.nearest(vector, limit=most, among=sift.sounds)

    def _by_name(self, named: Named, sift: Sift) -> list[Near]:
        """The nearest of those that have enough of the query's words."""
        sounds = self._store.sounds_of(named.ids[named.shares >= NAMED])
        if sift.sounds is not None:
            sounds = np.intersect1d(sounds, sift.sounds)
        if not len(sounds):
            return []
        return [self._store.nearest(self._question.vector, limit=SHORTLIST, among=sounds)]

    def _away(self, most: int, sift: Sift) -> list[Near]:
        """The nearest to the query turned away from what is unwanted."""
        if not self._question.unwanted:
            return []
        return [self._nearest(self._question.away(TURN), most, sift)]

    def _files(self, sounds: Ids, sift: Sift) -> dict[int, tuple[Recording, ...]]:
        """The files of each sound that may be answers; the examples of the query are none."""
        out: dict[int, list[Recording]] = {}
        for recording in self._store.of_sounds(sounds):
            is_example = recording.place.full in self._question.examples
            if recording.sound is not None and sift.lets(recording.id) and not is_example:
                out.setdefault(recording.sound, []).append(recording)
        return {sound: tuple(files) for sound, files in out.items()}

    def _judged(
        self, near: Near, pool: _Pool, files: Sequence[tuple[Recording, ...]], named: Named
    ) -> list[Candidate]:
        """Turn scores into confidence; where sounds are unwanted, the best moment may change."""
        pool, heard = self._without(near, pool)
        shares = np.array([named.share(some) for some in files])
        alone = self.confidence(pool.scores, near.typical, near.among, np.zeros(len(shares)))
        whole = self.confidence(pool.scores, near.typical, near.among, shares)
        out = []
        for n, sound in enumerate(pool.sounds):
            why = Why(
                place=int(pool.places[n]),
                score=float(pool.scores[n]),
                typical=near.typical[0],
                spread=near.typical[1],
                among=near.among,
                evidence=float(shares[n]),
                alone=float(alone[n]),
                unwanted=heard[n],
                calibrated=self.calibration.calibrated,
            )
            start, end = map(float, pool.times[n])
            level = float(whole[n]) * self.left(heard[n])
            out.append(Candidate(int(sound), files[n], start, end, level, why))
        return out

    def left(self, heard: dict[str, float]) -> float:
        """What is left of a confidence, given how likely each unwanted sound is heard as well."""
        out = 1.0
        for one in self._question.unwanted:
            out *= (1 - heard[one.name]) ** one.weight
        return out

    def _without(self, near: Near, pool: _Pool) -> tuple[_Pool, list[dict[str, float]]]:
        """Choose moments that are right and free of what is unwanted, as far as there are any."""
        unwanted = self._question.unwanted
        if not unwanted:
            return pool, [{} for _ in pool.sounds]
        scores, times = pool.scores.copy(), pool.times.copy()
        heard: list[dict[str, float]] = []
        usual = {u.name: self._store.nearest(u.vector, limit=1).typical for u in unwanted}
        for n, sound in enumerate(pool.sounds):
            vectors, spans = self._store.moments(int(sound))
            own = np.asarray(vectors @ self._question.vector, np.float32)
            right = self.confidence(own, near.typical, near.among, np.zeros(len(own)))
            there = {one.name: self._is_heard(vectors, one, usual[one.name]) for one in unwanted}
            for one in unwanted:
                right = right * (1 - there[one.name]) ** one.weight
            at = int(right.argmax())
            scores[n], times[n] = own[at], spans[at]
            heard.append({name: float(p[at]) for name, p in there.items()})
        return replace(pool, scores=scores, times=times), heard

    def _is_heard(
        self, vectors: Vectors, unwanted: Unwanted, typical: tuple[float, float]
    ) -> Floats:
        """How likely each moment has a sound, taken by itself: [m, width] -> [m]."""
        scores = vectors @ unwanted.vector
        return self.calibration.confidence(
            scores, query=unwanted.vector, typical=typical, among=1, evidence=np.zeros(len(scores))
        )
