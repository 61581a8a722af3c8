"""A sound as a lossy codec leaves it, so that a model hears through phone and web copies."""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO

import av
import numpy as np
from av.audio.stream import AudioStream

from earmark.audio.resample import resample
from earmark.types import Samples

CODECS = {  # name: (container, encoder, rate in Hz, bits a second)
    "mp3-48k": ("mp3", "libmp3lame", 32_000, 48_000),
    "mp3-96k": ("mp3", "libmp3lame", 44_100, 96_000),
    "opus-16k": ("ogg", "libopus", 48_000, 16_000),
    "opus-32k": ("ogg", "libopus", 48_000, 32_000),
    "aac-64k": ("adts", "aac", 44_100, 64_000),
    "phone": ("wav", "pcm_mulaw", 8_000, 64_000),
}


def through_codec(wave: Samples, rate: int, name: str) -> Samples:
    """Encode and decode once; it comes back as long as it was: [S] -> [S]."""
    container, encoder, coded_rate, bits = CODECS[name]
    moved = np.concatenate([np.zeros(0, np.float32), *resample(iter([wave]), rate, coded_rate)])
    heard = _decode(_encode(moved, container, encoder, coded_rate, bits), container)
    back = np.concatenate([np.zeros(0, np.float32), *resample(iter([heard]), coded_rate, rate)])
    return np.pad(back[: len(wave)], (0, max(0, len(wave) - len(back))))


def _encode(wave: Samples, container: str, encoder: str, rate: int, bits: int) -> bytes:
    file = BytesIO()
    with av.open(file, "w", format=container) as box:
        stream = box.add_stream(encoder, rate=rate, layout="mono")
        assert isinstance(stream, AudioStream)  # noqa: S101 - every codec of the table is one
        stream.bit_rate = bits
        resampler = av.AudioResampler(format=stream.format.name, layout="mono", rate=rate)
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(np.clip(wave, -1, 1))[None], format="flt", layout="mono"
        )
        frame.sample_rate, frame.pts = rate, 0
        frame.time_base = Fraction(1, rate)
        size = stream.codec_context.frame_size or 1024
        fifo = av.AudioFifo()
        for piece in resampler.resample(frame):
            fifo.write(piece)
        while chunk := fifo.read(size):
            box.mux(stream.encode(chunk))
        if last := fifo.read(0, partial=True):
            box.mux(stream.encode(last))
        box.mux(stream.encode(None))
    return file.getvalue()


def _decode(data: bytes, container: str) -> Samples:
    resampler = av.AudioResampler(format="flt", layout="mono")
    with av.open(BytesIO(data), "r", format={"adts": "aac"}.get(container, container)) as box:
        pieces = [
            piece.to_ndarray()[0]
            for frame in box.decode(audio=0)
            for piece in resampler.resample(frame)
        ]
    return np.concatenate([np.zeros(0, np.float32), *pieces])
