"""Where a served library is, as it is typed, and who may ask it: `milvus://host:19530/name`."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from earmark.errors import UsageError

PORT = 19530
TOKEN, USER, PASSWORD = "EARMARK_MILVUS_TOKEN", "EARMARK_MILVUS_USER", "EARMARK_MILVUS_PASSWORD"
SCHEMES = {"milvus": "http", "milvus+tls": "https"}
_NAME = re.compile(r"[A-Za-z0-9_]{1,64}\Z")
_HINT = "write milvus://HOST:PORT/NAME, for example milvus://localhost:19530/sounds"


@dataclass(frozen=True, slots=True)
class Address:
    """A server and the name of a library there."""

    host: str
    port: int
    name: str
    scheme: str = "milvus"

    @classmethod
    def of(cls, text: str) -> Address:
        """Read it, or say what is wrong with it."""
        parts = urlsplit(text)
        if parts.username is not None:
            raise UsageError(
                "the address of a library names a user, and addresses are shown to others",
                hint=f"leave it out, and set {TOKEN}, or {USER} and {PASSWORD}",
            )
        try:
            host, port = parts.hostname, parts.port or PORT
        except ValueError as error:
            raise UsageError(f"{text}: {error}", hint=_HINT) from error
        name = parts.path.strip("/")
        if parts.scheme not in SCHEMES or not host or parts.query or parts.fragment:
            raise UsageError(f"{text} is not the address of a library", hint=_HINT)
        if not _NAME.match(name):
            raise UsageError(
                f"{name!r} cannot be the name of a library on a server",
                hint=f"use letters of English, digits and _, 64 at most; {_HINT}",
            )
        return cls(host, port, name, parts.scheme)

    def __str__(self) -> str:
        return f"{self.scheme}://{self._at}/{self.name}"

    @property
    def uri(self) -> str:
        """The server, as its client wants it."""
        return f"{SCHEMES[self.scheme]}://{self._at}"

    @property
    def _at(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def credentials() -> str:
    """Give what the environment says to show to a server: a token, `user:password`, or nothing."""
    token, user = os.environ.get(TOKEN, ""), os.environ.get(USER, "")
    if token or not user:
        return token
    return f"{user}:{os.environ.get(PASSWORD, '')}"
