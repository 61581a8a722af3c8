"""Uvicorn as we run it: no line of a log tells what was asked for, nobody may keep a line waiting.

A caller has some seconds for the head of a request, a listener of events hears when the server is
to end, and what is under way then gets some seconds.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from earmark.errors import EarmarkError
from earmark.web.guard import Guard
from earmark.web.limits import Limits

if TYPE_CHECKING:
    from types import FrameType

    from earmark.web.desk import Desk

GRACE = 5  # seconds for what is under way when the server is to end
HEAD = 32_768  # bytes of the head of a request
CALLERS = 256  # lines and requests at once
BACKLOG = 128
HEAD_SECONDS = Limits().stall


class Impatient(H11Protocol):
    """Hangs up on a caller whose request has not begun after some seconds."""

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 - as uvicorn has it
        """Begin to wait."""
        super().connection_made(transport)
        send_at_once(transport.get_extra_info("socket"))
        self._hang_up: asyncio.TimerHandle | None = None
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Stop waiting once there is a request; wait for the rest of a head that has begun."""
        super().data_received(data)
        if self._is_served():
            self._forget()
        elif self._hang_up is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._forget()
        super().connection_lost(exc)

    def _is_served(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _wait(self) -> None:
        self._hang_up = self.loop.call_later(self.seconds, self._end)

    @property
    def seconds(self) -> float:
        """How long a head may take."""
        return float(getattr(self.config, "head_seconds", HEAD_SECONDS))

    def _forget(self) -> None:
        if self._hang_up is not None:
            self._hang_up.cancel()
            self._hang_up = None

    def _end(self) -> None:
        self._hang_up = None
        if not self._is_served():
            self.transport.close()


class Server(uvicorn.Server):
    """Tells the desk when it is to end."""

    def __init__(self, app: Guard, desk: Desk, head_seconds: float = HEAD_SECONDS) -> None:
        config = uvicorn.Config(
            app,
            http=Impatient,
            ws="none",
            loop="asyncio",
            lifespan="on",
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=CALLERS,
            timeout_graceful_shutdown=GRACE,
            h11_max_incomplete_event_size=HEAD,
        )
        config.head_seconds = head_seconds
        super().__init__(config)
        self._desk = desk

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End what only waits, then all else."""
        self._desk.closing.set()
        super().handle_exit(sig, frame)


def listen(host: str, port: int) -> socket.socket:
    """Take an address, or raise if it cannot be had; port 0 is any that is free."""
    try:
        if not 0 <= port <= 65_535:
            raise OverflowError(f"there is no port {port}")
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, *_, address = found[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except (OSError, OverflowError) as error:
        raise EarmarkError(
            f"cannot listen at {host}, port {port}: {getattr(error, 'strerror', None) or error}",
            hint="choose another with --port, or 0 for any that is free",
        ) from error


def address_of(sock: socket.socket, host: str) -> str:
    """Write where a browser finds it."""
    port = sock.getsockname()[1]
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}/"


def send_at_once(sock: Any) -> None:  # noqa: ANN401 - as asyncio wraps it
    """Let no answer wait until its head was received, which callers tell up to 40 ms later.

    asyncio does this for sockets that name TCP; those of `socket.create_server` name nothing.
    """
    with suppress(OSError):  # a caller that has left already
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
