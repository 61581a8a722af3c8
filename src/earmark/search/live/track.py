"""One query and a sound that goes on: where a moment begins, and that it has ended.

A search looks back over a whole recording; here nothing is known but what was heard so far.

- A moment *begins* with a window, as long as a searched one, that is as likely right as the line
  says. It is judged as in a library of one recording beside the model's bank.
- Its *level* is that of `search/moments.py`: half-way (the calibration's share) from where the
  sound is not up to the highest point of the match curve since that window began.
- It has *ended* where the curve stays under its level for half a second. Afterwards the level
  holds for as long as windows reach back, so that neither tail nor echo is another moment.
- What becomes likely only after it is over for `LATE` seconds is left out: who waits for a line
  may rely on that none comes later.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np

from earmark.errors import UsageError
from earmark.library.store.contract import Tokens, Vector
from earmark.model.model import Model
from earmark.search.confidence import Calibration, Kind, usual
from earmark.search.moments import GAP, SMOOTH, Run, curve, level_of, runs
from earmark.search.question import Question

LATE = 1.8  # seconds; with the time that hearing takes, under 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A moment that was heard; times are seconds since listening began."""

    query: str
    start: float
    end: float
    told: float  # how much had been heard then
    score: float
    confidence: float  # how likely it is right, 0 to 1

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain JSON values."""
        return {
            "query": self.query,
            "start": round(self.start, 2),
            "end": round(self.end, 2),
            "told": round(self.told, 2),
            "score": round(self.score, 4),
            "confidence": round(self.confidence, 4),
        }


@dataclass(frozen=True, slots=True)
class Latest:
    """The last seconds that were heard, as a searched vector."""

    vector: Vector  # [width]
    start: float  # seconds
    end: float


@dataclass(frozen=True, slots=True)
class _Window:
    """A window, and how likely it is right."""

    start: float
    end: float
    score: float
    confidence: float

    @property
    def middle(self) -> float:
        return (self.start + self.end) / 2


@dataclass(frozen=True, slots=True)
class _Open:
    """A moment that goes on."""

    start: float
    best: _Window


def calibration_of(model: Model) -> Calibration:
    """Read a model's calibration; raise if there is none, as then nothing tells when to speak."""
    calibration = Calibration.of(model)
    if calibration.bank is None:
        raise UsageError(
            f"the model {model.name!r} is not calibrated, so nothing tells what is heard by chance",
            hint="calibrate it: earmark export --calibrate BUNDLE NEWFOLDER",
        )
    return calibration


class Tracker:
    """Follows one query."""

    def __init__(
        self, name: str, question: Question, calibration: Calibration, *, line: float
    ) -> None:
        self.name = name
        self._question, self._calibration, self._line = question, calibration, line
        self._away = question.away(1.0)
        told = None if question.unwanted else calibration.elsewhere(question.vector)
        self._elsewhere = told
        self._windows = deque[_Window]()  # that reach into the last one, and behind what is done
        self._open: _Open | None = None
        self._done = 0.0  # up to where moments were told, or left out
        self._floor = -np.inf  # the level of the last of them

    def look(self, recent: Tokens, latest: Latest, *, ended: bool = False) -> Told | None:
        """Go on to the end of a window: -> the moment that is over, if one is.

        `recent` are the tokens of the last seconds; where the sound has `ended`, so has a moment.
        """
        best = self._judged(latest)
        found = None if best.confidence < self._line else self._run(recent, best, latest.end)
        if found is None:
            self._open = None
            return None
        run, level = found
        start = self._start(run, recent)
        if latest.end - run.end < GAP and not ended:
            self._open = _Open(start, best)
            return None
        return self._close(start, run.end, level, best, latest.end)

    def _judged(self, latest: Latest) -> _Window:
        """Tell the likeliest window: of a moment that goes on, or of the last seconds."""
        right = self._likely(latest.vector, self._question.vector, self._question.kind)
        for one in self._question.unwanted:
            right *= (1 - self._likely(latest.vector, one.vector, "words")) ** one.weight
        score = float(latest.vector @ self._question.vector)
        now = _Window(latest.start, latest.end, score, right)
        self._windows.append(now)
        kept = (one for one in self._windows if one.end > now.start and one.middle > self._done)
        self._windows = deque(kept)
        known = [*self._windows, *([self._open.best] if self._open else [])]
        return max(known, key=lambda one: one.confidence, default=_Window(0, 0, 0, -1.0))

    def _likely(self, vector: Vector, query: Vector, kind: Kind) -> float:
        """How likely a window has a sound."""
        assert self._calibration.bank is not None  # noqa: S101 - who made it has looked
        (p,) = self._calibration.confidence(
            np.array([vector @ query], np.float32),
            query=query,
            typical=usual(self._calibration.bank, query),
            among=1,
            evidence=np.zeros(1),
            kind=kind,
        )
        return float(p)

    def _run(self, recent: Tokens, best: _Window, now: float) -> tuple[Run, float] | None:
        """Find the run about the highest point since a window began, and its level."""
        heights, centres = curve(self._away, recent), recent.times.mean(axis=1)
        inside = centres >= max(best.start, self._done)
        if not inside.any():
            return None
        peak = float(heights[inside].max())
        at = float(centres[inside][heights[inside].argmax()])
        level = level_of(heights, peak, self._elsewhere, self._calibration.share)
        if best.start < self._done:
            level = max(level, self._floor)
        found = runs(heights, recent.times, level, seconds=now)
        run = next((run for run in found if run.start <= at <= run.end), None)
        return None if run is None else (run, level)

    def _start(self, run: Run, recent: Tokens) -> float:
        """Where a run begins: as before, if it seems to begin where older tokens are forgotten."""
        is_cut = run.start <= recent.times[0, 0]
        if self._open and is_cut and self._open.start < run.start + SMOOTH:
            return self._open.start
        return max(run.start, self._done)

    def _close(
        self, start: float, end: float, level: float, best: _Window, now: float
    ) -> Told | None:
        """Leave a moment behind, and tell it unless it is too late for that."""
        self._open, self._done, self._floor = None, end, level
        if now - end > LATE:
            return None
        return Told(
            query=self.name,
            start=start,
            end=end,
            told=now,
            score=best.score,
            confidence=best.confidence,
        )
