"""From a bundle and own clips to a bundle that finds them better; what it was made from stays.

Nothing is written if onnxruntime and the plain rule disagree by more than 1e-4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from earmark.data.rows import Row
from earmark.errors import EarmarkError, UsageError
from earmark.lab.own.fit import Tried, learn
from earmark.lab.own.graft import graft
from earmark.lab.own.lesson import Lesson, lesson_of, own_task
from earmark.lab.own.memory import Memory
from earmark.lab.proven import write_proven
from earmark.model.bundle import Bundle, read_bundle, refuse_old
from earmark.model.model import Model
from earmark.model.page import CARD, GOLDEN, TEXT, Page
from earmark.model.tongues import ORIGIN, OWN, WORDS, origin_of, words_in, words_of
from earmark.score import Task
from earmark.score.crowds import Note, quietly
from earmark.search.confidence import Calibration

PARITY = 1e-4
LISTED = 50  # captions that the card names


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the new bundle should be."""

    name: str
    jobs: int = 1  # clips heard at once


def tune(
    old: Path, rows: Sequence[Row], folder: Path, wish: Wish, *, note: Note = quietly
) -> tuple[Bundle, Tried]:
    """Write a bundle that knows own clips; return it with how it did on clips left out."""
    refuse_old(folder)  # at once, not after a minute's work
    bundle = read_bundle(old)
    refuse_deaf(bundle)
    task = own_task(rows)
    model = Model(bundle.page, bundle.content).in_english()
    lesson = lesson_of(model, task, jobs=wish.jobs, note=note)
    memory, tried = learn(lesson, Calibration.of(model))
    contents = {name: bundle.content(name) for name in bundle.page.files}
    contents[TEXT] = graft(contents[TEXT], memory, tokens=bundle.page.rerank is not None)
    grafted = Model(bundle.page, contents.__getitem__).in_english()
    refuse_disparity(grafted, task.texts, lesson, memory)
    page = page_of(bundle.page, task, memory, tried, wish)
    says = card_of(page, contents[CARD].decode("utf-8"), bundle.page.name)
    kept = {name: value for name, value in contents.items() if name not in (CARD, GOLDEN)}
    return write_proven(folder, page, kept, says), tried


def refuse_deaf(bundle: Bundle) -> None:
    """Raise for a bundle that reads no words, so that nothing could be turned."""
    if bundle.page.text is None:
        raise UsageError(
            f"the model {bundle.page.name!r} only hears, it cannot read a caption",
            hint="tune a model that does both; see: earmark model list",
        )


def refuse_disparity(model: Model, texts: Sequence[str], lesson: Lesson, memory: Memory) -> None:
    """Raise if the graph does not turn captions as the plain rule does."""
    gap = float(np.abs(model.embed_text(list(texts)) - memory.turn(lesson.texts)).max())
    if not gap <= PARITY:
        raise EarmarkError(
            f"{TEXT} turns captions in another way than it should, by {gap:.2g}",
            hint="this bundle cannot be tuned; please report it with how it was made",
        )


def page_of(page: Page, task: Task[Row], memory: Memory, tried: Tried, wish: Wish) -> Page:
    """Say from what it was made; what was measured of the old one is not true of it."""
    told = {
        "made from": page.name,
        ORIGIN: origin_of(page),  # so that what reads other languages for it is found
        "clips": len(task.sounds),
        "captions": len(task.texts),
        "named": list(task.texts[:LISTED]),
        WORDS: sorted(words_of(page) | words_in(task.texts)),  # that are read by this model alone
        "reach": round(memory.reach, 2),
        "temperature": tried.temperature,
    }
    measured = {
        "mAP before": round(tried.before, 4),
        "mAP": round(tried.after, 4),
        "shown of the right ones": round(tried.shown, 4),
    }
    return replace(page, name=wish.name, data=page.data | {OWN: told}, results={OWN: measured})


def card_of(page: Page, old: str, name: str) -> str:
    """Write the card: what own clips changed, then the card of the model that it was made from."""
    own = {key: value for key, value in page.data[OWN].items() if key != WORDS}
    told: dict[str, Any] = {**own, **page.results[OWN], "licence": page.licence}
    rows = [f"| {key} | {_cell(value)} |" for key, value in told.items()]
    parts = [
        f"# {page.name}",
        f"{name}, with own sounds: queries near to the captions below are turned to the clips they "
        "came with, and all others are answered as before. Its ears are those of the old model, so "
        "is its confidence. Figures are of clips that were left out in turn, among general "
        "sounds. Who may have the clips decides who may have this bundle.",
        "\n".join(["| own sounds | |", "|---|---|", *rows]),
        f"The card of {name}, as it was:",
        "\n".join(f"#{line}" if line.startswith("#") else line for line in old.splitlines()),
    ]
    return "\n\n".join(parts) + "\n"


def _cell(value: object) -> str:
    cells = [str(one) for one in value] if isinstance(value, list) else [str(value)]
    return ", ".join(cells).replace("|", "/")
