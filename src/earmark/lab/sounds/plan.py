"""What is in a batch of mixtures, drawn from a seed: pieces of sound, their places and levels.

A plan is a few small arrays, drawn without touching a sample, so it is quick, and the same seed and
step give the same plan on any machine, whatever ran before. `render.py` makes the sound of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from earmark.lab.sounds.spool import Entry
from earmark.lab.strict import refuse

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
PIECES_MOST = 24  # of one source: a click that repeats without end is no use


@dataclass(frozen=True, slots=True, kw_only=True)
class MixRule:
    """Everything that decides how mixtures are drawn."""

    seconds: float = 5.12
    sources: tuple[float, ...] = (0.35, 0.35, 0.2, 0.1)  # chance of one, two, three ... sounds
    level_db: tuple[float, float] = (-45.0, -10.0)  # of the first sound, where it sounds
    under_db: tuple[float, float] = (-18.0, 6.0)  # of each other sound against the first
    speed: tuple[float, float] = (0.8, 1.25)  # slower and lower, to faster and higher
    altered_speed: float = 0.5  # chance that a sound's speed is changed at all
    loop: float = 0.4  # chance that a short sound is heard again and again
    gap: tuple[float, float] = (0.0, 1.5)  # seconds between its turns
    noise: float = 0.25  # chance of steady noise under it all
    noise_snr_db: tuple[float, float] = (0.0, 30.0)  # of the first sound over that noise
    filtered: float = 0.2  # chance of a random filter: a cheap microphone, a wall
    room: float = 0.15  # chance of a room
    made_of: str = "waves"  # or "bands"; a row of `mixers.py`
    taught: str = "mixture"  # or "foreground"; a row of `lab/objectives/teaching.py`

    def __post_init__(self) -> None:
        refuse(_faults(self), "correct [mix]")


def _faults(rule: MixRule) -> list[tuple[str, bool]]:
    ranges = ("level_db", "under_db", "speed", "gap", "noise_snr_db")
    chances = ("altered_speed", "loop", "noise", "filtered", "room")
    return [
        (f"a mixture of {rule.seconds} seconds", not 0.5 <= rule.seconds <= 60),
        (f"the chances of {list(rule.sources)}, which do not add up to 1", not _shares(rule)),
        *(
            (f"{name} from {low} to {high}", not -math.inf < low <= high < math.inf)
            for name in ranges
            for low, high in [getattr(rule, name)]
        ),
        (f"a speed of {rule.speed[0]}", rule.speed[0] <= 0),
        (f"a gap of {rule.gap[0]} seconds", rule.gap[0] < 0),
        *(
            (f"{name} is a chance of {chance}", not 0 <= chance <= 1)
            for name in chances
            for chance in [getattr(rule, name)]
        ),
    ]


def _shares(rule: MixRule) -> bool:
    return all(chance >= 0 for chance in rule.sources) and abs(sum(rule.sources) - 1) < 1e-9


@dataclass(frozen=True, slots=True)
class MixPlan:
    """Pieces of sound and where they go; `sources` says which sound a piece is from."""

    mixture: Ints  # [pieces] which mixture a piece is in
    first: Ints  # [pieces] where it starts in the spool, in samples
    length: Ints  # [pieces] how many samples of the spool it takes
    at: Ints  # [pieces] where it starts in the mixture, in samples
    speed: Floats  # [pieces]
    gain: Floats  # [pieces]
    level: Floats  # [pieces] in dB, of the sound that a piece is from, where it sounds
    noise: Floats  # [mixtures] level of steady noise, as amplitude; 0: none
    colour: Floats  # [mixtures] its slope in dB an octave
    filters: Floats  # [mixtures, 8] gain in dB at eight octaves; all 0: no filter
    room: Floats  # [mixtures] seconds of decay; 0: no room
    seed: int  # of what is drawn on the device: noise and rooms
    sources: tuple[tuple[int, ...], ...]  # entries of the spool in each mixture

    @property
    def size(self) -> int:
        """How many mixtures."""
        return len(self.sources)

    def loudest(self) -> tuple[MixPlan, Ints]:
        """Leave only the loudest sound of each mixture that holds more, and say which these are.

        `sources` stay those of the whole mixtures.
        """
        top = np.full(self.size, -np.inf)
        np.maximum.at(top, self.mixture, self.level)
        loud = self.level == top[self.mixture]
        more = self.noise > 0
        more[self.mixture[~loud]] = True
        rows, pieces = np.flatnonzero(more), np.flatnonzero(loud & more[self.mixture])
        columns = ("first", "length", "at", "speed", "gain", "level")
        plan = replace(
            self,
            mixture=np.searchsorted(rows, self.mixture[pieces]),
            noise=np.zeros(len(rows), np.float32),
            sources=tuple(self.sources[row] for row in rows),
            **{name: getattr(self, name)[pieces] for name in columns},
            **{name: getattr(self, name)[rows] for name in ("colour", "filters", "room")},
        )
        return plan, rows


class Sounds(Protocol):
    """What plans are drawn over: a spool of samples, or of frames."""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Where each sound lies."""

    @property
    def rate(self) -> float:
        """How many samples, or frames, are a second."""


