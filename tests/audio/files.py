"""Sound files of every kind, made by code: `make(folder, "mp3", wave, rate)` and a few odd ones."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import soundfile

LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}
PICTURE = 64  # pixels a side of the pictures in a video


@dataclass(frozen=True)
class Kind:
    """How a kind of file is made, and what can be expected of it."""

    suffix: str
    codec: str = ""  # of FFmpeg; empty: libsndfile makes it
    format: str = ""  # of libsndfile or FFmpeg
    subtype: str = ""  # of libsndfile
    video: str = ""
    channels: tuple[int, ...] = (1, 2, 8)
    rates: tuple[int, ...] = (8000, 44_100, 192_000)
    extra: float = 0.0  # seconds an encoder may add at the end
    level: float = 1.0  # of a tone on every channel of eight; AAC has one for low sounds only
    exact: float = 0.0  # largest error of a sample; 0: the codec is lossy
    bits: int | None = None
    bit_rate: int | None = None
    eight: str = "7.1"  # the layout of eight channels


KINDS = {
    "wav-8": Kind("wav", format="WAV", subtype="PCM_U8", exact=1 / 128, bits=8),
    "wav-16": Kind("wav", format="WAV", subtype="PCM_16", exact=2**-15, bits=16),
    "wav-24": Kind("wav", format="WAV", subtype="PCM_24", exact=2**-23, bits=24),
    "wav-32": Kind("wav", format="WAV", subtype="PCM_32", exact=1e-7, bits=32),
    "wav-float": Kind("wav", format="WAV", subtype="FLOAT", exact=1e-7, bits=32),
    "wav-double": Kind("wav", format="WAV", subtype="DOUBLE", exact=1e-7, bits=64),
    "rf64": Kind("wav", format="RF64", subtype="PCM_24", exact=2**-23, bits=24),
    "w64": Kind("w64", format="W64", subtype="PCM_24", exact=2**-23, bits=24),
    "caf": Kind("caf", format="CAF", subtype="PCM_24", exact=2**-23, bits=24),
    "aiff-16": Kind("aiff", format="AIFF", subtype="PCM_16", exact=2**-15, bits=16),
    "aiff-24": Kind("aif", format="AIFF", subtype="PCM_24", exact=2**-23, bits=24),
    "flac-16": Kind("flac", format="FLAC", subtype="PCM_16", exact=2**-15, bits=16),
    "flac-24": Kind("flac", format="FLAC", subtype="PCM_24", exact=2**-23, bits=24),
    "alac": Kind("m4a", "alac", "ipod", exact=2**-23, bits=24, eight="7.1(wide)"),
    "mp3": Kind("mp3", "libmp3lame", "mp3", channels=(1, 2), rates=(8000, 44_100)),
    "ogg": Kind("ogg", format="OGG", subtype="VORBIS", rates=(8000, 44_100, 96_000)),
    "opus": Kind("opus", "libopus", "ogg", rates=(48_000,), extra=0.001),
    "m4a": Kind("m4a", "aac", "ipod", level=7 / 8, rates=(8000, 44_100, 96_000)),
    "aac": Kind("aac", "aac", "adts", level=7 / 8, rates=(8000, 44_100), extra=0.26),
    "wma": Kind(
        "wma", "wmav2", "asf", channels=(1, 2), rates=(44_100,), extra=0.1, bit_rate=96_000
    ),
    "webm": Kind("webm", "libopus", "webm", rates=(48_000,), extra=0.001),
    "mka": Kind("mka", "aac", "matroska", level=7 / 8, rates=(8000, 44_100), extra=0.26),
    "mp4 video": Kind("mp4", "aac", "mp4", level=7 / 8, video="mpeg4", rates=(44_100,)),
    "mkv video": Kind(
        "mkv", "aac", "matroska", level=7 / 8, video="mpeg4", rates=(44_100,), extra=0.05
    ),
    "mov video": Kind("mov", "aac", "mov", level=7 / 8, video="mpeg4", rates=(44_100,)),
}


def make(folder: Path, kind: str, wave: np.ndarray, rate: int, name: str = "sound") -> Path:
    """Write a wave [samples] or [samples, channels] as a file of one kind."""
    made = KINDS[kind]
    path = folder / f"{name}.{made.suffix}"
    if made.codec:
        return encode(path, wave, rate, made)
    frames = wave.reshape(len(wave), -1)
    with soundfile.SoundFile(
        path, "w", rate, frames.shape[1], subtype=made.subtype, format=made.format
    ) as file:
        for at in range(0, len(frames), 8192):  # libsndfile's Vorbis encoder crashes on long ones
            file.write(frames[at : at + 8192])
    return path


def encode(
    path: Path,
    wave: np.ndarray | None,
    rate: int,
    kind: Kind,
    *,
    late: float = 0.0,
    title: str = "",
    film: float = 1.0,
) -> Path:
    """Write a file through FFmpeg; without a wave, a silent film.

    `late`: seconds before the sound; `film`: length of the pictures, in lengths of the sound.
    """
    with av.open(str(path), "w", format=kind.format) as container:
        container.metadata.update({"title": title} if title else {})
        pictures = container.add_stream(kind.video, rate=25) if kind.video else None
        if pictures is not None:
            pictures.width = pictures.height = PICTURE
            pictures.pix_fmt = "yuv420p"
        if wave is not None:
            _add_sound(container, np.asarray(wave, np.float32), rate, kind, late)
        if pictures is not None:
            seconds = 1 if wave is None else film * len(wave) / rate
            _add_pictures(container, pictures, round(25 * seconds))
    return path


def _add_sound(container, wave: np.ndarray, rate: int, kind: Kind, late: float) -> None:
    wave = wave.reshape(len(wave), -1)
    layout = LAYOUTS.get(wave.shape[1], kind.eight)
    stream = container.add_stream(kind.codec, rate=rate, layout=layout)
    if kind.bit_rate:
        stream.bit_rate = kind.bit_rate
    for at in range(0, len(wave), 1024):
        packed = np.ascontiguousarray(wave[at : at + 1024]).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(packed, format="flt", layout=layout)
        frame.sample_rate, frame.pts = rate, at + round(late * rate)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def _add_pictures(container, stream, pictures: int) -> None:
    for i in range(pictures):
        frame = av.VideoFrame(PICTURE, PICTURE, "yuv420p")
        for plane in frame.planes:
            plane.update(bytes([i % 256]) * plane.buffer_size)
        frame.pts = i
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def tone(seconds: float, rate: int, *, hertz: float = 1000.0, onset: float = 0.0) -> np.ndarray:
    """A sine at half of full scale that sets in at a known time: -> [samples]."""
    time = np.arange(round(seconds * rate)) / rate
    return (0.5 * np.sin(2 * np.pi * hertz * time) * (time >= onset)).astype(np.float32)


def noise(seconds: float, rate: int, *, channels: int = 1, seed: int = 7) -> np.ndarray:
    """Noise that swells and fades, so that no two stretches are alike: -> [samples, channels]."""
    samples = round(seconds * rate)
    swell = 0.2 + 0.1 * np.sin(np.arange(samples)[:, None] / rate * 5)
    rng = np.random.default_rng(seed)
    return (swell * rng.uniform(-1, 1, (samples, channels))).astype(np.float32)


def wav_bytes(
    samples: bytes, *, rate: int = 8000, claimed: int | None = None, **extra: bytes
) -> bytes:
    """A mono 16-bit WAV with a data size of choice, and further chunks after the sound."""
    fmt = struct.pack("<HHIIHH", 1, 1, rate, 2 * rate, 2, 16)
    size = len(samples) if claimed is None else claimed
    body = b"WAVE" + chunk("fmt ", fmt) + struct.pack("<4sI", b"data", size) + samples
    body += b"".join(chunk(name, content) for name, content in extra.items())
    return struct.pack("<4sI", b"RIFF", len(body) & 0xFFFF_FFFF) + body


def chunk(name: str, body: bytes) -> bytes:
    """One RIFF chunk, padded to an even length."""
    return struct.pack("<4sI", name.encode(), len(body)) + body + b"\0" * (len(body) % 2)


def damage(path: Path, *, start: float, length: int, seed: int = 3) -> Path:
    """Overwrite `length` bytes with noise, from the given part of the file on."""
    data = bytearray(path.read_bytes())
    at = int(start * len(data))
    data[at : at + length] = np.random.default_rng(seed).bytes(len(data[at : at + length]))
    path.write_bytes(data)
    return path


def cut(path: Path, keep: float) -> Path:
    """Keep only the first part of a file."""
    data = path.read_bytes()
    path.write_bytes(data[: int(keep * len(data))])
    return path
