"""What own clips are as vectors, beside what is general: all that a memory is learned from.

General sounds are the bank that comes with a calibrated model, or sounds made by code; general
words are the phrases of the package. So nothing is needed but the bundle and the clips.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from earmark.audio.read import read
from earmark.data.rows import Row
from earmark.errors import DataError, UsageError
from earmark.lab.words.sources import phrases
from earmark.model.model import Model
from earmark.model.pool import Vectors
from earmark.score import Task, protocol
from earmark.score.crowds import Note, crowd_of_takes, hear

FEWEST = 10  # clips
MOST = 2_000  # captions; each takes two kilobytes in the bundle
TAKES, TAKE = 3, 5_000  # of each sound made by code, and the first of them


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """Own clips as a model hears them, and what is general."""

    gists: Vectors  # [n, width] of own clips
    match: npt.NDArray[np.bool_]  # [k, n] which captions are right for which clips
    recordings: tuple[str, ...]  # [n] clips of one recording are left out together
    texts: Vectors  # [k, width] of own captions
    general: Vectors  # [b, width] of general sounds
    phrases: Vectors  # [f, width] of general words


def own_task(rows: Sequence[Row]) -> Task[Row]:
    """Say which captions are right for which clips; raise for what nothing is learned from."""
    if len(rows) < FEWEST:
        raise DataError(
            f"{len(rows)} clips are too few to learn from",
            hint=f"give {FEWEST} or more; 20 of each kind of sound serve well",
        )
    task = protocol("captions").task(rows)
    if len(task.texts) > MOST:
        raise DataError(
            f"{len(task.texts):,} different captions are more than a memory of own sounds holds",
            hint=f"give labels, or {MOST:,} captions at most; for more, train by a recipe",
        )
    if len(set(task.recordings)) < 2:
        raise DataError(
            "all clips are of one recording, so none can be left out to see what was learned",
            hint="give clips of several recordings",
        )
    return task


def lesson_of(model: Model, task: Task[Row], *, jobs: int, note: Note) -> Lesson:
    """Let a model hear and read all of it."""
    return Lesson(
        gists=heard(model, task.sounds, jobs=jobs, note=note),
        match=task.match,
        recordings=task.recordings,
        texts=model.embed_text(list(task.texts)),
        general=general_sounds(model, note),
        phrases=model.embed_text(sorted({text for some in phrases().values() for text in some})),
    )


def heard(model: Model, rows: Sequence[Row], *, jobs: int, note: Note) -> Vectors:
    """Hear clips, some at once: -> [n, width]."""
    if jobs < 1:
        raise UsageError(f"{jobs} jobs", hint="give one job or more")
    model.open_ears()
    out = []
    with ThreadPoolExecutor(jobs) as pool:
        for number, gist in enumerate(pool.map(lambda row: _gist(model, row), rows), 1):
            note(f"heard {number:,} of {len(rows):,} clips")
            out.append(gist)
    return np.stack(out)


def general_sounds(model: Model, note: Note) -> Vectors:
    """Vectors of many kinds of sound, none of them the person's own: -> [b, width]."""
    if model.background is not None:
        return model.background
    return hear(model, crowd_of_takes(TAKES, first=TAKE, rate=model.rate), note=note).first


def _gist(model: Model, row: Row) -> Vectors:
    if row.start is None and row.end is None:
        return model.hear(row.audio).gist()
    wave = read(row.audio, rate=model.rate, start=row.start or 0.0, end=row.end)
    if not len(wave):
        raise DataError(
            f"{row.audio} has no sound from {row.start or 0.0:g} s on",
            hint="see how long it is with: earmark look FILE",
        )
    return model.hear_wave(wave, rate=model.rate).gist()
