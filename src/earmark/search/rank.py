"""From a question to hits: the one function that every face of earmark calls.

1. *Shortlist*: what may be an answer, and how likely each is right (`shortlist.py`).
2. *Rerank*, if the model has a network that sees both sides: it orders the first of the shortlist
   by their sound; what they are likely to be right by sound stays with the places, and then names
   and tags have their say as before. A query with an order in time is judged step by step instead
   (`courses.py`).
3. *Hits*: those above the line, folded, with the moments in them (`hits.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from earmark.library.store.contract import Filter, Store, Tokens
from earmark.model.model import Model
from earmark.search.confidence import Calibration, with_evidence
from earmark.search.courses import Courses
from earmark.search.hits import Hits
from earmark.search.listener import Listener
from earmark.search.question import Question
from earmark.search.shortlist import Candidate, Shortlister, Sift
from earmark.search.wish import Wish
from earmark.types import Hit


class Ranker:
    """Searches one store with one model."""

    def __init__(self, store: Store, model: Model) -> None:
        self.store, self.model = store, model
        self._listener = Listener(store, model)
        self.calibration = Calibration.of(model)

    def search(self, question: Question, wanted: Filter, wish: Wish) -> list[Hit]:
        """Answer a question."""
        shortlister = Shortlister(self.store, self.calibration, question)
        sift = Sift.of(self.store, wanted)
        if question.course is None:
            found = self._reranked(shortlister.candidates(sift, wish), question)
        else:
            found = Courses(self.store, shortlister, question).candidates(sift, wish)
        line = 0.0 if wish.unsure else self.calibration.line
        sure = [one for one in found if one.confidence >= line]
        return Hits(self.store, self._listener, question, shortlister).of(sure, wish)

    def _reranked(self, found: list[Candidate], question: Question) -> list[Candidate]:
        """Let the network that sees both sides order the first of them by their sound."""
        page = self.model.page
        if page.rerank is None or not question.sentence:
            return found
        by_sound = sorted(found, key=lambda one: -one.why.alone)
        first, rest = by_sound[: page.rerank.candidates], by_sound[page.rerank.candidates :]
        kept = [(one, self._around(one, page.rerank.seconds)) for one in first]
        asked = [(one, tokens) for one, tokens in kept if tokens is not None]
        scores = self.model.judge(question.sentence, [tokens for _, tokens in asked])
        order = np.argsort(-np.array(scores), kind="stable")
        anew = [asked[n][0] for n in order] + [one for one, tokens in kept if tokens is None]
        anew = _at_levels(anew, [one.why.alone for one in first]) + rest
        return sorted(anew, key=lambda one: -one.confidence)  # at one confidence, as reranked

    def _around(self, one: Candidate, seconds: float) -> Tokens | None:
        """The tokens about the best moment, of as much time as the network can judge."""
        middle = (one.start + one.end) / 2
        start, end = middle - seconds / 2, middle + seconds / 2
        return self._listener.tokens(one.sound, one.files, start, end)


def _at_levels(anew: Sequence[Candidate], levels: Sequence[float]) -> list[Candidate]:
    """Give candidates in a new order the falling confidences by sound of the old one."""
    shares = np.array([one.why.evidence for one in anew])
    whole = with_evidence(np.array(levels), shares)
    return [
        replace(one, confidence=float(p), why=replace(one.why, alone=level, reranked=place))
        for place, (one, level, p) in enumerate(zip(anew, levels, whole, strict=True), start=1)
    ]
