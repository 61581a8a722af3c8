"""JSON as it is sent: ASCII alone, so that a file name that is no text is still written."""

from __future__ import annotations

import json

from starlette.responses import Response

NO_STORE = {"Cache-Control": "no-store"}


def as_json(
    value: object,
    *,
    status: int = 200,
    media: str = "application/json",
    headers: dict[str, str] | None = None,
) -> Response:
    """Send a value."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    return Response(text, status, {**NO_STORE, **(headers or {})}, media)
