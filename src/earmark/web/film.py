"""Films for browsers: which they play as they are, and of which they are given stretches.

A container that browsers do not know may hold what they do know: then stretches of it are copied
into fragments of MP4 or WebM, packet by packet, with the times of the whole, and the page puts
these together again. Whether a browser plays a codec, it says itself: it is told the codec's name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from earmark.audio.film.copy import beginning
from earmark.audio.film.film import opened
from earmark.audio.film.pictures import Pictures
from earmark.audio.film.stretch import write_stretch

Way = Literal["file", "stretches", "none"]

SOUNDS = {"aac": "mp4a.40.2", "mp3": "mp3", "opus": "opus", "flac": "flac", "vorbis": "vorbis"}
TYPES = {
    "mp4": "video/mp4",
    "webm": "video/webm",
    "matroska": "video/x-matroska",
    "avi": "video/x-msvideo",
    "mpegts": "video/mp2t",
    "asf": "video/x-ms-wmv",
    "flv": "video/x-flv",
    "mpeg": "video/mpeg",
    "ogg": "video/ogg",
}
SHIFT = 1.0  # seconds that are added to the times in fragments: the first may be less than 0
OTHER = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Home:
    """A container that browsers know, and what it may hold for them."""

    kind: str
    pictures: tuple[str, ...]
    sounds: tuple[str, ...]
    options: dict[str, str]  # of FFmpeg's writer, for fragments that tell the times of the whole

    def holds(self, told: Pictures) -> bool:
        """Whether it may hold these pictures and their sound."""
        return told.codec in self.pictures and told.sound in self.sounds


HOMES = (
    Home(
        "mp4", ("h264", "hevc", "av1", "vp9"), ("aac", "mp3", "opus", "flac"),
        {
            "movflags": "delay_moov+default_base_moof+frag_keyframe+frag_discont",
            "use_editlist": "0",
            "avoid_negative_ts": "disabled",
        },
    ),
    Home("webm", ("vp8", "vp9", "av1"), ("opus", "vorbis"), {"live": "1"}),
)  # fmt: skip


def way_of(told: Pictures) -> tuple[Way, str | None]:
    """How a browser gets a film, and the type by which it says whether it can play it."""
    for home in HOMES:
        if home.holds(told):
            kind = f'{TYPES[home.kind]}; codecs="{codec_name(told)}, {SOUNDS[told.sound]}"'
            return ("file" if told.kind == home.kind else "stretches"), kind
    return "none", None


def why_not(told: Pictures) -> str:
    """Say what browsers do not play of a film."""
    known = any(told.codec in home.pictures for home in HOMES)
    what = f"sound is {told.sound}" if known else f"pictures are {told.codec}"
    return f"its {what}, which browsers do not play"


def type_of(kind: str) -> str:
    """What to call a kind of film."""
    return TYPES.get(kind, OTHER)


def as_dict(told: Pictures) -> dict[str, Any]:
    """Give what is known of a film's pictures as plain JSON values."""
    way, type_ = way_of(told)
    return {
        "codec": told.codec,
        "width": told.width,
        "height": told.height,
        "rate": told.rate,
        "playable": way,
        "type": type_,
        "shift": SHIFT,
        "why": why_not(told) if way == "none" else None,
    }


def fragments(  # noqa: PLR0913 - a stretch of a film, and where to
    path: Path, told: Pictures, start: float, end: float, part: Path, check: Callable[[], None]
) -> Path:
    """Copy a stretch, from the picture before it with which one can begin, for a browser."""
    home = next(one for one in HOMES if one.holds(told))
    with opened(path) as film:
        begin = beginning(film, start, check)
        write_stretch(
            film, part, home.kind, begin=begin, end=end, tracks=film.heard[:1], zero=-SHIFT,
            options=home.options, check=check,
        )  # fmt: skip
    return part


def codec_name(told: Pictures) -> str:
    """Name a codec of pictures as browsers do (RFC 6381): profile and level stand in its header."""
    header = told.header
    if told.codec == "h264":
        at = 1 if header[:1] == b"\1" else header.find(b"\x67") + 1  # as in mp4, else as in a ts
        return f"avc1.{header[at : at + 3].hex() or '42e01e'}"
    if told.codec == "hevc":
        return _hevc(header)
    return {"vp9": "vp09.00.41.08", "av1": "av01.0.08M.08"}.get(told.codec, told.codec)


def _hevc(header: bytes) -> str:
    """Read profile, tier and level of HEVC as they stand in an mp4."""
    if header[:1] != b"\1" or len(header) < 13:
        return "hvc1.1.6.L120.90"
    space, tier, profile = header[1] >> 6, header[1] >> 5 & 1, header[1] & 31
    alike = int(f"{int.from_bytes(header[2:6]):032b}"[::-1], 2)
    limits = header[6:12].rstrip(b"\0")
    parts = [
        f"{' ABC'[space].strip()}{profile}",
        f"{alike:x}",
        f"{'LH'[tier]}{header[12]}",
        *(f"{one:x}" for one in limits),
    ]
    return f"hvc1.{'.'.join(parts)}"
