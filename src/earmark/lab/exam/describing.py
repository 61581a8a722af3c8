"""The exam of descriptions: scenes of clips are described, and held against what is true of them.

`named.csv` says which words are right for a kind of sound: those that name it, with all that are
broader or narrower in the vocabulary, and some that are true of it more broadly, with what is
broader still. It was written from the names of the kinds before any scene of check was described.
`more_kinds.csv` has further captions of kinds, and further kinds, since few clips of dev have the
captions of `data/kinds.csv`.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from earmark.data.kinds import Kind, bank_of_kinds, kinds
from earmark.data.rows import Row
from earmark.lab.exam.faults import of_sounds, of_words
from earmark.model.model import Model
from earmark.scenes import Bank, Plan, Scene, draw_scene, render
from earmark.scenes.draw import seed_of
from earmark.score.crowds import Note
from earmark.score.refusal import bins, ece
from earmark.score.segments import (
    Judge,
    Part,
    counts,
    figures,
    pairs,
    segments,
    share,
    verdict,
)
from earmark.search.describe.events import Saying
from earmark.search.describe.lines import PLAIN
from earmark.search.describe.vocabulary import broader, vocabulary
from earmark.search.one import Known, describe_known

PLAN = Plan()
RIGHT = "a word that names the kind of a sound that is heard, or a broader or narrower one"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be found out."""

    size: int = 500  # scenes
    seed: int = 0
    jobs: int = 2


@dataclass(frozen=True, slots=True)
class Told:
    """A scene, and what is said of it."""

    seconds: float
    heard: list[Part]
    sayings: list[Saying]

    @property
    def said(self) -> Iterator[Part]:
        """Every part of every saying."""
        return (part for one in self.sayings for part in parts_of(one))


def examine(bank: Bank, model: Model, wish: Wish, note: Note) -> dict[str, Any]:
    """Compose scenes, describe them, tell how right that is."""
    scenes = [draw_scene(bank, PLAN, seed=seed_of(wish.seed, n)) for n in range(wish.size)]
    told: list[Told] = []
    with ThreadPoolExecutor(wish.jobs) as pool:
        for one in pool.map(lambda scene: describe(scene, bank, model), scenes):
            told.append(one)
            note(f"described {len(told)} of {wish.size} scenes")
    return results(told, judge_of_kinds())


def describe(scene: Scene, bank: Bank, model: Model) -> Told:
    """Hear a scene and say what is in it."""
    line = model.hear_wave(render(scene, bank, model.rate), rate=model.rate)
    sayings = describe_known(Known.of(scene.id, line, model), model)
    return Told(scene.seconds, truth(scene), sayings)


def truth(scene: Scene) -> list[Part]:
    """What is heard in a scene, and when."""
    events = [Part(event.label, event.start, event.end) for event in scene.events]
    bed = scene.background
    return [*events, *([Part(bed.label, 0.0, scene.seconds)] if bed else [])]


def results(told: Sequence[Told], judge: Judge) -> dict[str, Any]:
    """Hold what is said against what is heard."""
    each, strictly = (
        [counts(one.said, one.heard, one.seconds, by) for one in told]
        for by in (judge, judge.strict())
    )
    return {
        "right": RIGHT,
        "scenes": len(told),
        "seconds": round(sum(one.seconds for one in told), 1),
        "segments": figures(each),
        "doubt as wrong": figures(strictly),
        "sayings": statements(told, judge),
        "by kind": by_kind(told, judge),
        "by word": by_word(told, judge),
        "words": of_words(told, judge),
        "sounds": of_sounds(told, judge),
    }


