"""Hits judged right or wrong, if the server was started for that: what stands, what to judge next.

Everything is read from the file of judgements when it is asked for, since people and other programs
write to it as well. Nothing is ever taken out of it from here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from earmark.errors import UsageError
from earmark.search.judged.contents import NOTHING, Contents, Judged, as_filed, settle
from earmark.search.judged.judgement import Judgement, moment_to_judge, now
from earmark.search.judged.labels import add_judgement, labels_so_far
from earmark.search.wish import Wish
from earmark.types import Moment
from earmark.web.api.params import LATEST, refuse_stretch
from earmark.web.api.params import QUERY as Q
from earmark.web.api.search import page_of, words_of
from earmark.web.api.sent import sent_json
from earmark.web.problems import RefusedError
from earmark.web.respond import as_json
from earmark.web.shelf import by_id, known_at, plan_of

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.responses import Response

    from earmark.web.desk import Desk
    from earmark.web.endpoint import Call

QUERY = replace(Q, name="query")
EXAMPLE = '{"query": "rain", "id": "1-0a1b2c3d", "start": 0, "end": 5, "right": true}'
WHY = "see: earmark status --failed"
KINDS: dict[str, tuple[type, ...]] = {
    "query": (str,),
    "id": (str,),
    "start": (int, float),
    "end": (int, float),
    "right": (bool,),
}


async def all_labels(call: Call) -> Response:
    """Tell of which queries hits were judged, and how many."""

    def work(_: object) -> dict[str, Any]:
        file = _file(call.desk)
        told = as_filed(labels_so_far(file))
        return {
            "file": str(file),
            "queries": [_counts(query, judged) for query, judged in told.items()],
        }

    return as_json(await call.quick(work))


async def hits_to_judge(call: Call) -> Response:
    """Give the first hits of a query, and beside each what was said of it."""

    def work(_: object) -> dict[str, Any]:
        file, store = _file(call.desk), call.desk.library.store
        plan = words_of(call)
        page = page_of(call.desk, plan, Wish(limit=call["limit"], unsure=True))
        found = [known_at(store, hit["path"]) for hit in page["hits"]]
        shown = Contents(one for one in found if one)
        judged = settle(labels_so_far(file), shown).queries.get(plan.text, NOTHING)
        verdicts = [
            judged.verdict(one.digest, Moment(hit["start"], hit["end"])) if one else None
            for one, hit in zip(found, page["hits"], strict=True)
        ]
        return page | {"right": verdicts}

    return as_json(await call.quick(work))


async def judge(call: Call) -> Response:
    """Keep whether a hit is right."""
    file, desk = _file(call.desk), call.desk
    if desk.jobs is None:
        raise RefusedError(
            403, "this server only reads", hint="start it without --read-only to judge hits"
        )
    said = _checked(await sent_json(call, EXAMPLE))

    def work(_: object) -> dict[str, Any]:
        store = desk.library.store
        recording = by_id(store, said["id"])
        if recording.sound is None:
            raise RefusedError(422, f"nothing is heard in {recording.place.full}", hint=WHY)
        query = plan_of(store, said["query"], desk.limits.sound).text
        one = Judgement(
            query=query,
            right=said["right"],
            path=recording.place.path,
            moment=moment_to_judge(said["start"], said["end"], recording.seconds),
            when=now(),
            content=recording.digest,
        )
        add_judgement(file, one)
        return _counts(query, as_filed(labels_so_far(file))[query])

    return as_json(await call.quick(work))


def _file(desk: Desk) -> Path:
    if desk.labels is None:
        raise RefusedError(
            404,
            "hits are not judged here",
            hint="start the server with: earmark serve --label FILE",
        )
    return desk.labels


def _counts(query: str, judged: Judged) -> dict[str, Any]:
    right = len(judged.wanted)
    return {"query": query, "right": right, "wrong": len(judged.said) - right}


def _checked(given: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever was sent
    """Raise unless it is a verdict."""
    if not isinstance(given, dict) or given.keys() != KINDS.keys():
        raise UsageError(f"the body has to have: {', '.join(KINDS)}", hint=f"send {EXAMPLE}")
    for name, kinds in KINDS.items():
        value = given[name]
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise UsageError(f"{name} is of the wrong kind", hint=f"send {EXAMPLE}")
    QUERY.read(given["query"])
    for name in ("start", "end"):
        if not 0 <= given[name] <= LATEST:
            raise UsageError(f"{name} is no time in a recording", hint=f"send {EXAMPLE}")
    refuse_stretch(given["start"], given["end"])
    return given
