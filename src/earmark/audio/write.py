"""A wave to a file of the kind its suffix names; nothing half-written ever bears the final name.

Lossless kinds are written by libsndfile, and Vorbis, whose encoder in FFmpeg is a trial one; the
rest by FFmpeg. An encoder that does not take the rate gets the next higher one it does take.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import soundfile
import soxr
from av.audio.stream import AudioStream

from earmark.audio.newtags import MP3_KEYS, tag
from earmark.errors import AudioError
from earmark.types import Samples

LAYOUTS = ("mono", "stereo", "3.0", "quad", "5.0", "5.1", "6.1", "7.1")
SUBTYPES = {"pcm16": "PCM_16", "pcm24": "PCM_24", "pcm32": "PCM_32", "float": "FLOAT"}
BLOCK = 8192  # samples at once; libsndfile's Vorbis encoder overflows its stack on long ones
FRAME = 1024
FASTEST = 1_000_000  # Hz


@dataclass(frozen=True, slots=True)
class Encoder:
    """How FFmpeg writes a kind of file."""

    codec: str
    format: str
    rates: tuple[int, ...] = ()  # empty: those the codec itself names
    bit_rate: int | None = None
    tags: bool = True  # False: in Ogg, FFmpeg writes a comment as a description


SNDFILE = {
    "wav": "WAV",
    "rf64": "RF64",
    "w64": "W64",
    "caf": "CAF",
    "aiff": "AIFF",
    "aif": "AIFF",
    "flac": "FLAC",
    "ogg": "OGG",
    "oga": "OGG",
}
FFMPEG = {
    "mp3": Encoder("libmp3lame", "mp3", bit_rate=192_000),
    "opus": Encoder("libopus", "ogg", (48_000,), tags=False),
    "webm": Encoder("libopus", "webm", (48_000,)),
    "mka": Encoder("libopus", "matroska", (48_000,)),
    "mkv": Encoder("libopus", "matroska", (48_000,)),
    "m4a": Encoder("aac", "ipod"),
    "mp4": Encoder("aac", "mp4"),
    "mov": Encoder("aac", "mov"),
    "aac": Encoder("aac", "adts"),
    "wma": Encoder("wmav2", "asf", (8000, 16_000, 22_050, 32_000, 44_100, 48_000), 128_000),
}


def write(  # noqa: PLR0913 - what a file needs, by keyword
    path: str | os.PathLike[str],
    wave: Samples,
    rate: int,
    *,
    subtype: str | None = None,
    tags: Mapping[str, str] | None = None,
    overwrite: bool = False,
) -> None:
    """Write a wave, `[samples]` or `[samples, channels]`, as the kind of file the suffix names.

    `subtype` is pcm16 (usual), pcm24, pcm32 or float. `tags` are plain fields: title, artist,
    album, comment, description, genre, date, keywords, originator, time_reference; a field for
    which a kind of file has no place is left out.
    """
    path = Path(path)
    frames = _frames(path, wave, rate)
    _refuse(path, frames, subtype, overwrite)
    with _whole(path) as part:
        _write(part, frames, rate, subtype or "pcm16", dict(tags or {}))


def write_blocks(  # noqa: PLR0913 - what a file needs, by keyword
    path: str | os.PathLike[str],
    blocks: Iterable[Samples],
    rate: int,
    *,
    subtype: str | None = None,
    tags: Mapping[str, str] | None = None,
    overwrite: bool = False,
) -> None:
    """Write a long wave that comes in blocks, all of as many channels, as `write` does the whole.

    Only kinds that libsndfile writes; memory is that of one block. Empty blocks are passed over.
    """
    path = Path(path)
    if path.suffix[1:].lower() not in SNDFILE:
        raise ValueError(f"{path.name}: blocks are written as one of {', '.join(SNDFILE)}")
    waves = (_frames(path, block, rate) for block in blocks if len(block))
    with _whole(path) as part, ExitStack() as opened:
        file: soundfile.SoundFile | None = None
        for frames in waves:
            _refuse(path, frames, subtype, overwrite)
            if file is None:
                file = _sndfile(part, frames.shape[1], rate, subtype or "pcm16", opened)
            _append(file, frames)
        if file is None:
            raise ValueError(f"{path.name}: no samples")
        opened.close()
        tag(part, dict(tags or {}))


def _frames(path: Path, wave: Samples, rate: int) -> Samples:
    """Check a wave: [samples] or [samples, channels] -> [samples, channels]."""
    frames = np.asarray(wave, dtype=np.float32)
    if not frames.size or frames.ndim > 2 or not np.isfinite(frames).all():
        raise ValueError(f"{path.name}: {frames.shape} samples, all of which must be numbers")
    if not 1 <= rate <= FASTEST:
        raise ValueError(f"{path.name}: a rate of {rate} Hz")
    return frames.reshape(len(frames), -1)


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """Give a hidden name to write under; the file gets its own when all of it is there."""
    part = path.with_name(f".{secrets.token_hex(6)}.part{path.suffix}")
    try:
        yield part
        part.replace(path)
    except (OSError, av.FFmpegError, soundfile.LibsndfileError) as error:
        raise AudioError(
            path,
            f"it could not be written ({getattr(error, 'strerror', None) or error})",
            hint="check the folder, the space on the drive, the channels and the rate",
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _write(path: Path, frames: Samples, rate: int, subtype: str, tags: dict[str, str]) -> None:
    kind = path.suffix[1:].lower()
    if kind in FFMPEG:
        encoder = FFMPEG[kind]
        _encode(path, frames, rate, encoder, tags if encoder.tags else {})
        if not encoder.tags:
            tag(path, tags)
        return
    with ExitStack() as opened:
        _append(_sndfile(path, frames.shape[1], rate, subtype, opened), frames)
    tag(path, tags)


def _sndfile(
    path: Path, channels: int, rate: int, subtype: str, opened: ExitStack
) -> soundfile.SoundFile:
    """Open a file of libsndfile, to be closed with `opened`."""
    kind = SNDFILE[path.suffix[1:].lower()]
    raw = opened.enter_context(path.open("wb"))
    chosen = "VORBIS" if kind == "OGG" else SUBTYPES[subtype]
    return opened.enter_context(
        soundfile.SoundFile(raw, "w", rate, channels, subtype=chosen, format=kind)
    )


def _append(file: soundfile.SoundFile, frames: Samples) -> None:
    for at in range(0, len(frames), BLOCK):
        file.write(frames[at : at + BLOCK])


def _encode(path: Path, frames: Samples, rate: int, encoder: Encoder, tags: dict[str, str]) -> None:
    taken = _rate(encoder, rate)
    if taken != rate:
        frames = soxr.resample(frames, rate, taken, quality="HQ")
    layout = LAYOUTS[frames.shape[1] - 1]
    with path.open("wb") as raw, av.open(raw, "w", format=encoder.format) as container:
        for key, value in tags.items():
            container.metadata[MP3_KEYS.get(key, key) if encoder.format == "mp3" else key] = value
        stream = container.add_stream(encoder.codec, rate=taken, layout=layout)
        assert isinstance(stream, AudioStream)  # noqa: S101 - every codec of the table is one
        if encoder.bit_rate:
            stream.bit_rate = encoder.bit_rate
        for at in range(0, len(frames), FRAME):
            packed = np.ascontiguousarray(frames[at : at + FRAME]).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(packed, format="flt", layout=layout)
            frame.sample_rate, frame.pts = taken, at
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _rate(encoder: Encoder, rate: int) -> int:
    """Choose the rate to encode at: the wanted one, the next higher one, or the highest."""
    rates = sorted(encoder.rates or av.Codec(encoder.codec, "w").audio_rates or (rate,))
    return next((taken for taken in rates if taken >= rate), rates[-1])


def _refuse(path: Path, frames: Samples, subtype: str | None, overwrite: bool) -> None:
    """Raise for what cannot be written as asked."""
    kind = path.suffix[1:].lower()
    keeps = kind in SNDFILE and SNDFILE[kind] != "OGG"
    peak = float(np.abs(frames).max())
    problems = {
        f"sound is not written as {kind!r}": (
            kind not in SNDFILE and kind not in FFMPEG,
            f"use one of {', '.join(sorted([*SNDFILE, *FFMPEG]))}",
        ),
        f"{kind} files have no samples of kind {subtype}": (
            subtype is not None and not (keeps and _takes(kind, subtype)),
            f"use wav with one of {', '.join(SUBTYPES)}",
        ),
        f"{frames.shape[1]} channels": (frames.shape[1] > len(LAYOUTS), "write at most 8 channels"),
        "it exists already": (
            path.exists() and not overwrite,
            "choose another name, or allow overwriting",
        ),
        f"a peak of {peak:.2f} times full scale would be clipped": (
            keeps and subtype != "float" and peak > 1,
            "make it quieter, or write wav with subtype float",
        ),
    }
    for problem, (is_so, hint) in problems.items():
        if is_so:
            raise AudioError(path, problem, hint=hint)


def _takes(kind: str, subtype: str) -> bool:
    return subtype in SUBTYPES and soundfile.check_format(SNDFILE[kind], SUBTYPES[subtype])
