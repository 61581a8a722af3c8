"""The app: the page, the API, its documentation and the MCP tools behind one door."""

from __future__ import annotations

import mimetypes
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from time import perf_counter
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from earmark.errors import EarmarkError, require
from earmark.web import docs, problems
from earmark.web.api.table import ENDPOINTS
from earmark.web.desk import Desk
from earmark.web.endpoint import Call, Endpoint
from earmark.web.guard import LOGIN, MCP, Guard, Rules
from earmark.web.openapi import BASE, description
from earmark.web.respond import as_json
from earmark.web.token import COOKIE, Token

STATIC = Path(__file__).parent / "static"
Handler = Callable[[Request], Awaitable[Response]]


def new_app(desk: Desk, rules: Rules) -> Guard:
    """Put the app together; whoever opened the library also closes it."""
    manager, tools = _tools(desk)
    mimetypes.add_type("text/javascript", ".js")  # a Windows registry may say otherwise
    app = Starlette(
        routes=[
            *_pages(rules.token),
            *_labelling(desk),
            *_api(desk, token=rules.token is not None),
            *tools,
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        exception_handlers={
            EarmarkError: problems.on_earmark_error,
            HTTPException: problems.on_http_error,
            Exception: problems.on_crash,
        },
        lifespan=_lifespan(manager),
    )
    return Guard(app, rules)


def _api(desk: Desk, *, token: bool) -> list[BaseRoute]:
    """A route for each address; its methods share it."""
    described = description(token=token)

    async def openapi(_: Request) -> Response:
        return as_json(described)

    routes: list[BaseRoute] = [Route(f"{BASE}/openapi.json", openapi)]
    for path, some in groupby(ENDPOINTS, key=lambda one: one.path):
        methods = {one.method: one for one in some}
        routes.append(Route(f"{BASE}{path}", _handler(desk, methods), methods=[*methods]))
    return routes


def _handler(desk: Desk, methods: dict[Any, Endpoint]) -> Handler:
    async def handle(request: Request) -> Response:
        endpoint = methods[request.method if request.method in methods else "GET"]  # else HEAD
        began, status = perf_counter(), 500
        try:
            call = Call(request=request, desk=desk, values=endpoint.values(request))
            response = await endpoint.handler(call)
            status = response.status_code
        except EarmarkError as error:
            response = problems.problem_of(error)
            status = response.status_code
        finally:
            took = perf_counter() - began
            desk.metrics.count(endpoint.name, request.method, status, took)
        return response

    return handle


def _pages(token: Token | None) -> list[BaseRoute]:
    async def index(_: Request) -> Response:
        return FileResponse(STATIC / "index.html")

    async def documentation(_: Request) -> Response:
        return HTMLResponse(docs.page())

    async def login(request: Request) -> Response:
        if request.method != "POST":
            return FileResponse(STATIC / "login.html")
        async with request.form(max_files=0, max_fields=1) as form:
            given = form.get("token")
        if token is None or not isinstance(given, str) or not token.is_right(given.strip()):
            return FileResponse(STATIC / "login.html", 401)
        return _let_in(request, token)

    return [
        Route("/", index),
        Route("/docs", documentation),
        Route(LOGIN, login, methods=["GET", "POST"]),
    ]


def _labelling(desk: Desk) -> list[BaseRoute]:
    """The page on which hits are judged, if this server was started for that."""

    async def label(_: Request) -> Response:
        return FileResponse(STATIC / "label.html")

    return [Route("/label", label)] if desk.labels else []


def _let_in(request: Request, token: Token) -> Response:
    """Give a browser what shows that it knew the token."""
    response = RedirectResponse("/", 303)
    response.set_cookie(
        COOKIE,
        token.cookie,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


def _tools(desk: Desk) -> tuple[Any, list[BaseRoute]]:
    """The MCP tools over HTTP, or an address that says how to install them."""
    if find_spec("mcp") is None:

        async def missing(_: Request) -> Response:
            require("mcp", extra="mcp")
            raise AssertionError  # it is missing

        return None, [Route(MCP, missing, methods=["GET", "POST", "DELETE"])]
    from earmark.web.mcp import over_http

    return over_http(desk)


def _lifespan(manager: Any) -> Any:  # noqa: ANN401 - a type of an extra
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as held:
            if manager is not None:
                await held.enter_async_context(manager.run())
            yield

    return lifespan
