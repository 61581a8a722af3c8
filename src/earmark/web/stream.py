"""Responses that hold something while they are sent, and let go of it however they end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, Response

from earmark.web.media import Bytes

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from earmark.web.desk import Desk


class Streamed(Response):
    """Bytes that are made in a thread, each piece when the one before was taken."""

    def __init__(
        self,
        desk: Desk,
        make: Callable[[], Bytes],
        size: int,
        status: int,
        headers: dict[str, str],
    ) -> None:
        super().__init__(None, status, headers)
        self.headers["content-length"] = str(size)
        self._desk, self._make = desk, make

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, until the caller has gone or the server ends."""
        with self._desk.stream():
            gone = asyncio.ensure_future(_gone(receive))
            pieces = self._make()
            try:
                await send(
                    {
                        "type": "http.response.start",
                        "status": self.status_code,
                        "headers": self.raw_headers,
                    }
                )
                if scope["method"] != "HEAD":
                    await self._send_all(pieces, send, gone)
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            finally:
                gone.cancel()
                await asyncio.shield(run_in_threadpool(pieces.close))

    async def _send_all(self, pieces: Bytes, send: Send, gone: asyncio.Future[None]) -> None:
        while piece := await run_in_threadpool(next, pieces, b""):
            if gone.done() or self._desk.closing.is_set():
                return
            await send({"type": "http.response.body", "body": piece, "more_body": True})


class Temporary(Response):
    """A file that was made for this response alone."""

    def __init__(self, folder: TemporaryDirectory[str], file: FileResponse) -> None:
        super().__init__()
        self._folder, self._file = folder, file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, and remove it."""
        try:
            await self._file(scope, receive, send)
        finally:
            self._folder.cleanup()


async def _gone(receive: Receive) -> None:
    with suppress(asyncio.CancelledError):
        while (await receive())["type"] != "http.disconnect":
            pass
