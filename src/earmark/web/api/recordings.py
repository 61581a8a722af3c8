"""The recordings of a library: a list in pages, one by one, and the moments in one of them."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from earmark.audio.ucs import parse_name
from earmark.errors import UsageError
from earmark.library.store.contract import Filter, ForgottenError
from earmark.search.answer import Answer
from earmark.search.describe.formats import Description
from earmark.search.filters import filter_of
from earmark.search.hits import Drives
from earmark.search.tokens import tokens_of
from earmark.search.within import Within
from earmark.web.api.film import pictures
from earmark.web.api.search import addresses, words_of
from earmark.web.problems import RefusedError
from earmark.web.respond import as_json
from earmark.web.shelf import by_id, by_path

if TYPE_CHECKING:
    from starlette.responses import Response

    from earmark.library.nouns import Recording
    from earmark.search.query import Plan
    from earmark.web.desk import Desk
    from earmark.web.endpoint import Call


async def recordings(call: Call) -> Response:
    """List recordings in the order in which they were indexed, a page at a time."""

    def work(_: object) -> dict[str, Any]:
        store = call.desk.library.store
        if call["path"] is not None:
            found = [by_path(store, call["path"])]
            return {"total": 1, "recordings": _rows(found), "next_after": None}
        ids = store.where(_filter(call["filter"]))
        first = int(np.searchsorted(ids, call["after"], side="right"))
        page = ids[first : first + call["limit"]]
        found = sorted(store.recordings(page), key=lambda one: one.id)
        more = first + len(page) < len(ids)
        return {
            "total": len(ids),
            "recordings": _rows(found),
            "next_after": int(page[-1]) if more and len(page) else None,
        }

    return as_json(await call.quick(work))


async def recording(call: Call) -> Response:
    """Tell what is known of one recording."""

    def work(_: object) -> tuple[Recording, dict[str, Any]]:
        store = call.desk.library.store
        found = by_id(store, call["id"])
        same = [] if found.sound is None else store.of_sounds([found.sound])
        copies = [str(one.place.full) for one in same if one.id != found.id]
        return found, as_dict(found, Drives()) | {"copies": copies}

    found, told = await call.quick(work)
    return as_json(told | {"pictures": await pictures(call, found)})


async def moments(call: Call) -> Response:
    """Find the moments of one recording, and tell how well it matches from beginning to end."""

    def work(_: object) -> dict[str, Any]:
        desk, plan = call.desk, words_of(call)
        inside = within(desk, by_id(desk.library.store, call["id"]))
        answer = answer_within(desk, inside, plan, limit=call["limit"], unsure=call["unsure"])
        curves = inside.curves(plan, call["parts"], most=call["points"])
        return answer.as_dict() | {
            "calibrated": answer.calibrated,
            "curves": [one.as_dict() for one in curves],
        }

    return as_json(await call.quick(work))


async def description(call: Call) -> Response:
    """Say in plain words what is heard in one recording, and when."""

    def work(_: object) -> dict[str, Any]:
        return described(call.desk, by_id(call.desk.library.store, call["id"]))

    return as_json(await call.quick(work))


def within(desk: Desk, found: Recording) -> Within:
    """What was heard in a recording; raise if nothing was."""
    if found.sound is None:
        raise RefusedError(
            422, f"{found.place.full}: {found.reason}", hint="see: earmark status --failed"
        )
    try:
        return Within(desk.library.store, desk.library.model, found)
    except ForgottenError as error:
        raise RefusedError(
            404, f"{found.place.full} was indexed anew just now", hint="ask again"
        ) from error


def answer_within(desk: Desk, inside: Within, plan: Plan, *, limit: int, unsure: bool) -> Answer:
    """Find moments as `earmark moments` does."""
    if plan.filter:
        raise UsageError(
            "filters choose among recordings, and this is one",
            hint="leave them out, or search in the library",
        )
    began = perf_counter()
    hits = inside.moments(plan, limit=limit, unsure=unsure)
    return Answer(
        query=plan.text,
        model=desk.library.model.name,
        hits=hits,
        took_ms=round(1000 * (perf_counter() - began), 1),
        calibrated=inside.calibrated,
    )


def described(desk: Desk, found: Recording) -> dict[str, Any]:
    """Say what is heard, from what was kept when it was indexed."""
    inside = within(desk, found)
    if not inside.has_tokens:
        raise RefusedError(
            409,
            "this library keeps no tokens, by which sounds are named",
            hint="hear the file again with: earmark describe FILE",
        )
    path, name = str(found.place.full), desk.library.model.name
    return Description(path, name, inside.sayings()).as_dict()


def as_dict(found: Recording, drives: Drives) -> dict[str, Any]:
    """Give a recording as plain JSON values."""
    ucs = parse_name(Path(found.place.path))
    return {
        **addresses(found),
        "path": str(found.place.full),
        "root": str(found.place.root),
        "seconds": round(found.seconds, 3),
        "bytes": found.size,
        "changed": round(found.mtime / 1e9, 3),
        "tags": found.tags,
        "ucs": ucs.cat_id if ucs else None,
        "away": drives.is_away(found.place.root),
        "reason": found.reason or None,
    }


def _rows(found: list[Recording]) -> list[dict[str, Any]]:
    drives = Drives()
    return [as_dict(one, drives) for one in found]


def _filter(text: str | None) -> Filter:
    """Read filters alone, as they stand in a query."""
    tokens = list(tokens_of(text, alone=True)) if text else []
    if any(token.kind != "filter" for token in tokens):
        raise UsageError("a list takes filters alone", hint="write: in:field longer:5s tag:night")
    return filter_of((token.text, token.value) for token in tokens)
