"""Sound of any file through FFmpeg (PyAV), packet by packet, so that damage costs only what it hit.

A file is recognised by its content: FFmpeg is given its bytes without its name, and may open
nothing else, so that a playlist cannot reach for other files or the network.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import cast

import av
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer

from earmark.audio import claims, riff
from earmark.audio.downmix import Mix, mean
from earmark.audio.film.film import moving
from earmark.audio.member import open_bytes
from earmark.audio.resample import new_stream
from earmark.audio.source import Facts, Journal, Nameless, Piece, RefusedError
from earmark.audio.unpack import Unpacker
from earmark.errors import AudioError

REFUSALS = 64  # packets in a row that FFmpeg cannot even find; then the rest is given up
HOPELESS = 4096  # packets that cannot be decoded before the first that can
RUN_UPS = (0.5, 8.0)  # seconds decoded ahead of a stretch; the second when a seek came out late
RUN = 8192  # samples that are handled at once
NEAR = 1.0  # seconds from the start within which seeking is not worth it
# The first samples of these codecs are the encoder's, and a bare stream has no header to say so.
PRIMING = {"aac": 1024, "ac3": 256, "eac3": 256}
VORBIS_BLOCK = 8192  # samples, at most
CLOCKLESS = ("mp3", "aac", "ac3", "eac3")
PADDING = 4096  # samples that an encoder may add at the end of an mp4


class FFmpegSource:
    """One file, open; its facts are those of the first frame that could be decoded."""

    def __init__(self, path: Path, journal: Journal, mix: Mix = mean) -> None:
        self._journal = journal
        self._mix = mix
        self._path = path
        self._unpacker = Unpacker()
        self._file = open_bytes(path)
        try:
            self._open()
            self.facts = self._new_facts()
            self.length = self._new_length()
        except av.FFmpegError as error:
            self.close()
            raise RefusedError(str(error)) from error
        except BaseException:
            self.close()
            raise

    def pieces(self, start: int) -> Iterator[Piece]:
        """Yield the sound from sample `start` or somewhat before it."""
        if start <= NEAR * self.facts.rate:
            return self._from_the_beginning()
        for run_up in RUN_UPS:
            frames = self._seek(max(0, start - int(run_up * self.facts.rate)))
            first = next(frames, None)
            at = None if first is None else self._place(first[0])
            if first is not None and at is not None and at <= start:
                return self._pieces(chain([first], frames))
        self._reopen()
        return self._from_the_beginning()

    def close(self) -> None:
        """Let go of the file."""
        if hasattr(self, "_container"):
            self._container.close()
        self._file.close()

    def _open(self) -> None:
        """Open the file, choose the sound in it, and decode until there is some."""
        self._skipped, self._typical = 0, 0.0  # samples, bytes
        self._container = self._new_container()
        self._stream = _best(self._container, self._path, self._journal)
        self.tick = float(self._stream.time_base or 0)
        self._frames = self._decode()
        first = next(self._frames, None)
        if first is None:
            raise AudioError(
                self._path,
                "nothing in it could be decoded",
                hint="it is damaged, encrypted or in a rare codec: try to convert it to wav",
            )
        self._first = first
        self._origin = self._new_origin()

    def _new_container(self) -> InputContainer:
        options = {"protocol_whitelist": "none"}
        if riff.order(self._file.read(12)):
            # FFmpeg looks for DTS in the first 5 MB of every WAV, for 24 ms; PCM needs no look.
            options["max_probe_packets"] = "1"
        self._file.seek(0)
        file = Nameless(self._file)
        return av.open(file, mode="r", metadata_errors="replace", container_options=options)

    def _reopen(self) -> None:
        self._container.close()
        self._file.seek(0)
        self._open()

    def _new_origin(self) -> float:
        """The time of sample 0 on the file's own clock, in seconds."""
        frame = self._first[0]
        own = self._stream.start_time
        if own is None or (self._is_vorbis() and 0 < (frame.pts or 0) <= VORBIS_BLOCK):
            own = frame.pts  # an Ogg of one page: FFmpeg counts a block before the first one
        times = [own * self.tick] if own is not None else [0.0]
        times += [
            float(video.start_time * video.time_base)
            for video in moving(self._container)
            if video.start_time is not None and video.time_base
        ]
        return min(times) + self._priming(frame.sample_rate) / frame.sample_rate

    def _priming(self, rate: int) -> int:
        """Samples of the encoder before sample 0 that FFmpeg does not know of."""
        if self._stream.codec_context.name in ("wmav1", "wmav2"):
            return 512 if rate <= 16_000 else 1024 if rate <= 22_050 else 2048
        return PRIMING.get(self._container.format.name, 0)

    def _new_facts(self) -> Facts:
        frame = self._first[0]
        container = claims.container_name(self._container.format.name)
        with open_bytes(self._path) as file:
            seconds = claims.claimed_seconds(file, container, self._duration())
        return Facts(
            container=container,
            codec=self._stream.codec_context.codec.canonical_name,
            rate=frame.sample_rate,
            channels=frame.layout.nb_channels,
            bits=_bits(self._stream),
            seconds=seconds,
        )

    def _duration(self) -> float | None:
        """How long the sound lasts, as far as the file tells that apart from its pictures."""
        if self._stream.duration is not None:
            return self._stream.duration * self.tick
        told = re.fullmatch(r"(\d+):(\d+):(\d+\.?\d*)", self._stream.metadata.get("DURATION", ""))
        if told:
            return 3600 * int(told[1]) + 60 * int(told[2]) + float(told[3])
        whole = self._container.duration
        return whole / av.time_base if whole and not self._container.streams.video else None

    def _new_length(self) -> int | None:
        tells = self.facts.container in ("mp4", "mp3") or self._is_vorbis()
        if not (tells and self._stream.duration and self.facts.seconds):
            return None
        return round(self.facts.seconds * self.facts.rate)

    def _is_vorbis(self) -> bool:
        return self._stream.codec_context.name == "vorbis" and self._container.format.name == "ogg"

    def _from_the_beginning(self) -> Iterator[Piece]:
        return self._pieces(chain([self._first], self._frames))

    def _pieces(self, frames: Iterator[tuple[AudioFrame, bool]]) -> Iterator[Piece]:
        """Turn frames into mono pieces, at the file's rate also where its rate changes."""
        changed = None
        for run in self._runs(frames):
            wave, wrong = self._mix(np.concatenate(run.rows, axis=1))
            self._journal.not_numbers += wrong
            piece = Piece(run.at, wave, run.torn)
            if run.rate == self.facts.rate:
                changed = None
                yield piece
                continue
            if changed is None:
                changed = new_stream(run.rate, self.facts.rate)
                self._journal.remark(
                    f"its sample rate changes from {self.facts.rate} to {run.rate} Hz"
                )
            else:
                piece = piece._replace(at=None)
            yield piece._replace(wave=changed.resample_chunk(wave))

    def _runs(self, frames: Iterator[tuple[AudioFrame, bool]]) -> Iterator[_Run]:
        """Join frames that follow each other: most are short, and each step has its price."""
        run = None
        for frame, torn in frames:
            at, rows = self._place(frame), self._unpacker.channels(frame)
            if run is not None and not torn and run.goes_on(at, rows, frame.sample_rate):
                run.rows.append(rows)
                run.samples += rows.shape[1]
                continue
            if run is not None:
                yield run
            run = _Run(at, frame.sample_rate, torn, [rows], rows.shape[1])
        if run is not None:
            yield run

    def _place(self, frame: AudioFrame) -> int | None:
        """Where a frame belongs: on the grid of frames, if the clock only counts ms."""
        at = self._clock(frame)
        step = self.tick * self.facts.rate
        if at is None or step <= 1 or not frame.samples:
            return at
        anchor = (self._clock(self._first[0]) or 0) + self._first[0].samples
        on_grid = anchor + round((at - anchor) / frame.samples) * frame.samples
        return on_grid if abs(on_grid - at) <= step else at

    def _clock(self, frame: AudioFrame) -> int | None:
        if frame.pts is None:
            return None
        return round((frame.pts * self.tick - self._origin) * self.facts.rate) + self._skipped

    def _seek(self, at: int) -> Iterator[tuple[AudioFrame, bool]]:
        base = self._stream.time_base or 1
        when = int((self._origin + at / self.facts.rate) / base)
        try:
            self._container.seek(when, stream=self._stream, backward=True)
        except av.FFmpegError:
            return iter(())
        return self._decode()

    def _decode(self) -> Iterator[tuple[AudioFrame, bool]]:
        """Yield every frame that can be decoded, and whether something was lost before it."""
        torn, lost = False, list[int]()
        for packet in self._packets():
            if not self._typical and len(lost) > HOPELESS:
                return
            try:
                frames = packet.decode()
            except av.FFmpegError:
                self._journal.lost += packet.size > 0
                lost.append(packet.size)
                continue
            self._skipped += self._uncounted(lost, packet)
            torn, lost = torn or bool(lost), []
            self._typical += (packet.size - self._typical) / (20 if self._typical else 1)
            for frame in frames:
                if isinstance(frame, AudioFrame) and frame.samples:
                    yield frame, torn
                    torn = False

    def _uncounted(self, lost: list[int], packet: av.Packet[AudioStream]) -> int:
        """Samples that went by unnoticed with the lost bytes.

        In a bare stream FFmpeg tells time by counting packets, and takes damage for a single long
        one: its bytes tell how many there were.
        """
        if not (lost and self._typical and self._container.format.name in CLOCKLESS):
            return 0
        lasts = float((packet.duration or 0) * (self._stream.time_base or 0))
        packets = round(sum(lost) / self._typical) - len(lost)
        return max(0, packets) * round(lasts * self._stream.codec_context.sample_rate)

    def _packets(self) -> Iterator[av.Packet[AudioStream]]:
        """Yield packets, stepping over what is not one."""
        refused = 0
        while refused < REFUSALS:
            try:
                packets = self._container.demux(self._stream)
                # Dropped half-way without being closed, it leaves 300 bytes that nothing frees.
                with closing(cast("Generator[av.Packet[AudioStream]]", packets)):
                    for packet in packets:
                        refused = 0
                        yield packet
                return
            except av.FFmpegError:
                refused += 1
        self._journal.remark("damaged: the rest of the file could not be read")


