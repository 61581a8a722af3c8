"""Cut a recording into stretches whose edges fall in quiet places.

An archive's recording is cut as a stream, and nothing but digital silence is left out: quiet rain
is sound. `Cutter` only chooses where the edges go. What counts as quiet is judged against the last
60 seconds, so a loud minute does not make the hour before it silent.

For the clips of a data set there is also `prune.py`, which throws quiet parts away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from earmark.audio.levels import FRAME, Levels, Loudness, Meter, frame_samples
from earmark.errors import UsageError
from earmark.types import Moment, Samples

SMOOTH = 25  # frames: a pause between words or sounds, not the dip within one
ALIKE_DB = 1.0  # frames this close to the lowest are as good, and the last one is taken


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    """A piece of a wave, in samples; `stop` is the first sample after it."""

    start: int
    stop: int

    def moment(self, rate: int) -> Moment:
        """Give the same piece in seconds."""
        return Moment(self.start / rate, self.stop / rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class CutRule:
    """Where the edges may go; all in seconds."""

    longest: float = 10.0
    slack: float = 3.0  # how much sooner than `longest` a cut may fall
    tail: float = 1.0  # a cut leaves at least this much to both sides, unless silence ends it
    silence: float = 1.0  # digital silence at least this long is left out ...
    margin: float = 0.1  # ... but for this much of it beside the sound
    memory: float = 60.0  # how far back the levels go that tell what is quiet

    def __post_init__(self) -> None:
        fits = 0 < self.tail < self.slack <= self.longest - self.tail
        if not (fits and 2 * self.margin < self.silence and self.memory >= self.longest):
            raise UsageError(
                f"these cuts cannot be made: {self}",
                hint="tail < slack <= longest - tail, margin < silence / 2, longest <= memory",
            )


ARCHIVE = CutRule()


def cut(wave: Samples, rate: int, rule: CutRule = ARCHIVE) -> list[Stretch]:
    """Cut a whole wave: [S] -> stretches in order."""
    return list(cut_blocks([wave], rate, rule))


def cut_blocks(blocks: Iterable[Samples], rate: int, rule: CutRule = ARCHIVE) -> Iterator[Stretch]:
    """Cut a wave that comes in blocks, giving each stretch as soon as its end is known."""
    cutter = Cutter(rate, rule)
    for block in blocks:
        yield from cutter.push(block)
    yield from cutter.finish()


def windows(samples: int, *, size: int, hop: int) -> list[Stretch]:
    """Plain windows that cover everything; the last one ends with the wave."""
    if size < 1 or not 1 <= hop <= size:
        raise ValueError(f"windows of {size} every {hop} samples would leave gaps")
    starts = range(0, max(samples - size, 0) + hop, hop)
    return [Stretch(start, min(start + size, samples)) for start in starts if start < samples]


class Cutter:
    """Takes blocks of any size, gives stretches; the block size never moves a cut."""

    def __init__(self, rate: int, rule: CutRule = ARCHIVE) -> None:
        self._meter, self._hop = Meter(rate), frame_samples(rate)
        self._rule = rule
        self._level = np.zeros(0, np.float32)  # of the frames from self._base on
        self._silent = np.zeros(0, np.bool_)
        self._base = 0  # frame
        self._at = 0  # frame up to which everything is settled
        self._samples = 0
        self._gave_one = False

    def push(self, block: Samples) -> list[Stretch]:
        """Take the next block and give the stretches it completes."""
        self._samples += len(block)
        self._add(self._meter.push(block))
        return self._settle(ended=False)

    def finish(self) -> list[Stretch]:
        """Give what is left; a recording of nothing but digital silence still gives its start."""
        self._add(self._meter.finish())
        found = self._settle(ended=True)
        if not self._gave_one and self._samples:
            found.append(
                Stretch(0, min(self._samples, self._frames(self._rule.longest) * self._hop))
            )
        return found

    def _add(self, heard: Loudness) -> None:
        old = max(0, self._at - self._frames(self._rule.memory) - self._base)
        self._level = np.concatenate([self._level[old:], heard.level])
        self._silent = np.concatenate([self._silent[old:], heard.silent])
        self._base += old

    @property
    def _known(self) -> int:
        return self._base + len(self._level)

    def _frames(self, seconds: float) -> int:
        return round(seconds / FRAME)

    def _settle(self, *, ended: bool) -> list[Stretch]:
        """Give every stretch that can be told from the frames known so far."""
        found = []
        while (start := self._start(ended=ended)) is not None:
            stop = self._stop(start, ended=ended)
            if stop is None:
                break
            found.append(Stretch(start * self._hop, min(stop * self._hop, self._samples)))
            self._at = stop
        self._gave_one = self._gave_one or bool(found)
        return found

    def _start(self, *, ended: bool) -> int | None:
        """Frame where the next stretch starts, or None if it cannot be told yet."""
        gap, margin = self._frames(self._rule.silence), self._frames(self._rule.margin)
        ahead = self._silent[self._at - self._base :]
        if ahead.all():
            if not ended:
                self._at = max(self._at, self._known - gap)
            return None
        sound = self._at + int(ahead.argmin())
        before = max(self._at - margin, 0)  # a stretch that silence ended took that much of it
        since = before if self._silent[before - self._base : sound - self._base].all() else self._at
        return self._at if sound - since < gap else sound - margin

    def _stop(self, start: int, *, ended: bool) -> int | None:
        """Frame where a stretch that starts at `start` ends, or None if that is not known yet."""
        rule, gap = self._rule, self._frames(self._rule.silence)
        longest, tail = self._frames(rule.longest), self._frames(rule.tail)
        horizon = min(start + longest + tail, self._known)
        end = _run_of(self._silent[start - self._base : horizon + gap - self._base], gap)
        if end is not None:
            end = min(start + end + self._frames(rule.margin), self._known)
        elif ended and self._known < start + longest + tail:
            end = self._known
        elif self._known < start + longest + tail + gap and not ended:
            return None
        if end is not None and end <= start + longest:
            return end
        last = start + longest if end is None else min(start + longest, end - tail)
        return self._quietest(start + longest - self._frames(rule.slack), last)

    def _quietest(self, first: int, last: int) -> int:
        """The best frame to cut at: in the longest quiet run if there is one, late, and low."""
        since = max(0, last - self._frames(self._rule.memory) - self._base)
        until = last - self._base
        level = _smooth(self._level[since : until + SMOOTH // 2])[: until - since]
        limit = quiet_below(level[~self._silent[since:until]])
        near = level[first - last :]
        low, high = _longest_run(near <= limit) or (0, len(near))
        lowest = np.flatnonzero(near[low:high] <= near[low:high].min() + ALIKE_DB)
        return first + low + int(lowest[-1]) + 1


def quiet_below(level: Levels) -> float:
    """Level at and under which a frame is quiet, or minus infinity for a steady sound.

    The floor is the 10th percentile and the peak the 95th: quiet is 40 dB under the peak or 6 dB
    over the floor, whichever is louder. Where the two are within 6 dB (rain, a machine) no frame
    is quieter than another.
    """
    if not len(level):
        return -np.inf
    floor, peak = np.percentile(level, [10, 95])
    return -np.inf if peak - floor < 6 else float(max(peak - 40, floor + 6))


def _run_of(mask: npt.NDArray[np.bool_], length: int) -> int | None:
    """Where the first run of at least `length` True starts."""
    for low, high in runs(mask):
        if high - low >= length:
            return low
    return None


def _longest_run(mask: npt.NDArray[np.bool_]) -> tuple[int, int] | None:
    """First and one-past-last of the longest run of True; of equals the last."""
    return max(runs(mask), key=lambda run: (run[1] - run[0], run), default=None)


def runs(mask: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Every run of True, as first and one past last."""
    edges = np.flatnonzero(np.diff(np.pad(mask.astype(np.int8), 1)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _smooth(level: Levels) -> Levels:
    """Mean over a quarter of a second, in which a pause stands out: [frames] -> [frames]."""
    padded = np.pad(level, SMOOTH // 2, mode="edge")
    mean: Levels = np.lib.stride_tricks.sliding_window_view(padded, SMOOTH).mean(axis=1)
    return mean
