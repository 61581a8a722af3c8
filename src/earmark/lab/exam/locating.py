"""The exam on moments: captions are looked for in the long recording that each was written of.

Every recording is heard once, and asked all of its captions as `earmark moments` asks one file,
whatever the confidence. The task's form has no answer without a stretch, so where nothing is found
the answer is the whole recording with score 0. Beside a system stands that answer to everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from earmark.data.wanted import Wanted
from earmark.errors import DataError
from earmark.model.model import Model
from earmark.score.crowds import Note
from earmark.score.submission import Answer
from earmark.score.windows import MOST, Window, figures, values
from earmark.search.confidence import Calibration
from earmark.search.one import Known, moments_of
from earmark.search.query import parse
from earmark.search.question import ask

WHOLE = "the whole recording"
METRICS = ("R1@0.5", "R1@0.7", "mAP@0.5", "mAP@0.75", "mAP")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, and the answers to it."""

    captions: list[Wanted]
    answers: list[Answer]


def examine(every: Sequence[Wanted], model: Model, *, jobs: int, note: Note) -> Asked:
    """Hear the recordings that are there, and ask what is asked of them."""
    by_sound: dict[Path, list[Wanted]] = {}
    for one in every:
        if one.audio is not None:
            by_sound.setdefault(one.audio, []).append(one)
    if not by_sound:
        raise DataError(
            f"none of {len(_recordings(every)):,} recordings is there to be heard",
            hint="put them into audio/ of the folder as ID.wav, or score answers: --predictions",
        )
    asked = Asked([], [])
    with ThreadPoolExecutor(jobs) as pool:
        found = pool.map(lambda path: answers(path, by_sound[path], model), by_sound)
        for number, (captions, some) in enumerate(zip(by_sound.values(), found, strict=True), 1):
            asked.captions.extend(captions)
            asked.answers.extend(some)
            note(f"asked of {number:,} of {len(by_sound):,} recordings")
    return asked


def answers(path: Path, captions: Sequence[Wanted], model: Model) -> list[Answer]:
    """Hear one recording and look for every caption in it."""
    known = Known.of(str(path), model.hear(path), model)
    calibration = Calibration.of(model)
    return [_answer(known, one, model, calibration) for one in captions]


def results(asked: Asked, system: str) -> dict[str, Any]:
    """Tell how right the answers are, beside one that needs no ears."""
    recordings = [one.recording for one in asked.captions]
    systems = {system: asked.answers, WHOLE: [whole(one) for one in asked.captions]}
    return {
        "captions": len(asked.captions),
        "recordings": len(set(recordings)),
        "systems": {
            name: figures(
                [
                    values(answer, one.right)
                    for one, answer in zip(asked.captions, some, strict=True)
                ],
                recordings,
            )
            for name, some in systems.items()
        },
    }


def whole(one: Wanted) -> Answer:
    """Answer that it is heard all through."""
    return [Window(0.0, one.seconds, 0.0)]


def left_out(every: Sequence[Wanted]) -> list[str]:
    """Name the recordings that are not there."""
    return _recordings([one for one in every if one.audio is None])


def _answer(known: Known, one: Wanted, model: Model, calibration: Calibration) -> Answer:
    question = ask(parse(one.words), model, None)
    hits = moments_of(known, question, calibration, limit=MOST, unsure=True)
    return [Window(hit.start, hit.end, hit.confidence) for hit in hits] or whole(one)


def _recordings(every: Sequence[Wanted]) -> list[str]:
    return list(dict.fromkeys(one.recording for one in every))
