"""Films made by code: the brightness of a picture tells its time, and so does a click each second.

`make_film(folder, "mkv")`; at second n the picture is as bright as `luma(n)`, and a click is heard.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from earmark.audio.film.film import opened
from earmark.audio.read import open_sound

RATE, FPS, SECONDS = 48_000, 25, 6.0
SIZE = (64, 48)  # pixels
GROUP = 25  # pictures from one key frame to the next, at most
DARK, BRIGHT = 16, 216  # the first picture, and the one after the last
CLICK = 200  # samples


@dataclass(frozen=True)
class Kind:
    """How a kind of film is made."""

    suffix: str
    writer: str
    pictures: str
    sound: str


KINDS = {
    "mp4": Kind("mp4", "mp4", "libx264", "aac"),
    "mov": Kind("mov", "mov", "libx264", "aac"),
    "mkv": Kind("mkv", "matroska", "libx264", "aac"),
    "webm": Kind("webm", "webm", "libvpx", "libopus"),
    "vp9 mkv": Kind("mkv", "matroska", "libvpx-vp9", "libopus"),
    "avi": Kind("avi", "avi", "mpeg4", "libmp3lame"),
    "mpeg4 mp4": Kind("mp4", "mp4", "mpeg4", "aac"),
    "ts": Kind("ts", "mpegts", "libx264", "aac"),
    "flv": Kind("flv", "flv", "libx264", "aac"),
    "wmv": Kind("wmv", "asf", "wmv2", "libmp3lame"),
    "mpg": Kind("mpg", "mpeg", "mpeg2video", "mp2"),
    "pcm mov": Kind("mov", "mov", "libx264", "pcm_s16le"),
}


def make_film(  # what a test may want otherwise
    folder: Path,
    kind: str,
    *,
    name: str = "film",
    wave: np.ndarray | None = None,
    seconds: float = SECONDS,
    size: tuple[int, int] = SIZE,
    late: float = 0.0,
    turned: int = 0,
    aspect: Fraction | None = None,
    tracks: int = 1,
    shown: float | None = None,
) -> Path:
    """Write a film; `late`: seconds before its first picture, `shown`: seconds of its pictures."""
    made = KINDS[kind]
    path = folder / f"{name}.{made.suffix}"
    with av.open(str(path), "w", format=made.writer) as film:
        film.metadata["title"] = name
        seen = film.add_stream(made.pictures, rate=FPS)
        seen.width, seen.height = size
        seen.pix_fmt = "yuv420p"
        seen.gop_size = GROUP
        if turned:
            seen.set_display_rotation(turned)
        if aspect:
            seen.codec_context.sample_aspect_ratio = aspect
        sounds = [film.add_stream(made.sound, rate=RATE, layout="mono") for _ in range(tracks)]
        pictures = _shown(seen, seconds if shown is None else shown, seconds, late)
        waves = [(one, _played(clicks(seconds) if wave is None else wave)) for one in sounds]
        _write(film, [(seen, pictures), *waves])
    return path


def clicks(seconds: float) -> np.ndarray:
    """Silence, and a short tone at each whole second."""
    wave = np.zeros(round(seconds * RATE), np.float32)
    click = 0.8 * np.sin(2 * np.pi * 2000 * np.arange(CLICK) / RATE)
    for second in range(int(seconds)):
        wave[second * RATE : second * RATE + CLICK] = click
    return wave


def luma(second: float, seconds: float = SECONDS) -> int:
    """How bright a picture is."""
    return round(DARK + (BRIGHT - DARK) * second / seconds)


def second_of(brightness: float, seconds: float = SECONDS) -> float:
    """When a picture is shown, by its brightness."""
    return (brightness - DARK) / (BRIGHT - DARK) * seconds


def looked_at(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """When each picture of a film is shown, and when by its brightness: -> two times a picture."""
    with opened(path) as film:
        shown = [
            (frame.time - film.origin, frame.to_ndarray(format="gray8").mean())
            for frame in film.container.decode(film.seen)
        ]
    times, grey = np.array(shown).T
    return times, second_of(DARK + grey * 219 / 255)


def heard(path: Path) -> np.ndarray:
    """When clicks are heard in a file, in seconds."""
    with open_sound(path) as sound:
        wave = np.concatenate([*sound])
    loud = np.flatnonzero(np.abs(wave) > 0.2) / sound.rate
    return loud[np.diff(loud, prepend=-1.0) > 0.3]


def _write(film, parts) -> None:
    """Encode frames in order of time, so that what belongs together lies together."""
    waiting = [(next(frames), stream, frames) for stream, frames in parts]
    while waiting:
        first = min(waiting, key=lambda one: one[0].pts * one[0].time_base)
        waiting.remove(first)
        frame, stream, frames = first
        film.mux(stream.encode(frame))
        following = next(frames, None)
        if following is None:
            film.mux(stream.encode(None))
        else:
            waiting.append((following, stream, frames))


def _shown(seen, shown: float, seconds: float, late: float):
    for number in range(round(shown * FPS)):
        frame = av.VideoFrame(seen.width, seen.height, seen.pix_fmt)
        for plane, value in zip(frame.planes, (luma(number / FPS, seconds), 128, 128), strict=True):
            plane.update(bytes([value]) * plane.buffer_size)
        frame.pts, frame.time_base = number + round(late * FPS), Fraction(1, FPS)
        yield frame


def _played(wave: np.ndarray):
    for at in range(0, len(wave), 1024):
        packed = np.ascontiguousarray(wave[at : at + 1024], np.float32).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(packed, format="flt", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
        yield frame
