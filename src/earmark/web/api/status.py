"""How it stands: the library, its failed files, the server itself."""

from __future__ import annotations

import threading
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from earmark import __version__
from earmark.cli.hits import LEVELS
from earmark.cli.status import as_dict
from earmark.search.confidence import Calibration
from earmark.web.metrics import MEDIA
from earmark.web.respond import NO_STORE, as_json
from earmark.web.shelf import id_of
from earmark.web.spectrogram import RULE

if TYPE_CHECKING:
    from earmark.web.desk import Desk
    from earmark.web.endpoint import Call


async def status(call: Call) -> Response:
    """Tell what the library holds, and what this server does."""
    return as_json(await call.quick(lambda _: status_of(call.desk)))


async def failed(call: Call) -> Response:
    """List the files in which nothing could be heard, with the reason of each."""

    def work(_: object) -> dict[str, Any]:
        library = call.desk.library
        every = library.failed() if library.status().failed else []
        page = every[call["offset"] : call["offset"] + call["limit"]]
        rows = [{"id": id_of(r), "path": str(r.place.full), "reason": r.reason} for r in page]
        more = call["offset"] + len(page) < len(every)
        following = call["offset"] + len(page) if more else None
        return {"total": len(every), "failed": rows, "next_offset": following}

    return as_json(await call.quick(work))


async def health(_: Call) -> Response:
    """Say that the server answers."""
    return as_json({"status": "ok"})


async def metrics(call: Call) -> Response:
    """Give counts and times for Prometheus."""
    desk = call.desk
    held = await call.quick(lambda _: desk.library.status())
    running = sum(job.state == "running" for job in desk.jobs.all()) if desk.jobs else 0
    gauges: dict[str, tuple[str, float]] = {
        "recordings": ("Recordings of the library.", held.recordings),
        "failed_files": ("Files in which nothing could be heard.", held.failed),
        "sound_seconds": ("Seconds of sound in the library.", held.seconds),
        "moments": ("Vectors that are searched.", held.moments),
        "library_bytes": ("Bytes of the library.", held.bytes),
        "jobs_running": ("Index runs under way.", running),
        "busy_readers": ("Requests that ask the library, or wait to.", desk.readers.busy),
        "busy_decoders": ("Requests that read sound files, or wait to.", desk.decoders.busy),
        "streams": ("Sounds that are converted while they are sent.", desk.streams),
        "threads": ("Threads of the server.", threading.active_count()),
    }
    return Response(desk.metrics.text(gauges), 200, NO_STORE, MEDIA)


def status_of(desk: Desk) -> dict[str, Any]:
    """The library as `earmark status --json` has it, and the server beside it."""
    library, calibration = desk.library, Calibration.of(desk.library.model)
    return as_dict(library.status(), desk.home) | {
        "server": {
            "version": __version__,
            "read_only": desk.jobs is None,
            "limits": asdict(desk.limits),
            "keeps_tokens": library.store.keeps_tokens,
            "calibrated": calibration.calibrated,
            "line": round(calibration.line, 4),
            "spectrogram": {"low": RULE.low, "high": RULE.high},  # Hz, in mel from foot to top
            "levels": [{"least": least, "word": word} for least, word in LEVELS],
        }
    }
