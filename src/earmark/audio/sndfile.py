"""Sound through libsndfile, for the kinds of file that FFmpeg refuses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import soundfile

from earmark.audio.downmix import Mix, mean
from earmark.audio.member import open_bytes
from earmark.audio.source import Facts, Journal, Nameless, Piece, RefusedError

FRAMES = 16_384  # samples of every channel read at once
_BITS = {
    "PCM_S8": 8,
    "PCM_U8": 8,
    "PCM_16": 16,
    "PCM_24": 24,
    "PCM_32": 32,
    "FLOAT": 32,
    "DOUBLE": 64,
}


class SndfileSource:
    """One file, open."""

    length: int | None = None

    def __init__(self, path: Path, journal: Journal, mix: Mix = mean) -> None:
        self._journal = journal
        self._mix = mix
        self._raw = open_bytes(path)
        try:
            self._file = soundfile.SoundFile(Nameless(self._raw))
        except soundfile.LibsndfileError as error:
            self._raw.close()
            raise RefusedError(str(error)) from error
        if not self._file.frames:
            self.close()
            raise RefusedError("no samples")
        self.tick = 1 / self._file.samplerate
        self.facts = Facts(
            container=self._file.format.lower(),
            codec=self._file.subtype.lower(),
            rate=self._file.samplerate,
            channels=self._file.channels,
            bits=_BITS.get(self._file.subtype),
            seconds=self._file.frames / self._file.samplerate,
        )

    def pieces(self, start: int) -> Iterator[Piece]:
        """Yield the sound from sample `start` on, reading until there is no more."""
        at = min(start, self._file.frames)
        try:
            if at:
                self._file.seek(at)
            while len(block := self._file.read(FRAMES, dtype="float32", always_2d=True)):
                wave, wrong = self._mix(block.T)
                self._journal.not_numbers += wrong
                yield Piece(at, wave)
                at += len(wave)
        except soundfile.LibsndfileError:
            self._journal.remark("damaged: the rest of the file could not be read")

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
        self._raw.close()
