"""Whether words alone are understood: captions of one clip should find each other.

No sound is heard. Every caption asks for all others, and right are its siblings of the same clip. A
sentence model answers the same beside the model that is examined.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from earmark.data.tables import Line, read_csv
from earmark.errors import DataError
from earmark.lab.exam.questions import Embed, chance, figures
from earmark.score import Task

CLIP = ("fname", "file_name", "path", "audiocap_id", "youtube_id")  # columns that name the clip
TEXT = ("raw_text", "caption")  # columns that hold what was written of it
METRICS = ("R@1", "R@10", "recall@10", "mAP@10")
Readers = dict[str, Embed]


def read_siblings(path: Path) -> Task[str]:
    """Ask each caption of a table for its siblings; a clip of one caption asks nothing."""
    lines = read_csv(path, ())
    clip, text = (_column(lines, path, names) for names in (CLIP, TEXT))
    seen: dict[str, str] = {}
    for line in lines:
        seen.setdefault(line.cells[text].strip(), line.cells[clip])
    clips = np.array(list(seen.values()))
    alike = clips[:, None] == clips
    np.fill_diagonal(alike, val=False)
    told = alike.any(axis=1)
    if not told.any():
        raise DataError(
            f"{path}: no clip has two captions", hint="name a table with several captions a clip"
        )
    names = tuple(clips[told])
    return Task(
        texts=tuple(one for one, asks in zip(seen, told, strict=True) if asks),
        sounds=tuple(one for one, asks in zip(seen, told, strict=True) if asks),
        match=alike[np.ix_(told, told)],
        homes=names,
        recordings=names,
    )


def examine(task: Task[str], readers: Readers, beside: str) -> dict[str, Any]:
    """Let every reader order all captions for each of them."""
    scores = {name: _near(read, task.texts) for name, read in readers.items()}
    return {
        "captions": len(task.texts),
        "clips": len(set(task.homes)),
        "chance": chance(task, scores[beside], METRICS),
        "systems": figures(task, scores, beside, METRICS),
    }


def _near(read: Embed, texts: Sequence[str]) -> np.ndarray:
    """Cosines of all captions; a caption never finds itself: -> [texts, texts]."""
    vectors = read(list(texts))
    vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    near: np.ndarray = vectors @ vectors.T
    np.fill_diagonal(near, -2.0)
    return near


def _column(lines: Sequence[Line], path: Path, names: Sequence[str]) -> str:
    """The first of these columns that a table has."""
    there = [name for name in names if lines and name in lines[0].cells]
    if not there:
        raise DataError(
            f"{path} has none of the columns {', '.join(names)}",
            hint="name a table with a clip and a caption in every line",
        )
    return there[0]
