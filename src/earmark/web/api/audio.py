"""The sound of a recording: as it is, cut, converted, as a waveform, as a spectrogram."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from starlette.responses import Response

from earmark.audio.cut import cut
from earmark.audio.read import open_sound
from earmark.audio.write import write_blocks
from earmark.errors import AudioError
from earmark.web import media
from earmark.web.api.files import (
    CACHED,
    ascii_only,
    found_file,
    identity,
    made_file,
    refuse_long,
    span,
    whole_file,
)
from earmark.web.kept import Kept
from earmark.web.peaks import Peaks, peaks_of
from earmark.web.problems import RefusedError
from earmark.web.respond import as_json
from earmark.web.spectrogram import RULE, spectrogram
from earmark.web.stream import Streamed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from earmark.library.nouns import Recording
    from earmark.types import Samples
    from earmark.web.endpoint import Call
    from earmark.web.work import Stop

FORMATS = ("original", "playable", "wav", "flac")
_PEAKS, _PICTURES = Kept[Peaks](64), Kept[bytes](64)


async def audio(call: Call) -> Response:
    """Give the sound of a recording, or of a stretch of it."""
    recording, path = await call.quick(lambda _: found_file(call))
    facts = await call.slow(lambda _: media.facts_of(path))
    kind, whole = call["format"], call["start"] is None and call["end"] is None
    if kind == "playable":
        kind = "original" if whole and media.is_played(facts) else "wav"
    if kind == "original" and whole:
        return whole_file(path, media.type_of(facts), recording.place.full.name, call)
    start, end = span(call, recording)
    if kind == "wav":
        return _wav(call, media.Stretch.of(path, facts, start, end), recording)
    refuse_long(end - start, call.desk.limits.cut)
    if kind == "flac":
        stretch = media.Stretch.of(path, facts, start, end)
        deep = (facts.bits or 16) > 16
        return await made_file(
            call, sound_type, lambda folder, stop: _flac(stretch, folder, deep=deep, stop=stop)
        )
    return await made_file(call, sound_type, lambda folder, _: cut(path, start, end, folder))


def sound_type(made: Path) -> str:
    """What to call the kind of a file of sound."""
    return media.type_of(media.facts_of(made))


async def peaks(call: Call) -> Response:
    """Give the waveform of a recording, or of a stretch of it."""

    def work(stop: Stop) -> dict[str, Any]:
        recording, path = found_file(call)
        start, end = span(call, recording)
        points = call["points"]

        def make() -> Peaks:
            with open_sound(path, start=start, end=end) as sound:
                return peaks_of(
                    sound,
                    sound.rate,
                    start=start,
                    seconds=end - start,
                    points=points,
                    check=stop.check,
                )

        return _PEAKS.get((*identity(recording), start, end, points), make).as_dict()

    return as_json(await call.slow(work))


async def picture(call: Call) -> Response:
    """Draw the spectrogram of a recording, or of a stretch of it."""

    def work(stop: Stop) -> bytes:
        recording, path = found_file(call)
        start, end = span(call, recording)
        width, height = call["width"], call["height"]
        refuse_long(end - start, call.desk.limits.cut)

        def make() -> bytes:
            with open_sound(path, rate=RULE.rate, start=start, end=end) as sound:
                return spectrogram(
                    sound, seconds=end - start, width=width, height=height, check=stop.check
                )

        return _PICTURES.get((*identity(recording), start, end, width, height), make)

    return Response(await call.slow(work), 200, CACHED, "image/png")


def _wav(call: Call, stretch: media.Stretch, recording: Recording) -> Response:
    """Convert while it is sent."""
    size = stretch.size
    if size > media.MOST:
        raise RefusedError(413, "it would be too large for a WAV", hint="give start and end")
    try:
        part = media.range_of(call.request.headers.get("range"), size)
    except ValueError as error:
        raise RefusedError(
            416,
            "there are no such bytes in it",
            hint=f"it has {size} bytes",
            headers={"Content-Range": f"bytes */{size}"},
        ) from error
    first, end = part or (0, size)
    kind = "attachment" if call["download"] else "inline"
    name = ascii_only(recording.place.full.stem)
    headers = CACHED | {
        "Content-Type": "audio/wav",
        "Accept-Ranges": "bytes",
        "Content-Disposition": f'{kind}; filename="{name}.wav"',
    }
    if part:
        headers["Content-Range"] = f"bytes {first}-{end - 1}/{size}"
    status = 206 if part else 200
    make = lambda: media.wav(stretch, first, end)  # noqa: E731
    return Streamed(call.desk, make, end - first, status, headers)


def _flac(stretch: media.Stretch, folder: Path, *, deep: bool, stop: Stop) -> Path:
    """Write a stretch as FLAC, as deep as its file."""
    path, samples = folder / f"{ascii_only(stretch.path.stem)}.flac", 0

    def blocks() -> Iterator[Samples]:
        nonlocal samples
        for block in media.frames(stretch):
            stop.check()
            samples += len(block)
            yield np.clip(block, -1.0, 1.0)

    try:
        write_blocks(path, blocks(), stretch.rate, subtype="pcm24" if deep else "pcm16")
    except ValueError as error:
        if samples:
            raise
        raise AudioError(stretch.path, "there is no sound there", hint="ask for more") from error
    return path
