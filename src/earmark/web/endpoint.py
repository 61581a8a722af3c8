"""One address of the API: its method, what it takes within which bounds, what it gives.

The same `Param` checks what comes in and is written into the OpenAPI description, so that the two
cannot say different things.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Literal, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from earmark.errors import UsageError
from earmark.web.desk import Desk
from earmark.web.work import Stop

T = TypeVar("T")
Kind = Literal["string", "integer", "number", "boolean", "array"]
_INTEGER = re.compile(r"[+-]?[0-9]{1,15}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_BAD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
MANY = 100  # numbers in a list


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """One value that an address takes."""

    name: str
    does: str
    kind: Kind = "string"
    required: bool = False
    default: Any = None
    least: float | None = None
    most: float | None = None
    longest: int = 200  # letters
    choices: tuple[str, ...] = ()
    example: Any = None

    def read(self, text: str) -> Any:  # noqa: ANN401 - it depends on the kind
        """Turn what was sent into a value, or raise."""
        if len(text) > self.longest:
            raise self._wrong(f"is {len(text)} letters long", f"use {self.longest} at most")
        if self.kind == "string":
            return self._string(text)
        if self.kind == "boolean":
            if text not in _BOOLEANS:
                raise self._wrong(f"is {text!r}", "write true or false")
            return _BOOLEANS[text]
        if self.kind == "array":
            return self._array(text)
        return self._number(text)

    def schema(self) -> dict[str, Any]:
        """Describe it for OpenAPI."""
        if self.kind == "array":
            items = {"type": "integer", "minimum": self.least, "maximum": self.most}
            return {"type": "array", "items": items, "minItems": 1, "maxItems": MANY}
        given: dict[str, Any] = {"type": self.kind}
        if self.kind == "string":
            given |= {"enum": list(self.choices)} if self.choices else self._lengths()
        bounds = {"minimum": self.least, "maximum": self.most, "default": self.default}
        return given | {name: value for name, value in bounds.items() if value is not None}

    def _lengths(self) -> dict[str, Any]:
        return {"minLength": 1, "maxLength": self.longest}

    def _string(self, text: str) -> str:
        if self.choices and text not in self.choices:
            raise self._wrong(f"is {text!r}", f"use one of: {', '.join(self.choices)}")
        if not text or _BAD.search(text):
            raise self._wrong("is empty, or holds letters that are none", "write some text")
        return text

    def _array(self, text: str) -> tuple[int, ...]:
        parts = text.split(",")
        if len(parts) > MANY or not all(map(_INTEGER.fullmatch, parts)):
            raise self._wrong(f"is {text!r}", f"write up to {MANY} whole numbers, as in: 1,3,7")
        return tuple(int(self._bounded(int(part))) for part in parts)

    def _number(self, text: str) -> float | int:
        form, kind = (_INTEGER, int) if self.kind == "integer" else (_NUMBER, float)
        if not form.fullmatch(text) or not isfinite(kind(text)):
            whole = "a whole number" if self.kind == "integer" else "a number"
            raise self._wrong(f"is {text!r}", f"write {whole}")
        return self._bounded(kind(text))

    def _bounded(self, value: float) -> float | int:
        least, most = self.least, self.most
        if (least is not None and value < least) or (most is not None and value > most):
            raise self._wrong(f"is {value:g}", f"use {self._within()}")
        return value

    def _within(self) -> str:
        sides = ((self.least, "more"), (self.most, "less"))
        return " and ".join(f"{one:g} or {side}" for one, side in sides if one is not None)

    def _wrong(self, what: str, hint: str) -> UsageError:
        return UsageError(f"{self.name} {what}", hint=hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request whose values were checked."""

    request: Request
    desk: Desk
    values: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - it depends on the parameter
        """Give a value, or its default."""
        return self.values[name]

    async def quick(self, work: Callable[[Stop], T]) -> T:
        """Ask the library for something."""
        return await self.desk.readers.do(work, self.desk.limits.seconds, self._gone)

    async def slow(self, work: Callable[[Stop], T]) -> T:
        """Do something that reads a sound file."""
        return await self.desk.decoders.do(work, self.desk.limits.decoding, self._gone)

    async def _gone(self) -> None:
        """Wait until the caller has gone."""
        while (await self.request.receive())["type"] != "http.disconnect":
            pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One method of one address."""

    method: Literal["GET", "POST", "DELETE"]
    path: str
    does: str
    handler: Callable[[Call], Awaitable[Response]]
    params: tuple[Param, ...] = ()
    gives: str = ""  # the schema of its JSON
    media: tuple[str, ...] = ("application/json",)
    body: Literal["", "upload", "JobWish", "Verdict"] = ""
    status: int = 200
    errors: tuple[int, ...] = field(default=(400,))

    @property
    def name(self) -> str:
        """What to call it."""
        return self.handler.__name__

    def values(self, request: Request) -> dict[str, Any]:
        """Check what a request sends: every value within its bounds, nothing that is not known."""
        given = request.query_params.multi_items()
        names = [name for name, _ in given]
        known = {param.name: param for param in self.params}
        for name in names:
            if name not in known or f"{{{name}}}" in self.path:
                raise UsageError(
                    f"there is no value {name[:50]!r} here",
                    hint=f"use: {', '.join(known) or 'none'}; see /docs",
                )
            if names.count(name) > 1:
                raise UsageError(f"{name} is given twice", hint="give it once")
        texts = dict(given) | dict(request.path_params)
        return {param.name: self._value(param, texts) for param in self.params}

    def _value(self, param: Param, texts: Mapping[str, str]) -> Any:  # noqa: ANN401
        if param.name in texts:
            return param.read(texts[param.name])
        if param.required:
            raise UsageError(f"{param.name} is missing", hint=f"give {param.name}: {param.does}")
        return param.default
