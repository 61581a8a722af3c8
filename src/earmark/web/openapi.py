"""The OpenAPI 3.1 description, made from the table of addresses that also makes the routes."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from earmark import __version__
from earmark.web.api.table import ENDPOINTS
from earmark.web.endpoint import Endpoint, Param
from earmark.web.problems import MEDIA, TITLES
from earmark.web.schemas import SCHEMAS, ref

BASE = "/api/v1"
UPLOAD = {
    "type": "object",
    "properties": {"file": {"type": "string", "format": "binary", "description": "a sound file"}},
    "required": ["file"],
    "additionalProperties": False,
}


def description(*, token: bool) -> dict[str, Any]:
    """Describe all addresses; `token`: whether one is needed."""
    paths: dict[str, Any] = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, token)
    components: dict[str, Any] = {"schemas": SCHEMAS}
    if token:
        components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "earmark",
            "version": __version__,
            "summary": "Find sounds with words: the recording, and the moment in it.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": BASE}],
        "paths": paths,
        "components": components,
    }


def _operation(endpoint: Endpoint, token: bool) -> dict[str, Any]:
    errors = {*endpoint.errors, *((401, 403) if token else ()), 421}
    out: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.does,
        "parameters": [_parameter(endpoint, one) for one in endpoint.params],
        "responses": {str(endpoint.status): _good(endpoint)}
        | {str(status): _problem(status) for status in sorted(errors)},
    }
    if endpoint.path.endswith(("/audio", "/video")):
        out["responses"]["206"] = _good(endpoint)
    if endpoint.body:
        out["requestBody"] = _body(endpoint.body)
    if token and endpoint.path != "/health":
        out["security"] = [{"token": []}]
    return out


def _parameter(endpoint: Endpoint, param: Param) -> dict[str, Any]:
    inside = f"{{{param.name}}}" in endpoint.path
    out: dict[str, Any] = {
        "name": param.name,
        "in": "path" if inside else "query",
        "description": param.does,
        "required": inside or param.required,
        "schema": param.schema(),
    }
    if param.kind == "array":
        out |= {"style": "form", "explode": False}
    if param.example is not None:
        out["example"] = param.example
    return out


def _good(endpoint: Endpoint) -> dict[str, Any]:
    schema = {"schema": ref(endpoint.gives)} if endpoint.gives else {}
    return {
        "description": endpoint.does,
        "content": dict.fromkeys(endpoint.media, schema),
    }


def _problem(status: int) -> dict[str, Any]:
    title = TITLES.get(status) or HTTPStatus(status).phrase
    return {"description": title, "content": {MEDIA: {"schema": ref("Problem")}}}


def _body(kind: str) -> dict[str, Any]:
    if kind == "upload":
        return {"required": True, "content": {"multipart/form-data": {"schema": UPLOAD}}}
    return {"required": True, "content": {"application/json": {"schema": ref(kind)}}}
