"""A stretch of a film as a file of its own, in the same kind of container, nothing encoded anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import av

from earmark.audio.film.copy import Beginning, beginning, copy
from earmark.audio.film.film import Film, opened
from earmark.audio.newfile import fit, free, hidden, stretch_name, written
from earmark.audio.source import RefusedError
from earmark.errors import AudioError

if TYPE_CHECKING:
    from av.audio.stream import AudioStream

# By the kind of a film: with which suffixes it is written, and by which writer of FFmpeg.
HOMES = {
    "mp4": {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".qt": "mov", ".3gp": "3gp"},
    "matroska": {".mkv": "matroska"},
    "webm": {".webm": "webm"},
    "avi": {".avi": "avi"},
    "mpegts": {".ts": "mpegts", ".mts": "mpegts"},
    "asf": {".wmv": "asf", ".asf": "asf"},
    "flv": {".flv": "flv"},
}


def never() -> None:
    """Let work go on."""


def cut_film(  # noqa: PLR0913 - a stretch, and where to
    film: Film,
    start: float,
    end: float,
    folder: Path,
    *,
    name: str = "",
    check: Callable[[], None] = never,
) -> tuple[Path, float]:
    """Write a stretch with all its tracks: -> the new file, and where it begins, in seconds.

    It is called `name`, or by when it begins and ends. `RefusedError` says why that cannot be.
    """
    suffix, writer = _home(film)
    begin = beginning(film, start, check)
    called = fit(name) if name else stretch_name(film.path, begin.first, end)
    part = hidden(folder, suffix)
    with written(part, folder / f"{called}{suffix}"):
        write_stretch(film, part, writer, begin=begin, end=end, tracks=film.heard, zero=begin.first)
        _refuse_ruins(part)
        return part.replace(free(folder, called, suffix)), begin.first


def write_stretch(  # noqa: PLR0913 - what makes a copy, by keyword
    film: Film,
    part: Path,
    writer: str,
    *,
    begin: Beginning,
    end: float,
    tracks: tuple[AudioStream, ...],
    zero: float = 0.0,
    options: Mapping[str, str] | None = None,
    check: Callable[[], None] = never,
) -> None:
    """Copy a stretch into a new file by a writer of FFmpeg; raise `RefusedError` if it cannot."""
    try:
        with part.open("xb") as raw, av.open(raw, "w", writer, dict(options or {})) as out:
            out.metadata.update(film.container.metadata)
            copy(film, out, begin=begin, end=end, tracks=tracks, zero=zero, check=check)
    except (av.FFmpegError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RefusedError(
            f"its pictures or its sound cannot be copied into a new file ({reason})"
        ) from error


def _home(film: Film) -> tuple[str, str]:
    """Choose how a film is written: -> suffix, and FFmpeg's writer."""
    homes = HOMES.get(film.kind)
    if homes is None:
        raise RefusedError(f"films of the kind {film.kind} are not written")
    own = film.path.suffix
    suffix = own if own.lower() in homes else next(iter(homes))
    return suffix, homes[suffix.lower()]


def _refuse_ruins(part: Path) -> None:
    """Raise for a copy in which nothing can be seen or heard."""
    try:
        with opened(part) as film:
            whole = bool(film.heard)
    except AudioError as error:
        raise RefusedError(error.reason) from error
    if not whole:
        raise RefusedError("its sound cannot be copied into a new file")
