"""The exam on other languages: the same wish in each of them, beside the same in English.

Clips of known kinds are one library. It is asked twenty sentences a language that were written for
this exam (`tongues.csv`), and names and synonyms of the sub-categories of UCS that no training text
of that language holds (`lab/tongues/ucs.py`, `kinds_ucs.csv`). The figure is the mean over kinds,
or sub-categories, of the average precision of what is asked for them; beside it stands its share of
the English figure, with the same kinds drawn for both.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from earmark.data.kinds import kinds
from earmark.data.rows import Row
from earmark.errors import DataError, UsageError
from earmark.lab.exam.hearing import Note
from earmark.lab.exam.listeners import Scores
from earmark.lab.exam.shelves import SHORTLIST, files_of, shelf
from earmark.lab.tongues import ENGLISH
from earmark.lab.tongues.ucs import entries, is_kept
from earmark.model.model import Model
from earmark.score import metric, rank
from earmark.score.draws import DRAWS, counts_of, middle

Values = npt.NDArray[np.float64]
Found = Mapping[str, Sequence["Query"]]  # by language


class Query(NamedTuple):
    """What is asked, and for which group of kinds."""

    group: str  # a kind, or a sub-category
    kinds: frozenset[str]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be found out."""

    tongues: Sequence[str]
    lists: Path  # the data folder, with the lists of UCS


def examine(rows: Sequence[Row], model: Model, wish: Wish, note: Note) -> dict[str, Any]:
    """Index the clips, ask in every language."""
    if model.tongues is None:
        raise UsageError(
            f"nothing reads other languages for the model {model.name!r}",
            hint="name a model whose text network is that of a packaged one",
        )
    known = {caption: kind.name for kind in kinds() for caption in kind.captions}
    clips = [row for row in rows if row.captions and row.captions[0] in known]
    if not clips:
        raise DataError("no clip has a caption of a known kind", hint="ask clips:FOLDER#check")
    labels = [known[row.captions[0]] for row in clips]
    sets = {"sentences": sentences(wish.tongues), "categories": categories(wish, set(labels))}
    with shelf(files_of(clips), model, note=note) as library:
        systems = {model.name: library.answers_of(model)}
        if model.page.rerank:
            systems[SHORTLIST] = library.answers_of(model.reranking(0))
        return {
            "clips": len(clips),
            "kinds": len(set(labels)),
            "sets": {
                name: {
                    who: compared(found, labels, answer, model) for who, answer in systems.items()
                }
                for name, found in sets.items()
            },
        }


def compared(
    found: Found, labels: Sequence[str], answer: Callable[[Sequence[str]], Scores], model: Model
) -> dict[str, dict[str, Any]]:
    """Figures of every language, and what they are of the English ones."""
    each = {tongue: precisions(queries, labels, answer) for tongue, queries in found.items()}
    english = each[ENGLISH]
    return {
        tongue: {
            "queries": len(found[tongue]),
            "told": told(found[tongue], tongue, model),
            "mAP": float(np.mean(list(own.values()))),
            "of English": share(own, english),
        }
        for tongue, own in each.items()
    }


def precisions(
    queries: Sequence[Query], labels: Sequence[str], answer: Callable[[Sequence[str]], Scores]
) -> dict[str, float]:
    """Average precision of every group, over what is asked for it."""
    match = np.array([[label in one.kinds for label in labels] for one in queries])
    scores = answer([one.text for one in queries])
    values = metric("mAP").values(rank(scores, match)).reshape(len(queries))
    groups: dict[str, list[float]] = defaultdict(list)
    for one, value in zip(queries, values, strict=True):
        groups[one.group].append(float(value))
    return {group: float(np.mean(some)) for group, some in sorted(groups.items())}


def share(own: Mapping[str, float], english: Mapping[str, float]) -> dict[str, float]:
    """What a language reaches of English, over the groups that both are asked for."""
    both = [(own[group], english[group]) for group in own if group in english]
    table: Values = np.array(both, np.float64)
    drawn = np.concatenate([counts @ table for counts in counts_of(len(table), DRAWS, 0)])
    low, high = middle(drawn[:, 0] / drawn[:, 1])
    return {"value": float(table[:, 0].sum() / table[:, 1].sum()), "low": low, "high": high}


def told(queries: Sequence[Query], tongue: str, model: Model) -> float:
    """How often the language is told."""
    read = [model.translated(one.text) for one in queries]
    return float(np.mean([(one.tongue if one else ENGLISH) == tongue for one in read]))


def sentences(tongues: Sequence[str]) -> dict[str, list[Query]]:
    """The sentences that were written for the exam."""
    out: dict[str, list[Query]] = {ENGLISH: []}
    for row in _rows("tongues.csv"):
        if row["language"] in (ENGLISH, *tongues):
            one = Query(row["kind"], frozenset([row["kind"]]), row["query"])
            out.setdefault(row["language"], []).append(one)
    return out


def categories(wish: Wish, there: set[str]) -> dict[str, list[Query]]:
    """Names and synonyms of the sub-categories that are kept for the exam."""
    held: dict[str, set[str]] = defaultdict(set)
    for row in _rows("kinds_ucs.csv"):
        if row["kind"] in there and is_kept(row["category"]):
            held[row["category"]].add(row["kind"])
    out = {}
    for tongue in dict.fromkeys((ENGLISH, *wish.tongues)):
        known = entries(wish.lists, tongue)
        out[tongue] = [
            Query(category, frozenset(held[category]), text)
            for category in sorted(held)
            if category in known
            for text in known[category].texts
        ]
    return out


def _rows(name: str) -> list[dict[str, str]]:
    text = files("earmark.lab.exam").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
