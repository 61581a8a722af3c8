"""A stretch of a file as a file of its own, with the same rate and all channels.

Where libsndfile reads a file and nothing is lost in its kind (PCM, float, FLAC, ALAC in CAF), the
samples are copied as they are, into the same kind of file. Anything else (lossy kinds, videos, what
is damaged) is decoded by the reader that search uses, so that the times are the same, and becomes a
WAV of 16 bits, of 24 if its codec keeps more than 16, or of floats if it keeps more than 24.

Nothing is written over, no half a file ever bears its name, and memory is that of one block. The
same holds for `copy`, which takes a file as it is.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile

from earmark.audio.newfile import fit, free, hidden, stretch_name, written
from earmark.audio.newtags import tag
from earmark.audio.read import BLOCK, Facts, Sound, open_channel
from earmark.audio.source import Nameless, RefusedError
from earmark.audio.tags import Tags, read_tags
from earmark.errors import AudioError, no_file

Block = npt.NDArray[Any]  # [n, channels]; int32 at full scale, or floats

# By libsndfile's name of a kind: what is written, with which suffixes.
HOMES = {
    "WAV": ("WAV", (".wav",)),
    "WAVEX": ("WAVEX", (".wav",)),
    "W64": ("W64", (".w64",)),
    "AIFF": ("AIFF", (".aiff", ".aif")),
    "CAF": ("CAF", (".caf",)),
    "FLAC": ("FLAC", (".flac",)),
    "AU": ("AU", (".au", ".snd")),
}
WAV = HOMES["WAV"]  # of every other kind; a stretch of an RF64 file needs no 64 bits, but see LONG
EXACT = ("PCM_S8", "PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")
FLOATS = {"FLOAT": "float32", "DOUBLE": "float64"}
TAGGED = (".wav", ".flac", ".aiff", ".aif")
LONG = 4_000_000_000  # bytes; WAV and AIFF cannot count further


def cut(
    path: str | os.PathLike[str], start: float, end: float, folder: Path, *, name: str = ""
) -> Path:
    """Write the stretch from `start` to `end`, in seconds, into a folder: -> the new file.

    It is called `name`, or "<name of the file> 0m12.4s-0m17.9s", with a number if there is such a
    file already.
    """
    path = Path(path)
    if not 0 <= start < end < float("inf"):
        raise ValueError(f"a stretch cannot go from {start} to {end} s")
    called = fit(name) if name else stretch_name(path, start, end)
    try:
        with _copied(path, start, end) as piece:
            return _keep(piece, path, folder, called)
    except RefusedError:
        with _decoded(path, start, end) as piece:
            return _keep(piece, path, folder, called)


def copy(path: str | os.PathLike[str], folder: Path, *, name: str) -> Path:
    """Copy a whole file, byte for byte, into a folder under another name: -> the new file."""
    path, called = Path(path), fit(name)
    part = hidden(folder, path.suffix)
    if not path.is_file():
        raise no_file(path)
    with written(part, folder / f"{called}{path.suffix}"):
        shutil.copyfile(path, part)
        return part.replace(free(folder, called, path.suffix))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """A stretch that can be read, and how it is to be written."""

    format: str
    subtype: str
    suffix: str
    rate: int
    channels: int
    first: int  # sample, of the file
    blocks: Iterator[Block]


@contextmanager
def _copied(path: Path, start: float, end: float) -> Iterator[_Piece]:
    """Give samples as they are; raise `RefusedError` where that cannot be."""
    with ExitStack() as opened:
        try:
            raw = opened.enter_context(path.open("rb"))
            file = opened.enter_context(soundfile.SoundFile(Nameless(raw)))
        except (OSError, soundfile.LibsndfileError) as error:
            raise RefusedError(str(error)) from error
        first, last = round(start * file.samplerate), round(end * file.samplerate)
        if not _is_exact(file.subtype) or first >= file.frames:
            raise RefusedError(file.subtype)
        size = (last - first) * file.channels * (8 if file.subtype == "DOUBLE" else 4)
        format_, subtype, suffixes = _home(file.format, file.subtype, size)
        yield _Piece(
            format=format_,
            subtype=subtype,
            suffix=path.suffix if path.suffix.lower() in suffixes else suffixes[0],
            rate=file.samplerate,
            channels=file.channels,
            first=first,
            blocks=_samples(file, first, min(last, file.frames)),
        )


def _is_exact(subtype: str) -> bool:
    return subtype in EXACT or subtype.startswith("ALAC")


def _home(format_: str, subtype: str, size: int) -> tuple[str, str, tuple[str, ...]]:
    """Choose how samples of a kind are written, if they take `size` bytes at most."""
    home, suffixes = HOMES.get(format_, WAV)
    if size > LONG and home in ("WAV", "WAVEX", "AIFF"):
        home, suffixes = "RF64", (".wav",)
    if not soundfile.check_format(home, subtype):
        subtype = "PCM_U8" if subtype == "PCM_S8" else "PCM_32"
    return home, subtype, suffixes


def _samples(file: soundfile.SoundFile, first: int, last: int) -> Iterator[Block]:
    """Read samples; raise `RefusedError` where the file has fewer than it says."""
    kind = FLOATS.get(file.subtype, "int32")
    try:
        file.seek(first)
        for at in range(first, last, BLOCK):
            wanted = min(BLOCK, last - at)
            block = file.read(wanted, dtype=kind, always_2d=True)
            if len(block) < wanted:
                raise RefusedError("it ends early")
            yield block
    except soundfile.LibsndfileError as error:
        raise RefusedError(str(error)) from error


@contextmanager
def _decoded(path: Path, start: float, end: float) -> Iterator[_Piece]:
    """Give samples as search hears them, each channel by itself."""
    with ExitStack() as opened:

        def channel(n: int) -> Sound:
            return opened.enter_context(open_channel(path, n, start=start, end=end))

        sounds = [channel(0)]
        facts = sounds[0].facts
        sounds += [channel(n) for n in range(1, facts.channels)]
        subtype = _subtype(facts)
        size = round((end - start) * facts.rate) * facts.channels * 4
        yield _Piece(
            format=_home("WAV", subtype, size)[0],
            subtype=subtype,
            suffix=WAV[1][0],
            rate=facts.rate,
            channels=facts.channels,
            first=round(start * facts.rate),
            blocks=map(_rounding(subtype), zip(*sounds, strict=True)),
        )


def _subtype(facts: Facts) -> str:
    """How deep a decoded file is written."""
    bits = facts.bits or 16
    return "FLOAT" if bits > 24 else "PCM_24" if bits > 16 else "PCM_16"


def _rounding(subtype: str) -> Callable[[tuple[Block, ...]], Block]:
    """Make what joins blocks of channels, and brings them to the depth that is written."""
    if subtype == "FLOAT":
        return lambda channels: np.stack(channels, axis=1)
    bits = int(subtype.removeprefix("PCM_"))
    full = 2.0 ** (bits - 1)

    def rounded(channels: tuple[Block, ...]) -> Block:
        wave = np.rint(np.stack(channels, axis=1).astype(np.float64) * full)
        return np.clip(wave, -full, full - 1).astype(np.int32) << (32 - bits)

    return rounded


def _keep(piece: _Piece, path: Path, folder: Path, name: str) -> Path:
    """Write a piece under a hidden name, and give it its own when all of it is there."""
    part = hidden(folder, piece.suffix)
    with written(part, folder / f"{name}{piece.suffix}"):
        if not _write(piece, part):
            raise AudioError(
                path,
                f"it has no sound from {piece.first / piece.rate:g} s on",
                hint="see how long it is with: earmark look FILE",
            )
        if piece.suffix.lower() in TAGGED:
            tag(part, _tags(read_tags(path), piece.first))
        return part.replace(free(folder, name, piece.suffix))


def _write(piece: _Piece, part: Path) -> int:
    """Write all samples: -> how many."""
    with (
        part.open("xb") as raw,
        soundfile.SoundFile(
            raw, "w", piece.rate, piece.channels, subtype=piece.subtype, format=piece.format
        ) as file,
    ):
        written = 0
        for block in piece.blocks:
            file.write(block)
            written += len(block)
        return written


def _tags(old: Tags, first: int) -> dict[str, str]:
    """What a file says about itself, as far as it is true of a stretch of it."""
    plain = {field.name: getattr(old, field.name) for field in fields(old)}
    words = {name: value for name, value in plain.items() if value and isinstance(value, str)}
    if old.keywords:
        words["keywords"] = "; ".join(old.keywords)
    if old.time_reference is not None:
        words["time_reference"] = str(old.time_reference + first)
    return {name: value.encode("utf-8", "replace").decode() for name, value in words.items()}
