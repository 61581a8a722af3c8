"""A plan as vectors: what is wanted as one of unit length, what is unwanted one by one."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from earmark.errors import UsageError
from earmark.library.store.contract import Store, Vector
from earmark.model.model import Model
from earmark.model.pool import gist
from earmark.search.course import Course
from earmark.search.listener import is_as_indexed
from earmark.search.query import Plan, Term


@dataclass(frozen=True, slots=True)
class Unwanted:
    """A sound that hits should not have."""

    name: str
    weight: float
    vector: Vector


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that a step speaks of; equal ones are asked once."""

    name: str
    kind: Literal["words", "sounds"]
    vector: Vector = field(compare=False)


@dataclass(frozen=True, slots=True)
class Question:
    """What is compared with the moments of a library."""

    vector: Vector  # [width], unit length
    unwanted: tuple[Unwanted, ...]
    kind: Literal["words", "sounds"]
    words: str  # all that is wanted in words, for names and tags
    sentence: str  # the one sentence that a reranker can read; empty if there is more to it
    examples: tuple[Path, ...]  # files that were given; they are no answers
    course: Course[Asked] | None = None  # what should be heard step by step

    def away(self, share: float) -> Vector:
        """Turn the vector away from what is unwanted, by a share of its weight: -> [width]."""
        turned = self.vector.astype(np.float64)
        for one in self.unwanted:
            turned -= share * one.weight * one.vector
        return unit(turned) if self.unwanted else self.vector


def ask(plan: Plan, model: Model, store: Store | None) -> Question:
    """Embed all terms of a plan; an example that a library knows is not heard again."""
    vectors = [vector_of(term, model, store) * term.weight for term in plan.wanted]
    said = [term.words for term in plan.wanted if term.words]
    return Question(
        vector=unit(np.sum(vectors, axis=0)),
        unwanted=tuple(
            Unwanted(term.name, term.weight, vector_of(term, model, store))
            for term in plan.unwanted
        ),
        kind="words" if said else "sounds",
        words=" ".join(said),
        sentence=said[0] if len(said) == len(plan.wanted) == 1 else "",
        examples=tuple(term.example.resolve() for term in plan.wanted if term.example),
        course=None
        if plan.course is None
        else plan.course.told(lambda term: _asked(term, model, store)),
    )


def _asked(term: Term, model: Model, store: Store | None) -> Asked:
    kind: Literal["words", "sounds"] = "words" if term.words else "sounds"
    return Asked(term.name, kind, vector_of(term, model, store))


def vector_of(term: Term, model: Model, store: Store | None) -> Vector:
    """Embed one term: -> [width]."""
    if term.example is None:
        (vector,) = model.embed_text([term.words])
        return np.asarray(vector, np.float32)
    return hear_example(term.example, term.start, term.end, model, store)


def hear_example(
    path: Path, start: float | None, end: float | None, model: Model, store: Store | None
) -> Vector:
    """Embed a file or a stretch of it, from the library's tokens if it lies there unchanged."""
    known = _known(path, start or 0.0, np.inf if end is None else end, store)
    if known is not None:
        return known
    if start is None and end is None:
        return model.hear(path).gist()
    from earmark.audio.read import read

    wave = read(path, rate=model.rate, start=start or 0.0, end=end)
    if not len(wave):
        raise UsageError(
            f"{path} has no sound from {start or 0.0:g} s on",
            hint="see how long it is with: earmark look FILE",
        )
    return model.hear_wave(wave, rate=model.rate).gist()


def unit(vector: npt.NDArray[np.floating[Any]]) -> Vector:
    """Bring a vector to unit length: [width] -> [width]."""
    length = np.sqrt(np.square(vector, dtype=np.float64).sum())
    return np.asarray(vector / max(length, np.finfo(np.float32).tiny), np.float32)


def _known(path: Path, start: float, end: float, store: Store | None) -> Vector | None:
    place = store.place_of(path.resolve()) if store else None
    if store is None or place is None:
        return None
    for recording in store.at(place):
        if recording.sound is not None and is_as_indexed(recording):
            tokens = store.tokens(recording.sound, start, end)
            if tokens is not None and len(tokens.tokens):
                return gist(tokens.tokens, tokens.weights)
    return None
