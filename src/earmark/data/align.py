"""Say whether two stretches of sound are the same recording, from their waveforms.

The measure is the normalised cross-correlation at its best lag, either way up, taken twice: on the
plain wave, and "whitened", with every part of the spectrum made equally loud, which a shared hum
cannot win.

A number near 1 proves little where a sound has few degrees of freedom: two pure tones of one pitch
always reach 1, two clicks nearly so. If the phases of two spectra X and Y had nothing to do with
each other, their correlation would scatter around 0 with variance
sum |X|²|Y|² / (2 sum |X|² sum |Y|²): up to 1/2 for a tone, 1/N for N samples of white noise.
Agreement counts when it stands clear of that scatter.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import count

import numpy as np
import numpy.typing as npt

from earmark.types import Samples

RATE = 8_000  # Hz
PLAIN = 0.8  # correlation of the waves above which two stretches are one recording
WHITENED = 0.2  # the same for the whitened waves; clear agreement of unrelated sounds stays at 0.12
CLEAR = 8.0  # how many times its chance scatter an agreement must reach by itself
BOTH_CLEAR = 4.5  # the same for the whitened one where the plain one agrees; unrelated: up to 3.5
SMOOTH = 40.0  # Hz on each side over which a spectrum is levelled
DEPTH_DB = 50.0  # what is quieter than this below the peak of the spectrum stays quiet
BURST = 8  # samples, 1 ms: the grain in which the lasting of a sound is counted
STEPS = 8  # the best lag is found to an eighth of a sample
REACH = 16  # samples on each side that take part in finding it

Wave = npt.NDArray[np.float32] | npt.NDArray[np.float64]
Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Likeness:
    """How well two stretches agree, each number at its own best lag."""

    plain: float
    plain_clear: float  # as a multiple of its chance scatter
    whitened: float
    whitened_clear: float

    @property
    def same(self) -> bool:
        """Whether this is one recording."""
        plain, whitened = self.plain > PLAIN, self.whitened > WHITENED
        enough = BOTH_CLEAR if plain else CLEAR
        return (plain and self.plain_clear >= CLEAR) or (whitened and self.whitened_clear >= enough)


def compare(track: Samples, stretch: Samples) -> Likeness:
    """Slide `stretch` along the longer `track` and take the best agreement."""
    if len(track) < len(stretch):
        raise ValueError(f"{len(stretch)} samples do not slide along {len(track)}")
    plain = _agreement(track, stretch)
    return Likeness(*plain, *_agreement(_whitened(track), _whitened(stretch)))


def _agreement(track: Wave, stretch: Wave) -> tuple[float, float]:
    """Correlation at the best lag, and the same as a multiple of its chance scatter."""
    size = _fast_size(len(track) + REACH)
    x, y = np.fft.rfft(track, size), np.fft.rfft(stretch, size)
    dots = np.fft.irfft(x * y.conj(), size)
    energy = _energies(track, len(stretch)) * float(np.square(stretch, dtype=np.float64).sum())
    lags = len(energy)
    loudest = float(energy.max())
    if loudest <= 0:
        return 0.0, 0.0
    scaled = np.abs(dots[:lags]) / np.sqrt(np.maximum(energy, 1e-6 * loudest))
    best = int(scaled.argmax())
    peak = _peak(dots, best) / np.sqrt(max(energy[best], 1e-6 * loudest))
    value = float(min(max(peak, scaled[best]), 1.0))
    return value, value / _scatter(x, y, size, track[best : best + len(stretch)], stretch)


def _energies(track: Wave, length: int) -> Values:
    """Energy of every run of `length` samples: [S] -> [S - length + 1]."""
    sums = np.concatenate([[0.0], np.square(track, dtype=np.float64).cumsum()])
    return np.asarray(np.maximum(sums[length:] - sums[:-length], 0))


def _peak(dots: Values, best: int) -> float:
    """Top of the band-limited curve through the values around `best`."""
    around = np.arange(-REACH, REACH + 1)
    steps = np.arange(-STEPS, STEPS + 1)[:, None] / STEPS
    taps = np.sinc(steps - around) * np.cos(np.pi * (steps - around) / (2 * REACH + 4)) ** 2
    return float(np.abs(taps @ dots[(best + around) % len(dots)]).max())


def _scatter(
    x: npt.NDArray[np.complexfloating],
    y: npt.NDArray[np.complexfloating],
    size: int,
    under: Wave,
    stretch: Wave,
) -> float:
    """Chance scatter of the correlation of two such spectra, for the time that both sounds last."""
    power_x, power_y = np.square(np.abs(x)), np.square(np.abs(y))
    shared = (power_x @ power_y) / (2 * power_x.sum() * power_y.sum())
    return float(min(1.0, np.sqrt(shared * size / min(_lasting(under), _lasting(stretch)))))


def _lasting(wave: Wave) -> float:
    """Samples over which the energy is really spread: all of a steady sound, few of a click."""
    energy = np.add.reduceat(np.square(wave, dtype=np.float64), np.arange(0, len(wave), BURST))
    return float(max(1.0, BURST * energy.sum() ** 2 / max(np.square(energy).sum(), 1e-300)))


def _whitened(wave: Samples) -> Samples:
    """Make all parts of the spectrum equally loud, but for those with hardly anything in them."""
    size = _fast_size(len(wave))
    spectrum = np.fft.rfft(wave * _fade(len(wave)), size)
    power = np.square(np.abs(spectrum))
    half = max(1, round(SMOOTH * size / RATE))
    sums = np.concatenate([[0.0], np.cumsum(power, dtype=np.float64)])
    ends = np.arange(len(power))
    low, high = np.maximum(ends - half, 0), np.minimum(ends + half + 1, len(power))
    level = np.maximum((sums[high] - sums[low]) / (high - low), 0)
    level = np.maximum(level, level.max() * 10 ** (-DEPTH_DB / 10))
    white = np.fft.irfft(spectrum / np.sqrt(np.maximum(level, 1e-30)), size)
    return np.asarray(white[: len(wave)], dtype=np.float32)


def _fade(length: int) -> Samples:
    """Half-cosine edges, which keep a tone from leaking over the spectrum: -> [S]."""
    edge = max(1, length // 20)
    rise = np.sin(0.5 * np.pi * (np.arange(edge) + 0.5) / edge) ** 2
    fade = np.ones(length, dtype=np.float32)
    fade[:edge], fade[-edge:] = rise, rise[::-1]
    return fade


@cache
def _fast_size(least: int) -> int:
    """Smallest size from `least` on with no prime factor above 5, which FFTs are quick at."""
    return next(size for size in count(least) if _smooth(size))


def _smooth(size: int) -> bool:
    for prime in (2, 3, 5):
        while size % prime == 0:
            size //= prime
    return size == 1
