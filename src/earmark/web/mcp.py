"""Tools for assistants by the Model Context Protocol: the same answers; nothing is ever changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Annotated, Any, ParamSpec, TypeVar

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import ToolAnnotations
from pydantic import Field
from starlette.routing import BaseRoute

from earmark import __version__
from earmark.errors import EarmarkError, UsageError
from earmark.library.library import plan_of_example
from earmark.library.nouns import Recording
from earmark.search.wish import Wish
from earmark.web.api.params import LIMITS
from earmark.web.api.recordings import answer_within, described, within
from earmark.web.api.search import MEDIA, example_path, exported, page_of
from earmark.web.api.status import status_of
from earmark.web.desk import Desk
from earmark.web.guard import MCP
from earmark.web.shelf import by_id, by_path, plan_of

ABOUT = """\
Finds sounds in one person's library of recordings by what is heard in them. Ask search_sounds in
plain words ("heavy rain on a metal roof"); hits name a recording (path, and an id in `links`), a
moment in seconds, and a confidence from 0 to 1. No hits means that nothing here matches."""
READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
P = ParamSpec("P")
T = TypeVar("T")

Words = Annotated[
    str,
    Field(
        max_length=LIMITS.query,
        description="What should be heard. `a + b` both, `a - b` without b, `2:a` a weight, "
        "filters in:folder tag:word longer:5s shorter:1:30 newer:30d",
    ),
]
Limit = Annotated[int, Field(ge=1, le=LIMITS.page, description="how many at most")]
Named = Annotated[
    str, Field(max_length=4_096, description="the id of a recording, or its whole path")
]
Unsure = Annotated[bool, Field(description="the nearest there are, even if nothing matches")]
Seconds = Annotated[float | None, Field(ge=0, description="in seconds")]


def new_server(desk: Desk) -> MCPServer[Any]:
    """Make a server of the tools for one library."""
    server: MCPServer[Any] = MCPServer(
        "earmark", instructions=ABOUT, version=__version__, log_level="WARNING"
    )
    for tool in _Tools(desk).all():
        server.add_tool(tool, annotations=READS)
    return server


def over_http(desk: Desk) -> tuple[Any, list[BaseRoute]]:
    """The tools as routes of an app whose guard has checked who asks: -> what runs them, routes."""
    server = new_server(desk)
    app = server.streamable_http_app(
        streamable_http_path=MCP,
        json_response=True,
        stateless_http=True,
        max_request_body_size=LIMITS.body,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    return server.session_manager, app.routes


def told(tool: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Let an assistant read what is wrong and what to do."""

    @wraps(tool)
    async def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await tool(*args, **kwargs)
        except EarmarkError as error:
            raise ToolError(str(error)) from error

    return run


class _Tools:
    """What an assistant may ask of a desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def all(self) -> list[Callable[..., Awaitable[Any]]]:
        """Every tool."""
        tools = (
            self.search_sounds,
            self.find_moments,
            self.similar_sounds,
            self.describe_sound,
            self.library_status,
            self.export,
        )
        return [told(tool) for tool in tools]

    async def search_sounds(
        self,
        query: Words,
        limit: Limit = 10,
        moments: Annotated[bool, Field(description="every moment of a recording")] = False,
        unsure: Unsure = False,
    ) -> dict[str, Any]:
        """Find recordings by what is heard in them, and the moment in each."""
        wish = Wish(limit=limit, moments=moments, unsure=unsure)
        return await self._quick(lambda: page_of(self._desk, self._plan(query), wish))

    async def find_moments(
        self, recording: Named, words: Words, limit: Limit = 10, unsure: Unsure = False
    ) -> dict[str, Any]:
        """Find the moments of one recording of the library that fit words."""

        def work() -> dict[str, Any]:
            inside = within(self._desk, self._found(recording))
            plan = self._plan(words)
            answer = answer_within(self._desk, inside, plan, limit=limit, unsure=unsure)
            return answer.as_dict() | {"calibrated": answer.calibrated}

        return await self._quick(work)

    async def similar_sounds(
        self,
        recording: Named,
        start: Seconds = None,
        end: Seconds = None,
        limit: Limit = 10,
        unsure: Unsure = False,
    ) -> dict[str, Any]:
        """Find recordings that sound like one of the library, or like a stretch of it."""

        def work() -> dict[str, Any]:
            path = str(self._found(recording).place.full)
            path = example_path(self._desk, None, path, start, end)
            plan = plan_of_example(path, start, end)
            return page_of(self._desk, plan, Wish(limit=limit, unsure=unsure))

        return await self._quick(work)

    async def describe_sound(self, recording: Named) -> dict[str, Any]:
        """Say in plain words what is heard in one recording of the library, and when."""
        return await self._quick(lambda: described(self._desk, self._found(recording)))

    async def library_status(self) -> dict[str, Any]:
        """Tell how many recordings and how much sound the library holds, and in which folders."""
        return await self._quick(lambda: status_of(self._desk))

    async def export(
        self,
        query: Words,
        format: Annotated[str, Field(description=f"one of: {', '.join(MEDIA)}")] = "csv",  # noqa: A002
        limit: Limit = 10,
        unsure: Unsure = False,
    ) -> str:
        """Give the hits of a query as text for another program; no file is written."""
        if format not in MEDIA:
            raise UsageError(f"there is no format {format!r}", hint=f"use: {', '.join(MEDIA)}")

        def work() -> str:
            answer = self._desk.library.answer(self._plan(query), Wish(limit=limit, unsure=unsure))
            return exported(answer, format, None)

        return await self._quick(work)

    async def _quick(self, work: Callable[[], T]) -> T:
        return await self._desk.readers.do(lambda _: work(), self._desk.limits.seconds)

    def _plan(self, words: str) -> Any:  # noqa: ANN401
        return plan_of(self._desk.library.store, words, self._desk.limits.sound)

    def _found(self, given: str) -> Recording:
        """Find a recording by its path or its id."""
        store = self._desk.library.store
        return by_path(store, given) if "/" in given or "\\" in given else by_id(store, given)
