"""A recording as blocks to windows of fixed length for the network, in bounded memory.

A window holds one stretch, what truly comes before and after it, and silence where the recording
has no sound; or, if the model learned so, after its end the same sound again and again. Where the
edges fall, `audio/chunk.py` decides; neither depends on the blocks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from earmark.audio.chunk import CutRule, Cutter, Stretch
from earmark.model.page import Page
from earmark.types import Samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The times of a model in samples, and where its edges may go."""

    rate: int  # Hz
    samples: int  # in a window
    before: int  # samples ahead of the stretch
    token: int  # samples
    rule: CutRule
    repeats: bool = False  # a sound that is too short stands again and again in its window

    @classmethod
    def of(cls, page: Page) -> Plan:
        """Read it from a bundle's page; a cut may fall up to 3 tenths of a stretch sooner."""
        times, rate = page.seconds, page.rate
        return cls(
            rate=rate,
            samples=page.samples,
            before=round(times.before * rate),
            token=round(times.token * rate),
            repeats=page.fill == "repeat",
            rule=CutRule(
                longest=times.stretch,
                slack=0.3 * times.stretch,
                tail=0.1 * times.stretch,
                memory=max(60.0, times.stretch),
            ),
        )

    @property
    def unsettled(self) -> int:
        """How far back a stretch may start that the cutter has not given yet, in samples."""
        rule = self.rule
        return round((rule.longest + rule.tail + 2 * rule.silence) * self.rate)


@dataclass(frozen=True, slots=True)
class Window:
    """What goes through the network at once."""

    stretch: Stretch
    wave: Samples  # [samples], from `before` ahead of the stretch on
    repeated: bool = False  # it was too short, and fills the window by standing there again


def windows_of(blocks: Iterable[Samples], plan: Plan) -> Iterator[Window]:
    """Cut a recording into windows, giving each as soon as all of its sound is there."""
    cutter, tape, waiting = Cutter(plan.rate, plan.rule), Tape(), deque[Stretch]()
    opening = Tape()  # for the stretch that hours of nothing but digital silence end with
    for block in blocks:
        tape.add(block)
        if opening.end < plan.samples:
            opening.add(block)
        waiting += cutter.push(block)
        while waiting and tape.end >= waiting[0].start - plan.before + plan.samples:
            yield _window(waiting.popleft(), tape, plan)
        oldest = waiting[0].start if waiting else tape.end - plan.unsettled
        tape.forget(oldest - plan.before)
    waiting += cutter.finish()
    for stretch in waiting:
        yield _window(stretch, tape if stretch.start else opening, plan)


def _window(stretch: Stretch, tape: Tape, plan: Plan) -> Window:
    wave = tape.read(stretch.start - plan.before, plan.samples)
    sound = tape.end - stretch.start
    if not plan.repeats or sound >= plan.samples:
        return Window(stretch, wave)
    return Window(stretch, repeated(wave[:sound], plan.samples), repeated=True)


def repeated(sound: Samples, samples: int) -> Samples:
    """Whole copies of a sound, as many as fit, and silence: [s] -> [samples]."""
    copies = np.tile(sound, samples // len(sound))
    return np.pad(copies, (0, samples - len(copies)))


class Tape:
    """The last part of a recording; silence lies around all of it."""

    def __init__(self) -> None:
        self._blocks = deque[tuple[int, Samples]]()  # first sample, sound
        self._from = 0  # the first sample that is remembered
        self.end = 0  # samples so far

    @property
    def held(self) -> int:
        """How many samples it remembers."""
        return sum(len(block) for _, block in self._blocks)

    def add(self, block: Samples) -> None:
        """Go on with a block."""
        self._blocks.append((self.end, block))
        self.end += len(block)

    def forget(self, before: int) -> None:
        """Drop whole blocks that end before a sample."""
        while self._blocks and self._from + len(self._blocks[0][1]) <= before:
            self._from += len(self._blocks.popleft()[1])

    def read(self, start: int, samples: int) -> Samples:
        """Copy a part, with zeros where there is no sound: -> [samples]."""
        if max(start, 0) < self._from:
            raise RuntimeError(f"sample {start} is asked for, and the tape begins at {self._from}")
        out = np.zeros(samples, np.float32)
        for at, block in self._blocks:
            low, high = max(at, start), min(at + len(block), start + samples)
            if low < high:
                out[low - start : high - start] = block[low - at : high - at]
        return out
