"""A film, open: its pictures, its sounds, and the clock that search tells times by.

Attached pictures (a cover, that of a chapter) are no film. As with sound, a file is told by its
content, and FFmpeg gets its bytes without its name and may open nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import av
from av.stream import Disposition

from earmark.audio import claims, riff
from earmark.audio.member import open_bytes
from earmark.audio.source import Nameless
from earmark.errors import AudioError

if TYPE_CHECKING:
    from collections.abc import Generator

    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream
    from av.video.stream import VideoStream

KINDS = """
3g2 3gp asf avi divx dv f4v flv m2t m2ts m4v mk3d mkv mov mp4 mpeg mpg mts mxf ogv qt rm rmvb ts vob
webm wmv wtv
"""
SUFFIXES = frozenset(KINDS.split())
ATTACHED = Disposition.attached_pic | Disposition.timed_thumbnails
LARGEST = 134_217_728  # pixels of a picture that is decoded: 16K by 8K
REFUSALS = 64  # packets in a row that FFmpeg cannot even find
BEFORE = -1.0  # seconds: who seeks there comes to the first picture, and at 0 perhaps to the second
HEAD = 64  # bytes in which a WebM says that it is one
S = TypeVar("S", bound="Stream")


class NoPicturesError(AudioError):
    """A file has sound alone, and its pictures were asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """An open file with pictures; times are seconds on the clock of hits."""

    path: Path
    container: InputContainer
    kind: str  # "mp4", "matroska", "webm" ...
    seen: VideoStream
    heard: tuple[AudioStream, ...]  # the one that players play comes first
    origin: float  # the time of second 0 on the file's own clock

    def time(self, packet: Packet[Any]) -> float | None:
        """When a packet is to be shown or played; None: the file does not tell."""
        at = packet.dts if packet.pts is None else packet.pts
        return None if at is None else self.seconds(at, packet)

    def seconds(self, ticks: int, packet: Packet[Any]) -> float:
        """Read the clock of a packet."""
        return float(ticks * packet.time_base) - self.origin

    def packets(self, at: float, *streams: Stream) -> Iterator[Packet[Any]]:
        """Yield packets, from a place at or before `at` of the first stream if the file allows it.

        At the beginning any packet will do, also one of sound that is only there to be skipped.
        """
        lead = streams[0]
        when = int((self.origin + max(at, BEFORE)) / (lead.time_base or 1))
        try:
            self.container.seek(when, stream=lead, backward=True, any_frame=at <= 0)
        except av.FFmpegError:
            self.container.seek(0)
        yield from _whole(self.container, streams)


def is_film(name: str) -> bool:
    """Whether a file may have pictures, by its name."""
    stem, _, suffix = name.rpartition(".")
    return bool(stem) and suffix.lower() in SUFFIXES


def moving(container: InputContainer) -> list[VideoStream]:
    """The streams of a file that are films."""
    return [
        stream
        for stream in container.streams.video
        if stream.codec_context is not None and not stream.disposition & ATTACHED
    ]


@contextmanager
def opened(path: Path) -> Iterator[Film]:
    """Open a film; raise `NoPicturesError` for what is none."""
    with _container(path) as (container, head):
        seen = _best(moving(container), container.streams.best("video"))
        if seen is None or not seen.codec_context.width:
            raise _without(path)
        seen.codec_context.options = {"max_pixels": str(LARGEST)}
        seen.codec_context.thread_type = "AUTO"
        heard = [one for one in container.streams.audio if one.codec_context is not None]
        first = _best(heard, container.streams.best("audio"))
        yield Film(
            path=path,
            container=container,
            kind=_kind(container, head),
            seen=seen,
            heard=tuple(sorted(heard, key=lambda one: one is not first)),
            origin=_origin([*moving(container), *([first] if first else [])]),
        )


@contextmanager
def _container(path: Path) -> Iterator[tuple[InputContainer, bytes]]:
    """Open a file by its content alone: -> it, and its first bytes."""
    with ExitStack() as held:
        try:
            file = held.enter_context(open_bytes(path))
            head = file.read(HEAD)
            file.seek(0)
            if riff.order(head[:12]):  # which FFmpeg would look into for long
                raise _without(path)
            container = av.open(
                Nameless(file),
                mode="r",
                metadata_errors="replace",
                container_options={"protocol_whitelist": "none"},
            )
        except (OSError, av.FFmpegError) as error:
            raise AudioError(
                path,
                f"its pictures cannot be read ({getattr(error, 'strerror', None) or error})",
                hint="check the file and its drive; play it in a video player",
            ) from error
        yield held.enter_context(container), head


def _without(path: Path) -> NoPicturesError:
    return NoPicturesError(
        path, "it has no pictures", hint="ask for its sound, or for another recording"
    )


def _best(streams: list[S], best: Stream | None) -> S | None:
    """The stream that players take, if it is one of these, or the first of them."""
    return next((one for one in streams if one is best), streams[0] if streams else None)


def _kind(container: InputContainer, head: bytes) -> str:
    name = claims.container_name(container.format.name)
    return "webm" if name == "matroska" and b"webm" in head else name


def _origin(streams: list[Stream]) -> float:
    """Where the file's clock begins: with its first picture or sound."""
    return min(
        (float(one.start_time * one.time_base) for one in streams
         if one.start_time is not None and one.time_base),
        default=0.0,
    )  # fmt: skip


def _whole(container: InputContainer, streams: tuple[Stream, ...]) -> Iterator[Packet[Any]]:
    """Yield packets to the end, stepping over what is none."""
    refused = 0
    while refused < REFUSALS:
        try:
            packets = cast("Generator[Packet[Any]]", container.demux(*streams))
            with closing(packets):
                for packet in packets:
                    refused = 0
                    yield packet
            return
        except av.FFmpegError:
            refused += 1
