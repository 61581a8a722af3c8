"""Searching: words, examples, how a hit came about, hits for other programs.

Every answer comes from `Library.answer`, as on the command line. `hits` are the same JSON as there;
what the API adds stands beside them: `links` in the same order, and where the next page is.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from earmark.audio.film.film import is_film
from earmark.audio.ucs import parse_name
from earmark.errors import UsageError
from earmark.library.library import plan_of_example
from earmark.search.explain import Why
from earmark.search.formats import FORMATS
from earmark.search.times import span_text
from earmark.search.tokens import QUOTES
from earmark.web.api.params import refuse_stretch, wish_of
from earmark.web.problems import RefusedError
from earmark.web.respond import NO_STORE, as_json
from earmark.web.shelf import by_id, by_path, example_of, id_of, known_at, plan_of
from earmark.web.upload import uploaded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from earmark.library.nouns import Recording
    from earmark.search.answer import Answer
    from earmark.search.query import Plan
    from earmark.search.wish import Wish
    from earmark.types import Hit
    from earmark.web.desk import Desk
    from earmark.web.endpoint import Call

MEDIA = {  # of `export`, and the suffix of a file
    "json": ("application/json", "json"),
    "jsonl": ("application/jsonl", "jsonl"),
    "csv": ("text/csv", "csv"),
    "m3u": ("audio/x-mpegurl", "m3u8"),
    "audacity": ("text/plain", "txt"),
    "raven": ("text/tab-separated-values", "selections.txt"),
    "reaper": ("text/csv", "csv"),
}


async def search(call: Call) -> Response:
    """Find recordings, and the moment in each, with words."""
    return as_json(await call.quick(lambda _: _page(call, words_of(call))))


async def similar(call: Call) -> Response:
    """Find what sounds like a recording of the library, or like a stretch of it."""
    return as_json(await call.slow(lambda _: _page(call, _example(call))))


async def similar_to_upload(call: Call) -> Response:
    """Find what sounds like a file that is sent, or like a stretch of it."""
    async with uploaded(call) as (path, name):
        plan = _told(path, name, call)
        return as_json(await call.slow(lambda _: _page(call, plan)))


async def explain(call: Call) -> Response:
    """Say how a recording fares with a query, and why."""
    wish = replace(wish_of(call, call.desk.limits.deep), unsure=True, duplicates=True)

    def work(_: object) -> dict[str, Any]:
        store = call.desk.library.store
        recording = by_id(store, call["id"])
        answer = call.desk.library.answer(words_of(call), wish)
        path = str(recording.place.full)
        hit = next((hit for hit in answer.hits if hit.path == path), None)
        if hit is None:
            raise RefusedError(
                404,
                f"it is not among the first {len(answer.hits)} of this query",
                hint="ask for another recording, or in other words",
            )
        return {"query": answer.query, "hit": hit.as_dict(), "why": why_of(hit)}

    return as_json(await call.quick(work))


async def export(call: Call) -> Response:
    """Give the hits of a query as a file for another program."""
    return _as_file(call, await call.quick(lambda _: _exported(call, words_of(call))))


async def export_of_upload(call: Call) -> Response:
    """Give what sounds like a file that is sent, as a file for another program."""
    async with uploaded(call) as (path, name):
        plan = _told(path, name, call)
        return _as_file(call, await call.slow(lambda _: _exported(call, plan)))


def _exported(call: Call, plan: Plan) -> str:
    """Write the hits that are asked for; ranks reach as deep as they say."""
    ranks = call["ranks"]
    wish = wish_of(call, max(ranks) if ranks else call["limit"])
    return exported(call.desk.library.answer(plan, wish), call["format"], ranks)


def _as_file(call: Call, text: str) -> Response:
    media, suffix = MEDIA[call["format"]]
    headers = {"Content-Disposition": f'attachment; filename="earmark.{suffix}"', **NO_STORE}
    return Response(text.encode("utf-8", "surrogateescape"), 200, headers, media)


def words_of(call: Call) -> Plan:
    """Understand the query of a call."""
    desk = call.desk
    return plan_of(desk.library.store, call["q"], desk.limits.sound)


def exported(answer: Answer, name: str, ranks: Sequence[int] | None) -> str:
    """Write an answer, or those of its hits that were chosen, in a format."""
    hits = [hit for hit in answer.hits if ranks is None or hit.rank in ranks]
    return FORMATS[name](replace(answer, hits=hits))


def links_of(desk: Desk, hit: Hit) -> dict[str, Any]:
    """What can be done with a hit; `like` is what to add to a query for more of it."""
    recording = known_at(desk.library.store, hit.path)
    if recording is None:  # it was forgotten just now
        return dict.fromkeys(("id", "self", "audio", "video", "like", "ucs"))
    span = span_text(round(hit.start, 2), round(hit.end, 2))
    quoted = None if any(mark in hit.path for mark in QUOTES) else f'@"{hit.path}"{span}'
    ucs = parse_name(Path(hit.path))
    return {**addresses(recording), "like": quoted, "ucs": ucs.cat_id if ucs else None}


def addresses(recording: Recording) -> dict[str, str | None]:
    """Where a recording and its sound are found, and its film, if its name is one of a film."""
    number = id_of(recording)
    home = f"/api/v1/recordings/{number}"
    video = f"{home}/video" if is_film(recording.place.path) else None
    return {"id": number, "self": home, "audio": f"{home}/audio", "video": video}


def why_of(hit: Hit) -> dict[str, Any]:
    """How a hit came about, in sentences and in numbers."""
    why = hit.why
    assert isinstance(why, Why)  # noqa: S101 - every hit of a search has it
    return {"says": why.lines(), **why.as_dict()}


def page_of(
    desk: Desk, plan: Plan, wish: Wish, *, offset: int = 0, explain: bool = False
) -> dict[str, Any]:
    """Answer with the hits from `offset` on, up to the limit of the wish."""
    answer = desk.library.answer(plan, wish)
    more = len(answer.hits) == wish.limit and wish.limit < desk.limits.deep
    page = replace(answer, hits=answer.hits[offset:])
    value = page.as_dict() | {
        "calibrated": answer.calibrated,
        "links": [links_of(desk, hit) for hit in page.hits],
        "next_offset": wish.limit if more else None,
    }
    return value | ({"why": [why_of(hit) for hit in page.hits]} if explain else {})


def _page(call: Call, plan: Plan) -> dict[str, Any]:
    """Answer with the page that a call asks for."""
    offset = call["offset"]
    wish = wish_of(call, offset + call["limit"])
    return page_of(call.desk, plan, wish, offset=offset, explain=call["explain"])


def _told(path: Path, name: str, call: Call) -> Plan:
    """What sounds like a file that was sent, under the name that it has there."""
    start, end = call["start"], call["end"]
    return replace(plan_of_example(path, start, end), text=f"@{name}{span_text(start, end)}")


def _example(call: Call) -> Plan:
    start, end = call["start"], call["end"]
    path = example_path(call.desk, call["id"], call["path"], start, end)
    return plan_of_example(path, start, end)


def example_path(
    desk: Desk, number: str | None, path: str | None, start: float | None, end: float | None
) -> str:
    """The file of a recording that is named by its id or by its path."""
    store = desk.library.store
    if (number is None) == (path is None):
        raise UsageError("an example is named by its id or by its path", hint="give one of the two")
    recording = by_id(store, number) if number else by_path(store, path or "")
    refuse_stretch(start, end)
    return str(example_of(store, recording, start, end, desk.limits.sound))
