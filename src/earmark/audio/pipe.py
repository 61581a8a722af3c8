"""Sound that another program pipes in, as mono blocks at its own rate: raw samples, or a WAV.

    arecord -t raw -f S16_LE -r 16000 | ...      ffmpeg -i ADDRESS -f f32le -ar 32000 -ac 1 - | ...

Each read gives what is there, so that nothing waits for a block to fill. A WAV that is made as it
is sent says nothing true about its length; it goes on until the pipe is closed.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from earmark.audio.downmix import mean
from earmark.errors import AudioError, UsageError
from earmark.types import Samples

KINDS = {"s16le": "<i2", "f32le": "<f4"}
SLOWEST, FASTEST = 1000, 768_000  # Hz
MOST_CHANNELS = 64
BYTES = 65_536  # of one read, at most
ENDLESS = 0x7FFF_0000  # bytes that a WAV names, from which on it does not know its length
NAME = "the piped sound"
_WAV = {(1, 8): "u1", (1, 16): "<i2", (1, 32): "<i4", (3, 32): "<f4", (3, 64): "<f8"}
_ANY_KIND = 0xFFFE  # the kind stands further behind in the chunk


class Pipe(Protocol):
    """What is open to be read, as `sys.stdin.buffer` is."""

    def read(self, size: int, /) -> bytes:
        """Give so many bytes, fewer at the end."""

    def read1(self, size: int, /) -> bytes:
        """Give what is there, so many bytes at most, none at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piped:
    """Sound from a pipe; iterating gives mono blocks until it is closed."""

    file: Pipe
    dtype: str  # of a sample, as numpy names it
    rate: int
    channels: int
    size: int | None = None  # bytes, where they are known

    @property
    def lost(self) -> int:
        """Samples that found no room: none, as a sender waits until they are taken."""
        return 0

    def __iter__(self) -> Iterator[Samples]:
        frame = np.dtype(self.dtype).itemsize * self.channels
        rest = b""
        for read in self._reads():
            held = rest + read
            whole = len(held) - len(held) % frame
            rest = held[whole:]
            samples = np.frombuffer(held[:whole], self.dtype).reshape(-1, self.channels)
            if len(samples):
                yield mean(samples.T)[0]

    def _reads(self) -> Iterator[bytes]:
        left = self.size
        while left != 0:
            read = self.file.read1(BYTES if left is None else min(BYTES, left))
            if not read:
                return
            yield read
            left = None if left is None else left - len(read)


def raw(file: Pipe, kind: str, *, rate: int, channels: int) -> Piped:
    """Take bare samples, about which nothing is known but what is said here."""
    if kind not in KINDS:
        raise UsageError(f"raw samples of kind {kind!r}", hint=f"choose from: {', '.join(KINDS)}")
    check(rate, channels)
    return Piped(file=file, dtype=KINDS[kind], rate=rate, channels=channels)


def wav(file: Pipe) -> Piped:
    """Take a WAV, whose head says what it is."""
    head = file.read(12)
    if head[:4] not in (b"RIFF", b"RF64") or head[8:] != b"WAVE":
        raise AudioError(NAME, "it is no WAV", hint="send one, or say what it is: --raw s16le")
    form = b""
    while True:
        name, size = _chunk(file)
        if name == b"data":
            break
        body = file.read(size + size % 2)
        form = body if name == b"fmt " else form
    return _as_told(file, form, None if size >= ENDLESS or head[:4] == b"RF64" else size)


def check(rate: int, channels: int) -> None:
    """Raise for a rate or a number of channels that no sound has."""
    if not SLOWEST <= rate <= FASTEST:
        raise UsageError(
            f"a rate of {rate} Hz", hint=f"give the sound's own, from {SLOWEST} to {FASTEST}"
        )
    if not 1 <= channels <= MOST_CHANNELS:
        raise UsageError(
            f"{channels} channels", hint=f"give how many it has, from 1 to {MOST_CHANNELS}"
        )


def _chunk(file: Pipe) -> tuple[bytes, int]:
    head = file.read(8)
    if len(head) < 8:
        raise AudioError(NAME, "it ends before its first sample", hint="see what the sender says")
    name, size = struct.unpack("<4sI", head)
    return name, size


def _as_told(file: Pipe, form: bytes, size: int | None) -> Piped:
    if len(form) < 16:
        raise AudioError(NAME, "its WAV does not say what it holds", hint="send raw samples: --raw")
    code, channels, rate, _, _, bits = struct.unpack("<HHIIHH", form[:16])
    if code == _ANY_KIND and len(form) >= 26:
        (code,) = struct.unpack("<H", form[24:26])
    if (code, bits) not in _WAV:
        raise AudioError(
            NAME,
            f"its WAV holds {bits} bits of kind {code}",
            hint="send 16 bits (ffmpeg -c:a pcm_s16le, arecord -f S16_LE)",
        )
    check(rate, channels)
    return Piped(file=file, dtype=_WAV[code, bits], rate=rate, channels=channels, size=size)
