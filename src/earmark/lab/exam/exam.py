"""The exam of ears: question sets, agreement with a teacher, noise, short clips, in one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from earmark.data.rows import Row
from earmark.errors import DataError, UsageError
from earmark.lab.exam.hearing import Alter, Note, hear, noises, shortened, waves_of
from earmark.lab.exam.listeners import Listener, Scores
from earmark.lab.exam.questions import (
    Asker,
    Embed,
    agreement,
    by_text,
    chance,
    figures,
    mean_average_precision,
)
from earmark.score import Task, protocol

# What is asked, and by which way the baseline does it better.
SETS = {
    "esc-check": "A",
    "animals-check": "A",
    "rare-check": "A",
    "human-check": "B",
    "urban-check": "A",
}
OTHER_DATA = {"captions": "A"}  # where none of these is there
NOISY = "esc-check"  # the set that is asked again in noise, and of short clips
SHORTEST_LEFT = 0.1  # seconds of a clip
Place = tuple[Path, float | None, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be found out."""

    snrs: Sequence[float] = (5.0,)  # dB of a clip over noise
    lengths: Sequence[float] = ()  # seconds that are left of each clip
    by_text: str = ""  # a set of which every text is told by itself
    seed: int = 0
    jobs: int = 2


class Exam:
    """Rows, those who hear them, and what is asked; the first listener is examined."""

    def __init__(
        self, rows: Sequence[Row], listeners: Sequence[Listener], embed: Embed, wish: Wish
    ) -> None:
        if len({who.name for who in listeners}) < len(listeners):
            raise UsageError("two listeners of one name", hint="name each of them once")
        self._rows, self._listeners, self._wish = list(rows), list(listeners), wish
        self._askers = {who.name: Asker.of(embed, who) for who in listeners}
        self._place = {_place(row): number for number, row in enumerate(self._rows)}
        self._tasks = sets_of(self._rows, wish.by_text)
        _refuse_short(wish)

    def run(self, note: Note) -> dict[str, Any]:
        """Hear everything, ask everything."""
        heard = self._hear(self._rows, None, note)
        out: dict[str, Any] = {
            "sets": {name: self._set(name, way, task, heard) for name, way, task in self._tasks},
            "agreement": self._agreements(heard),
        }
        again = next((one for one in self._tasks if one[0] == NOISY), None)
        if again:
            out["noise"] = self._noise(again, heard, note)
            out["lengths"] = self._lengths(again, note)
        for name, way, task in self._tasks:
            if name == self._wish.by_text:
                found = self._scores(task, way, heard)
                out["texts"] = {who: by_text(task, scores) for who, scores in found.items()}
        return out

    def _hear(self, rows: Sequence[Row], alter: Alter | None, note: Note) -> dict[str, Scores]:
        more = {"alter": alter} if alter else {}
        tables = hear(waves_of(rows), self._listeners, jobs=self._wish.jobs, note=note, **more)
        return {who.name: table for who, table in zip(self._listeners, tables, strict=True)}

    def _scores(self, task: Task[Row], way: str, heard: dict[str, Scores]) -> dict[str, Scores]:
        """Ask all of all rows: -> [texts, sounds of the task] each."""
        at = [self._place[_place(row)] for row in task.sounds]
        return {
            name: self._askers[name].scores(task.texts, table[at], way)
            for name, table in heard.items()
        }

    def _set(
        self, name: str, way: str, task: Task[Row], heard: dict[str, Scores]
    ) -> dict[str, Any]:
        scores = {one: self._scores(task, one, heard) for one in ("A", "B")}
        beside = self._listeners[min(1, len(self._listeners) - 1)].name
        return {
            "right": protocol(name).right,
            "texts": len(task.texts),
            "clips": len(task.sounds),
            "way": way,
            "chance": chance(task, scores["A"][beside]),
            "beside": beside,
            "ways": {one: figures(task, found, beside) for one, found in scores.items()},
        }

    def _agreements(self, heard: dict[str, Scores]) -> dict[str, Any]:
        """How the first agrees with each of the others that has the same classes."""
        first, *others = self._listeners
        names = [row.recording or row.audio.as_posix() for row in self._rows]
        return {
            other.name: agreement(heard[first.name], heard[other.name], names)
            for other in others
            if other.names == first.names
        }

    def _noise(
        self, again: tuple[str, str, Task[Row]], heard: dict[str, Scores], note: Note
    ) -> dict[str, Any]:
        name, way, task = again
        kinds = noises(task.sounds, self._rows, self._wish.seed)
        clean = _precisions(task, self._scores(task, way, heard))
        out: dict[str, Any] = {"set": name, "way": way, "clean": clean}
        for kind, make in kinds.items():
            out[kind] = {
                f"{snr:g}": self._again(task, way, make(snr), note) for snr in self._wish.snrs
            }
        return out

    def _lengths(self, again: tuple[str, str, Task[Row]], note: Note) -> dict[str, Any]:
        _, way, task = again
        return {
            f"{seconds:g}": self._again(task, way, shortened(seconds), note)
            for seconds in self._wish.lengths
        }

    def _again(self, task: Task[Row], way: str, alter: Alter, note: Note) -> dict[str, float]:
        """Ask a set once more, of clips that were altered."""
        tables = self._hear(task.sounds, alter, note)
        scores = {
            name: self._askers[name].scores(task.texts, table, way)
            for name, table in tables.items()
        }
        return _precisions(task, scores)


def _precisions(task: Task[Row], scores: dict[str, Scores]) -> dict[str, float]:
    return {name: mean_average_precision(task, one) for name, one in scores.items()}


def sets_of(rows: Sequence[Row], by_text: str = "") -> list[tuple[str, str, Task[Row]]]:
    """The sets that these rows have, as (name, way, task); raise if the named one is not there."""
    found = []
    for name, way in SETS.items():
        try:
            found.append((name, way, protocol(name).task(rows)))
        except DataError:
            continue
    found = found or [(name, way, protocol(name).task(rows)) for name, way in OTHER_DATA.items()]
    names = [name for name, _, _ in found]
    if by_text and by_text not in names:
        raise UsageError(
            f"no set {by_text!r} is asked of this data", hint=f"choose from: {', '.join(names)}"
        )
    return found


def _refuse_short(wish: Wish) -> None:
    """Raise for clips of which nothing would be left."""
    if min(wish.lengths, default=1.0) < SHORTEST_LEFT:
        raise UsageError(
            f"{min(wish.lengths):g} s of a clip are left",
            hint=f"give lengths of {SHORTEST_LEFT} s or more",
        )


def _place(row: Row) -> Place:
    return row.audio, row.start, row.end


def embedder() -> Embed:
    """The sentence model, each text read once."""
    from earmark.lab.experts import open_expert

    model, known = open_expert("minilm"), dict[str, np.ndarray]()

    def embed(texts: Sequence[str]) -> np.ndarray:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            known.update(zip(new, model.embed(new).numpy(), strict=True))
        return np.stack([known[text] for text in texts])

    return embed
