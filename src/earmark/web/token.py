"""The secret that a caller must know, and how it is told: compared in constant time, never shown.

A browser cannot add a header to the address of a sound, so a page that was opened with the token
gets a cookie. The cookie is derived from the token and does not tell it.
"""

from __future__ import annotations

import hmac
import os
from hashlib import sha256
from pathlib import Path
from typing import Self

from earmark.errors import UsageError

VARIABLE = "EARMARK_TOKEN"
COOKIE = "earmark"
SHORTEST = 16  # letters


class Token:
    """A secret; printing it shows nothing."""

    def __init__(self, text: str) -> None:
        if len(text) < SHORTEST:
            raise UsageError(
                f"a token of {len(text)} letters is too short",
                hint=f"use {SHORTEST} or more, as of: openssl rand -hex 32",
            )
        self._digest = sha256(text.encode("utf-8", "surrogateescape")).digest()
        self.cookie = hmac.new(self._digest, b"earmark cookie", "sha256").hexdigest()

    @classmethod
    def given(cls, file: Path | None) -> Self | None:
        """Read it from a file, else from the environment; None if it is in neither."""
        if file is not None:
            return cls(_read(file))
        text = os.environ.get(VARIABLE, "").strip()
        return cls(text) if text else None

    def is_right(self, given: str) -> bool:
        """Whether a caller knows it; it takes as long for any wrong one."""
        return hmac.compare_digest(sha256(given.encode("utf-8", "replace")).digest(), self._digest)

    def lets_in(self, authorization: str | None, cookie: str | None) -> bool:
        """Whether a header or a cookie shows that a caller knows it."""
        kind, _, text = (authorization or "").partition(" ")
        by_header = kind.lower() == "bearer" and self.is_right(text.strip())
        by_cookie = hmac.compare_digest(
            (cookie or "").encode("utf-8", "replace"), self.cookie.encode()
        )
        return by_header or by_cookie


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"the token cannot be read from {file}", hint="write one line of text into it"
        ) from error
