"""From a table of TOML to a frozen dataclass: a misspelt key or a wrong kind is refused by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from difflib import get_close_matches
from inspect import signature
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from earmark.errors import UsageError

T = TypeVar("T")
IN_TOML = {
    str: 'text in quotes, like "this"',
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    tuple: "a list, like [1, 2]",
}


def build(kind: type[T], table: Mapping[str, Any], where: str) -> T:
    """Make a dataclass of a table; what it leaves out keeps its default."""
    hints = get_type_hints(kind)
    for key in table:
        if key not in hints:
            raise unknown(f"{where}: unknown key {key!r}", key, list(hints))
    values = {key: value_of(hints[key], value, f"{where}: {key}") for key, value in table.items()}
    for field in fields(kind):  # type: ignore[arg-type]
        needs = field.default is MISSING and field.default_factory is MISSING
        if needs and field.name not in values:
            raise UsageError(f"{where}: {field.name!r} is missing", hint="a recipe must say it")
    try:
        return kind(**values)
    except UsageError as error:
        raise UsageError(f"{where}: {error.problem}", hint=error.hint) from error


def value_of(wanted: Any, value: object, where: str) -> Any:  # noqa: ANN401 - any kind of field
    """Turn one value of TOML into the wanted kind, or refuse it."""
    origin, inner = get_origin(wanted), get_args(wanted)
    if wanted is Any:
        return value
    if is_dataclass(wanted) and isinstance(wanted, type) and isinstance(value, dict):
        return build(wanted, value, where)
    if origin is tuple and isinstance(value, list):
        kinds = inner[:1] * len(value) if inner[-1] is ... else inner
        if len(kinds) != len(value):
            raise _wrong(where, f"a list of {len(kinds)}", value)
        return tuple(value_of(kind, one, where) for kind, one in zip(kinds, value, strict=True))
    if origin is dict and isinstance(value, dict):
        return {key: value_of(inner[1], one, f"{where}.{key}") for key, one in value.items()}
    if wanted is float and type(value) is int:
        return float(value)
    if type(value) is wanted:
        return value
    name = where.rpartition(": ")[2]
    raise _wrong(where, IN_TOML.get(origin or wanted, f"a table of its own, [{name}]"), value)


def settings_of(kind: Any, settings: Mapping[str, object], what: str) -> dict[str, Any]:  # noqa: ANN401
    """Turn settings into what a class can be told by keyword, or refuse them by name."""
    hints = get_type_hints(kind.__init__)
    known = {
        name: one.default is one.empty
        for name, one in signature(kind).parameters.items()
        if one.kind is one.KEYWORD_ONLY
    }
    for key in settings:
        if key not in known:
            raise unknown(f"{what} has no setting {key!r}", key, list(known))
    for key, needed in known.items():
        if needed and key not in settings:
            raise UsageError(f"{what} needs {key!r}", hint=f"say {key} = ... beside its name")
    return {key: value_of(hints[key], value, f"{what}: {key}") for key, value in settings.items()}


def unknown(problem: str, word: str, known: list[str]) -> UsageError:
    """Make the error for a word that is not known, with the nearest that is."""
    close = get_close_matches(word, known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known) or 'none'}"
    return UsageError(problem, hint=hint)


def refuse(faults: Iterable[tuple[str, bool]], hint: str) -> None:
    """Raise for the first fault that is there; for the end of a dataclass's making."""
    wrong = next((what for what, is_so in faults if is_so), "")
    if wrong:
        raise UsageError(f"this cannot be: {wrong}", hint=hint)


def _wrong(where: str, wanted: str, value: object) -> UsageError:
    return UsageError(f"{where} is {value!r}", hint=f"it should be {wanted}")
