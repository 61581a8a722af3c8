"""Pictures to a sound, as a camera makes them: small, grey, and a bar that moves."""

from __future__ import annotations

import secrets
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream

from earmark.audio.write import FFMPEG

RATE = 5  # pictures a second
SIZE = 64  # pixels a side


def add_pictures(path: Path, seconds: float) -> None:
    """Turn a file of sound alone into a film; the sound is copied as it is."""
    part = path.with_name(f".{secrets.token_hex(6)}.part{path.suffix}")
    kind = FFMPEG[path.suffix[1:].lower()].format
    try:
        with av.open(path) as sound, av.open(part, "w", format=kind) as film:
            film.metadata.update(sound.metadata)
            heard = sound.streams.audio[0]
            kept = film.add_stream_from_template(heard)
            seen = film.add_stream("mpeg4", rate=RATE)
            _add(film, seen, round(RATE * seconds))
            for packet in sound.demux(heard):
                if packet.dts is not None:
                    packet.stream = kept
                    film.mux(packet)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _add(film: av.container.OutputContainer, seen: VideoStream, count: int) -> None:
    """Encode so many pictures."""
    seen.width = seen.height = SIZE
    seen.pix_fmt = "yuv420p"
    for number in range(count):
        picture = np.full((SIZE, SIZE, 3), 90, np.uint8)
        picture[:, number % SIZE] = 220
        film.mux(seen.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
    film.mux(seen.encode(None))
