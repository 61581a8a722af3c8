"""The JSON that a caller sends: of the one media type that no form of another site can have."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from earmark.errors import UsageError
from earmark.web.problems import RefusedError

if TYPE_CHECKING:
    from earmark.web.endpoint import Call


async def sent_json(call: Call, example: str) -> Any:  # noqa: ANN401 - whatever was sent
    """Read what was sent, or say what it should be like."""
    media = call.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/json":
        raise RefusedError(415, "this takes application/json", hint=f"send {example}")
    try:
        return json.loads(await call.request.body())
    except (ValueError, RecursionError) as error:
        raise UsageError("the body is not JSON", hint=f"send {example}") from error
