"""When things happen: envelopes, sounds on a time line, showers of grains, long textures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from earmark.synth.kind import RATE
from earmark.synth.noise import Floats
from earmark.types import Samples

_PIECE, _SEAM = 20 * RATE, RATE  # samples of a texture made at once, and shared by two neighbours


def samples(seconds: float) -> int:
    """Count the samples of a length, at least one."""
    return max(1, round(seconds * RATE))


def envelope(n: int, points: Sequence[tuple[float, float]]) -> Samples:
    """Draw straight lines through (seconds, level): -> [n]."""
    at, level = zip(*points, strict=True)
    return np.asarray(np.interp(np.arange(n) / RATE, at, level), dtype=np.float32)


def pluck(n: int, attack: float, decay: float) -> Samples:
    """Rise in `attack` seconds, then fall by 60 dB in `decay` seconds: -> [n]."""
    at = np.arange(n, dtype=np.float32) / RATE
    return np.minimum(at / max(attack, 1e-4), 1) * np.exp(-6.9 * np.maximum(at - attack, 0) / decay)


def swell(n: int, sharpness: float = 1.0) -> Samples:
    """Rise and fall once, like half a sine to a power: -> [n]."""
    return np.sin(np.pi * (np.arange(n, dtype=np.float32) + 0.5) / n) ** np.float32(sharpness)


def fade(wave: Samples, seconds_in: float, seconds_out: float) -> Samples:
    """Fade both ends in place: [n] -> [n]."""
    first, last = (min(samples(s), len(wave)) for s in (seconds_in, seconds_out))
    wave[:first] *= np.linspace(0, 1, first, dtype=np.float32)
    wave[len(wave) - last :] *= np.linspace(1, 0, last, dtype=np.float32)
    return wave


def add(out: Samples, at: float, wave: Samples) -> None:
    """Add a wave that starts at so many seconds; what lies outside is left out."""
    first = round(at * RATE)
    begin, end = max(first, 0), min(first + len(wave), len(out))
    if begin < end:
        out[begin:end] += wave[begin - first : end - first]


def beats(rng: np.random.Generator, n: int, every: float, jitter: float = 0.0) -> list[float]:
    """Draw times about `every` seconds apart, each gap off by a share of `jitter`."""
    times = [float(rng.uniform(0.02, min(0.2, every)))]
    while times[-1] < n / RATE:
        times.append(times[-1] + every * float(np.exp(jitter * rng.standard_normal())))
    return times[:-1] or [0.0]


def at_times(n: int, times: Iterable[float], draw: Callable[[], Samples]) -> Samples:
    """Put a newly drawn sound at each time: -> [n]."""
    out = np.zeros(n, dtype=np.float32)
    for at in times:
        add(out, at, draw())
    return out


def repeat(
    rng: np.random.Generator, n: int, gap: tuple[float, float], draw: Callable[[], Samples]
) -> Samples:
    """Say a newly drawn phrase again after a gap of seconds, for as long as one fits: -> [n]."""
    out = np.zeros(n, dtype=np.float32)
    at = min(float(rng.uniform(0.01, 0.08)), 0.1 * n / RATE)
    while at * RATE < n:
        phrase = draw()
        fits = at * RATE + 0.6 * len(phrase) <= n
        if fits or not out.any():
            add(out, at, phrase)
        at += len(phrase) / RATE + float(rng.uniform(*gap))
    return out


def shower(
    rng: np.random.Generator, n: int, per_second: float, spread_db: float, grains: Sequence[Samples]
) -> Samples:
    """Let grains fall at random, so many a second in all, levels spread by so many dB: -> [n]."""
    out = np.zeros(n, dtype=np.float32)
    count = int(rng.poisson(per_second * n / RATE))
    levels = 10 ** (spread_db / 20 * rng.standard_normal(count)) * rng.choice([-1, 1], count)
    firsts = rng.integers(0, n, count).tolist()
    for first, level in zip(firsts, levels.astype(np.float32), strict=True):
        grain = grains[first % len(grains)]
        part = out[first : first + len(grain)]
        part += grain[: len(part)] * level
    return out


def pulses(
    rng: np.random.Generator, rate: Floats, spread_db: float, grains: Sequence[Samples]
) -> Samples:
    """Let one of the grains go at each period of a moving rate in Hz: [n] -> [n]."""
    turns = np.floor(np.cumsum(rate, dtype=np.float64) / RATE + rng.random())
    firsts = np.flatnonzero(np.diff(turns, prepend=turns[0])).tolist()
    levels = 10 ** (spread_db / 20 * rng.standard_normal(len(firsts)))
    out = np.zeros(len(rate), dtype=np.float32)
    for first, level in zip(firsts, levels.astype(np.float32), strict=True):
        part = out[first : first + len(grains[0])]
        part += grains[int(rng.integers(len(grains)))][: len(part)] * level
    return out


def endless(rng: np.random.Generator, n: int, draw: Callable[[int], Samples]) -> Samples:
    """Join newly drawn pieces with wide, level seams, so that any length fits in memory: -> [n]."""
    if n <= _PIECE + _SEAM:
        return draw(n)
    out = np.zeros(n, dtype=np.float32)
    turn = np.linspace(0, np.pi / 2, _SEAM, dtype=np.float32)
    first = 0
    while first < n:
        wave = draw(min(_PIECE + int(rng.integers(0, _PIECE // 4)), n - first + _SEAM))
        if first:
            wave[:_SEAM] *= np.sin(turn)
        wave[-_SEAM:] *= np.cos(turn)
        end = min(first + len(wave), n)
        out[first:end] += wave[: end - first]
        first += len(wave) - _SEAM
    return out
