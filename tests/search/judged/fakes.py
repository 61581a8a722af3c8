"""Recordings and systems that a person can check: answers are lists of names."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from earmark.library.nouns import Place, Recording
from earmark.search.answer import Answer
from earmark.search.judged.contents import Contents
from earmark.search.judged.judgement import Judgement
from earmark.search.judged.labels import Labels
from earmark.search.judged.pool import System
from earmark.types import Hit, Moment

ROOT = Path("/sounds")


def digest(name):
    """The content of a name: its letters in hex."""
    return name.encode().hex().rjust(8, "0")


def recording(path, *, content=None, root=ROOT, seconds=10.0, heard=True):
    return Recording(
        id=1,
        place=Place(root, path),
        size=1,
        mtime=0,
        digest=digest(path) if content is None else content,
        sound=1 if heard else None,
        seconds=seconds,
    )


def shelf(names, **more):
    return [recording(name, **more) for name in names]


def judgement(path, right, query="rain", *, content=None, at=None):
    """What was said of a name; `at` is where."""
    return Judgement(
        query=query,
        right=right,
        path=path,
        moment=None if at is None else Moment(*at),
        content=digest(path) if content is None else content,
    )


def labels(*said, more=()):
    queries = dict.fromkeys([one.query for one in said])
    return Labels((*queries, *more), tuple(said))


def system(answers, home, *, name="A", own=None, asked=None):
    """Answers every query by its list of names, or of (name, start, end); best first."""

    def answer(plan, wish):
        if asked is not None:
            asked.append((plan.text, wish))
        given = [(one, 0.0, 5.0) if isinstance(one, str) else one for one in answers[plan.text]]
        hits = [
            Hit(
                rank=rank,
                path=str(ROOT / path),
                start=start,
                end=end,
                score=1 / rank,
                confidence=1 / rank,
                duration=10.0,
            )
            for rank, (path, start, end) in enumerate(given[: wish.limit], start=1)
        ]
        return Answer(query=plan.text, model=name, hits=hits, took_ms=0.0)

    library = SimpleNamespace(answer=answer, store=SimpleNamespace(count=lambda: 100))
    contents = Contents(home)
    return System(name, library, Contents(home if own is None else own), contents)
