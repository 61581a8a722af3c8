"""One recording of a library against a query: its moments, and how well it matches over time.

What was heard when it was indexed is asked, so that no file is read. A curve says how near the
query, or a part of it, each piece of the recording is; `usual` is what the same words get from
sounds that nobody asked for, so that curves of different words can be put side by side.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from earmark.library.nouns import Recording
from earmark.library.store.contract import Store, Vector
from earmark.model.model import Model
from earmark.model.pool import Times
from earmark.search.confidence import Calibration, usual
from earmark.search.keywords import content_words
from earmark.search.moments import curve
from earmark.search.one import Known, describe_known, moments_of
from earmark.search.query import Plan
from earmark.search.question import Question, ask, vector_of
from earmark.types import Hit

if TYPE_CHECKING:
    from earmark.search.describe.events import Saying

Kind = Literal["query", "wanted", "unwanted", "word"]
Parts = Literal["none", "terms", "words"]
FINEST = 0.25  # seconds of a step of a curve, at least


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """How near one recording is to something, from its beginning to its end."""

    kind: Kind
    name: str
    step: float  # seconds between two values
    values: tuple[float | None, ...]  # the highest score of each step; None: nothing was heard
    usual: tuple[float, float] | None  # mean and spread from other sounds, if the model knows

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain JSON values."""
        return {
            "kind": self.kind,
            "name": self.name,
            "step": round(self.step, 6),
            "values": [None if one is None else round(one, 4) for one in self.values],
            "usual": None if self.usual is None else [round(one, 4) for one in self.usual],
        }


class Within:
    """Asks one recording of a store."""

    def __init__(self, store: Store, model: Model, recording: Recording) -> None:
        if recording.sound is None:
            raise ValueError(f"nothing was heard in {recording.place.full}")
        vectors, times = store.moments(recording.sound)
        self._store, self._model = store, model
        self._calibration = Calibration.of(model)
        self._known = Known(
            path=str(recording.place.full),
            seconds=recording.seconds,
            vectors=vectors,
            times=times,
            tokens=store.tokens(recording.sound),
            tags=recording.tags,
        )

    @property
    def has_tokens(self) -> bool:
        """Whether the library keeps tokens; without, a curve has a value a window."""
        return self._known.tokens is not None

    @property
    def calibrated(self) -> bool:
        """Whether confidence is a measured probability."""
        return self._calibration.calibrated

    def moments(self, plan: Plan, *, limit: int, unsure: bool) -> list[Hit]:
        """Find its moments, most likely first."""
        question = ask(plan, self._model, self._store)
        return moments_of(self._known, question, self._calibration, limit=limit, unsure=unsure)

    def curves(self, plan: Plan, parts: Parts, *, most: int) -> list[Curve]:
        """Give the match over time in at most so many steps, and that of the query's parts."""
        question = ask(plan, self._model, self._store)
        wanted = [("query", plan.text, question.away(1.0)), *self._parts(plan, question, parts)]
        return [self._curve(kind, name, vector, most) for kind, name, vector in wanted]

    def sayings(self) -> list[Saying]:
        """Say in plain words what was heard in it; nothing where the library keeps no tokens."""
        return describe_known(self._known, self._model)

    def _parts(
        self, plan: Plan, question: Question, parts: Parts
    ) -> Iterator[tuple[Kind, str, Vector]]:
        if parts == "none":
            return
        terms = [step.what for step in plan.course.steps] if plan.course else plan.wanted
        for term in dict.fromkeys(terms):
            yield "wanted", term.name, vector_of(term, self._model, self._store)
        for one in question.unwanted:
            yield "unwanted", one.name, one.vector
        if parts == "words":
            words = content_words(question.words)
            vectors = self._model.embed_text(words)
            yield from (("word", word, vector) for word, vector in zip(words, vectors, strict=True))

    def _curve(self, kind: Kind, name: str, vector: Vector, most: int) -> Curve:
        heights, times = self._heights(vector)
        bank = self._calibration.bank
        step = max(FINEST, self._known.seconds / most)
        return Curve(
            kind=kind,
            name=name,
            step=step,
            values=tuple(_highest(heights, times, step, self._known.seconds)),
            usual=None if bank is None else usual(bank, vector),
        )

    def _heights(self, vector: Vector) -> tuple[npt.NDArray[np.floating[Any]], Times]:
        tokens = self._known.tokens
        if tokens is None or not len(tokens.tokens):
            return self._known.vectors @ vector, self._known.times
        return curve(vector, tokens), tokens.times


def _highest(
    heights: npt.NDArray[np.floating[Any]], times: Times, step: float, seconds: float
) -> Iterator[float | None]:
    """The highest value whose stretch meets each step; None where there is none."""
    count = max(1, int(np.ceil(seconds / step - 1e-9)))
    out = np.full(count, -np.inf)
    firsts = np.clip((times[:, 0] / step).astype(np.int64), 0, count - 1)
    lasts = np.clip(np.ceil(times[:, 1] / step).astype(np.int64) - 1, firsts, count - 1)
    for first, last, height in zip(firsts, lasts, heights, strict=True):
        out[first : last + 1] = np.maximum(out[first : last + 1], height)
    return (float(one) if np.isfinite(one) else None for one in out)
