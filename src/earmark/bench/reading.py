"""How fast sound is read, by format, beside the shortest script a person would write for it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
import soundfile
import soxr

from earmark.audio.chunk import cut_blocks
from earmark.audio.look import RATE
from earmark.audio.mel import log_mel
from earmark.audio.read import open_sound, read
from earmark.audio.sketch import RULE
from earmark.audio.write import write
from earmark.bench.figure import Figure, cpu_seconds, in_turn
from earmark.synth import make
from earmark.types import Samples

SECONDS = 120.0
FILE_RATE = 44_100
FORMATS = ("wav", "flac", "mp3", "ogg", "opus", "m4a", "aiff", "wma", "webm", "mp4")


def figures(runs: int = 5, seconds: float = SECONDS) -> Iterator[Figure]:
    """Decode, average, resample to 32 kHz: ours as a stream, the peer's all at once; CPU time."""
    wave = make("heavy_rain", 1, seconds=seconds, rate=FILE_RATE)
    stereo = np.stack([wave, wave[::-1]], axis=1)
    with TemporaryDirectory() as folder:
        for suffix in FORMATS:
            path = Path(folder) / f"sound.{suffix}"
            write(path, stereo, FILE_RATE)
            yield _one(path, seconds, runs)
        yield from _steps(Path(folder) / "sound.flac", seconds, runs)


def _one(path: Path, seconds: float, runs: int) -> Figure:
    theirs, name = (_by_soundfile, "soundfile + soxr")
    if path.suffix[1:].upper() not in soundfile.available_formats() and path.suffix != ".opus":
        theirs, name = (_by_av, "PyAV + swresample")
    pair = in_turn(
        partial(cpu_seconds, partial(_ours, path)),
        partial(cpu_seconds, partial(theirs, path)),
        runs=runs,
    )
    return Figure(
        part="read", what=path.suffix[1:], value=seconds / pair.ours, unit="x real time",
        ratio=pair.ratio, peer=name,
    )  # fmt: skip


def _ours(path: Path) -> None:
    with open_sound(path, rate=RATE) as sound:
        for _ in sound:
            pass


def _by_soundfile(path: Path) -> Samples:
    wave, rate = soundfile.read(path, dtype="float32", always_2d=True)
    resampled: Samples = soxr.resample(wave.mean(axis=1), rate, RATE)
    return resampled


def _by_av(path: Path) -> Samples:
    with av.open(str(path)) as container:
        to_mono = av.AudioResampler(format="flt", layout="mono", rate=RATE)
        frames = [out for frame in container.decode(audio=0) for out in to_mono.resample(frame)]
    return np.concatenate([frame.to_ndarray()[0] for frame in frames])


def _steps(path: Path, seconds: float, runs: int) -> Iterator[Figure]:
    """What cutting and the log-mel cost, as a share of reading the same FLAC."""
    wave = read(path, rate=RATE)
    blocks = [wave[at : at + 65_536] for at in range(0, len(wave), 65_536)]
    steps = {
        "cutting at quiet places": lambda: list(cut_blocks(blocks, RATE)),
        f"log-mel, {RULE.bands} bands every {RULE.hop} samples": lambda: log_mel(wave, RULE),
    }
    for name, step in steps.items():
        pair = in_turn(
            partial(cpu_seconds, step), partial(cpu_seconds, partial(_ours, path)), runs=runs
        )
        yield Figure(
            part="after", what=name, value=seconds / pair.ours, unit="x real time",
            ratio=pair.ratio, peer="reading the same flac",
        )  # fmt: skip