def statements(told: Sequence[Told], judge: Judge) -> dict[str, Any]:
    """Tell how often what is said plainly is right, and what is said to be probable."""
    found = [judged(one, judge) for one in told]
    out: dict[str, Any] = {}
    for name, plain in (("plain", True), ("probably", False)):
        some = [[fits for fits, sure in one if (sure >= PLAIN) == plain] for one in found]
        known = np.array([len([fits for fits in one if fits is not None]) for one in some], float)
        right = np.array([len([fits for fits in one if fits]) for one in some], float)
        out[name] = {"said": sum(map(len, some)), "in doubt": 0, **share(right, known)}
        out[name]["in doubt"] = out[name]["said"] - int(known.sum())
    clear = [(sure, fits) for one in found for fits, sure in one if fits is not None]
    if clear:
        parts = bins(*map(np.array, zip(*clear, strict=True)))
        out["ECE"] = ece(parts)
        out["bins"] = [[one.confidence, one.right, one.hits] for one in parts]
    return out


def judged(one: Told, judge: Judge) -> list[tuple[bool | None, float]]:
    """Tell of every saying of a scene whether it is right, and how sure it is."""
    labels = segments(one.heard, one.seconds)
    return [(verdict(parts_of(saying), labels, judge), saying.confidence) for saying in one.sayings]


def by_kind(told: Sequence[Told], judge: Judge) -> dict[str, list[int]]:
    """For how many seconds every kind was named, of those in which it was heard."""
    out: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for words, labels in _segments(told):
        named = pairs(words, labels, judge.right)
        for label in labels:
            out[label][0] += label in named
            out[label][1] += 1
    return dict(sorted(out.items()))


def by_word(told: Sequence[Told], judge: Judge) -> dict[str, list[int]]:
    """For how many seconds every word was right, of those in which it was said."""
    out: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for words, labels in _segments(told):
        for word in words:
            out[word][0] += judge.is_right(word, labels)
            out[word][1] += 1
    return dict(sorted(out.items()))


def _segments(told: Sequence[Told]) -> Iterator[tuple[set[str], set[str]]]:
    """What is said and what is heard in every segment of all scenes."""
    for one in told:
        both = (segments(parts, one.seconds) for parts in (one.said, one.heard))
        yield from zip(*both, strict=True)


def parts_of(saying: Saying) -> list[Part]:
    """The parts of a saying."""
    return [Part(saying.words, start, end) for start, end in saying.parts]


def bank_of(rows: Sequence[Row]) -> Bank:
    """Make a bank of the rows that have a caption of a kind."""
    return bank_of_kinds(rows, more_kinds())


@cache
def more_kinds() -> tuple[Kind, ...]:
    """The kinds of `data/kinds.csv` with further captions, and further kinds."""
    table = {kind.name: kind for kind in kinds()}
    for row in _rows("more_kinds.csv"):
        name, captions = row["kind"], tuple(row["captions"].split("|"))
        known = table.get(name)
        table[name] = (
            replace(known, captions=known.captions + captions)
            if known
            else Kind(name, row["group"], bool(row["texture"]), captions, (name.replace("_", " "),))
        )
    return tuple(table.values())


@cache
def judge_of_kinds() -> Judge:
    """Which words are right for each kind of sound; kinds of a group may be taken for another."""
    groups = {kind.name: kind.group or kind.name for kind in more_kinds()}
    right = right_words()
    allowed = {
        name: frozenset().union(*(right[other] for other in right if groups[other] == group))
        for name, group in groups.items()
    }
    return Judge(right, allowed)


@cache
def right_words() -> dict[str, frozenset[str]]:
    """The words that are right for each kind of sound."""
    above = broader(vocabulary())

    def up(words: Sequence[str]) -> frozenset[str]:
        return frozenset(words).union(*(above[word] for word in words))

    def down(words: Sequence[str]) -> frozenset[str]:
        return frozenset(word for word, of in above.items() if of & set(words))

    out = {}
    for row in _rows("named.csv"):
        names, loose = (row[head].split("|") if row[head] else [] for head in ("names", "broader"))
        out[row["kind"]] = up(names) | down(names) | up(loose)
    return out


def _rows(name: str) -> list[dict[str, str]]:
    text = files("earmark.lab.exam").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
