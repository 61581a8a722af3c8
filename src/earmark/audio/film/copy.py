"""A stretch of a film, its packets copied as they are: nothing is decoded, nothing is encoded.

Pictures can only be begun with at a key frame, so a copy begins at the last one before the stretch,
with the sound of that time. All packets are moved by the same time: what was together stays so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from av.bitstream import BitStreamFilterContext

from earmark.audio.film.film import Film
from earmark.audio.source import RefusedError

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.packet import Packet
    from av.stream import Stream

NEAR = 0.002  # seconds; a clock of milliseconds is no nearer
SOON = 0.2  # seconds behind a start in which pictures still begin with it
LEAD = 1.0  # seconds by which the sound of a picture may stand before it in a file
RUN_UPS = (0.0, 8.0, float("inf"))  # seconds before a stretch; the next when a seek came out late
STALE = 5.0  # seconds behind the last picture in which another begins, or the pictures have ended
LATE = 10.0  # seconds behind the end at which a stream is not waited for any more
CLOCKLESS = ("avi",)  # sound has no times there: its first packet begins with the first picture
HEADLESS = ("mp4", "mov")
KEPT = ("language", "title", "handler_name")  # what a stream says that is true of a stretch of it


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where a copy can begin."""

    first: float  # seconds
    seek: float  # where to seek for it
    by: Stream  # ... in which stream


def beginning(film: Film, start: float, check: Callable[[], None]) -> Beginning:
    """Find the last key frame at or before `start`; the start itself if pictures begin later."""
    last = following = 0.0
    for run_up in RUN_UPS:
        found = None
        for at, is_key in _pictures(film, start - run_up, check):
            following = at
            if at > start + NEAR:
                break
            last = max(last, at)
            found = at if is_key else found
        else:
            if last < start - STALE:
                raise RefusedError(f"its pictures end at {last:.1f} s")
        if found is not None:
            return Beginning(found, min(start - run_up, found) - LEAD, film.seen)
    is_late = following > start + SOON and film.heard
    return Beginning(start, start - LEAD, film.heard[0] if is_late else film.seen)


def copy(  # noqa: PLR0913 - what makes a copy, by keyword
    film: Film,
    out: OutputContainer,
    *,
    begin: Beginning,
    end: float,
    tracks: tuple[AudioStream, ...],
    zero: float,
    check: Callable[[], None],
) -> None:
    """Copy pictures and tracks to before `end` into a new container; `zero` becomes its time 0."""
    homes = {one.index: _home(one, out) for one in (film.seen, *tracks)}
    if film.kind == "mp4":  # one codec has several names there, and not every player knows each
        homes[film.seen.index].codec_context.codec_tag = film.seen.codec_context.codec_tag
    shift = film.origin + zero
    filters = {one.index: _stripped(one) for one in tracks if _is_bare(one, out)}
    for packet in _ordered(film, wanted(film, begin, end, tracks, check)):
        number = packet.stream.index
        _move(packet, shift)
        for one in filters[number].filter(packet) if number in filters else [packet]:
            one.stream = homes[number]
            out.mux(one)


def wanted(
    film: Film,
    begin: Beginning,
    end: float,
    tracks: tuple[AudioStream, ...],
    check: Callable[[], None],
) -> Iterator[Packet[Any]]:
    """Yield the packets of a stretch: pictures from a key frame on, and the sound of that time."""
    begun, left = False, {film.seen.index, *(one.index for one in tracks)}
    streams: tuple[Stream, ...] = (film.seen, *tracks)
    for packet in film.packets(begin.seek, *sorted(streams, key=lambda one: one is not begin.by)):
        check()
        at = film.time(packet)
        if not packet.size or at is None:
            continue  # the end of a stream
        order = at if packet.dts is None else film.seconds(packet.dts, packet)
        if order >= end:
            left.discard(packet.stream.index)
        if not left or order > end + LATE:
            return
        if packet.stream.index != film.seen.index:
            if _sounds(film, packet, at) > begin.first - NEAR and at < end:
                yield packet
        elif order < end and at >= begin.first - NEAR:
            begun = begun or packet.is_keyframe
            if begun:
                yield packet


def _sounds(film: Film, packet: Packet[Any], at: float) -> float:
    """Up to when a packet of sound is worth having: its end, or its middle if it loses its time."""
    lasts = float((packet.duration or 0) * packet.time_base)
    return at + (lasts / 2 if film.kind in CLOCKLESS else lasts)


def _ordered(film: Film, packets: Iterator[Packet[Any]]) -> Iterator[Packet[Any]]:
    """Tell the order of the first pictures of a file that only tells when they are shown."""
    held: list[Packet[Any]] = []
    for packet in packets:
        if packet.stream.index != film.seen.index:
            yield packet
            continue
        held.append(packet)
        if packet.dts is not None:
            yield from _with_order(held, packet.dts)
            held = []
    yield from _with_order(held, min((one.pts for one in held if one.pts is not None), default=0))


def _with_order(held: list[Packet[Any]], last: int) -> Iterator[Packet[Any]]:
    """Give packets an order that ends with `last`, a picture's length apart."""
    for back, packet in zip(range(len(held) - 1, -1, -1), held, strict=True):
        packet.dts = last - back * max(1, packet.duration or 1)
        yield packet


def _pictures(film: Film, at: float, check: Callable[[], None]) -> Iterator[tuple[float, bool]]:
    """Yield when each picture is shown, and whether one can begin there."""
    for packet in film.packets(at, film.seen):
        check()
        time = film.time(packet)
        if packet.size and time is not None:
            yield time, packet.is_keyframe


def _home(stream: Stream, out: OutputContainer) -> Stream:
    """Make the place of a stream in a new container, as it was in the old one."""
    home = out.add_stream_from_template(stream, opaque=True)
    home.metadata.update({k: v for k, v in stream.metadata.items() if k.lower() in KEPT})
    return home


def _is_bare(stream: AudioStream, out: OutputContainer) -> bool:
    """Whether each packet of AAC has a header of its own, which the new container does not take."""
    is_bare = stream.codec_context.name == "aac" and not stream.codec_context.extradata
    return is_bare and out.format.name in HEADLESS


def _stripped(stream: AudioStream) -> BitStreamFilterContext:
    """Make what takes the headers off."""
    return BitStreamFilterContext("aac_adtstoasc", stream)


def _move(packet: Packet[Any], shift: float) -> None:
    """Move a packet by so many seconds, to the nearest tick of its clock."""
    ticks = round(Fraction(shift).limit_denominator(10**9) / packet.time_base)
    if packet.pts is not None:
        packet.pts -= ticks
    if packet.dts is not None:
        packet.dts -= ticks
