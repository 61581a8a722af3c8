"""Try the audit on copies that are known: hide altered copies of some clips and count those found.

Copies are made at the rate at which the audit listens. What it finds beside the originals are other
rows of the same data that sound the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from earmark.data.align import RATE
from earmark.data.audit import HEARING, Watch, compare_all, hear
from earmark.data.likely import BRIEF, BRIEFEST
from earmark.data.rows import Row
from earmark.data.spool import FULL, QUIET, Spool
from earmark.types import Samples

Change = Callable[[Samples, np.random.Generator], Samples]
LONG_ENOUGH = round(3.2 * RATE)  # samples of a sound that 3 s can be cut from


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many of the copies of one kind were found."""

    change: str
    tried: int
    found: int
    others: int  # rows that are not the original but sound like a copy


def trial(rows: Sequence[Row], copies: int, watch: Watch | None = None) -> list[Outcome]:
    """Hide `copies` copies of each kind, of clips drawn from all of `rows`."""
    watch = watch or (lambda _what, _share: None)
    with Spool() as waves, Spool() as hidden:
        hear(rows, waves, lambda share: watch(HEARING, share))
        made = _hide(waves, hidden, copies)
        met = {(one.a, one.b) for one in compare_all(waves, hidden, watch)}
    return [_outcome(change, made, met) for change in dict.fromkeys(change for change, _ in made)]


def _hide(waves: Spool, hidden: Spool, copies: int) -> list[tuple[str, int]]:
    """Fill a spool with altered copies; say for each what was done and to which wave."""
    rng = np.random.default_rng(0)
    made = []
    for name, change, least, most in _CHANGES:
        fit = [n for n, (first, last) in enumerate(waves.extents) if least <= last - first < most]
        for number in rng.permutation(fit)[:copies].tolist():
            hidden.add([change(waves.wave(number), rng)])
            made.append((name, number))
    return made


def _outcome(change: str, made: Sequence[tuple[str, int]], met: set[tuple[int, int]]) -> Outcome:
    mine = {copy: number for copy, (name, number) in enumerate(made) if name == change}
    found = sum((number, copy) in met for copy, number in mine.items())
    others = sum(copy in mine and number != mine[copy] for number, copy in met)
    return Outcome(change, len(mine), found, others)


def _cut(seconds: float) -> Change:
    """A stretch from anywhere in the sound."""
    length = round(seconds * RATE)

    def change(wave: Samples, rng: np.random.Generator) -> Samples:
        loud = np.flatnonzero(np.abs(wave) * FULL > QUIET - 0.5)
        first = int(rng.integers(loud[0], loud[-1] - length + 1))
        return wave[first : first + length]

    return change


def _quieter(wave: Samples, _rng: np.random.Generator) -> Samples:
    """A fifth as loud, the other way up."""
    return wave * np.float32(-0.2)


def _noisy(wave: Samples, rng: np.random.Generator) -> Samples:
    """White noise 10 dB below the sound."""
    noise = rng.standard_normal(len(wave)).astype(np.float32)
    return wave + noise * np.float32(np.sqrt(np.square(wave).mean() / 10))


def _late(wave: Samples, _rng: np.random.Generator) -> Samples:
    """Begins 5 ms and half a sample earlier."""
    turns = np.exp(2j * np.pi * np.fft.rfftfreq(len(wave)) * 40.5)
    return np.fft.irfft(np.fft.rfft(wave) * turns, len(wave)).astype(np.float32)[:-41]


def _dull(wave: Samples, _rng: np.random.Generator) -> Samples:
    """Nothing above 2 kHz, as after a visit to a rate of 4 kHz."""
    spectrum = np.fft.rfft(wave)
    spectrum[np.fft.rfftfreq(len(wave), 1 / RATE) > 2_000] = 0
    return np.fft.irfft(spectrum, len(wave)).astype(np.float32)


def _coarse(wave: Samples, _rng: np.random.Generator) -> Samples:
    """Kept in 8 bits of a curve that is finer where it is quiet, as on a telephone line."""
    steps = np.rint(127 * np.sign(wave) * np.log1p(255 * np.abs(wave)) / np.log(256)) / 127
    wave = np.sign(steps) * np.expm1(np.abs(steps) * np.log(256)) / 255
    return np.asarray(wave, dtype=np.float32)


def _then(first: Change, second: Change) -> Change:
    return lambda wave, rng: second(first(wave, rng), rng)


_ANY = 1 << 62
_CHANGES: tuple[tuple[str, Change, int, int], ...] = (  # for sounds of so many samples
    ("a fifth as loud, turned over", _quieter, BRIEF, _ANY),
    ("5 ms and half a sample late", _late, BRIEF, _ANY),
    ("nothing above 2 kHz", _dull, BRIEF, _ANY),
    ("8-bit telephone code", _coarse, BRIEF, _ANY),
    ("noise at 10 dB", _noisy, BRIEF, _ANY),
    ("cut of 3 s", _cut(3.0), LONG_ENOUGH, _ANY),
    ("cut of 1 s", _cut(1.0), LONG_ENOUGH, _ANY),
    ("cut of 1 s, noise at 10 dB", _then(_cut(1.0), _noisy), LONG_ENOUGH, _ANY),
    ("under 1 s: a fifth as loud", _quieter, BRIEFEST, BRIEF),
    ("under 1 s: 5 ms late", _late, BRIEFEST, BRIEF),
    ("under 1 s: nothing above 2 kHz", _dull, BRIEFEST, BRIEF),
    ("under 1 s: noise at 10 dB", _noisy, BRIEFEST, BRIEF),
)
