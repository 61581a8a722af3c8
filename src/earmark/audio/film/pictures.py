"""What a file says about its pictures, and the first of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from earmark.audio.film.film import opened
from earmark.audio.film.frame import first_frame, shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """The pictures of a film."""

    kind: str  # of container: "mp4", "matroska", "webm" ...
    codec: str  # "h264", "vp9" ...
    width: int  # pixels, as they are shown
    height: int
    rate: float | None  # pictures a second
    header: bytes  # what the codec is told before the first picture
    sound: str  # codec of the track that players play; empty: none


def pictures_of(path: Path) -> Pictures:
    """Tell it from the head of a file; raise `NoPicturesError` for a file that has none."""
    with opened(path) as film:
        own = film.seen.codec_context
        header, rate = bytes(own.extradata or b""), film.seen.average_rate
        width, height = shape(film, first_frame(film))
        return Pictures(
            kind=film.kind,
            codec=own.codec.canonical_name,
            width=width,
            height=height,
            rate=None if rate is None else round(float(rate), 3),
            header=header,
            sound=film.heard[0].codec_context.codec.canonical_name if film.heard else "",
        )
