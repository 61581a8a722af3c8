"""Who hears: a bundle that tells classes, an expert, or several of them put together.

All are asked alike: a wave is cut into the same stretches, and of each stretch they say how likely
every class is. To add one: write the class, add a row to `LISTENERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
import soxr
import torch

from earmark.audio.chunk import cut
from earmark.errors import UsageError
from earmark.lab.experts import AudioExpert, open_expert
from earmark.model.model import Model
from earmark.types import Samples

Scores = npt.NDArray[np.float32]
# Seconds that an expert is given; silence fills up what is shorter. Less of it, and it errs more:
# docs/methods/earmark-small.md has how much.
SHORTEST = 5.12
SHIFTS = (0.0, 0.08, 0.16, 0.24)  # seconds of silence before a sound
LEVELS = (0.0, -6.0, 6.0)  # decibels
SPEEDS = (1.0, 0.97, 1.03)
MN04, YAMNET = "efficientat_mn04", "yamnet"


class Listener(Protocol):
    """Hears waves at a rate of its own."""

    name: str
    rate: int  # Hz
    names: tuple[str, ...]  # of its classes

    def hear(self, wave: Samples) -> Scores:
        """Tell how likely each class is: [samples] -> [stretches, classes]."""


class Student:
    """A bundle with the output `classes`."""

    def __init__(self, model: Model) -> None:
        if not model.classes:
            raise UsageError(
                f"the model {model.name!r} tells no classes, so its ears cannot be asked for them",
                hint="export its run again with --classes",
            )
        self.name, self.rate, self.names = model.name, model.rate, model.classes
        self._model = model

    def hear(self, wave: Samples) -> Scores:
        """Tell how likely each class is: [samples] -> [stretches, classes]."""
        return self._model.hear_wave(wave, rate=self.rate).classes


class Expert:
    """A foreign network, stretch by stretch."""

    def __init__(self, name: str, expert: AudioExpert) -> None:
        self.name, self.rate, self.names = name, expert.rate, tuple(expert.names)
        self._expert = expert

    def hear(self, wave: Samples) -> Scores:
        """Tell how likely each class is: [samples] -> [stretches, classes]."""
        parts = [wave[one.start : one.stop] for one in cut(wave, self.rate)]
        return np.stack([self.stretch(part) for part in parts])

    def stretch(self, wave: Samples) -> Scores:
        """Hear one stretch: [samples] -> [classes]."""
        short = max(0, round(SHORTEST * self.rate) - len(wave))
        scores = self._expert.hear(torch.from_numpy(np.pad(wave, (0, short)))[None]).scores
        if scores is None:
            raise UsageError(f"{self.name} knows no classes", hint="name an expert that does")
        found: Scores = scores[0].numpy()
        return found


class Averaged(Expert):
    """An expert that hears a stretch a little later, louder and slower too, and takes the mean."""

    def __init__(self, name: str, expert: AudioExpert, views: Sequence[View]) -> None:
        super().__init__(name, expert)
        self._views = views

    def stretch(self, wave: Samples) -> Scores:
        """Hear one stretch in every view: [samples] -> [classes]."""
        heard = [super(Averaged, self).stretch(view(wave, self.rate)) for view in self._views]
        return np.stack(heard).mean(axis=0)


View = Callable[[Samples, int], Samples]


def _later(seconds: float) -> View:
    return lambda wave, rate: np.pad(wave, (round(seconds * rate), 0))


def _louder(db: float) -> View:
    return lambda wave, rate: wave * np.float32(10 ** (db / 20))  # noqa: ARG005 - as all views


def _quicker(speed: float) -> View:
    def view(wave: Samples, rate: int) -> Samples:
        found: Samples = soxr.resample(wave, round(rate * speed), rate)
        return found

    return view


def views(
    shifts: Sequence[float] = (0.0,),
    levels: Sequence[float] = (),
    speeds: Sequence[float] = (),
) -> list[View]:
    """Make the ways in which a sound is heard; each changes one thing alone."""
    others = [_louder(db) for db in levels if db] + [_quicker(one) for one in speeds if one != 1]
    return [*(_later(seconds) for seconds in shifts), *others]


class Together:
    """Two listeners: of what both name the mean, of the rest what the first one says."""

    def __init__(self, name: str, first: Expert, second: Expert) -> None:
        self.name, self.rate, self.names = name, first.rate, first.names
        self._first, self._second = first, second
        place = {name: at for at, name in enumerate(second.names)}
        self._here = np.array([at for at, name in enumerate(first.names) if name in place])
        self._there = np.array([place[name] for name in first.names if name in place])

    def hear(self, wave: Samples) -> Scores:
        """Tell how likely each class is: [samples] -> [stretches, classes]."""
        parts = [wave[one.start : one.stop] for one in cut(wave, self.rate)]
        return np.stack([self._stretch(part) for part in parts])

    def _stretch(self, wave: Samples) -> Scores:
        one = self._first.stretch(wave)
        other = self._second.stretch(soxr.resample(wave, self.rate, self._second.rate))
        one[self._here] = (one[self._here] + other[self._there]) / 2
        return one


def _expert(name: str) -> Expert:
    # Small inputs one after the other are quicker through onnxruntime than through torch.
    return Expert(name, open_expert(f"{MN04}_onnx" if name == MN04 else name))


def _averaged(name: str, **of: Sequence[float]) -> Averaged:
    return Averaged(name, open_expert(f"{MN04}_onnx"), views(**of))


LISTENERS: dict[str, Callable[[str], Listener]] = {
    MN04: _expert,
    YAMNET: _expert,
    "mn04-shifts": lambda name: _averaged(name, shifts=SHIFTS),
    "mn04-levels": lambda name: _averaged(name, levels=LEVELS),
    "mn04-speeds": lambda name: _averaged(name, speeds=SPEEDS),
    "mn04-averaged": lambda name: _averaged(name, shifts=SHIFTS, levels=LEVELS, speeds=SPEEDS),
    "mn04-and-yamnet": lambda name: Together(name, _expert(MN04), _expert(YAMNET)),
}


def open_listener(name: str) -> Listener:
    """Open a row of the table, or a bundle."""
    if name in LISTENERS:
        return LISTENERS[name](name)
    return Student(Model.load(name))
