"""The picture of a film at a moment, as a small JPEG: upright, in its shape, never enlarged.

It is the one that a player shows then: the last that began. Damaged ones are passed over, so that
an earlier one may stand there; before the first picture of a film stands the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import numpy.typing as npt
from av.codec.context import CodecContext
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from earmark.audio.film.film import Film, opened
from earmark.errors import AudioError

if TYPE_CHECKING:
    from av.packet import Packet

Pixels = npt.NDArray[np.uint8]  # [rows, columns, 3]

NEAR = 0.001  # seconds; a clock of milliseconds is no nearer
CLOSE = 1.0  # seconds before a moment from which on each picture may be the one
RUN_UPS = (0.0, 8.0, float("inf"))  # seconds before a moment; the next when a seek came out late
FEW = 100  # packets
TALLEST = 4.0  # times the width
QUALITY = 4  # of FFmpeg's scale from 1, the best, to 31


def frame_at(path: Path, at: float, *, width: int, check: Callable[[], None]) -> bytes:
    """Make a JPEG of the picture at `at`, in seconds; `check` may raise to end it."""
    with opened(path) as film:
        found = _found(film, at, check)
        if found is None:
            raise AudioError(
                path,
                "none of its pictures there can be decoded",
                hint="they are damaged, encrypted or in a rare codec; its sound can be heard",
            )
        return _jpeg(_upright(found, film, width))


def first_frame(film: Film) -> VideoFrame | None:
    """The first picture that can be decoded, if one of the first few can."""
    packets = islice(film.packets(0.0, film.seen), FEW)
    return next((frame for packet in packets for frame in _decoded(packet)), None)


def shape(film: Film, frame: VideoFrame | None = None) -> tuple[int, int]:
    """Width and height as a player shows them: pixels that are not square stretched, and turned."""
    coded = frame or film.seen.codec_context
    aspect = film.seen.sample_aspect_ratio or Fraction(1)
    wide = max(1, round(coded.width * (aspect if 0 < aspect < coded.width else 1)))
    return (coded.height, wide) if frame and _turns(frame) % 2 else (wide, coded.height)


def _found(film: Film, at: float, check: Callable[[], None]) -> VideoFrame | None:
    """Look for the picture, from further back if it was begun too late."""
    for run_up in RUN_UPS:
        last = None
        for frame in _frames(film, at - run_up, at, check):
            if last is not None and _time(film, frame) > at + NEAR:
                break
            last = frame
        if last is not None and (_time(film, last) <= at + NEAR or run_up == RUN_UPS[-1]):
            return last
    return None


def _frames(film: Film, first: float, at: float, check: Callable[[], None]) -> Iterator[VideoFrame]:
    """Decode pictures up to `at`; of those well before it, only what others are made of."""
    for packet in film.packets(first, film.seen):
        check()
        is_early = (film.time(packet) or 0.0) < at - CLOSE
        film.seen.codec_context.skip_frame = "NONREF" if is_early else "DEFAULT"
        yield from _decoded(packet)


def _decoded(packet: Packet[Any]) -> list[VideoFrame]:
    try:
        return [one for one in packet.decode() if isinstance(one, VideoFrame)]
    except av.FFmpegError:
        return []


def _time(film: Film, frame: VideoFrame) -> float:
    return 0.0 if frame.time is None else frame.time - film.origin


def _turns(frame: VideoFrame) -> int:
    """Quarters of a turn, against the clock, by which it is to be shown."""
    return round(frame.rotation / 90) % 4


def _upright(frame: VideoFrame, film: Film, width: int) -> Pixels:
    """Bring a picture to a width, as it is to be shown."""
    shown = shape(film, frame)
    wide = max(2, min(width, shown[0]) // 2 * 2)
    high = max(2, round(min(shown[1] / shown[0], TALLEST) * wide / 2) * 2)
    sides = (high, wide) if _turns(frame) % 2 else (wide, high)
    small = frame.reformat(*sides, format="rgb24", interpolation="AREA")
    return np.ascontiguousarray(np.rot90(small.to_ndarray(), _turns(frame)))


def _jpeg(pixels: Pixels) -> bytes:
    frame = VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuvj420p")
    encoder = CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, VideoCodecContext)  # noqa: S101 - it is a codec of pictures
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    encoder.qmin = encoder.qmax = QUALITY
    frame.pts = 0
    return b"".join(bytes(one) for one in [*encoder.encode(frame), *encoder.encode(None)])
