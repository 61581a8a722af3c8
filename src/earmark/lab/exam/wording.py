"""The same wish in other words: five free queries for every caption, and slips, cases, paraphrases.

`free.csv` and `variants.csv` were written for measuring and are no source of training; a test holds
that none of their lines stands in the phrases that are.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files

import numpy as np

from earmark.data.rows import Row
from earmark.lab.words.typos import slipped
from earmark.score import Task

SLIP_SEED = 0
TRIES = 20  # until a slip has changed something
PLAIN = "plain"


@dataclass(frozen=True, slots=True, eq=False)
class Reworded:
    """The sounds of a task asked for in other words, and which caption each query stands for."""

    task: Task[Row]
    captions: tuple[str, ...]  # [texts of the task]


def free_queries(name: str, task: Task[Row]) -> Reworded | None:
    """Ask for what each caption of a set names in five other ways; None for a set without any."""
    written = {text: list[str]() for text in task.texts}
    for row in _table("free.csv"):
        if row["set"] == name and row["caption"] in written:
            written[row["caption"]].append(row["query"])
    pairs = [(n, query) for n, text in enumerate(task.texts) for query in written[text]]
    return _asking(task, pairs) if pairs else None


def variants(name: str, task: Task[Row]) -> dict[str, Reworded]:
    """The queries of a set as they are, and every way of putting them; nothing if it has none."""
    place = {text: n for n, text in enumerate(task.texts)}
    rows = [row for row in _table("variants.csv") if row["set"] == name and row["caption"] in place]
    if not rows:
        return {}
    return {
        way: _asking(task, [(place[row["caption"]], put(row)) for row in rows])
        for way, put in WAYS.items()
    }


def _slip(row: dict[str, str]) -> str:
    """Let the hand slip once, if a word is long enough."""
    text = row["query"]
    rng = np.random.default_rng([SLIP_SEED, *text.encode()])
    tried = (slipped(text, (), rng) for _ in range(TRIES))
    return next((one for one in tried if one != text), text)


WAYS: dict[str, Callable[[dict[str, str]], str]] = {
    PLAIN: lambda row: row["query"],
    "typo": _slip,
    "upper case": lambda row: row["query"].upper(),
    "title case": lambda row: row["query"].title(),
    "paraphrase": lambda row: row["paraphrase"],
}


def _asking(task: Task[Row], pairs: Sequence[tuple[int, str]]) -> Reworded:
    """Ask other texts, each for what a text of the task is right for."""
    at = [number for number, _ in pairs]
    asked = replace(
        task,
        texts=tuple(text for _, text in pairs),
        match=task.match[at],
        homes=tuple(task.homes[number] for number in at),
    )
    return Reworded(asked, tuple(task.texts[number] for number in at))


def _table(name: str) -> Iterator[dict[str, str]]:
    text = files("earmark.lab.exam").joinpath(name).read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())
