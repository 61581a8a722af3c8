"""The pictures of a recording: what is known of them, one of them, and the film itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from earmark.audio.film.film import opened
from earmark.audio.film.frame import frame_at
from earmark.audio.film.pictures import Pictures, pictures_of
from earmark.audio.film.stretch import cut_film
from earmark.audio.source import RefusedError as CopyError
from earmark.errors import EarmarkError
from earmark.web import film as films
from earmark.web.api.files import (
    CACHED,
    found_file,
    identity,
    made_file,
    refuse_long,
    span,
    whole_file,
)
from earmark.web.kept import Kept
from earmark.web.problems import RefusedError
from earmark.web.shelf import file_of

if TYPE_CHECKING:
    from earmark.library.nouns import Recording
    from earmark.web.endpoint import Call
    from earmark.web.work import Stop

FORMATS = ("original", "playable")
_FRAMES, _TOLD = Kept[bytes](64), Kept[dict[str, Any] | None](1_000)


async def frame(call: Call) -> Response:
    """Give the picture of a film at a moment."""

    def work(stop: Stop) -> bytes:
        recording, path = found_file(call)
        at, width = call["at"], call["width"]
        return _FRAMES.get(
            (*identity(recording), at, width),
            lambda: frame_at(path, at, width=width, check=stop.check),
        )

    return Response(await call.slow(work), 200, CACHED, "image/jpeg")


async def video(call: Call) -> Response:
    """Give a film, or a stretch of it."""
    recording, path = await call.quick(lambda _: found_file(call))
    told = await call.slow(lambda _: pictures_of(path))
    way, type_ = films.way_of(told)
    whole = call["start"] is None and call["end"] is None
    if whole and (call["format"] == "original" or way == "file"):
        return whole_file(path, films.type_of(told.kind), recording.place.full.name, call)
    start, end = span(call, recording)
    if call["format"] == "original":
        return await _made(call, films.type_of(told.kind), start, end, _cut(path, start, end))
    if type_ is None:
        raise _not_so(f"{path}: {films.why_not(told)}")
    kind = type_.partition(";")[0]
    return await _made(call, kind, start, end, _fragments(path, told, start, end))


async def pictures(call: Call, recording: Recording) -> dict[str, Any] | None:
    """Tell what is known of a recording's pictures; None if it has none, or is not there now."""

    def work(_: Stop) -> dict[str, Any] | None:
        try:
            path = file_of(recording)
            return _TOLD.get(identity(recording), lambda: _told(path))
        except (EarmarkError, OSError):
            return None

    return await call.slow(work)


def _told(path: Path) -> dict[str, Any] | None:
    try:
        return films.as_dict(pictures_of(path))
    except EarmarkError:
        return None


Make = Callable[[Path, Callable[[], None]], Path]


async def _made(call: Call, kind: str, start: float, end: float, make: Make) -> Response:
    """Make a stretch in a folder of its own, not larger than is allowed, and send it."""
    refuse_long(end - start, call.desk.limits.film)

    def work(folder: Path, stop: Stop) -> Path:
        def check() -> None:
            stop.check()
            _refuse_large(folder, call.desk.limits.stretch)

        try:
            made = make(folder, check)
        except CopyError as error:
            raise _not_so(str(error)) from error
        check()
        return made

    return await made_file(call, lambda _: kind, work)


def _cut(path: Path, start: float, end: float) -> Make:
    def make(folder: Path, check: Callable[[], None]) -> Path:
        with opened(path) as film:
            return cut_film(film, start, end, folder, check=check)[0]

    return make


def _fragments(path: Path, told: Pictures, start: float, end: float) -> Make:
    return lambda folder, check: films.fragments(path, told, start, end, folder / "film", check)


def _refuse_large(folder: Path, most: int) -> None:
    if sum(one.stat().st_size for one in folder.iterdir()) > most:
        raise RefusedError(413, f"more than {most:,} bytes", hint="ask for a shorter stretch")


def _not_so(problem: str) -> RefusedError:
    return RefusedError(
        409, problem, hint="take its sound (audio), single pictures (frame), or the whole file"
    )
