"""A microphone as mono blocks, through PortAudio (the package sounddevice, an extra).

PortAudio's own thread fills a queue, so that nothing is lost while others work. What does not fit
any more, on a machine that is too slow, is lost: silence of the same length stands in its place, so
that times stay true. A device that is pulled out may raise, end, or just send nothing more, each
system as it likes; what counts is that no sound comes.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from queue import Empty, Full, Queue
from types import ModuleType, TracebackType
from typing import Any, Self

import numpy as np

from earmark.audio.downmix import mean
from earmark.audio.pipe import check
from earmark.errors import AudioError, EarmarkError, UsageError, require
from earmark.types import Samples

PATIENCE = 5.0  # seconds without any sound, after which a microphone is gone
LOOK = 0.5  # seconds between two looks whether it still runs
BLOCK = 0.1  # seconds
ROOM = 100  # blocks
PIPE_HINT = "arecord -t raw -f S16_LE -r 16000 | earmark listen --raw s16le --rate 16000 WORDS"


class GoneError(AudioError):
    """A microphone that has sent sound sends none any more."""


class NoneThereError(UsageError):
    """There is no such microphone, or none at all."""


class Microphone:
    """An open microphone; iterating gives blocks until it is gone, `with` closes it.

    `device` is its number or a part of its name, None the usual one; `rate` None is its own.
    """

    def __init__(self, device: str | None, *, rate: int | None = None, channels: int = 1) -> None:
        self._sd = load()
        self.name, own = self._find(device)
        self.rate, self.channels = rate or own, channels
        check(self.rate, channels)
        self.lost = 0  # samples, so far
        self._queue: Queue[tuple[int, bytes]] = Queue(ROOM)  # samples lost before it, sound
        self._missing = 0
        self._stream = self._open(device)

    def _find(self, device: str | None) -> tuple[str, int]:
        """Look a microphone up: -> its name and rate."""
        try:
            found = self._sd.query_devices(_as_asked(device), "input")
        except (ValueError, self._sd.PortAudioError) as error:
            raise none_there(device, self._names()) from error
        return str(found["name"]), round(found["default_samplerate"])

    def _names(self) -> list[str]:
        every = enumerate(self._sd.query_devices())
        return [f"{n} {one['name']}" for n, one in every if one["max_input_channels"] > 0]

    def _open(self, device: str | None) -> Any:  # noqa: ANN401 - of a package without types
        try:
            stream = self._sd.RawInputStream(
                samplerate=self.rate,
                blocksize=round(BLOCK * self.rate),
                device=_as_asked(device),
                channels=self.channels,
                dtype="float32",
                callback=self._take,
            )
            stream.start()
        except self._sd.PortAudioError as error:
            raise AudioError(
                self.name,
                f"it does not open with {self.rate} Hz and {self.channels} channels ({error})",
                hint="leave out --rate and --channels, or close what else records from it",
            ) from error
        return stream

    def _take(self, sound: Any, samples: int, _: object, __: object) -> None:  # noqa: ANN401
        """Queue a block; in PortAudio's thread."""
        try:
            self._queue.put_nowait((self._missing, bytes(sound)))
            self._missing = 0
        except Full:
            self._missing += samples

    def __iter__(self) -> Iterator[Samples]:
        waited = 0.0
        while True:
            try:
                lost, sound = self._queue.get(timeout=LOOK)
            except Empty:
                waited += LOOK
                if waited >= PATIENCE or not self._stream.active:
                    raise self._gone() from None
                continue
            waited = 0.0
            if lost:
                self.lost += lost
                yield np.zeros(lost, np.float32)
            yield mean(np.frombuffer(sound, "<f4").reshape(-1, self.channels).T)[0]

    def _gone(self) -> GoneError:
        return GoneError(
            self.name,
            "the microphone sends no sound any more",
            hint="see that it is plugged in; with --wait, listening goes on when it is back",
        )

    def close(self) -> None:
        """Let go of the device, whatever has become of it."""
        try:
            self._stream.close()
        except self._sd.PortAudioError:
            return  # it is gone already

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def load() -> ModuleType:
    """Import sounddevice, or say what is missing."""
    require("sounddevice", extra="listen")
    try:
        return import_module("sounddevice")
    except OSError as error:  # the package is there, and the system's PortAudio is not
        raise EarmarkError(
            "this needs PortAudio, which this system does not have",
            hint=f"install it (Debian: apt install libportaudio2), or pipe sound in: {PIPE_HINT}",
        ) from error


def look_again() -> None:
    """Have PortAudio see what was plugged in since it was loaded; no stream may be open."""
    sounddevice = load()
    sounddevice._terminate()  # its authors name no other way
    sounddevice._initialize()


def none_there(device: str | None, names: list[str]) -> NoneThereError:
    """Make the error for a microphone that cannot be found."""
    if not names:
        return NoneThereError(
            "there is no microphone", hint=f"plug one in, or pipe sound in: {PIPE_HINT}"
        )
    wanted = "a usual microphone" if device is None else f"one microphone {device!r}"
    return NoneThereError(
        f"there is not {wanted}", hint=f"name one of these with --device: {', '.join(names)}"
    )


def _as_asked(device: str | None) -> str | int | None:
    """Take a number for a number."""
    return int(device) if device and device.isdecimal() else device
