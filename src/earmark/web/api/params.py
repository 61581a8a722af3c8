"""Values that several addresses take."""

from __future__ import annotations

from dataclasses import replace

from earmark.errors import UsageError
from earmark.search.wish import Wish
from earmark.web.endpoint import Call, Param
from earmark.web.limits import Limits

LIMITS = Limits()
LATEST = 1e7  # seconds; no recording is longer

ID = Param(name="id", does="the id of a recording", required=True, longest=30, example="1-0a1b2c3d")
PATH = Param(name="path", does="where a recording of the library lies, in full", longest=4_096)
QUERY = Param(
    name="q",
    does="what should be heard, in the query language of docs/guide.md",
    required=True,
    longest=LIMITS.query,
    example="rain on a roof - music",
)
LIMIT = Param(
    name="limit", does="how many at most", kind="integer", default=10, least=1, most=LIMITS.page
)
OFFSET = Param(
    name="offset", does="how many hits to pass over", kind="integer", default=0, least=0,
    most=LIMITS.deep - LIMITS.page,
)  # fmt: skip
START = Param(
    name="start", does="from here, in seconds", kind="number", least=0.0, most=LATEST, example=0.5
)
END = Param(
    name="end", does="up to here, in seconds", kind="number", least=0.0, most=LATEST, example=2.5
)
UNSURE = Param(name="unsure", does="hits below the line as well", kind="boolean", default=False)
KEYWORDS = Param(name="keywords", does="names and tags count", kind="boolean", default=True)
WISH = (
    Param(name="moments", does="every moment of a recording", kind="boolean", default=False),
    UNSURE,
    Param(name="duplicates", does="copies one by one", kind="boolean", default=False),
)
EXPLAIN = Param(
    name="explain", does="say beside each hit how it came about", kind="boolean", default=False
)
POINTS = Param(
    name="points", does="values at most", kind="integer", default=800, least=1, most=LIMITS.points
)


def needed(param: Param) -> Param:
    """The same, but it must be given."""
    return replace(param, required=True)


def wish_of(call: Call, limit: int) -> Wish:
    """Read how hits are wanted."""
    values = call.values
    return Wish(
        limit=limit,
        moments=values["moments"],
        keywords=values.get("keywords", True),
        unsure=values["unsure"],
        duplicates=values["duplicates"],
    )


def refuse_stretch(start: float | None, end: float | None) -> None:
    """Raise for a stretch that ends before it begins."""
    if end is not None and end <= (start or 0.0):
        raise UsageError(
            f"a stretch from {start or 0.0:g} to {end:g} s", hint="let it end after its start"
        )