@dataclass(slots=True)
class _Run:
    """Frames that follow each other without a break."""

    at: int | None  # place of the first sample
    rate: int
    torn: bool
    rows: list[npt.NDArray[np.generic]]  # of each frame: [channels, samples]
    samples: int

    def goes_on(self, at: int | None, rows: npt.NDArray[np.generic], rate: int) -> bool:
        """Whether a frame is the next one of this run, and there is room for it."""
        if at is None or self.at is None or self.samples >= RUN:
            return False
        last, alike = self.rows[-1], self.rate == rate
        alike = alike and (last.dtype, len(last)) == (rows.dtype, len(rows))
        return alike and abs(at - self.at - self.samples) <= 1


def _best(container: InputContainer, path: Path, journal: Journal) -> AudioStream:
    """Choose the sound that a player would play."""
    tracks = [stream for stream in container.streams.audio if stream.codec_context is not None]
    if not tracks:
        raise AudioError(
            path,
            "there is no sound in it that can be decoded",
            hint="choose a file with a sound track; an encrypted one must be converted first",
        )
    if len(tracks) > 1:
        journal.remark(f"holds {len(tracks)} sound tracks; one is read, the one that players play")
    best = container.streams.best("audio")
    chosen = best if isinstance(best, AudioStream) and best in tracks else tracks[0]
    chosen.codec_context.thread_count = 1
    return chosen


def _bits(stream: AudioStream) -> int | None:
    """Bits of a sample where the codec keeps them all: PCM, FLAC, ALAC."""
    name, header = stream.codec_context.codec.canonical_name, stream.codec_context.extradata or b""
    pcm = re.match(r"pcm_[a-z](\d+)", name)
    if pcm:
        return int(pcm[1])
    if name == "flac" and len(header) >= 18:
        return ((header[12] & 1) << 4 | header[13] >> 4) + 1
    if name == "alac" and len(header) >= 18:
        return header[17]
    return None
