"""Named evaluations: which rows of a data set, which pairs are right, and which metrics.

A protocol turns what was read into a `Task`. A caption is asked once, however often it stands
there: it is right for every sound that has it, case and punctuation aside. A protocol with a `pick`
takes only rows of one split that tell something, such as the ESC clips of `clips.csv`, which alone
have a fold, or come from one source.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np

from earmark.data.rows import Row
from earmark.errors import DataError, UsageError
from earmark.scenes import Caption, Scene, matches
from earmark.score.metrics import NAMES
from earmark.score.task import Task

Stretch = tuple[Path, float | None, float | None]


@dataclass(frozen=True, slots=True)
class Pick:
    """The rows of a split that have a fact, whatever it tells or one of what is named."""

    split: str
    fact: str
    values: tuple[str, ...] = ()

    def __call__(self, rows: Sequence[Row]) -> list[Row]:
        """Take the rows that it names; raise if there are none."""
        kept = [row for row in rows if row.split == self.split and self._fits(row)]
        if not kept:
            of = f" of {', '.join(self.values)}" if self.values else ""
            raise DataError(
                f"none of {len(rows)} rows is of the split {self.split!r} and has a "
                f"{self.fact!r}{of}",
                hint="give the data set that this protocol is for, or take the protocol 'captions'",
            )
        return kept

    def _fits(self, row: Row) -> bool:
        told = row.facts.get(self.fact, "")
        return told in self.values if self.values else bool(told)


@dataclass(frozen=True, slots=True)
class Protocol:
    """A named evaluation."""

    name: str
    right: str  # which pairs are right, for people to read
    task: Callable[[Sequence[Any]], Task[Any]]  # from rows, or from scenes
    metrics: tuple[str, ...] = NAMES


def protocol(name: str, others: Sequence[str] = ()) -> Protocol:
    """Look a protocol up by its name; whoever asks may know of others that were meant."""
    if name not in PROTOCOLS:
        every = [*PROTOCOLS, *others]
        close = get_close_matches(name, every, n=1)
        known = f"choose from: {', '.join(every)}"
        hint = f"did you mean {close[0]!r}?" if close else known
        raise UsageError(f"no protocol is called {name!r}", hint=hint)
    return PROTOCOLS[name]


def captions(rows: Sequence[Row]) -> Task[Row]:
    """Ask every distinct caption; every row that has it is right.

    Rows of one stretch of one file are one sound with the captions of all. If most captions stand
    at several recordings they name kinds of sound, so the sounds are drawn (see `task`).
    """
    sounds = _one_a_stretch(rows)
    places: dict[str, list[int]] = {}  # of the sounds that have a caption
    texts: dict[str, str] = {}  # as it was first written
    for place, row in enumerate(sounds):
        for text in row.captions:
            places.setdefault(_plain(text), []).append(place)
            texts.setdefault(_plain(text), text)
    if not texts:
        raise DataError(
            f"none of {len(rows)} rows has a caption", hint="name a data set with captions"
        )
    match = np.zeros((len(texts), len(sounds)), dtype=bool)
    for right, at in zip(match, places.values(), strict=True):
        right[at] = True
    names = tuple(row.recording or row.audio.as_posix() for row in sounds)
    of_kinds = [len({names[place] for place in at}) > 1 for at in places.values()]
    return Task(
        texts=tuple(texts.values()),
        sounds=tuple(sounds),
        match=match,
        homes=tuple(names[at[0]] for at in places.values()),
        recordings=names,
        drawn="items" if 2 * sum(of_kinds) > len(of_kinds) else "queries",
    )


def scenes(pool: Sequence[Scene]) -> Task[Scene]:
    """Ask every distinct caption of the scenes; right are all scenes in which all of it holds.

    A scene and its twin have the same sounds, so they count as one recording.
    """
    readings: dict[str, list[Caption]] = {}
    homes: dict[str, str] = {}
    for scene in pool:
        for caption in scene.captions:
            readings.setdefault(_plain(caption.text), []).append(caption)
            homes.setdefault(_plain(caption.text), _family(scene))
    if not readings:
        raise DataError(
            f"none of {len(pool)} scenes has a caption", hint="draw scenes with captions"
        )
    flat = [one for same in readings.values() for one in same]
    starts = np.cumsum([0, *(len(same) for same in readings.values())])[:-1]
    return Task(
        texts=tuple(same[0].text for same in readings.values()),
        sounds=tuple(pool),
        match=np.logical_or.reduceat(matches(flat, pool), starts, axis=0),
        homes=tuple(homes.values()),
        recordings=tuple(_family(scene) for scene in pool),
    )


def _one_a_stretch(rows: Sequence[Row]) -> list[Row]:
    merged: dict[Stretch, Row] = {}
    for row in rows:
        stretch = (row.audio, row.start, row.end)
        known = merged.setdefault(stretch, row)
        if known is not row:
            merged[stretch] = replace(known, captions=known.captions + row.captions)
    return list(merged.values())


def _family(scene: Scene) -> str:
    return min(scene.id, scene.twin) if scene.twin else scene.id


def _plain(caption: str) -> str:
    """Lower case, letters, digits and apostrophes only, single spaces; marks alone stay."""
    kept = "".join(mark if mark.isalnum() or mark == "'" else " " for mark in caption.casefold())
    return " ".join(kept.split()) or caption


def _of_clips(name: str, right: str, pick: Pick) -> Protocol:
    return Protocol(name, right, lambda rows: captions(pick(rows)))


# Four apps for phones: one recording of each sound, most of a kind that is rare in data sets.
_APPS = ("enviro_sounds", "good_dream", "sleep_sound_azura", "sound_of_everything")
PROTOCOLS = {
    one.name: one
    for one in (
        Protocol("captions", "every sound that has the caption", captions),
        Protocol("scenes", "every scene in which all that the caption claims holds", scenes),
        _of_clips(
            "esc-check",
            "every ESC clip of the split 'check' that has the caption of the class",
            Pick("check", "fold"),
        ),
        _of_clips(
            "animals-check",
            "every animal clip of the split 'check' that has the caption of the class",
            Pick("check", "source", ("animal_sounds",)),
        ),
        _of_clips(
            "rare-check",
            "every rare everyday sound of the split 'check' that has the caption",
            Pick("check", "source", _APPS),
        ),
        _of_clips(
            "human-check",
            "every clip of the split 'check' that a person wrote the caption for",
            Pick("check", "source", ("human_captions",)),
        ),
        _of_clips(
            "urban-check",
            "every UrbanSound8K clip of the split 'check' that has the caption of the class",
            Pick("check", "source", ("urbansound8k",)),
        ),
    )
}
