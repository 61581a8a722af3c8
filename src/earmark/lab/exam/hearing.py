"""Let listeners hear clips: what each says of a clip, over all of it, as one row of a table.

Of a clip with several stretches the row is half their mean and half their maximum, as in the
composed baseline. Noise is laid under a clip before anybody hears it, the same for all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np

from earmark.audio.mix import mix, power
from earmark.audio.read import read
from earmark.data.rows import Row
from earmark.lab.exam.listeners import Listener, Scores
from earmark.lab.experts.composed import over_windows
from earmark.synth.plain import pink_noise
from earmark.types import Samples

Wave = Callable[[int], Samples]  # a sound at the rate that is asked for
Alter = Callable[[int, Samples, int], Samples]  # number of a sound, its wave, the rate
Note = Callable[[str], None]


def as_it_is(_: int, wave: Samples, rate: int) -> Samples:  # noqa: ARG001 - as all that alters
    """Leave a clip alone."""
    return wave


def hear(
    waves: Sequence[Wave],
    listeners: Sequence[Listener],
    *,
    alter: Alter = as_it_is,
    jobs: int = 2,
    note: Note = lambda text: None,  # noqa: ARG005 - told to nobody
) -> list[Scores]:
    """Let every listener hear every sound: -> a table [sounds, classes] each."""

    def one(number: int) -> list[Scores]:
        rates = {who.rate for who in listeners}
        altered = {rate: alter(number, waves[number](rate), rate) for rate in rates}
        return [over_windows(who.hear(altered[who.rate])) for who in listeners]

    found = []
    with ThreadPoolExecutor(jobs) as pool:
        for number, scores in enumerate(pool.map(one, range(len(waves))), 1):
            note(f"heard {number:,} of {len(waves):,} sounds")
            found.append(scores)
    return [np.stack(table) for table in zip(*found, strict=True)]


def wave_of(row: Row, rate: int) -> Samples:
    """Read a clip."""
    return read(row.audio, rate=rate, start=row.start or 0.0, end=row.end)


def waves_of(rows: Sequence[Row]) -> list[Wave]:
    """Give what reads each clip when it is wanted."""
    return [partial(wave_of, row) for row in rows]


def with_pink(snr_db: float, seed: int) -> Alter:
    """Lay steady pink noise under each clip, so far below where the clip sounds."""

    def alter(number: int, wave: Samples, rate: int) -> Samples:
        noise = pink_noise(np.random.default_rng((seed, number)), len(wave))
        return _under(wave, noise, snr_db, rate)

    return alter


def with_others(rows: Sequence[Row], others: Sequence[Row], snr_db: float, seed: int) -> Alter:
    """Lay a clip of another label under each, again and again if it is shorter."""

    def alter(number: int, wave: Samples, rate: int) -> Samples:
        row, rng = rows[number], np.random.default_rng((seed, number))
        strangers = [other for other in others if other.label != row.label]
        other = wave_of(strangers[int(rng.integers(len(strangers)))], rate)
        return _under(wave, np.resize(other, len(wave)), snr_db, rate)

    return alter


def noises(
    rows: Sequence[Row], others: Sequence[Row], seed: int
) -> dict[str, Callable[[float], Alter]]:
    """Name the kinds of noise, each a function of how far it lies below a clip, in decibels."""
    return {
        "pink": lambda snr_db: with_pink(snr_db, seed),
        "another clip": lambda snr_db: with_others(rows, others, snr_db, seed),
    }


def shortened(seconds: float) -> Alter:
    """Leave of each clip the part around its middle."""

    def alter(_: int, wave: Samples, rate: int) -> Samples:
        size = round(seconds * rate)
        first = max(0, (len(wave) - size) // 2)
        return wave[first : first + size]

    return alter


def _under(wave: Samples, noise: Samples, snr_db: float, rate: int) -> Samples:
    # A silent part of another clip, or a silent clip, sets no ratio: it is heard as it is.
    return mix(wave, noise, snr_db, rate=rate) if power(wave) and power(noise) else wave