class Planner:
    """Draws plans over a spool; sounds are drawn by weight."""

    def __init__(self, spool: Sounds, rule: MixRule, weights: npt.NDArray[np.float64]) -> None:
        self._rule = rule
        self._rate = spool.rate
        self._size = round(rule.seconds * spool.rate)
        self._first = np.array([entry.first for entry in spool.entries])
        self._length = np.array([entry.length for entry in spool.entries])
        self._level = np.array([entry.level for entry in spool.entries])
        self._edges = np.cumsum(weights / weights.sum())

    def draw(self, size: int, seed: tuple[int, ...]) -> MixPlan:
        """Draw so many mixtures from a seed."""
        rng = np.random.default_rng(seed)
        rule = self._rule
        counts = 1 + rng.choice(len(rule.sources), size, p=np.array(rule.sources))
        picks = [self._pick(rng, count) for count in counts]
        base = rng.uniform(*rule.level_db, size)
        pieces = list[tuple[float, ...]]()
        for mixture, chosen in enumerate(picks):
            for place, sound in enumerate(chosen):
                level = base[mixture] + (rng.uniform(*rule.under_db) if place else 0.0)
                pieces += self._pieces(rng, mixture, sound, level)
        mixtures, first, length, at, speed, gain, loud = np.array(pieces).T
        under = base - rng.uniform(*rule.noise_snr_db, size)
        noise = np.where(rng.random(size) < rule.noise, 10 ** (under / 20), 0)
        return MixPlan(
            mixture=mixtures.astype(np.int64),
            first=first.astype(np.int64),
            length=length.astype(np.int64),
            at=at.astype(np.int64),
            speed=speed.astype(np.float32),
            gain=gain.astype(np.float32),
            level=loud.astype(np.float32),
            noise=noise.astype(np.float32),
            colour=rng.uniform(-6, 1, size).astype(np.float32),
            filters=self._filters(rng, size),
            room=np.where(rng.random(size) < rule.room, rng.uniform(0.1, 1.2, size), 0).astype(
                np.float32
            ),
            seed=int(rng.integers(2**62)),
            sources=tuple(picks),
        )

    def _pick(self, rng: np.random.Generator, count: int) -> tuple[int, ...]:
        """Draw different sounds by weight."""
        found = np.searchsorted(self._edges, rng.random(count), side="right")
        last = len(self._edges) - 1
        return tuple(dict.fromkeys(min(int(sound), last) for sound in found))

    def _pieces(
        self, rng: np.random.Generator, mixture: int, sound: int, level: float
    ) -> list[tuple[float, ...]]:
        """Lay one sound into a mixture: once, or in turns."""
        rule, size = self._rule, self._size
        length, first = int(self._length[sound]), int(self._first[sound])
        faster = rng.uniform(*np.log(rule.speed)) if rng.random() < rule.altered_speed else 0.0
        speed = float(np.exp(faster))
        gain = 10 ** ((level - self._level[sound]) / 20)
        heard = int(length / speed)  # samples of the mixture that it takes
        if heard >= size:
            skip = int(rng.integers(0, length - int(size * speed) + 1))
            return [(mixture, first + skip, length - skip, 0, speed, gain, level)]
        at = int(rng.integers(0, size - heard + 1))
        if rng.random() >= rule.loop:
            return [(mixture, first, length, at, speed, gain, level)]
        step = heard + round(rng.uniform(*rule.gap) * self._rate) + 1
        starts = range(at % step, size, step)[:PIECES_MOST]
        return [(mixture, first, length, start, speed, gain, level) for start in starts]

    def _filters(self, rng: np.random.Generator, size: int) -> Floats:
        """Draw gains at eight octaves, smooth enough to be a device or a wall."""
        steps = rng.normal(0, 5, (size, 8)).clip(-15, 15)
        wanted = rng.random(size) < self._rule.filtered
        return np.where(wanted[:, None], steps, 0).astype(np.float32)
