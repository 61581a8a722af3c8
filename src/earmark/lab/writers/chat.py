"""Chat completions of any address that is like OpenAI's: one question, one answer.

The key goes into one header of the request and nowhere else: not into messages, files or reprs,
and not to another address, as no redirect is followed. What passes (a time-out, a busy or broken
server) is tried again, later each time, and as late as the server asks for; what does not pass is
an error at once.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

from earmark.errors import DataError, UsageError
from earmark.lab.writers import Wish
from earmark.lab.writers.pace import Pace

TRIES = 5
FIRST_WAIT = 0.5  # seconds before the second try; twice as long before each further one
LONGEST_WAIT = 120.0  # seconds that a server may ask for
MOST_BYTES = 1_000_000  # of an answer
PASSING = {408, 409, 425, 429, 500, 502, 503, 504, 529}
SHOWN = 160  # characters of what a server said
AGAIN = "what was written is kept: run the same command again later"


class _Stay(HTTPRedirectHandler):
    """Follow no redirect, since the key would go along."""

    def redirect_request(self, *_: object) -> None:
        """Say that there is nothing to follow."""


class _TryAgain(Exception):  # noqa: N818 - it never leaves this file
    """It may work later: why it did not, and in how many seconds."""

    def __init__(self, why: str, seconds: float | None = None) -> None:
        super().__init__(why)
        self.seconds = seconds


@dataclass(frozen=True)
class Chat:
    """An address, a model, and how often it is asked."""

    url: str
    model: str
    key_from: str
    timeout: float
    pace: Pace = field(repr=False)
    key: str = field(repr=False)
    opener: OpenerDirector = field(repr=False, default_factory=lambda: build_opener(_Stay))

    def ask(self, prompt: str) -> str:
        """Ask, and give what was said; nothing if the model would not say anything."""
        for number in range(TRIES):
            self.pace.wait()
            try:
                return self._said(self._post(prompt))
            except _TryAgain as failed:
                wait = FIRST_WAIT * 2**number if failed.seconds is None else failed.seconds
                why = str(failed)
            if wait > LONGEST_WAIT:
                raise DataError(f"{self.url} asks to wait {wait:.0f} s ({why})", hint=AGAIN)
            self.pace.pause(wait)
        raise DataError(f"{self.url} does not answer: {why}, {TRIES} times", hint=AGAIN)

    def _post(self, prompt: str) -> bytes:
        body = {"model": self.model, "messages": [{"role": "user", "content": prompt}]}
        headers = {"Content-Type": "application/json", "User-Agent": "earmark"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        request = Request(  # noqa: S310 - `open_chat` has looked at the scheme
            f"{self.url}/chat/completions", json.dumps(body).encode(), headers, method="POST"
        )
        try:
            with self.opener.open(request, timeout=self.timeout) as answer:
                found: bytes = answer.read(MOST_BYTES)
                if answer.length:
                    raise _TryAgain("its answer was cut short")
                return found
        except HTTPError as error:
            with error:
                raise self._refused(error) from None
        except (OSError, HTTPException) as error:
            raise _TryAgain(self._plain(getattr(error, "reason", None) or error)) from None

    def _refused(self, error: HTTPError) -> Exception:
        """Make the error for an answer that is none."""
        said, at = self._why(error), f"({error.code})"
        if error.code in PASSING:
            return _TryAgain(f"{said} {at}", _seconds(error.headers.get("Retry-After")))
        if error.code in (401, 403):
            have = f"does not take the key in {self.key_from}" if self.key else "wants a key"
            hint = f"put the key into the environment: export {self.key_from}=..."
            return UsageError(f"{self.url} {have} {at}: {said}", hint=hint)
        if "model" in said.casefold():
            hint = f"name one of those that {self.url}/models lists"
            return UsageError(f"{self.url} has no model {self.model!r} {at}: {said}", hint=hint)
        hint = "is this the address up to and with /v1, such as http://localhost:11434/v1?"
        return UsageError(f"{self.url} is no chat endpoint {at}: {said}", hint=hint)

    def _why(self, error: HTTPError) -> str:
        """What a server says in its refusal, if it says anything that can be read."""
        try:
            told = json.loads(error.read(MOST_BYTES))["error"]
            return self._plain(told["message"] if isinstance(told, Mapping) else told)
        except (OSError, HTTPException, ValueError, KeyError, TypeError):
            return self._plain(error.reason)

    def _said(self, answer: bytes) -> str:
        try:
            told: Any = json.loads(answer)
            said = told["choices"][0]["message"].get("content")
        except (ValueError, LookupError, TypeError, AttributeError):
            raise DataError(
                f"{self.url} answers with something else than chat completions: "
                f"{self._plain(answer[:SHOWN].decode(errors='replace'))!r}",
                hint="is this the address up to and with /v1, such as http://localhost:11434/v1?",
            ) from None
        return said if isinstance(said, str) else ""

    def _plain(self, told: object) -> str:
        """Text on one line, short, and without the key."""
        text = " ".join(str(told).split())
        return (text.replace(self.key, "***") if self.key else text)[:SHOWN]


def open_chat(wish: Wish) -> Chat:
    """Make a chat of what is wished for, with the key out of the environment; nothing is asked."""
    url = wish.url.rstrip("/").removesuffix("/chat/completions")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise UsageError(
            f"{wish.url!r} is no address of an endpoint",
            hint="say it up to and with /v1, such as http://localhost:11434/v1",
        )
    if not wish.model:
        raise UsageError("no model is named", hint=f"name one of those that {url}/models lists")
    key = os.environ.get(wish.key_from, "").strip()
    if not key.isascii() or not key.isprintable() or " " in key:
        raise UsageError(
            f"what is in {wish.key_from} is no key", hint="it has blanks, or letters no key has"
        )
    return Chat(url, wish.model, wish.key_from, wish.timeout, Pace(wish.per_minute), key)


def _seconds(after: str | None) -> float | None:
    """Read a Retry-After: seconds, or a date; what is neither says nothing."""
    try:
        return max(0.0, float(after or ""))
    except ValueError:
        pass
    try:
        left = parsedate_to_datetime(after or "") - datetime.now(UTC)
    except (ValueError, TypeError):
        return None
    return max(0.0, left.total_seconds())
