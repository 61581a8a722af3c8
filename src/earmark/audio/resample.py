"""One wave in pieces to another rate, as a stream (soxr, high quality).

The result does not depend on how the wave is cut into pieces, and output sample k stands at time
k / rate whatever the stretch that is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd

import numpy as np
import soxr

from earmark.types import Samples

RUN_UP = 2048  # samples at the slower rate; the filter has forgotten earlier ones by then


def resample(waves: Iterator[Samples], old: int, new: int) -> Iterator[Samples]:
    """Yield the same sound at `new` Hz; as long as `round(samples * new / old)` in all."""
    if old == new:
        yield from waves
        return
    stream = new_stream(old, new)
    for wave in waves:
        yield stream.resample_chunk(wave)
    yield stream.resample_chunk(np.zeros(0, dtype=np.float32), last=True)


def new_stream(old: int, new: int) -> soxr.ResampleStream:
    """Make a mono stream from one rate to another."""
    return soxr.ResampleStream(old, new, 1, dtype="float32", quality="HQ")


def run_up(first: int, old: int, new: int) -> tuple[int, int]:
    """Say where to start so that output `first` is right: (input sample, outputs to drop).

    That is a whole number of periods of the two rates, where input and output samples meet.
    """
    if old == new:
        return first, 0
    common = gcd(old, new)
    period_in, period_out = old // common, new // common
    earlier = first - RUN_UP * max(1, -(-new // old))
    periods = max(0, earlier // period_out)
    return periods * period_in, first - periods * period_out
