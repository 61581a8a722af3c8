"""Index runs: begin one, follow it as it goes, cancel it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from time import monotonic
from typing import TYPE_CHECKING, Any

from starlette.responses import Response, StreamingResponse

from earmark.errors import UsageError
from earmark.web.api.sent import sent_json
from earmark.web.problems import RefusedError
from earmark.web.respond import NO_STORE, as_json

if TYPE_CHECKING:
    from earmark.web.endpoint import Call
    from earmark.web.jobs import Job, Jobs

TICK = 0.1  # seconds between two looks
BEAT = 15.0  # seconds after which something is sent, so that nobody takes the line for dead
PATHS = 20


async def start_job(call: Call) -> Response:
    """Bring the library up to date with its folders, or with some of them."""
    jobs = _jobs(call)
    wish = await _wish(call)
    job = await call.quick(
        lambda _: jobs.start(wish["paths"], wish["exclude"], prune=wish["prune"])
    )
    return as_json(job.as_dict(), status=202, headers={"Location": f"/api/v1/jobs/{job.id}"})


async def all_jobs(call: Call) -> Response:
    """List the last runs, the newest first."""
    return as_json({"jobs": [job.as_dict() for job in _jobs(call).all()]})


async def one_job(call: Call) -> Response:
    """Tell how a run stands."""
    return as_json(_jobs(call).get(call["id"]).as_dict())


async def cancel_job(call: Call) -> Response:
    """Cancel a run; what was finished is kept."""
    job = _jobs(call).get(call["id"])
    job.cancel.set()
    return as_json(job.as_dict(), status=202)


async def follow_job(call: Call) -> Response:
    """Send how a run stands whenever that changes, until it ends: server-sent events."""
    job = _jobs(call).get(call["id"])
    headers = NO_STORE | {"X-Accel-Buffering": "no"}
    return StreamingResponse(_events(call, job), 200, headers, "text/event-stream")


async def _events(call: Call, job: Job) -> AsyncIterator[str]:
    seen, told = -1, monotonic()
    while not call.desk.closing.is_set():
        ended, version = job.ended is not None, job.version
        if version != seen:
            seen, told = version, monotonic()
            name = "end" if ended else "progress"
            yield f"event: {name}\ndata: {json.dumps(job.as_dict())}\n\n"
        elif monotonic() - told > BEAT:
            told = monotonic()
            yield ": still here\n\n"
        if ended:
            return
        await asyncio.sleep(TICK)


def _jobs(call: Call) -> Jobs:
    if call.desk.jobs is None:
        raise RefusedError(
            403, "this server only reads", hint="start it without --read-only to index from here"
        )
    return call.desk.jobs


async def _wish(call: Call) -> dict[str, Any]:
    """Read what is to be indexed."""
    given = await sent_json(call, '{"paths": []}')
    known = {"paths": [], "exclude": [], "prune": False}
    if not isinstance(given, dict) or not given.keys() <= known.keys():
        raise UsageError("the body is not what it should be", hint="use: paths, exclude, prune")
    wish: dict[str, Any] = known | given
    if not isinstance(wish["prune"], bool):
        raise UsageError("prune is not true or false", hint="write true or false")
    for name in ("paths", "exclude"):
        _check_texts(name, wish[name])
    return wish


def _check_texts(name: str, value: object) -> None:
    good = isinstance(value, list) and len(value) <= PATHS
    if not good or not all(isinstance(one, str) and _is_text(one) for one in value):  # type: ignore[attr-defined]
        raise UsageError(f"{name} is no list of up to {PATHS} texts", hint=f'send {{"{name}": []}}')


def _is_text(text: str) -> bool:
    """Whether a text may be a path or a pattern."""
    plain = "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
    return 0 < len(text) <= 4096 and plain
