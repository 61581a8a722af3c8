"""What is true of a scene: its events with times and levels, its background, and its captions.

A scene is only this; its sound is made from it on demand (`compose.render`). Times are seconds from
its start on a grid of 0.01 s, levels are decibels. A scene is one object of JSON lines.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

GRID = 2  # decimals of a second


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One occurrence of a sound, from where it is first heard to where it is last heard."""

    label: str
    group: str  # labels of one group cannot be told apart by a general word, or by ear
    start: float
    end: float
    snr_db: float  # against the bed, both measured where the event sounds
    distant: bool
    sound: str  # its name in the bank
    recording: str
    cut: tuple[float, float]  # the part of the sound that is used, in seconds
    repeats: int = 1  # how often that part sounds within this one event

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return round(self.end - self.start, GRID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """A steady sound from the first to the last second of a scene."""

    label: str
    group: str
    sound: str
    recording: str


@dataclass(frozen=True, slots=True)
class Constraint:
    """Something a caption claims: a relation of `constraints.RELATIONS` between labels."""

    relation: str
    labels: tuple[str, ...]
    count: int = 0  # of the relation "count" alone

    def renamed(self, names: Mapping[str, str]) -> Constraint:
        """Put other names in place of the labels."""
        return Constraint(self.relation, tuple(names[x] for x in self.labels), self.count)


@dataclass(frozen=True, slots=True)
class Caption:
    """Words, the grammar rule that made them, and all that they claim."""

    text: str
    rule: str
    constraints: tuple[Constraint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A soundscape with everything about it known; events are in order of their start."""

    id: str
    seconds: float
    seed: int  # of the faint noise that is the bed where there is no background
    level_db: float  # of the bed, RMS against full scale
    background: Background | None
    events: tuple[Event, ...]
    twin: str = ""  # the id of the scene that has the same events in the other order
    split: str = ""
    captions: tuple[Caption, ...] = field(default=())


def to_line(scene: Scene, **more: object) -> str:
    """Write a scene as one line of JSON with sorted keys, `more` beside its own fields."""
    return json.dumps(asdict(scene) | more, sort_keys=True, ensure_ascii=False)


def from_line(line: str) -> Scene:
    """Read what `to_line` wrote; further keys are passed over."""
    row: dict[str, Any] = json.loads(line)
    return Scene(
        id=row["id"],
        seconds=row["seconds"],
        seed=row["seed"],
        level_db=row["level_db"],
        background=Background(**row["background"]) if row["background"] else None,
        events=tuple(Event(**(one | {"cut": tuple(one["cut"])})) for one in row["events"]),
        twin=row["twin"],
        split=row["split"],
        captions=tuple(_caption(one) for one in row["captions"]),
    )


def _caption(row: dict[str, Any]) -> Caption:
    constraints = (
        Constraint(one["relation"], tuple(one["labels"]), one["count"])
        for one in row["constraints"]
    )
    return Caption(row["text"], row["rule"], tuple(constraints))
