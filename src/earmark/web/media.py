"""Sound for browsers: which files they play, and any other as a WAV that is made while it is sent.

The length of the WAV is known before a sample of it is decoded, so a player may ask for any range
of its bytes, and the decoder begins there: an hour of WMA is sought in as if it lay there as WAV.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from earmark.audio.read import Facts, open_channel, open_sound
from earmark.types import Samples

HEAD = 44  # bytes of a WAV before its samples
WIDE = 2  # bytes a sample
MOST = 4_000_000_000  # bytes; a WAV cannot count further
PLAYED = {  # container -> codecs that Chromium, Firefox and Safari play
    "wav": ("pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_f32le"),
    "mp3": ("mp3",),
    "flac": ("flac",),
    "ogg": ("vorbis", "opus", "flac"),
    "mp4": ("aac", "mp3"),
    "matroska": ("opus", "vorbis"),
}
TYPES = {
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "mp4": "audio/mp4",
    "matroska": "audio/webm",
    "aiff": "audio/aiff",
    "aac": "audio/aac",
    "asf": "audio/x-ms-wma",
}
OTHER = "application/octet-stream"
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")

Bytes = Generator[bytes]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of a file, in samples at its own rate."""

    path: Path
    rate: int
    channels: int  # 1 or 2; more are mixed
    first: int
    count: int

    @classmethod
    def of(cls, path: Path, facts: Facts, start: float, end: float) -> Stretch:
        """Count a stretch of seconds."""
        first, last = round(start * facts.rate), round(end * facts.rate)
        channels = facts.channels if facts.channels <= 2 else 1
        return cls(path, facts.rate, channels, first, max(0, last - first))

    @property
    def size(self) -> int:
        """Bytes of it as a WAV of 16 bits."""
        return HEAD + self.count * self.channels * WIDE


def facts_of(path: Path) -> Facts:
    """What a file says about its sound."""
    with open_sound(path) as sound:
        return sound.facts


def is_played(facts: Facts) -> bool:
    """Whether browsers play a file as it is."""
    return facts.codec in PLAYED.get(facts.container, ())


def type_of(facts: Facts) -> str:
    """What to call the kind of a file."""
    return TYPES.get(facts.container, OTHER)


def range_of(header: str | None, size: int) -> tuple[int, int] | None:
    """Read which bytes are asked for: -> first and end; None: all; raise if there are none such."""
    found = _RANGE.fullmatch(header.strip()) if header else None
    if not found or not (found[1] or found[2]):
        return None  # several parts, or another unit: all of it is a right answer as well
    if not found[1]:
        first, end = max(0, size - int(found[2])), size
    else:
        first, end = int(found[1]), min(int(found[2]) + 1 if found[2] else size, size)
    if first >= end:
        raise ValueError(f"bytes {header} of {size}")
    return first, end


def wav(stretch: Stretch, first: int, end: int) -> Bytes:
    """Make the bytes from `first` to before `end` of a stretch as a WAV."""
    if first < HEAD:
        yield head(stretch)[first:end]
        first = HEAD
    frame = stretch.channels * WIDE
    left = end - first
    if left <= 0:
        return
    at, skip = divmod(first - HEAD, frame)
    for block in _exactly(frames(stretch, at), stretch.count - at, stretch.channels):
        packed = as_pcm(block).tobytes()[skip : skip + left]
        skip, left = 0, left - len(packed)
        yield packed
        if left <= 0:
            return


def head(stretch: Stretch) -> bytes:
    """Write what stands before the samples of a WAV."""
    frame, size = stretch.channels * WIDE, stretch.size
    shape = (stretch.channels, stretch.rate, stretch.rate * frame, frame, 8 * WIDE)
    return (
        struct.pack("<4sI4s", b"RIFF", size - 8, b"WAVE")
        + struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, *shape)
        + struct.pack("<4sI", b"data", size - HEAD)
    )


def frames(stretch: Stretch, at: int = 0) -> Iterator[Samples]:
    """Decode a stretch from one of its samples on, as search hears it: blocks of [n, channels]."""
    start, end = (stretch.first + n for n in (at, stretch.count))
    first, last = start / stretch.rate, end / stretch.rate
    with ExitStack() as opened:
        if stretch.channels == 1:
            sounds = [opened.enter_context(open_sound(stretch.path, start=first, end=last))]
        else:
            sounds = [
                opened.enter_context(open_channel(stretch.path, n, start=first, end=last))
                for n in range(stretch.channels)
            ]
        for blocks in zip(*sounds, strict=True):
            yield np.stack(blocks, axis=1)


def as_pcm(block: Samples) -> npt.NDArray[Any]:
    """Bring samples to 16 bits; what is beyond full scale is clipped, as on a loudspeaker."""
    return np.clip(np.rint(block * 32_768), -32_768, 32_767).astype("<i2")


def _exactly(blocks: Iterable[Samples], count: int, channels: int) -> Iterator[Samples]:
    """Pass on as many samples as were promised: silence where a file ends early."""
    for block in blocks:
        block = block[:count]
        count -= len(block)
        yield block
        if not count:
            return
    while count:
        few = min(count, 65_536)
        yield np.zeros((few, channels), np.float32)
        count -= few
