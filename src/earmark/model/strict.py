"""JSON to frozen dataclasses: every key must be there, none may be unknown, every kind must fit.

A field with `later` in its metadata came to the format after the first bundles were written. Where
its key is missing, its default says what they meant.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from math import isfinite
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from earmark.errors import EarmarkError

Made = TypeVar("Made")
Json = Any  # what json.loads gives
Hint = Any  # what get_type_hints gives


class MisfitError(ValueError):
    """A value is not what a page should hold: where it stands, and what is wrong with it."""


def read_json(text: str) -> Json:
    """Read JSON, where numbers are finite: -> a plain value."""
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise MisfitError(f"not JSON ({error})") from error


def fill(kind: type[Made], values: object, where: str = "") -> Made:
    """Make a dataclass of a JSON object whose keys are exactly its fields."""
    if not isinstance(values, dict):
        raise _misfit(where, f"an object was expected, not {_brief(values)}")
    told = {field.name: "later" in field.metadata for field in fields(kind)}  # type: ignore[arg-type]
    _compare(told, values, where)
    hints = get_type_hints(kind)
    try:
        return kind(**{name: _as(hints[name], values[name], _at(where, name)) for name in values})
    except EarmarkError as error:  # a dataclass of ours that refuses its numbers
        raise _misfit(where, error.problem) from error


def _compare(names: dict[str, bool], values: dict[str, object], where: str) -> None:
    for name in values:
        if name not in names:
            raise _misfit(_at(where, name), f"no such key{_guess(name, list(names))}")
    for name, may_be_missing in names.items():
        if name not in values and not may_be_missing:
            raise _misfit(_at(where, name), "it is missing")


def _as(hint: Hint, value: Json, where: str) -> Json:
    """Give a value as its type hint says, or refuse it."""
    origin: object = get_origin(hint)
    inner = get_args(hint)
    if origin is UnionType:
        return _as_one_of(inner, value, where)
    if is_dataclass(hint):
        return fill(hint, value, where)  # type: ignore[arg-type]
    if origin is Literal:
        return _check(value in inner, value, where, " or ".join(map(repr, inner)))
    if origin is tuple:
        _check(isinstance(value, list), value, where, "a list")
        return tuple(_as(inner[0], one, f"{where}[{n}]") for n, one in enumerate(value))
    if origin is dict:
        _check(isinstance(value, dict), value, where, "an object")
        return (
            value
            if inner[1] is Any
            else {k: _as(inner[1], v, _at(where, k)) for k, v in value.items()}
        )
    return _as_plain(hint, value, where)


def _as_plain(hint: type, value: Json, where: str) -> Json:
    """Text, a number or a yes; a whole number may stand for a broken one, never the reverse."""
    word = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}[hint]
    kinds = (int, float) if hint is float else hint
    fits = isinstance(value, kinds) and (hint is bool) == isinstance(value, bool)
    fits = fits and (hint is not float or isfinite(value))
    _check(fits, value, where, word)
    return hint(value)


def _as_one_of(kinds: Iterable[Hint], value: Json, where: str) -> Json:
    """One of several dataclasses, told apart by `kind`; or nothing, where that may be."""
    found = [kind for kind in kinds if kind is not NoneType]
    if value is None and NoneType in kinds:
        return None
    if len(found) == 1:
        return _as(found[0], value, where)
    _check(isinstance(value, dict), value, where, "an object")
    named = {get_args(get_type_hints(kind)["kind"])[0]: kind for kind in found}
    told = value.get("kind")
    _check(told in list(named), told, _at(where, "kind"), " or ".join(map(repr, named)))
    return fill(named[told], value, where)


def _check(fits: bool, value: Json, where: str, wanted: str) -> Json:
    if not fits:
        raise _misfit(where, f"{wanted} was expected, not {_brief(value)}")
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _misfit(where: str, problem: str) -> MisfitError:
    return MisfitError(f"{where}: {problem}" if where else problem)


def _at(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _guess(name: str, names: list[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, names, n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _brief(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 40 else f"{text[:39]}…"
