"""Answers in the form in which the moment task of DCASE 2026 takes them: one caption a line.

    {"qid": "a_1", "query": "a dog barks", "vid": "a", "pred_relevant_windows": [[3.1, 5.0, 0.92]]}

Windows are start and end in seconds and a score, higher is better. Of what is read, only `qid` and
the windows count. Every caption that is asked must have a line, and no other may, as the scorer of
the task has it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path

from earmark.data.tables import numbered, some
from earmark.data.wanted import Name, Wanted
from earmark.errors import DataError
from earmark.score.windows import Window

DIGITS = 4  # of what is written
HINT = 'a line is {"qid": "a_1", "pred_relevant_windows": [[3.1, 5.0, 0.92]]}'

Answer = Sequence[Window]


def line_of(one: Wanted, answer: Answer) -> str:
    """Write an answer as one line, without an end of line."""
    told = {
        "qid": one.name,
        "query": one.words,
        "vid": one.recording,
        "pred_relevant_windows": [
            [round(number, DIGITS) for number in (window.start, window.end, window.score)]
            for window in answer
        ],
    }
    return json.dumps(told, ensure_ascii=False)


def read_answers(path: Path, asked: Sequence[Wanted]) -> list[Answer]:
    """Read the answers to captions, in the order in which they are asked."""
    found: dict[Name, Answer] = {}
    for number, text in numbered(path):
        place = f"{path}, line {number}"
        name, answer = _answer(place, text)
        if name in found:
            raise DataError(f"{place}: a second answer to {name!r}", hint="keep one of them")
        found[name] = answer
    _refuse_others(path, found, [one.name for one in asked])
    return [found[one.name] for one in asked]


def _answer(place: str, text: str) -> tuple[Name, Answer]:
    try:
        told = json.loads(text)
        name, windows = told["qid"], told["pred_relevant_windows"]
        if isinstance(name, bool) or not isinstance(name, str | int):
            raise TypeError(f"qid is {name}")
        return name, [_window(*map(float, one)) for one in windows]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise DataError(f"{place}: this is no answer ({error!r})", hint=HINT) from error


def _window(start: float, end: float, score: float) -> Window:
    if not all(map(isfinite, (start, end, score))):
        raise ValueError("a number is not finite")
    if end < start:
        raise ValueError(f"{start} to {end} ends before it starts")
    return Window(start, end, score)


def _refuse_others(path: Path, found: Mapping[Name, Answer], names: Sequence[Name]) -> None:
    missing = [str(name) for name in names if name not in found]
    if missing:
        raise DataError(
            f"{path}: {len(missing):,} of {len(names):,} captions have no answer: {some(missing)}",
            hint="give each a line; an empty list of windows says that nothing was found",
        )
    others = [str(name) for name in found.keys() - set(names)]
    if others:
        raise DataError(
            f"{path}: {len(others):,} answers are to captions that are not asked: "
            f"{some(sorted(others))}",
            hint="name the split that was answered: castella:FOLDER#test",
        )
