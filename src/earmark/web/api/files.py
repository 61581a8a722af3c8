"""What the addresses of a recording's sound and film share: its file, whole or in part."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from starlette.responses import FileResponse

from earmark.errors import AudioError
from earmark.web.api.params import refuse_stretch
from earmark.web.problems import RefusedError
from earmark.web.shelf import by_id, file_of
from earmark.web.stream import Temporary

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response

    from earmark.library.nouns import Recording
    from earmark.web.endpoint import Call
    from earmark.web.work import Stop

CACHED = {"Cache-Control": "private, max-age=60"}


def found_file(call: Call) -> tuple[Recording, Path]:
    """The recording that is meant, and its file."""
    recording = by_id(call.desk.library.store, call["id"])
    return recording, file_of(recording)


def identity(recording: Recording) -> tuple[object, ...]:
    """What a result that was made of a file depends on."""
    found = recording.place.full.stat()
    return recording.id, str(recording.place.full), found.st_size, found.st_mtime_ns


def span(call: Call, recording: Recording) -> tuple[float, float]:
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


def refuse_long(seconds: float, most: float) -> None:
    """Raise for a stretch that is too long to be made as a whole file."""
    if seconds > most:
        raise RefusedError(
            413, f"a stretch of {seconds:.0f} s", hint=f"ask for {most:g} s at most: start and end"
        )


def whole_file(path: Path, kind: str, name: str, call: Call) -> Response:
    """Send a file as it is, or the range of its bytes that is asked for."""
    return FileResponse(
        path,
        headers=CACHED,
        media_type=kind,
        filename=plain(name),
        content_disposition_type="attachment" if call["download"] else "inline",
        stat_result=path.stat(),
    )


async def made_file(
    call: Call, type_of: Callable[[Path], str], make: Callable[[Path, Stop], Path]
) -> Response:
    """Make a file and send it."""
    folder = TemporaryDirectory(prefix="earmark-cut-")
    try:
        made = await call.slow(lambda stop: make(Path(folder.name), stop))
        kind = await call.slow(lambda _: type_of(made))
    except BaseException:
        folder.cleanup()
        raise
    response = FileResponse(
        made, media_type=kind, filename=plain(made.name), stat_result=made.stat()
    )
    return Temporary(folder, response)


def plain(name: str) -> str:
    """A name that a header can tell; bytes of it that are no text become question marks."""
    return name.encode("utf-8", "replace").decode("utf-8")


def ascii_only(name: str) -> str:
    """A name of letters that every system takes."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c in " -_.") else "_" for c in name)
    return kept[:100].strip() or "sound"
