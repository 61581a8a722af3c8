"""Small wav files for the tests of data sets, made with the standard library."""

import csv
import io
import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np

RATE = 8_000


def noise(seconds: float, seed: int, *, rate: int = RATE) -> np.ndarray:
    """Noise whose loudness wanders, as that of a real sound does: -> [samples]."""
    rng = np.random.default_rng(seed)
    count = round(seconds * rate)
    points = max(2, round(seconds * 20))
    loudness = np.interp(np.linspace(0, 1, count), np.linspace(0, 1, points), rng.random(points))
    return (0.4 * loudness * rng.standard_normal(count)).clip(-1, 1).astype(np.float32)


def write_wav(path: Path, wave_: np.ndarray | None = None, *, rate: int = RATE) -> Path:
    """Write a wave as 16-bit wav, a hundredth of a second of silence unless one is given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(wav_bytes(wave_, rate=rate))
    return path


def wav_bytes(wave_: np.ndarray | None = None, *, rate: int = RATE) -> bytes:
    """The bytes of such a file."""
    samples, made = np.zeros(rate // 100) if wave_ is None else wave_, io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.rint(samples * 32_767).astype("<i2").tobytes())
    return made.getvalue()


def write_table(path: Path, header: str, *lines: Sequence[object]) -> Path:
    """Write a CSV file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header.split(","), *lines])
    return path
