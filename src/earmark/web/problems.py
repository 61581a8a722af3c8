"""Errors as RFC 9457 problem details: the same two lines as on a terminal, with a status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException

from earmark.audio.film.film import NoPicturesError
from earmark.errors import AudioError, EarmarkError, MissingExtraError, UsageError
from earmark.library.store.lock import HeldError
from earmark.web.respond import as_json

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

MEDIA = "application/problem+json"
TITLES = {
    400: "The request cannot be understood",
    401: "A token is needed",
    403: "Not allowed",
    404: "Not found",
    405: "This address takes other methods",
    408: "The request took too long to arrive",
    409: "Something else is under way",
    413: "Too large",
    415: "Another kind of body is needed",
    416: "No such part",
    421: "Another host was meant",
    422: "No sound that can be heard",
    500: "earmark failed",
    501: "Not installed",
    503: "Busy",
}
STATUSES: tuple[tuple[type[EarmarkError], int], ...] = (
    (UsageError, 400),
    (NoPicturesError, 404),
    (AudioError, 422),
    (HeldError, 409),
    (MissingExtraError, 501),
)
WAIT = "5"  # seconds until it is worth to try again


class RefusedError(EarmarkError):
    """A request that is not answered, with the status that says so."""

    def __init__(
        self, status: int, problem: str, *, hint: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(problem, hint=hint)
        self.status = status
        self.headers = headers or {}


def status_of(error: EarmarkError) -> int:
    """Give the status that an error has."""
    if isinstance(error, RefusedError):
        return error.status
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 500)


def problem_of(error: EarmarkError) -> Response:
    """Tell a caller what is wrong and what to do."""
    status = status_of(error)
    headers = dict(error.headers) if isinstance(error, RefusedError) else {}
    if status == 503:
        headers.setdefault("Retry-After", WAIT)
    return problem(status, error.problem, error.hint, headers)


def problem(status: int, detail: str, hint: str, headers: dict[str, str] | None = None) -> Response:
    """Make a problem."""
    value: dict[str, Any] = {
        "type": f"/docs#problem-{status}",
        "title": TITLES[status],
        "status": status,
        "detail": detail,
        "hint": hint,
    }
    return as_json(value, status=status, media=MEDIA, headers=headers)


async def on_earmark_error(_: Request, error: Exception) -> Response:
    """Answer with what an error of ours says."""
    assert isinstance(error, EarmarkError)  # noqa: S101 - it is registered for these alone
    return problem_of(error)


async def on_http_error(request: Request, error: Exception) -> Response:
    """Answer what the router refuses."""
    assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for these alone
    status = error.status_code if error.status_code in TITLES else 400
    detail = f"{request.method} {request.url.path}: {TITLES[status].lower()}"
    return problem(status, detail, "see what there is at /docs", dict(error.headers or {}))


async def on_crash(_: Request, __: Exception) -> Response:
    """Say that the fault is ours; what it was stands in the server's log."""
    return problem(500, "something went wrong here", "see what the server printed")
