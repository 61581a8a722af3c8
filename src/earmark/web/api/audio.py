"""The sound of a recording: as it is, cut, converted, as a waveform, as a spectrogram."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from starlette.responses import FileResponse, Response

from earmark.audio.cut import cut
from earmark.audio.read import open_sound
from earmark.audio.write import write_blocks
from earmark.errors import AudioError
from earmark.web import media
from earmark.web.api.params import refuse_stretch
from earmark.web.kept import Kept
from earmark.web.peaks import Peaks, peaks_of
from earmark.web.problems import RefusedError
from earmark.web.respond import as_json
from earmark.web.shelf import by_id, file_of
from earmark.web.spectrogram import RULE, spectrogram
from earmark.web.stream import Streamed, Temporary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from earmark.library.nouns import Recording
    from earmark.types import Samples
    from earmark.web.endpoint import Call
    from earmark.web.work import Stop

FORMATS = ("original", "playable", "wav", "flac")
CACHED = {"Cache-Control": "private, max-age=60"}
_PEAKS, _PICTURES = Kept[Peaks](64), Kept[bytes](64)


async def audio(call: Call) -> Response:
    """Give the sound of a recording, or of a stretch of it."""
    recording, path = await call.quick(lambda _: _found(call))
    facts = await call.slow(lambda _: media.facts_of(path))
    kind, whole = call["format"], call["start"] is None and call["end"] is None
    if kind == "playable":
        kind = "original" if whole and media.is_played(facts) else "wav"
    if kind == "original" and whole:
        return _file(path, media.type_of(facts), recording.place.full.name, call)
    start, end = _span(call, recording)
    if kind == "wav":
        return _wav(call, media.Stretch.of(path, facts, start, end), recording)
    _refuse_long(end - start, call.desk.limits.cut)
    if kind == "flac":
        stretch = media.Stretch.of(path, facts, start, end)
        deep = (facts.bits or 16) > 16
        return await _made(call, lambda folder, stop: _flac(stretch, folder, deep=deep, stop=stop))
    return await _made(call, lambda folder, _: cut(path, start, end, folder))


async def peaks(call: Call) -> Response:
    """Give the waveform of a recording, or of a stretch of it."""

    def work(stop: Stop) -> dict[str, Any]:
        recording, path = _found(call)
        start, end = _span(call, recording)
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

        return _PEAKS.get((*_identity(recording), start, end, points), make).as_dict()

    return as_json(await call.slow(work))


async def picture(call: Call) -> Response:
    """Draw the spectrogram of a recording, or of a stretch of it."""

    def work(stop: Stop) -> bytes:
        recording, path = _found(call)
        start, end = _span(call, recording)
        width, height = call["width"], call["height"]
        _refuse_long(end - start, call.desk.limits.cut)

        def make() -> bytes:
            with open_sound(path, rate=RULE.rate, start=start, end=end) as sound:
                return spectrogram(
                    sound, seconds=end - start, width=width, height=height, check=stop.check
                )

        return _PICTURES.get((*_identity(recording), start, end, width, height), make)

    return Response(await call.slow(work), 200, CACHED, "image/png")


def _found(call: Call) -> tuple[Recording, Path]:
    """The recording that is meant, and its file."""
    recording = by_id(call.desk.library.store, call["id"])
    return recording, file_of(recording)


def _identity(recording: Recording) -> tuple[object, ...]:
    """What a result that was made of a file depends on."""
    found = recording.place.full.stat()
    return recording.id, str(recording.place.full), found.st_size, found.st_mtime_ns


def _span(call: Call, recording: Recording) -> tuple[float, float]:
    """From when to when; raise where the recording has no sound."""
    refuse_stretch(call["start"], call["end"])
    start, end = call["start"] or 0.0, call["end"]
    if not recording.seconds:
        raise AudioError(
            recording.place.full,
            recording.reason or "nothing was heard in it",
            hint="see the failed files: earmark status --failed",
        )
    if start >= recording.seconds:
        raise AudioError(
            recording.place.full,
            f"it has no sound from {start:g} s on",
            hint=f"it is {recording.seconds:.1f} s long",
        )
    return start, min(recording.seconds if end is None else end, recording.seconds)


def _refuse_long(seconds: float, most: float) -> None:
    if seconds > most:
        raise RefusedError(
            413, f"a stretch of {seconds:.0f} s", hint=f"ask for {most:g} s at most: start and end"
        )


def _file(path: Path, kind: str, name: str, call: Call) -> Response:
    return FileResponse(
        path,
        headers=CACHED,
        media_type=kind,
        filename=_plain(name),
        content_disposition_type="attachment" if call["download"] else "inline",
        stat_result=path.stat(),
    )


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
    name = _ascii(recording.place.full.stem)
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


async def _made(call: Call, make: Callable[[Path, Stop], Path]) -> Response:
    """Make a file and send it."""
    folder = TemporaryDirectory(prefix="earmark-cut-")
    try:
        made = await call.slow(lambda stop: make(Path(folder.name), stop))
        facts = await call.slow(lambda _: media.facts_of(made))
    except BaseException:
        folder.cleanup()
        raise
    response = FileResponse(
        made, media_type=media.type_of(facts), filename=_plain(made.name), stat_result=made.stat()
    )
    return Temporary(folder, response)


def _flac(stretch: media.Stretch, folder: Path, *, deep: bool, stop: Stop) -> Path:
    """Write a stretch as FLAC, as deep as its file."""
    path, samples = folder / f"{_ascii(stretch.path.stem)}.flac", 0

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


def _plain(name: str) -> str:
    """A name that a header can tell; bytes of it that are no text become question marks."""
    return name.encode("utf-8", "replace").decode("utf-8")


def _ascii(name: str) -> str:
    """A name of letters that every system takes."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c in " -_.") else "_" for c in name)
    return kept[:100].strip() or "sound"
