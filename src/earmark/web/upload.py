"""A sound that is sent: kept for the time of one request, and looked at before it is heard.

Its name is never used for a file, only shown. It is decoded once to see that it is sound of a
bounded length, rate and number of channels; a small file can be days of silence.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from earmark.audio.read import open_sound
from earmark.errors import AudioError, UsageError
from earmark.web.api.params import refuse_stretch
from earmark.web.problems import RefusedError

if TYPE_CHECKING:
    from earmark.web.endpoint import Call
    from earmark.web.limits import Limits
    from earmark.web.work import Stop

NAME = 100  # letters of a name that are shown


@asynccontextmanager
async def uploaded(call: Call) -> AsyncIterator[tuple[Path, str]]:
    """Receive the file of a request: its place, and what it is called."""
    media = call.request.headers.get("content-type", "")
    if media.partition(";")[0].strip().lower() != "multipart/form-data":
        raise RefusedError(
            415, "a sound is sent as multipart/form-data", hint="name the field: file"
        )
    refuse_stretch(call["start"], call["end"])
    with TemporaryDirectory(prefix="earmark-upload-") as folder:
        path = Path(folder) / "sound"
        name = await _receive(call, path)
        start, end, limits = call["start"], call["end"], call.desk.limits
        try:
            await call.slow(lambda stop: look(path, start, end, limits, stop))
            yield path, name
        except AudioError as error:  # which names a file that only this request knows
            raise AudioError(name, error.reason, hint=error.hint) from error


async def _receive(call: Call, path: Path) -> str:
    """Write the one file of a form: -> what it is called."""
    try:
        async with call.request.form(max_files=1, max_fields=0) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise UsageError("no file was sent", hint="send a sound in the field: file")
            with path.open("wb") as out:
                await call.slow(lambda _: shutil.copyfileobj(file.file, out))
            return shown(file.filename or "upload")
    except HTTPException as error:  # what the form's parser says of bytes that are no form
        raise UsageError("the form cannot be read", hint="send one file, named: file") from error


def shown(name: str) -> str:
    """A name as it may be shown: its last part, without letters that are none."""
    last = name.replace("\\", "/").rpartition("/")[2][:NAME]
    return "".join(c if c.isprintable() and c not in '"@' else "_" for c in last) or "upload"


def look(path: Path, start: float | None, end: float | None, limits: Limits, stop: Stop) -> None:
    """Decode a sound, or a stretch of it, and raise where it goes beyond the limits."""
    with open_sound(path, start=start or 0.0, end=end) as sound:
        facts, samples = sound.facts, 0
        if facts.channels > limits.channels or facts.rate > limits.rate:
            raise _too_much(
                f"it has {facts.channels} channels at {facts.rate} Hz",
                f"send at most {limits.channels} channels and {limits.rate} Hz",
            )
        for block in sound:
            stop.check()
            samples += len(block)
            if samples > limits.sound * facts.rate:
                raise _too_much(
                    f"more than {limits.sound:g} s would have to be heard",
                    "send a shorter sound, or say which stretch is meant: start and end",
                )
    if not samples:
        raise AudioError(path, "there is no sound in it", hint="send a sound that can be heard")


def _too_much(problem: str, hint: str) -> RefusedError:
    return RefusedError(413, problem, hint=hint)
