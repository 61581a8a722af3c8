"""The door: who may ask, from where, how much may be sent, and what every answer says of safety.

- A `Host` must be an address, a name of this machine, or one that was allowed: a name that an
  attacker points at this machine (DNS rebinding) is none of them.
- An `Origin`, and what browsers say of the site that asks, must be our own: another page can
  neither change nor measure anything here.
- With a token, every address but the few of `OPEN` wants it.
- What is sent has a largest size, and both sides have a longest pause.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from ipaddress import ip_address
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse, Response

from earmark.web.limits import Limits
from earmark.web.problems import RefusedError, problem_of
from earmark.web.token import COOKIE, Token

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

API, MCP, LOGIN = "/api/", "/mcp", "/login"
UPLOADS = ("/api/v1/similar", "/api/v1/export")
OPEN = (LOGIN, "/static/plain.css", "/api/v1/health")  # without a token
DOORS = ("/", "/docs", LOGIN)  # a link on another site may lead here
NAMES = ("localhost",)
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with none, a form that is ours would come from "null"
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
}


class StalledError(Exception):
    """A caller does not take what it asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Who may ask."""

    token: Token | None = None
    hosts: frozenset[str] = frozenset()  # names, beside those of this machine
    limits: Limits = Limits()  # noqa: RUF009 - it is frozen


class Guard:
    """Stands before an app."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self._app, self._rules = app, rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            raise RuntimeError(f"a connection of the kind {scope['type']!r}")
        headers = Headers(scope=scope)
        sender = _Sender(send, self._rules.limits.stall, scope["path"])
        refused = self._refused(scope, headers)
        try:
            if refused is not None:
                await refused(scope, receive, sender)
            else:
                body = _Body(receive, self._rules.limits, _room(scope["path"], self._rules.limits))
                await self._app(scope, body, sender)
        except StalledError:
            return  # the server closes the line

    def _refused(self, scope: Scope, headers: Headers) -> Response | None:
        """Say why a request may not come in; None: it may."""
        try:
            check_host(headers.get("host"), self._rules.hosts)
            check_site(scope, headers)
            check_size(headers.get("content-length"), _room(scope["path"], self._rules.limits))
        except RefusedError as error:
            return problem_of(error)
        if self._rules.token is None or scope["path"] in OPEN:
            return None
        cookie = cookie_parser(headers.get("cookie", "")).get(COOKIE)
        if self._rules.token.lets_in(headers.get("authorization"), cookie):
            return None
        is_page = not scope["path"].startswith((API, MCP)) and scope["method"] == "GET"
        return RedirectResponse(LOGIN, 303) if is_page else problem_of(_no_token())


def check_host(host: str | None, allowed: frozenset[str]) -> None:
    """Raise unless a request means this server by an address or a known name."""
    name = _name_of(host or "")
    if name in NAMES or name in allowed or _is_address(name):
        return
    raise RefusedError(
        421,
        "this server is not called by the name in Host",
        hint="use its address, or start it with: --allow-host NAME",
    )


def check_site(scope: Scope, headers: Headers) -> None:
    """Raise for what a page of another site asks for."""
    origin, site = headers.get("origin"), headers.get("sec-fetch-site", "none")
    is_door = (
        scope["path"] in DOORS
        and scope["method"] in ("GET", "HEAD")
        and headers.get("sec-fetch-dest") == "document"
    )
    foreign = site not in ("none", "same-origin") and not is_door
    if origin is not None:
        foreign = foreign or urlsplit(origin).netloc.lower() != headers.get("host", "").lower()
    if foreign:
        raise RefusedError(
            403, "a page of another site asks", hint="open the page of this server itself"
        )


def check_size(length: str | None, room: int) -> None:
    """Raise for a body that says that it is too large."""
    if length is not None and (not length.isdecimal() or int(length[:18]) > room):
        raise _too_large(room)


class _Body:
    """What a caller sends: up to a size, without long pauses."""

    def __init__(self, receive: Receive, limits: Limits, room: int) -> None:
        self._receive, self._limits, self._room = receive, limits, room
        self._left, self._until, self._whole = room, monotonic() + limits.decoding, False

    async def __call__(self) -> Message:
        if self._whole:
            return await self._receive()
        patience = min(self._limits.stall, self._until - monotonic())
        try:
            message = await asyncio.wait_for(self._receive(), patience)
        except TimeoutError as error:
            raise RefusedError(
                408, "the request took too long to arrive", hint="send it without pauses"
            ) from error
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            self._whole = not message.get("more_body", False)
        if self._left < 0:
            raise _too_large(self._room)
        return message


class _Sender:
    """What a caller gets: with headers of safety, and not for longer than it takes it."""

    def __init__(self, send: Send, stall: float, path: str) -> None:
        self._send, self._stall = send, stall
        self._is_data = path.startswith((API, MCP))
        self._policy = DATA_POLICY if self._is_data else PAGE_POLICY

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in {**HEADERS, "Content-Security-Policy": self._policy}.items():
                headers[name] = value
            if not self._is_data:
                headers.setdefault("Cache-Control", "no-cache")  # a page of two versions is broken
        try:
            await asyncio.wait_for(self._send(message), self._stall)
        except TimeoutError as error:
            raise StalledError from error


def _room(path: str, limits: Limits) -> int:
    return limits.upload if path in UPLOADS else limits.body


def _too_large(room: int) -> RefusedError:
    return RefusedError(413, f"more than {room:,} bytes are sent", hint="send less at once")


def _no_token() -> RefusedError:
    return RefusedError(
        401,
        "this server wants a token",
        hint="send the header Authorization: Bearer TOKEN, or open /login",
        headers={"WWW-Authenticate": "Bearer"},
    )


def _name_of(host: str) -> str:
    """The name or address in a `Host`, without its port."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
