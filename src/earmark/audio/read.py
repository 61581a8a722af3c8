"""Any file to mono blocks at the wanted rate, in bounded memory, with times that stay true.

FFmpeg reads everything it knows, libsndfile stands in for what it refuses; which one is decided by
content, never by name. FFmpeg goes first because it is the quicker one in every format that both
read (`earmark bench reading`), and loses some packets where libsndfile gives up a damaged file.

What is heard in spite of damage is given, and what was wrong is told in `Sound.warnings`. Only a
file with nothing to hear raises `AudioError`.

A path may lead into a plain tar (`sounds.tar/rain/roof.flac`); `member.py` opens what lies there.

A stretch gives the samples of the same stretch of the whole, exactly; after resampling, within 1e-6
of full scale. AAC alone differs where its decoder makes up noise: it is other noise, as loud.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Generator, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from earmark.audio import claims
from earmark.audio.downmix import Mix, mean, only
from earmark.audio.ffmpeg import PADDING, FFmpegSource
from earmark.audio.member import open_bytes, status
from earmark.audio.resample import resample, run_up
from earmark.audio.sndfile import SndfileSource
from earmark.audio.source import Facts, Journal, RefusedError, Source
from earmark.audio.timeline import Timeline, without_padding
from earmark.errors import AudioError, no_file
from earmark.types import Samples

BLOCK = 65_536
SHORT = 0.2  # seconds a file may end before its header says so
EVER = 1e9  # seconds: no recording is longer, and its samples can still be counted

__all__ = ["BLOCK", "Facts", "Sound", "open_channel", "open_sound", "read"]


class Sound:
    """An open file; iterating gives mono blocks, `with` closes it."""

    def __init__(self, source: Source, journal: Journal, stretch: _Stretch, block: int) -> None:
        self.facts = source.facts
        self.rate = stretch.rate
        self._source = source
        self._journal = journal
        self._blocks = _blocks(stretch.waves(source, journal), block)
        self._closed = False

    @property
    def warnings(self) -> list[str]:
        """What was wrong so far, in plain sentences; complete once everything has been read."""
        return self._journal.sentences()

    def __iter__(self) -> Iterator[Samples]:
        if self._closed:
            raise ValueError("this sound is closed: read its blocks before that")
        return self._blocks

    def close(self) -> None:
        """Let go of the file; there are no more blocks then."""
        self._closed = True
        self._blocks.close()  # first: FFmpeg crashes the interpreter when asked after its end
        self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_sound(
    path: str | os.PathLike[str],
    *,
    rate: int | None = None,
    start: float = 0.0,
    end: float | None = None,
    block: int = BLOCK,
) -> Sound:
    """Open a stretch of a file as mono float32 blocks of `block` samples, the last one shorter.

    `rate=None` keeps the file's own rate. A stretch beyond the end of the file is empty.
    """
    _refuse_nonsense(rate, start, end, block)
    path, journal = Path(path), Journal()
    source = _opened(path, journal, mean)
    stretch = _Stretch(path, rate or source.facts.rate, start, end)
    return Sound(source, journal, stretch, block)


def open_channel(
    path: str | os.PathLike[str], channel: int, *, start: float = 0.0, end: float | None = None
) -> Sound:
    """Open one channel of a stretch, from 0, at the file's own rate, as `open_sound` does the mix.

    All channels of a file give blocks of the same lengths.
    """
    _refuse_nonsense(None, start, end, BLOCK)
    path, journal = Path(path), Journal()
    source = _opened(path, journal, only(channel))
    return Sound(source, journal, _Stretch(path, source.facts.rate, start, end), BLOCK)


def read(
    path: str | os.PathLike[str],
    *,
    rate: int | None = None,
    start: float = 0.0,
    end: float | None = None,
) -> Samples:
    """Read a stretch of a file at once: -> [samples]."""
    with open_sound(path, rate=rate, start=start, end=end) as sound:
        return np.concatenate([np.zeros(0, dtype=np.float32), *sound])


class _Stretch:
    """Which samples are wanted, on the grid of the wanted rate."""

    def __init__(self, path: Path, rate: int, start: float, end: float | None) -> None:
        self.path = path
        self.rate = rate
        self.first = round(min(start, EVER) * rate)
        self.last = None if end is None else round(min(end, EVER) * rate)

    def waves(self, source: Source, journal: Journal) -> Iterator[Samples]:
        """Yield the wanted samples, in pieces of any length."""
        old = source.facts.rate
        begin, drop = run_up(self.first, old, self.rate)
        timeline = Timeline(old, source.tick, source.facts.seconds, journal)
        try:
            laid = timeline.lay(source.pieces(begin), begin)
            if source.length is not None:
                laid = without_padding(laid, max(0, source.length - begin), PADDING)
            want = None if self.last is None else self.last - self.first
            yield from _cut(resample(laid, old, self.rate), drop, want)
        except OSError as error:
            raise _unreadable(self.path, error) from error
        self._compare(timeline, source.facts.seconds, journal)

    def _compare(self, line: Timeline, claim: float | None, journal: Journal) -> None:
        """Note that the file ended before its header says so, if it was read so far."""
        heard = line.end / line.rate
        wanted = claim if self.last is None else self.last / self.rate
        if claim is not None and wanted is not None and heard < min(claim, wanted) - SHORT:
            journal.remark(f"ends after {heard:.1f} s although its header says {claim:.1f} s")


def _cut(waves: Iterator[Samples], drop: int, want: int | None) -> Iterator[Samples]:
    """Leave out the first samples, and stop once there are enough."""
    for wave in waves:
        kept = wave[drop:] if want is None else wave[drop : drop + want]
        drop = max(0, drop - len(wave))
        if len(kept):
            yield kept
        if want is not None:
            want -= len(kept)
            if want <= 0:
                return


def _blocks(waves: Iterator[Samples], block: int) -> Generator[Samples]:
    """Cut one wave into blocks of equal length."""
    held, room = list[Samples](), block
    for wave in waves:
        while len(wave) >= room:
            yield np.concatenate([*held, wave[:room]])
            wave, held, room = wave[room:], [], block
        if len(wave):
            held.append(wave)
            room -= len(wave)
    if held:
        yield np.concatenate(held)


def _opened(path: Path, journal: Journal, mix: Mix) -> Source:
    """Open a file, or say why it cannot be read."""
    try:
        _refuse_what_is_no_file(path)
        source = _open_source(path, journal, mix)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    wrong = claims.wrong_suffix(path, source.facts.container)
    if wrong:
        journal.remark(wrong)
    return source


def _open_source(path: Path, journal: Journal, mix: Mix) -> Source:
    """Open a file with the first library that finds sound in it."""
    try:
        return FFmpegSource(path, journal, mix)
    except (AudioError, RefusedError) as error:
        try:
            return SndfileSource(path, journal, mix)
        except RefusedError:
            if isinstance(error, AudioError):
                raise error from None
            raise _no_sound(path) from error


def _no_sound(path: Path) -> AudioError:
    """Say that a file is nothing that can be heard, and why if its first bytes tell."""
    with open_bytes(path) as file:
        is_mp4 = file.read(8)[4:] == b"ftyp"
    if is_mp4:
        return AudioError(
            path,
            "it is cut short: the index at the end of an MP4 file is missing",
            hint="copy it again, or rebuild it with a tool that repairs MP4 files",
        )
    return AudioError(
        path,
        "it is not sound, or too damaged to be read",
        hint="play it in an audio player; if it plays, convert it to wav or flac",
    )


def _refuse_nonsense(rate: int | None, start: float, end: float | None, block: int) -> None:
    if rate is not None and rate < 1:
        raise ValueError(f"a rate of {rate} Hz")
    if not 0 <= start < float("inf"):
        raise ValueError(f"a stretch cannot start at {start} s")
    if end is not None and not start <= end < float("inf"):
        raise ValueError(f"a stretch cannot go from {start} to {end} s")
    if block < 1:
        raise ValueError(f"blocks of {block} samples")


def _refuse_what_is_no_file(path: Path) -> None:
    """Raise for a folder, an empty file, and a pipe or device, which could wait forever."""
    found = status(path)
    if stat.S_ISDIR(found.mode):
        raise AudioError(path, "it is a folder", hint="name a file in it")
    if not stat.S_ISREG(found.mode):
        raise AudioError(path, "it is not a file", hint="name a regular file")
    if not found.size:
        raise AudioError(path, "it is empty (0 bytes)", hint="copy it again from its source")


def _unreadable(path: Path, error: OSError | ValueError) -> AudioError:
    """Turn what the system says into a problem and a next step."""
    if isinstance(error, FileNotFoundError):
        return no_file(path)
    if isinstance(error, PermissionError):
        return AudioError(path, "you may not read it", hint="ask its owner for the right to")
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return AudioError(path, f"it could not be read ({reason})", hint="check the name and the drive")
