"""The page at /docs: every address on one readable page, made from the same table."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from earmark import __version__
from earmark.web.api.table import ENDPOINTS
from earmark.web.endpoint import Endpoint, Param
from earmark.web.openapi import BASE
from earmark.web.problems import TITLES


def page() -> str:
    """Write it as HTML."""
    return "\n".join(["<!doctype html>", *_head(), *_all(), *_problems(), "</main></html>", ""])


def _head() -> Iterator[str]:
    yield '<html lang="en"><head><meta charset="utf-8"><title>earmark: API</title>'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<link rel="stylesheet" href="/static/plain.css"></head><body><main>'
    yield f"<h1>The API of earmark {escape(__version__)}</h1>"
    yield (
        f'<p>All addresses begin with <code>{BASE}</code>. The same for programs: <a href="{BASE}'
        '/openapi.json">openapi.json</a> (OpenAPI 3.1). Errors are problem details (RFC 9457) '
        "whose <code>detail</code> says what is wrong and <code>hint</code> what to do.</p>"
    )
    yield '<nav><ul class="list">'
    for one in ENDPOINTS:
        address = f"{one.method} {escape(one.path)}"
        yield f'<li><a href="#{one.name}"><code>{address}</code></a> {escape(one.does)}</li>'
    yield "</ul></nav>"


def _all() -> Iterator[str]:
    for one in ENDPOINTS:
        yield f'<section><h2 id="{one.name}"><code>{one.method} {escape(one.path)}</code></h2>'
        yield f"<p>{escape(one.does.capitalize())}.</p>"
        if one.params:
            yield from _params(one)
        if one.body == "upload":
            yield "<p>Send one file as <code>multipart/form-data</code>, named <code>file</code>."
        elif one.body:
            yield f"<p>Send JSON of the form <code>{one.body}</code>.</p>"
        given = f"JSON of the form <code>{one.gives}</code>" if one.gives else ", ".join(one.media)
        yield f"<p>Gives {one.status}: {given}. Errors: {_errors(one)}.</p></section>"


def _params(one: Endpoint) -> Iterator[str]:
    yield "<table><tr><th>value</th><th>kind</th><th>what it does</th></tr>"
    for param in one.params:
        must = " (needed)" if param.required else ""
        yield (
            f"<tr><td><code>{param.name}</code></td><td>{escape(_kind(param))}</td>"
            f"<td>{escape(param.does)}{must}</td></tr>"
        )
    yield "</table>"


def _kind(param: Param) -> str:
    told = " | ".join(param.choices) or param.kind
    if param.kind == "array":
        told = "1,3,7"
    if param.least is not None and param.most is not None:
        told += f", {param.least:g} to {param.most:g}"
    if param.default is not None:
        told += f"; else {str(param.default).lower()}"
    return told


def _errors(one: Endpoint) -> str:
    return ", ".join(f'<a href="#problem-{status}">{status}</a>' for status in one.errors)


def _problems() -> Iterator[str]:
    yield "<section><h2>Problems</h2><table><tr><th>status</th><th>title</th></tr>"
    for status, title in TITLES.items():
        yield f'<tr id="problem-{status}"><td>{status}</td><td>{escape(title)}</td></tr>'
    yield "</table></section>"
